"""Plants differences in a trace, as a stand-in for what old software answers otherwise."""

from __future__ import annotations

from collections.abc import Callable

from bridge.trace.format import Answer, Number, TracedCall

Change = Callable[[bytes], bytes]


def changed(call: TracedCall, buffer: str, change: Change) -> TracedCall:
    """The call with other bytes in a buffer after it."""
    data = call.answer.after[buffer]
    assert isinstance(data, bytes)
    return _answering(call, call.answer._replace(after={**call.answer.after, buffer: change(data)}))


def with_code(call: TracedCall, code: int) -> TracedCall:
    """The call with another return code."""
    return _answering(call, call.answer._replace(code=code))


def shorter(call: TracedCall, buffer: str, length: str, by: int) -> TracedCall:
    """The call with a buffer that is shorter."""
    data = call.answer.after[buffer]
    assert isinstance(data, bytes)
    after = {**call.answer.after, buffer: data[:-by], length: Number(len(data) - by)}
    return _answering(call, call.answer._replace(after=after))


def _answering(call: TracedCall, answer: Answer) -> TracedCall:
    return call._replace(answer=answer)


def put(at: int, value: bytes) -> Change:
    """Write over the bytes from an offset on."""
    return lambda data: data[:at] + value + data[at + len(value) :]


def exchanged(first: slice, second: slice) -> Change:
    """Two stretches of the same width change places."""

    def change(data: bytes) -> bytes:
        return put(first.start, data[second])(put(second.start, data[first])(data))

    return change
