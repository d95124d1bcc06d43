"""Where requests that pass through go, and which headers go with them."""

from __future__ import annotations

import pytest

from bridge.bhyt.passthrough_headers import handed_back, sent_on
from bridge.bhyt.passthrough_target import portal_target, with_parameters
from bridge.errors import PathRefused

PORTAL = b"https://portal.example"


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        (b"/api/egw/x", b"", b"/api/egw/x"),
        (b"/API/Egw/x/", b"a=%2e%2e/../&b", b"/API/Egw/x/?a=%2e%2e/../&b"),
        (b"///api/egw/x", b"", b"/api/egw/x"),
        (b"/api/d%C3%A1ng/a.b-c_d", b"", b"/api/d%C3%A1ng/a.b-c_d"),
        (b"/api/a;v=1/b,c", b"ten=\xc4\x90\xe1\xbb\x97 An", b"/api/a;v=1/b,c?ten=%C4%90%E1%BB%97%20An"),
    ],
)
def test_a_target_stays_as_it_was_written(path: bytes, query: bytes, target: bytes) -> None:
    assert portal_target("/api/", path, query) == target


@pytest.mark.parametrize(
    ("target", "whole"),
    [
        (b"/api/x", b"/api/x?token=a%26b"),
        (b"/api/x?a=1&&b", b"/api/x?a=1&&b&token=a%26b"),
        (b"/api/x?Token=&mytoken=1", b"/api/x?mytoken=1&token=a%26b"),
        (b"/api/x?token", b"/api/x?token=a%26b"),
    ],
)
def test_no_parameter_stands_twice(target: bytes, whole: bytes) -> None:
    assert with_parameters(target, {"token": "a&b"}) == whole


@pytest.mark.parametrize(
    "path",
    [
        b"/api", b"/apix/a", b"/x/api/a", b"/api/..", b"/api/a/../../b", b"/api/%2e%2e/b", b"/api/.%2E/b",
        b"/api/%25%32%65%25%32%65/b", b"/api/..;a/b", b"/api/ ../b", b"/api/a//b", b"/api/%2f/b",
        b"/api/a%5cb", b"/api/a\\b", b"/api/%0ab", b"/api/%zz", b"/api/%c0%ae%c0%ae/b", b"/api/%2525252e",
    ],
)  # fmt: skip
def test_a_path_that_may_be_read_as_another_is_refused(path: bytes) -> None:
    with pytest.raises(PathRefused):
        portal_target("/api/", path, b"")


def test_headers_about_the_way_stay_behind() -> None:
    given = [
        (b"host", b"bridge"), (b"connection", b"close, x-own"), (b"x-own", b"1"), (b"te", b"trailers"),
        (b"content-length", b"5"), (b"accept-encoding", b"gzip"), (b"x-forwarded-for", b"10.0.0.1"),
        (b"cookie", b"a=1"),
    ]  # fmt: skip
    assert sent_on(given) == [(b"accept-encoding", b"gzip"), (b"cookie", b"a=1")]
    assert sent_on(given, packed=False) == [(b"cookie", b"a=1"), (b"accept-encoding", b"identity")]


@pytest.mark.parametrize(
    ("location", "given"),
    [
        (b"https://portal.example/api/x", b"/api/x"),
        (b"HTTPS://Portal.Example/api/x", b"/api/x"),
        (b"https://portal.example.evil/x", b"https://portal.example.evil/x"),
        (b"/api/x", b"/api/x"),
    ],
)
def test_redirections_within_the_portal(location: bytes, given: bytes) -> None:
    assert handed_back([(b"location", location)], 302, PORTAL) == [(b"location", given)]
    assert handed_back([(b"location", location)], 201, PORTAL) == [(b"location", location)]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_names_no_length(status: int) -> None:
    assert handed_back([(b"content-length", b"9"), (b"etag", b"x")], status, PORTAL) == [(b"etag", b"x")]
