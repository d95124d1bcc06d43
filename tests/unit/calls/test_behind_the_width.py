"""A law: whatever stands behind a text of its documented width, or behind its NUL, changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.calls.call import Argument, File, LegacyCall
from bridge.calls.context import CallContext
from bridge.calls.plan import make_plan
from bridge.codec.fixed import layout_width
from bridge.engine.given import decrypt
from bridge.errors import BadArgument, FileSizeWrong
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.table.model.arguments import BlockArgument, TextArgument, TextInOutArgument
from bridge.table.model.layout import build_layout
from bridge.table.model.rows import Function
from tests.support.good_calls import GOOD

TABLE = default_table()
# What follows a text in a program's memory: the next text, digits, blanks, half a character, anything at all.
BEHIND = st.one_of(st.binary(max_size=40), st.from_regex(rb"[0-9A-Z \0\xa4]{1,40}", fullmatch=True))
FORTY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def widths(function: Function) -> dict[str, int]:
    """The arguments of which so many bytes are read, at most.

    Not those whose width depends on the bytes (blocks of several forms) or on another argument (blocks of
    rows): the native library passes no more of them, and they may end at a NUL.
    """
    found = {}
    for argument in function.arguments:
        if isinstance(argument, (TextArgument, TextInOutArgument)):
            found[argument.name] = argument.width
        elif isinstance(argument, BlockArgument) and argument.count is None and len(argument.forms) == 1:
            layout = build_layout(TABLE.records_in[argument.forms[0]], TABLE.records_in)
            found[argument.name] = layout_width(layout)
    return found


def may_end_at_nul(function: Function) -> set[str]:
    return {
        argument.name
        for argument in function.arguments
        if isinstance(argument, (TextArgument, TextInOutArgument, BlockArgument))
    }


WITH_TEXT = sorted(name for name in GOOD if may_end_at_nul(TABLE.functions[name]))


def planned(name: str, arguments: dict[str, Argument]) -> object:
    """All that comes of the arguments: the requests with their bodies, and whom the card must belong to."""
    call = LegacyCall(name, arguments)
    plan = make_plan(TABLE, TABLE.functions[name], call, CallContext(decrypt=decrypt))
    return [(each.step, each.body) for each in plan.steps], plan.person, plan.layouts


def texts_of(name: str, call: Mapping[str, Argument]) -> dict[str, bytes]:
    """The texts of a call."""
    texts = may_end_at_nul(TABLE.functions[name])
    return {key: value for key, value in call.items() if key in texts and isinstance(value, bytes)}


@pytest.mark.parametrize("name", [name for name in WITH_TEXT if widths(TABLE.functions[name])])
@FORTY
@given(data=st.data())
def test_behind_the_width(simulator: Simulator, name: str, data: st.DataObject) -> None:
    call = GOOD[name](simulator.world)
    texts = texts_of(name, call)
    full = {
        key: texts[key].ljust(width) + data.draw(BEHIND, key)
        for key, width in widths(TABLE.functions[name]).items()
        if key in texts
    }
    assert planned(name, {**call, **full}) == planned(name, call)


@pytest.mark.parametrize("name", WITH_TEXT)
@FORTY
@given(data=st.data())
def test_behind_a_nul(simulator: Simulator, name: str, data: st.DataObject) -> None:
    call = GOOD[name](simulator.world)
    texts = texts_of(name, call)
    ended = {key: value + b"\0" + data.draw(BEHIND, key) for key, value in texts.items()}
    assert planned(name, {**call, **ended}) == planned(name, call)


@FORTY
@given(digits=st.integers(0, 999), behind=BEHIND.filter(lambda each: not each[:1].isdigit()))
@example(digits=1, behind=b" 2")
def test_behind_digits(simulator: Simulator, digits: int, behind: bytes) -> None:
    """Sizes and counts: the digits at the front count, also where no NUL ends them."""
    call: dict[str, Argument] = {**GOOD["csUploadData"](simulator.world), "pNumber": b"%d" % digits}
    noisy = {**call, "pNumber": b"%d" % digits + behind, "fFileSize": b"3" + behind}
    assert planned("csUploadData", noisy) == planned("csUploadData", call)


def test_the_beginning_of_a_name_that_no_nul_ends_is_the_name(simulator: Simulator) -> None:
    call = GOOD["csUploadData"](simulator.world)
    whole = call["pUploadFileName"]
    assert isinstance(whole, File)
    cut: dict[str, Argument] = {**call, "pUploadFileName": dataclasses.replace(whole, cut=True)}
    assert planned("csUploadData", cut) == planned("csUploadData", call)
    plan = make_plan(
        TABLE, TABLE.functions["csUploadData"], LegacyCall("csUploadData", cut), CallContext(decrypt=decrypt)
    )
    assert plan.left_over == ["pUploadFileName"]  # so that the log says it


def test_a_beginning_of_another_size_than_stated_is_not_sent(simulator: Simulator) -> None:
    call = {**GOOD["csUploadData"](simulator.world), "pUploadFileName": File(b"/up/a.xml", b"abcd", cut=True)}
    with pytest.raises(FileSizeWrong, match="the file has 4 bytes, stated are 3"):
        planned("csUploadData", call)


def test_a_name_that_may_be_of_several_files_is_refused(simulator: Simulator) -> None:
    several = File(b"/up/a.xml1\xf0\x03", ambiguous=True)
    call: dict[str, Argument] = {**GOOD["csUploadData"](simulator.world), "pUploadFileName": several}
    with pytest.raises(BadArgument, match="pUploadFileName: no NUL ends it, and its bytes begin with"):
        planned("csUploadData", call)


def test_a_name_that_no_nul_ends_is_refused_with_what_to_do(simulator: Simulator) -> None:
    """No file's name was found in it; nothing is sent."""
    unended = File(b"/up/a.xml\xf0\x03\x7fU", None)
    call: dict[str, Argument] = {**GOOD["csUploadData"](simulator.world), "pUploadFileName": unended}
    with pytest.raises(BadArgument, match=r"pUploadFileName: .* must end with a NUL"):
        planned("csUploadData", call)
