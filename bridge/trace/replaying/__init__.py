"""Makes the calls of a trace again, against an engine or a running bridge."""
