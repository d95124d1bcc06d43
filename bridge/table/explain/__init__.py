"""What a number means, what leads to it and what to do."""
