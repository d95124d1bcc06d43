"""Places the native libraries beside hospital programs, and can undo it."""
