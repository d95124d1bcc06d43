"""What must hold for every row and route of the project's own table."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bridge.calls.conditions import CONDITIONS, TEXT_CONDITIONS
from bridge.calls.converters import KEYED_CONVERTERS, REPLY_CONVERTERS, VALUE_CONVERTERS
from bridge.sim.cloud import app as cloud_app
from bridge.sim.console import app as console_app
from bridge.table.check.table import check_table
from bridge.table.loader import default_table
from bridge.table.model import names
from bridge.table.model.arguments import TextArgument, TextOutArgument
from bridge.table.model.rows import Function, Step
from tests.table.official import (
    FUNCTIONS,
    TEXT_WIDTHS,
)

TABLE = default_table()
FIRST_FREE_ORDINAL = 201
ROWS = pytest.mark.parametrize("row", list(TABLE.functions.values()), ids=lambda row: row.name)
EXPORTS = pytest.mark.parametrize("row", list(TABLE.exported()), ids=lambda row: row.name)
STEPS = [(row, step) for row in TABLE.functions.values() for step in row.steps]
EACH_STEP = pytest.mark.parametrize(("row", "step"), STEPS, ids=[f"{r.name}-{s.id}" for r, s in STEPS])
CLOUD_ROUTES = {f"POST {route.path}": route for route in cloud_app.ROUTES}
CONSOLE_REQUESTS = {f"{method} {path}" for method, path in console_app.ENDPOINTS}
VPN_SIGNATURES = {  # by card type
    "POST /api/sam/v1/Signature",
    "POST /api/hpc/v1/Signature",
    "POST /api/hc/v1/Signature/Hc",
    "POST /api/hc/v1/Signature/HpcHc",
}
READER_REQUESTS = {  # what the named operations of the reader ask the console
    "open": {"POST /api/common/v1/Initial"},
    "close": {"POST /api/common/v1/Finalize"},
    "verify_sam": {"POST /api/sam/v1/Verification"},
    "look_at_health_card": {"GET /api/common/v1/Status"},
    "present_virtual_card": {"POST /api/hc/v1/Verification/VirtualHc"},
    "import_virtual_card": {"POST /api/hc/v1/VirtualHc/Import"},
    "export_virtual_card": {"POST /api/hc/v1/VirtualHc/Export"},
    "log_out_virtual_card": {"DELETE /api/hc/v1/Logout"},
    "present": {"POST /api/hc/v1/Verification/VirtualHc"},
    "withdraw": {"DELETE /api/hc/v1/Logout"},
    "tell_presented": set(),
    "log_out_sam": {"DELETE /api/sam/v1/Logout"},
    "log_out_practitioner": {"DELETE /api/hpc/v1/Logout"},
    "log_out_health_card": {"DELETE /api/hc/v1/Logout"},
    "verify_hc_pin": {"POST /api/hc/v1/Pin"},
    "change_hc_pin": {"PUT /api/hc/v1/Pin"},
    "disable_hc_pin": {"DELETE /api/hc/v1/Pin"},
    "verify_hpc_pin": {"POST /api/hpc/v1/Verification/Hpc"},
    "change_hpc_pin": {"POST /api/hpc/v1/Pin"},
    "unlock_hpc": {"PUT /api/hpc/v1/Pin"},
    "take_random": VPN_SIGNATURES,
    "sign_random": VPN_SIGNATURES,
}
# What rows ask beyond the request that their function stands for, and why.
EXTRA_REQUESTS = {
    "GET /api/hc/v1/Basic": "whether a virtual card is there, which has no PIN that a program could ask for",
    "GET /api/hpc/v1/Basic": "the practitioner's id of the write functions",
    "POST /api/v1/Icd/Decode": "squeezed codes of callers",
    "POST /api/v1/Icd/Encode": "codes too long for the 5-byte records",
    "POST /VNHI_Upload": "upload format 2.0, in place of the old one",
    "POST /api/sam/v1/Signature": "VPN signatures, by card type",
    "POST /api/hpc/v1/Signature": "VPN signatures, by card type",
    "POST /api/hc/v1/Signature/Hc": "VPN signatures, by card type",
    "POST /api/hc/v1/Signature/HpcHc": "VPN signatures, by card type",
    "POST /api/v1/Treatment/NoNeedHPC": "dates of critical illnesses without a practitioner card (5141)",
}


def test_the_table_is_sound() -> None:
    assert check_table(TABLE) == []


# --- rows ---------------------------------------------------------------------------------------------------


def test_every_official_function_is_exported_and_nothing_else() -> None:
    """A program that looks up a missing export hangs or ends."""
    assert {row.name for row in TABLE.exported()} == set(FUNCTIONS)


def test_export_names_and_ordinals_are_unique() -> None:
    exports = list(TABLE.exported())
    lower = Counter(row.name.lower() for row in exports)  # tools on Windows compare without regard to case
    ordinals = Counter(row.ordinal for row in exports)
    assert [name for name, times in lower.items() if times > 1] == []
    assert [number for number, times in ordinals.items() if times > 1] == []


@ROWS
def test_a_row_says_where_it_comes_from(row: Function) -> None:
    assert row.provenance.strip()
    assert row.title.strip()
    assert row.summary.strip().endswith((".", ")"))
    assert row.section.strip()
    assert all(step.provenance.strip() for step in row.steps)
    assert all(output.provenance.strip() for output in row.outputs.values())


@EXPORTS
def test_an_export_has_the_official_ordinal_and_stack(row: Function) -> None:
    official = FUNCTIONS.get(row.name)
    if official is None or official.ordinal is None:
        assert row.ordinal is not None
        assert row.ordinal >= FIRST_FREE_ORDINAL
    else:
        assert row.ordinal == official.ordinal
    if official is not None and official.stack_bytes is not None:
        assert row.stack_bytes == official.stack_bytes


@EXPORTS
def test_an_ordinal_of_ours_collides_with_no_official_one(row: Function) -> None:
    taken = {official.ordinal for official in FUNCTIONS.values() if official.name != row.name}
    assert row.ordinal not in taken


@EXPORTS
def test_the_stack_is_four_bytes_per_argument(row: Function) -> None:
    assert row.stack_bytes == 4 * len(row.arguments)


@EXPORTS
def test_a_row_asks_what_the_official_component_asks(row: Function) -> None:
    official = FUNCTIONS.get(row.name)
    if official is None or row.status == "unsupported":
        return
    asked = {request for step in row.steps for request in _requests(step)}
    expected = {request.partition(" ")[2] for request in official.requests}
    assert asked - expected <= set(EXTRA_REQUESTS)
    assert expected <= asked


def _requests(step: Step) -> set[str]:
    if step.reader is not None:
        return READER_REQUESTS.get(step.reader, set())
    return {f"{step.method} {step.path}"}


@EXPORTS
def test_a_row_signs_as_the_official_component_does(row: Function) -> None:
    official = FUNCTIONS.get(row.name)
    if official is None:
        return
    requests = {request.partition(" ")[2] for request in official.requests}
    for step in row.steps:
        if step.signature is None or f"{step.method} {step.path}" not in requests:
            continue
        assert (step.signature.kind, step.signature.service_type) == (
            official.signature,
            official.service_type,
        )


@ROWS
def test_text_arguments_have_the_documented_width(row: Function) -> None:
    for argument in row.arguments:
        if isinstance(argument, TextArgument) and row.export and argument.name in TEXT_WIDTHS:
            assert argument.width == TEXT_WIDTHS[argument.name], argument.name
        if isinstance(argument, TextOutArgument) and argument.name == "pBufferDocID":
            assert argument.width == 10


@ROWS
def test_only_the_one_byte_argument_may_lack_its_nul(row: Function) -> None:
    open_ended = [a.name for a in row.arguments if isinstance(a, TextArgument) and not a.terminated]
    assert set(open_ended) <= {"cTreatAfterCheck"}


@ROWS
def test_whoever_names_a_person_has_him_checked_before_anything_is_sent(row: Function) -> None:
    named = {argument.name for argument in row.arguments}
    if {"pPatientID", "pPatientBirthDate"} <= named and row.status != "unsupported":
        assert row.identity is not None
        assert (row.identity.id, row.identity.birthday) == ("pPatientID", "pPatientBirthDate")


@ROWS
def test_only_reads_count_as_reads(row: Function) -> None:
    """What changes something is journalled; a write taken for a read would be repeated blindly."""
    changing = {"02", "03", "04", "30"}
    signed = {step.signature.service_type for step in row.steps if step.signature}
    if signed & changing:
        assert row.effect in ("write", "allocates")
    if row.effect == "allocates":
        assert signed & {"03", "30"}


# --- steps --------------------------------------------------------------------------------------------------


@EACH_STEP
def test_every_request_exists_in_the_simulators(row: Function, step: Step) -> None:
    if step.console is not None:
        assert step.console in CONSOLE_REQUESTS
    if step.cloud is not None:
        assert step.cloud in CLOUD_ROUTES


@EACH_STEP
def test_every_cloud_request_carries_what_the_simulated_cloud_wants(row: Function, step: Step) -> None:
    if step.cloud is None or step.signature is None:
        return
    route = CLOUD_ROUTES[step.cloud]
    assert (step.signature.kind, step.signature.service_type) == (route.kind, route.service_type)
    assert set(route.fields) <= set(step.body)


@EACH_STEP
def test_no_field_of_a_row_takes_the_place_of_a_signatures(row: Function, step: Step) -> None:
    signed = {"signature", "clientRandom", "samId", "hospitalId", "hcId", "hcIdNo", "hpcId", "hpcIdNo"}
    if step.cloud is not None:
        assert signed.isdisjoint(step.body)


@EACH_STEP
def test_an_assumed_name_is_marked_as_assumed(row: Function, step: Step) -> None:
    """Every field of a cloud request says where its name comes from, so that a site can confirm it."""
    if step.cloud is not None:
        assert [name for name, value in step.body.items() if value.provenance is None] == []


def test_every_operation_of_the_reader_asks_for_something_known() -> None:
    assert set(READER_REQUESTS) == names.READER_OPERATIONS
    assert set().union(*READER_REQUESTS.values()) <= CONSOLE_REQUESTS


def test_the_names_that_rows_may_use_are_those_that_the_engine_has() -> None:
    assert set(CONDITIONS) == names.CONDITIONS
    assert set(TEXT_CONDITIONS) == names.TEXT_CONDITIONS
    assert set(VALUE_CONVERTERS) == names.VALUE_CONVERTERS
    assert set(KEYED_CONVERTERS) == names.KEYED_CONVERTERS
    assert set(REPLY_CONVERTERS) == names.REPLY_CONVERTERS


def test_every_named_operation_of_the_reader_is_one_that_the_engine_has(engine: object) -> None:
    assert engine._executor.operations == names.READER_OPERATIONS  # type: ignore[attr-defined]


# --- routes -------------------------------------------------------------------------------------------------


def test_paths_are_unique_without_regard_to_case() -> None:
    paths = Counter(route.path.lower() for route in TABLE.routes)
    assert [path for path, times in paths.items() if times > 1] == []


@pytest.mark.parametrize("route", TABLE.routes, ids=lambda route: route.path)
def test_a_route_calls_a_row_and_says_where_it_comes_from(route: object) -> None:
    assert route.function in TABLE.functions  # type: ignore[attr-defined]
    assert route.provenance.strip()  # type: ignore[attr-defined]
    assert re.fullmatch(r"(/\w+){1,4}", route.path)  # type: ignore[attr-defined]


def test_the_digest_is_the_contents_alone() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", TABLE.digest)
