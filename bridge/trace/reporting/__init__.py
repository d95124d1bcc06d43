"""What a comparison found, as JSON and as a page for people."""
