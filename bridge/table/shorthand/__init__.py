"""The language of the mapping files: what is written, and what it stands for."""
