"""The calls that a bridge answered, too: each is remembered until that answer has come."""

from __future__ import annotations

from collections import defaultdict

from bridge.trace.format import Given, TracedCall

_PATTERN_BYTES = 16  # of a buffer: enough to see which form of a record was wanted
_BITS = 10  # of a number: so many low ones are one bit of 1,024


class Answered:
    """Calls by process and number."""

    def __init__(self) -> None:
        self._expected: dict[int, defaultdict[int, int]] = {}
        self._held: dict[tuple[int, int], TracedCall] = {}
        self.any = False  # whether there is one at all

    def expect(self, process: int, number: int) -> None:
        """There is a second answer to the call."""
        self.any = True
        numbers = self._expected.setdefault(process, defaultdict(int))
        numbers[number >> _BITS] |= 1 << (number & (1 << _BITS) - 1)

    def is_expected(self, process: int, number: int) -> bool:
        """Whether there is one."""
        numbers = self._expected.get(process)
        if numbers is None:
            return False
        return numbers.get(number >> _BITS, 0) >> (number & (1 << _BITS) - 1) & 1 == 1

    def may_come(self, number: int) -> bool:
        """Whether there is one in any process."""
        return any(self.is_expected(process, number) for process in self._expected)

    def from_the_beginning(self) -> Answered:
        """The same before the first call has come."""
        self._held.clear()
        return self

    def hold(self, process: int, call: TracedCall) -> None:
        """A call has come."""
        if self.is_expected(process, call.number):
            self._held[process, call.number] = _outline(call)

    def call_of(self, process: int, number: int) -> TracedCall | None:
        """The call to which a second answer has come. None: it is not in the trace, or not before it."""
        return self._held.pop((process, number), None)


def _outline(call: TracedCall) -> TracedCall:
    """What an answer to the call needs of it: its numbers, whom it was about, how its buffers begin."""

    def short(value: Given) -> Given:
        return value[:_PATTERN_BYTES] if isinstance(value, bytes) else value

    given = {name: short(value) for name, value in call.given.items()}
    return call._replace(given=given, answer=call.answer._replace(after={}))
