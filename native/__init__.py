"""The C side: the library that hospital programs load, and what builds it."""
