"""C sources, prototypes and exports made of the table."""
