"""Compares the answers of two softwares: codes, lengths, every field; what must differ, and what must not."""
