"""Documentation and coverage made of the table."""
