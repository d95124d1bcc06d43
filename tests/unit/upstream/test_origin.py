"""Addresses: what stands in the first line and in the Host header."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.upstream.origin import Origin, head
from bridge.upstream.transport import FORM, JSON


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://medvpndc.nhi.gov.tw", "medvpndc.nhi.gov.tw", "/x"),
        ("https://localhost:5066", "localhost:5066", "/x"),
        ("https://localhost:443/", "localhost", "/x"),
        ("http://127.0.0.1:80", "127.0.0.1", "/x"),
        ("http://[::1]:8080", "[::1]:8080", "/x"),
        ("https://medvpndti.nhi.gov.tw/V2000/", "medvpndti.nhi.gov.tw", "/V2000/x"),
        ("https://LocalHost:5066/a b", "localhost:5066", "/a%20b/x"),
        ("https://主控台.example", "xn--kpry19bxqh.example", "/x"),
    ],
)
def test_an_address(url: str, authority: str, target: str) -> None:
    origin = Origin.of(url)
    if "主" not in url:
        assert origin.authority == authority
    else:
        assert origin.authority == "主控台.example".encode("idna").decode()
    assert origin.target("/x") == origin.target("x") == target


@pytest.mark.parametrize(
    "url", ["", "localhost", "ftp://localhost", "https://", "https://a..b", "https://a:b"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several texts
        Origin.of(url)


PATHS = st.text(st.characters(exclude_characters="#\\", exclude_categories=["Cs", "Cc"]), max_size=12)


@given(PATHS, PATHS)
def test_it_is_escaped_so_that_one_line_stays_one_line(path: str, query: str) -> None:
    target = Origin.of("https://localhost").target(f"/{path}?{query}")
    assert target.isascii()
    assert not any(character in target for character in " \r\n\t")


@pytest.mark.parametrize(
    "path",
    ["/api/hc/v1/Basic", "/x y", "/測", "/a%20b", "/a+b", "/x?q=1%20é+ü", "/x?token=a%2Bb&user=ng%C6%B0",
     "/a,b;c=d", "/x?a=/b?c", "/~a_b-c.d", "/a(b)", "/x?"],
)  # fmt: skip
def test_the_same_as_httpx_makes_of_it(path: str) -> None:
    theirs = httpx.URL(f"https://localhost{path}").raw_path.decode()
    assert Origin.of("https://localhost").target(path) == theirs.removesuffix("?")


@pytest.mark.parametrize("injected", ["/x\r\nX-Other: 1", "/x HTTP/1.1\r\n\r\nGET /y", "/\n"])
def test_a_path_cannot_bring_in_a_line_of_its_own(injected: str) -> None:
    before, behind = head(Origin.of("https://localhost"), "POST", injected, JSON)
    lines = (before + b"2" + behind).split(b"\r\n")
    assert [line.split(b":")[0] for line in lines[1:] if line] == [
        b"Host", b"Accept-Encoding", b"Content-Type", b"Accept", b"Content-Length",
    ]  # fmt: skip
    assert lines[0].count(b" ") == 2


@pytest.mark.parametrize(
    ("method", "media_type", "whole"),
    [
        ("GET", None, b"GET /x HTTP/1.1\r\nHost: h:1\r\nAccept-Encoding: identity\r\nAccept: */*\r\n\r\n"),
        ("DELETE", None, b"DELETE /x HTTP/1.1\r\nHost: h:1\r\nAccept-Encoding: identity\r\nAccept: */*\r\n"
         b"Content-Length: 0\r\n\r\n"),
        ("PUT", JSON, b"PUT /x HTTP/1.1\r\nHost: h:1\r\nAccept-Encoding: identity\r\n"
         b"Content-Type: application/json\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n"),
        ("POST", FORM, b"POST /x HTTP/1.1\r\nHost: h:1\r\nAccept-Encoding: identity\r\n"
         b"Content-Type: application/x-www-form-urlencoded\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n"),
    ],
)  # fmt: skip
def test_the_whole_head(method: str, media_type: str | None, whole: bytes) -> None:
    before, behind = head(Origin.of("https://h:1"), method, "/x", media_type)
    assert before + (b"0" + behind if behind else b"") == whole
