"""Traces of many work places: what is done with one of them, by whichever process has it."""
