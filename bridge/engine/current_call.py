"""Which call the running code works for, so that every line in the log can say so, whoever writes it."""

from __future__ import annotations

from contextvars import ContextVar

# The number of the call, as its line in the log has it; 0 outside any call.
CURRENT_CALL: ContextVar[int] = ContextVar("current_call", default=0)
