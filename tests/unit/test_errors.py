"""The exception tree: every leaf has its status, and every status its legacy code other than 0."""

from __future__ import annotations

import re

import pytest

from bridge import errors
from bridge.errors import (
    BridgeError,
    CallError,
    ConfigError,
    StatusError,
    TableError,
    UpstreamError,
)
from bridge.table.loader import default_table
from tests.support.error_tree import ALL, examples, leaves


def _name(error: CallError) -> str:
    return f"{type(error).__name__}-{error.source}-{error.status}"


def test_the_tree_at_the_head_of_the_file_is_the_tree() -> None:
    drawn = {
        name
        for line in (errors.__doc__ or "").splitlines()
        for name in re.findall(r"^[ │├└─]*([A-Z]\w+)(?=\s|$)", line)
    } & {name for name in vars(errors) if not name.startswith("_")} | {"BridgeError"}
    defined = {
        name
        for name, item in vars(errors).items()
        if isinstance(item, type) and issubclass(item, BridgeError)
    }
    assert drawn == defined


@pytest.mark.parametrize("leaf", leaves(CallError), ids=lambda leaf: leaf.__name__)
def test_the_legacy_code_drawn_in_the_tree_is_that_of_the_table(leaf: type[CallError]) -> None:
    line = next(
        line for line in (errors.__doc__ or "").splitlines() if re.search(rf"[├└]── {leaf.__name__}\s", line)
    )
    drawn = re.search(r"\s(-?\d+)(?:,|$)", line)
    if drawn is None:
        assert issubclass(leaf, UpstreamError | StatusError)  # depends on the upstream
        return
    (example,) = examples(leaf)
    assert default_table().statuses.legacy(example.source, example.status) == int(drawn[1])


@pytest.mark.parametrize("error", ALL, ids=_name)
def test_every_failure_of_ours_is_a_listed_status(error: CallError) -> None:
    if isinstance(error, StatusError):
        return  # whatever an upstream answers; an unlisted one has its fallback
    assert error.status in default_table().statuses.sources[error.source]


@pytest.mark.parametrize("error", ALL, ids=_name)
def test_no_failure_means_success_in_any_context(error: CallError) -> None:
    statuses = default_table().statuses
    contexts = {
        c for entries in statuses.sources.values() for entry in entries.values() for c in entry.contexts
    }
    for context in ("", *contexts):
        code = statuses.legacy(error.source, error.status, (context,))
        assert code != 0
        assert statuses.meaning(code)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Unreachable", False),
        ("TlsFailure", False),
        ("TimedOut", True),
        ("Dropped", True),
        ("HttpFault", True),
        ("BadReply", True),
    ],
)
def test_each_failure_of_an_upstream_says_whether_the_request_may_have_arrived(name: str, sent: bool) -> None:
    assert getattr(errors, name).sent is sent


def test_every_failure_of_an_upstream_was_considered() -> None:
    names = {leaf.__name__ for leaf in leaves(UpstreamError)}
    assert names == {"Unreachable", "TlsFailure", "TimedOut", "Dropped", "HttpFault", "BadReply"}


def test_faults_at_start_are_no_call_errors() -> None:
    assert not issubclass(ConfigError, CallError)
    assert not issubclass(TableError, CallError)
    assert str(TableError(["a: b", "c: d"])) == "a: b\nc: d"
    assert TableError(["a: b"]).faults == ["a: b"]
