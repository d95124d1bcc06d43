"""How a process listens: sockets, TLS and HTTP listeners and their bounds, the event loop, logs."""
