"""The door of the native library: its frames, what answers them, and the two ways they come in."""
