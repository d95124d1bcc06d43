"""What is kept of calls: the journal and its view, the call log, timers, metrics."""
