"""Whatever stands in a trace: it is compared, reported and made again, or said why not; nothing breaks."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.table.loader import default_table
from bridge.table.model.rows import Function
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Answer, BadPointer, Given, NamedFile, Number, TracedCall
from bridge.trace.reading import Trace
from bridge.trace.replaying.rebuild_call import NotAgain, legacy_call
from bridge.trace.reporting.page import make_page
from bridge.trace.reporting.report import About, make_report

TABLE = default_table()
NOW = datetime(2026, 11, 25, tzinfo=UTC)
LOW = st.one_of(st.integers(-32768, 32767), st.sampled_from([0, 1, 3, 60, 72, 498, 3660]))
BYTES = st.one_of(
    st.binary(max_size=600),
    st.sampled_from([b"", b"[XXXXXXX]" * 60, b" " * 3660, b"0" * 3660, b"\0" * 1400, b"1141125080000"]),
    st.text("0123456789 AZ\0", max_size=200).map(str.encode),
)
VALUE: st.SearchStrategy[Given] = st.one_of(
    BYTES, LOW.map(Number), st.builds(BadPointer, st.booleans()), st.builds(NamedFile, BYTES, st.none())
)
CODES = st.one_of(st.sampled_from([0, 5010, 5141, -1, -2, 4050]), st.integers(-(2**31), 2**31 - 1))


def likely(function: Function) -> st.SearchStrategy[dict[str, Given]]:
    """Values of the usual kinds more often than others, some arguments missing, some strange."""
    kinds: dict[str, st.SearchStrategy[Given]] = {}
    for argument in function.arguments:
        number = argument.kind in ("length", "count", "scalar", "scalar_out")
        usual = LOW.map(Number) if number else BYTES
        kinds[argument.name] = st.one_of(usual, usual, usual, VALUE)
    return st.fixed_dictionaries({}, optional={**kinds, "strange": VALUE})


@st.composite
def cases(draw: st.DrawFn) -> tuple[TracedCall, Answer]:
    function = TABLE.functions[draw(st.sampled_from(sorted(TABLE.functions)))]
    old = Answer(draw(CODES), draw(st.floats(0, 1e11)), draw(likely(function)))
    new = Answer(draw(CODES), 1.0, draw(likely(function)))
    door = draw(st.sampled_from(["native", "vhc", "vpn", "cellar"]))
    return TracedCall(
        number=1,
        at=NOW,
        thread=1,
        function=function.name,
        given=draw(likely(function)),
        answer=old,
        door=door,
    ), new


@given(cases())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_anything_can_be_compared(case: tuple[TracedCall, Answer]) -> None:
    call, new = case
    comparer, tally = Comparer(TABLE, default_rules()), Tally()
    same = comparer.compare(call, call.answer)
    assert same.findings == ()
    tally.add(same)
    tally.add(comparer.compare(call, new))
    function = TABLE.functions[call.function]
    try:
        legacy_call(TABLE, function, comparer.carried.substitute(function, call))
    except NotAgain as error:
        tally.skip(call.function, error.reason)
    report = make_report(TABLE, About("bridge", "t", "b", NOW, masked=True), Trace(), tally)
    assert call.function in make_page(report)
