"""What must hold in the table beyond the form of a row."""
