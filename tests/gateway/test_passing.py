"""What the bridge does not answer itself passes through: unchanged, once, and to the portal only."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest

from tests.gateway.asking import Answer, ask
from tests.gateway.portal import TestPortal
from tests.gateway.processes import Running
from tests.gateway.test_workers import until

SEND = "/api/egw/guiHoSoGiamDinh4210"
OWN_TOKEN = "?token=t&id_token=i&username=00009_BV&password=x"
UNCLEAR = "chưa rõ Cổng tiếp nhận đã xử lý"


def md5(username: str) -> str:
    return hashlib.md5(f"{username}-secret".encode()).hexdigest()


def fault_of(answer: Answer) -> tuple[int, str]:
    """HTTP status and result of an answer of the bridge's own, which has the portal's shape."""
    assert set(answer.json) == {"maKetQua", "ghiChu"}
    assert "cshis-bridge" in answer.json["ghiChu"]
    assert answer.all("content-type") == ["application/json; charset=utf-8"]
    return answer.status, answer.json["maKetQua"]


# --- unchanged ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        SEND + OWN_TOKEN,
        "/API/EGW/tnhs_ThangQuy?token=1&&x=%C3%A1%20+~&x=2",
        "/api/egw/a.b/c-d_e?token=%2e%2e/..",
        "/api/egw/d%C3%A1ng?token=1",
        "/api/other",
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
def test_method_path_query_and_body_arrive_as_they_were(
    portal: TestPortal, door: str, method: str, target: str
) -> None:
    body = None if method in ("GET", "DELETE") else os.urandom(1000)
    answer = ask(door, method, target, body)
    assert answer.status == 200
    [seen] = portal.arrived
    assert (seen.method, seen.target) == (method, target)
    assert answer.json["digest"] == hashlib.sha256(body or b"").hexdigest()


@pytest.mark.parametrize("length", [0, 1, 65_536, 65_537, 300_000, 5_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_any_length_arrives_whole(
    portal: TestPortal, door: str, length: int, chunked: bool
) -> None:
    body = os.urandom(length)
    pieces = (body[at : at + 70_001] for at in range(0, length, 70_001)) if chunked else body
    answer = ask(door, "POST", SEND + OWN_TOKEN, pieces)
    assert (answer.json["length"], answer.json["digest"]) == (length, hashlib.sha256(body).hexdigest())


def test_headers_for_the_other_end_pass_and_those_of_the_connection_do_not(
    portal: TestPortal, door: str
) -> None:
    headers = {
        "Content-Type": "application/xml", "X-Program": "his", "Cookie": "s=1", "Accept-Encoding": "gzip",
        "Authorization": "Bearer x", "Connection": "keep-alive, X-Hop", "X-Hop": "1",
        "X-Forwarded-For": "10.9.9.9", "Via": "1.1 other",
    }  # fmt: skip
    ask(door, "POST", SEND + OWN_TOKEN, b"<x/>", headers)
    seen = {name.lower(): value for name, value in portal.arrived[0].headers}
    assert seen.pop("host") == urlsplit(portal.address).netloc
    assert seen == {
        "content-type": "application/xml", "x-program": "his", "cookie": "s=1", "accept-encoding": "gzip",
        "authorization": "Bearer x", "content-length": "4",
    }  # fmt: skip


def test_an_answer_comes_back_with_status_headers_and_body(portal: TestPortal, door: str) -> None:
    answer = ask(door, "GET", "/api/egw/fields")
    assert (answer.status, answer.body) == (201, b"abc")
    assert answer.all("set-cookie") == ["a=1", "b=2"]
    assert (answer.all("etag"), answer.all("content-encoding")) == (["x"], ["gzip"])
    names = {name.lower() for name, _ in answer.fields}
    assert not names & {"keep-alive", "x-hop", "strict-transport-security"}
    assert len(answer.all("date")) == 1


def test_html_passes_as_it_is(portal: TestPortal, door: str) -> None:
    answer = ask(door, "GET", "/api/egw/html")
    assert (answer.status, answer.body) == (200, b"<html>b\xe1o tr\xec</html>")
    assert answer.all("content-type") == ["text/html"]


def test_a_long_answer_and_one_that_drips_come_whole(portal: TestPortal, door: str) -> None:
    assert ask(door, "GET", "/api/egw/down?bytes=20000001").body == b"d" * 20_000_001
    dripping = ask(door, "GET", "/api/egw/drip")
    assert (dripping.body, dripping.all("x-kind")) == (b"0;1;2;3;4;", ["drip"])


@pytest.mark.parametrize(
    ("path", "body"), [("drip", b"0;1;2;3;4;"), ("late", b'{"MAKETQUA": 0}'), ("fields", b"abc")]
)
def test_a_program_of_http_1_0_gets_no_chunks(portal: TestPortal, door: str, path: str, body: bytes) -> None:
    where = urlsplit(door)
    with socket.create_connection((where.hostname, where.port), 10) as program:
        head = f"POST /api/egw/{path}?token=1 HTTP/1.0\r\nHost: {where.netloc}\r\nContent-Length: 2\r\n\r\n"
        program.sendall(head.encode() + b"{}")
        whole = b"".join(iter(lambda: program.recv(65_536), b""))
    fields, _, content = whole.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in fields.lower()
    assert b"connection: close" in fields
    assert content == body


def test_head_has_no_body_and_the_connection_goes_on(portal: TestPortal, door: str) -> None:
    where = urlsplit(door)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    connection.request("HEAD", SEND + OWN_TOKEN)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    connection.request("GET", "/api/egw/x?tag=after")
    assert b'"after"' in connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize(
    ("to", "given"),
    [
        ({"token": "1"}, "/api/there?a=1"),
        ({"token": "1", "to": "https://elsewhere.example/x"}, "https://elsewhere.example/x"),
        ({}, "/api/there?a=1"),
    ],
)
def test_a_redirection_within_the_portal_stays_within_the_bridge(
    portal: TestPortal, door: str, to: dict[str, str], given: str
) -> None:
    answer = ask(door, "GET", f"/api/egw/moved?{urlencode(to)}")
    assert (answer.status, answer.all("location")) == (302, [given])


# --- nowhere else -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api/../admin", "/api/egw/../../admin", "/api/%2e%2e/admin", "/api/%2E./admin", "/api/.%2e/x",
        "/api/%252e%252e/admin", "/api/egw/..;/x", "/api/./x", "/api/egw//x", "/api//evil.example/x",
        "/api/egw/%2f%2e%2e%2fx", "/api/a%2fb", "/api/a%5c..%5cb", "/api/a%00", "/api/%c0%ae%c0%ae/x",
        "/api/%u002e%u002e/x", "/api/x%0d%0aHost:%20evil", "/api/.%20./x", "/api/%25252e",
    ],
)  # fmt: skip
def test_a_path_that_could_lead_out_of_the_portal_goes_nowhere(
    portal: TestPortal, door: str, path: str
) -> None:
    assert fault_of(ask(door, "POST", path, b"{}")) == (404, "205")
    assert portal.arrived == []


def test_slashes_too_many_before_the_path_do_not_count(portal: TestPortal, door: str) -> None:
    assert ask(door, "POST", "//api/egw/x?token=1", b"{}").status == 200
    assert portal.arrived[0].target == "/api/egw/x?token=1"


@pytest.mark.parametrize("path", ["/api", "/apix/y", "/x/../api/egw/y", "/evil.example/api/x"])
def test_what_is_not_below_the_prefix_is_not_the_portals(portal: TestPortal, door: str, path: str) -> None:
    assert ask(door, "POST", path, b"{}").status == 404
    assert portal.arrived == []


def test_a_target_with_another_host_reaches_nobody(portal: TestPortal, door: str) -> None:
    answer = ask(door, "POST", "http://evil.example/api/egw/x", b"{}")
    assert answer.status == 400
    assert ask(door, "POST", "/api/egw/x", b"{}", {"Host": "evil.example"}).status == 400
    assert portal.arrived == []


def test_a_foreign_web_page_reaches_nobody(portal: TestPortal, door: str) -> None:
    assert ask(door, "POST", SEND, b"{}", {"Origin": "https://evil.example"}).status == 403
    assert portal.arrived == []


def test_a_redirection_does_not_tell_the_token_that_was_lent(portal: TestPortal, door: str) -> None:
    answer = ask(door, "POST", "/api/egw/moved?to=same&tag=1", b"{}")
    assert (answer.status, answer.all("location")) == (
        302,
        ["https://other.example/api/egw/moved?to=same&tag=1"],
    )
    assert answer.body == b""
    assert "token" in portal.arrived[-1].target


def test_a_request_that_would_be_repeated_to_the_program_is_not_passed_on(
    portal: TestPortal, door: str
) -> None:
    assert fault_of(ask(door, "TRACE", SEND)) == (405, "205")
    assert portal.arrived == []


# --- once ---------------------------------------------------------------------------------------------------


def test_a_connection_that_breaks_sends_nothing_twice_and_says_that_it_is_unclear(
    portal: TestPortal, door: str
) -> None:
    answer = ask(door, "POST", "/api/egw/close?token=1", b"{}")
    assert fault_of(answer) == (502, "101")
    assert UNCLEAR in answer.json["ghiChu"]
    assert len(portal.arrived) == 1
    assert UNCLEAR not in ask(door, "GET", "/api/egw/close?token=1").json["ghiChu"]


def test_a_portal_that_does_not_answer(portal: TestPortal, door: str) -> None:
    answer = ask(door, "POST", "/api/egw/held?token=1", b"{}")
    assert fault_of(answer) == (504, "101")
    assert UNCLEAR in answer.json["ghiChu"]
    assert len(portal.arrived) == 1


@pytest.mark.parametrize("path", ["cut", "cutchunks"])
def test_an_answer_that_is_cut_off_is_not_taken_for_whole(portal: TestPortal, door: str, path: str) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        ask(door, "POST", f"/api/egw/{path}?token=1", b"{}")
    assert len(portal.arrived) == 1


def test_a_body_that_is_too_long(portal: TestPortal, door: str) -> None:
    declared = ask(door, "POST", SEND + OWN_TOKEN, headers={"Content-Length": "8000001"})
    assert fault_of(declared) == (413, "205")
    assert portal.arrived == []
    counted = ask(door, "POST", SEND + OWN_TOKEN, (b"x" * 100_000 for _ in range(90)))
    assert fault_of(counted) == (413, "205")
    assert not any(each.whole for each in portal.arrived)


@pytest.mark.parametrize("path", [SEND + OWN_TOKEN, "/api/egw/NhanLichSuKCB2018"])
def test_a_program_that_asks_first_is_not_told_to_send_what_is_refused(
    portal: TestPortal, door: str, path: str
) -> None:
    where = urlsplit(door)
    with socket.create_connection((where.hostname, where.port), 10) as program:
        head = f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 8000001\r\n"
        program.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        answer = http.client.HTTPResponse(program)
        begun = time.monotonic()
        assert program.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 413"
        answer.begin()
        assert (answer.status, json.loads(answer.read())["maKetQua"]) == (413, "205")
        assert time.monotonic() - begun < 1.5  # not as long as a body is thrown away
    assert portal.arrived == []


def test_a_body_that_comes_too_slowly(portal: TestPortal, door: str) -> None:
    def slow() -> Iterator[bytes]:
        yield b"x" * 100_000
        time.sleep(2.5)
        yield b"y"

    assert fault_of(ask(door, "POST", SEND + OWN_TOKEN, slow())) == (408, "205")
    assert not any(each.whole for each in portal.arrived)


def test_a_program_that_leaves_in_the_middle_of_its_file(portal: TestPortal, door: str) -> None:
    where = urlsplit(door)
    with socket.create_connection((where.hostname, where.port)) as program:
        head = f"POST {SEND}{OWN_TOKEN} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 1000000\r\n\r\n"
        program.sendall(head.encode() + b"x" * 200_000)
        until(lambda: bool(portal.arrived))
    until(lambda: portal.arrived[0].cut)
    assert [each.whole for each in portal.arrived] == [False]


def test_a_refusal_in_the_middle_of_a_file_arrives(portal: TestPortal, door: str) -> None:
    def long() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000
            time.sleep(0.02)

    answer = ask(door, "POST", "/api/egw/early?token=1", long())
    assert (answer.status, answer.json["ghiChu"]) == (413, "too long")


# --- tokens -------------------------------------------------------------------------------------------------


def test_a_program_without_a_token_gets_one_of_the_account_that_is_its(portal: TestPortal, door: str) -> None:
    lent = ask(door, "POST", f"{SEND}?tag=1", b"{}").json
    assert (lent["owner"], lent["username"], lent["tag"]) == ("00001_TN", "00001_TN", "1")
    own = ask(door, "POST", f"{SEND}?username=00002_TN&password={md5('00002_TN')}", b"{}").json
    assert (own["owner"], own["username"]) == ("00002_TN", "00002_TN")
    assert portal.named("4210")[-1].target.count("username=") == 1


def test_a_token_of_the_bridges_own_is_renewed_once(portal: TestPortal, door: str) -> None:
    ask(door, "POST", SEND, b"{}")
    portal.end_tokens()
    portal.arrived.clear()
    assert ask(door, "POST", SEND, b"{}").json["owner"] == "00001_TN"
    assert len(portal.named("4210")) == 2
    assert portal.taken["00001_TN"] == 2
    portal.end_tokens()
    assert ask(door, "POST", "/api/egw/unauthorized", b"{}").status == 200
    assert portal.taken["00001_TN"] == 3


def test_a_refusal_is_seen_in_capitals_in_chunks_and_behind_its_head(portal: TestPortal, door: str) -> None:
    ask(door, "POST", "/api/egw/late", b"{}")
    portal.end_tokens()
    assert ask(door, "POST", "/api/egw/late", b"{}").json == {"MAKETQUA": 0}
    assert portal.taken["00001_TN"] == 2


@pytest.mark.parametrize("path", ["down?bytes=200001", "down?bytes=60000", "drip", "html"])
def test_an_answer_to_a_lent_token_comes_as_one_to_a_programs_own(
    portal: TestPortal, door: str, path: str
) -> None:
    mark = "&" if "?" in path else "?"
    lent, own = (ask(door, "GET", f"/api/egw/{path}{further}") for further in ("", f"{mark}token=1"))
    assert (lent.status, lent.body) == (own.status, own.body)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nmine\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("query", "body", "headers"),
    [
        ("", b"maThe=1&Token=mine&username=00009_BV", FORM),
        ("", b'{"a": {"b": 1}, "TOKEN": "mine"}', {}),
        ("", b'{"token": "mine", "fileHS": [' + b"60," * 300_000 + b"60]}", {}),
        ("", b"token=mine&fileHS=" + b"x" * 1_000_000, FORM),
        ("", PARTS, {"Content-Type": "multipart/form-data; boundary=x"}),
        ("?%74oken=mine", b"", {}),
    ],
    ids=["form", "JSON", "long JSON", "long form", "form in parts", "escaped name"],
)
def test_a_program_with_a_token_of_its_own_gets_no_other_beside_it(
    portal: TestPortal, door: str, query: str, body: bytes, headers: dict[str, str]
) -> None:
    ask(door, "POST", SEND + query, body, headers)
    [seen] = portal.arrived
    assert (seen.target, seen.length) == (SEND + query, len(body))


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (f"?username=00002_TN&password={md5('00002_TN')}", b"{}"),
        ("", f"username=00002_TN&password={md5('00002_TN')}".encode()),
        (f"?token=&id_token=&username=00002_TN&password={md5('00002_TN')}", b"{}"),
        (f"?token&username=00002_TN&%70assword={md5('00002_TN')}&id_token=old", b"{}"),
    ],
    ids=["query", "body", "empty token", "half a token"],
)
def test_all_that_is_added_belongs_to_one_account(
    portal: TestPortal, door: str, query: str, body: bytes
) -> None:
    answer = ask(door, "POST", SEND + query, body, FORM).json
    assert (answer["owner"], answer["username"]) == ("00002_TN", "00002_TN")
    target = portal.named("4210")[-1].target
    assert [target.count(f"{name}=") for name in ("?token", "username", "password", "id_token")] == [1] * 4
    assert portal.named("4210")[-1].query["id_token"].startswith("id-00002_TN.")


def test_a_password_without_its_name_is_not_mixed_with_an_account(portal: TestPortal, door: str) -> None:
    assert ask(door, "POST", f"{SEND}?password={md5('00002_TN')}", b"{}").json["owner"] == "00001_TN"
    assert portal.named("4210")[-1].query["password"] == md5("00001_TN")


def test_a_portal_that_refuses_every_token_is_asked_twice(portal: TestPortal, door: str) -> None:
    answer = ask(door, "POST", "/api/egw/refusing", b"{}")
    assert (answer.status, answer.json["ghiChu"]) == (200, "no token will do")
    assert len(portal.named("refusing")) == 2


def test_a_programs_own_token_is_its_own_business(portal: TestPortal, door: str) -> None:
    portal.tokens["mine"] = "00001_TN"
    portal.end_tokens()
    answer = ask(door, "POST", f"{SEND}?token=mine&id_token=i", b"{}")
    assert (answer.status, answer.json["maKetQua"]) == (200, "401")
    assert len(portal.arrived) == 1


def test_a_file_is_not_sent_twice_when_its_token_has_expired(portal: TestPortal, door: str) -> None:
    ask(door, "POST", SEND, b"{}")
    portal.end_tokens()
    portal.arrived.clear()
    file = os.urandom(1_000_000)
    assert ask(door, "POST", SEND, file).json["maKetQua"] == "401"
    assert len(portal.named("4210")) == 1
    assert ask(door, "POST", SEND, file).json["owner"] == "00001_TN"


def test_no_token_is_lent_where_the_portal_gives_none(portal: TestPortal, door: str) -> None:
    answer = ask(door, "POST", f"{SEND}?username=00001_TN&password={'0' * 32}", b"{}")
    assert answer.status == 401
    assert answer.json["maKetQua"] == "401"
    assert portal.named("4210") == []


def test_nothing_is_added_outside_of_egw_or_beside_an_authorization(portal: TestPortal, door: str) -> None:
    ask(door, "POST", "/api/other", b"{}")
    ask(door, "POST", SEND, b"{}", {"Authorization": "Bearer x"})
    assert [each.target for each in portal.arrived] == ["/api/other", SEND]


def test_fifty_programs_with_three_accounts_get_their_own_answers(portal: TestPortal, door: str) -> None:
    accounts = ["00001_TN", "00002_TN", "00003_TN"]

    def program(number: int) -> list[str]:
        username, mixed = accounts[number % 3], []
        own = f"username={username}&password={md5(username)}"
        for turn in range(12):
            tag = f"{number}.{turn}"
            body = f"{tag};".encode() * (1 if turn % 3 else 30_000)
            if turn == 6 and number == 0:
                portal.end_tokens()
            answer = ask(door, "POST", f"{SEND}?tag={tag}&{own}", body).json
            if answer["maKetQua"] == "401":  # a file whose token had ended meanwhile
                continue
            seen = (answer["tag"], answer["owner"], answer["username"], answer["digest"])
            if seen != (tag, username, username, hashlib.sha256(body).hexdigest()):
                mixed.append(f"{tag} of {username}: {answer}")
        return mixed

    with ThreadPoolExecutor(50) as programs:
        assert [mixed for found in programs.map(program, range(50)) for mixed in found] == []


def test_nothing_of_programs_or_accounts_is_in_the_log(bridge: Running) -> None:
    text = bridge.text
    assert "function=pass:guiHoSoGiamDinh4210 code=200" in text
    assert "ASGI" not in text  # an answer that breaks off is our own word, not the server's
    assert not [
        word for word in ("00001_TN", "00002_TN", "secret", "token=", md5("00002_TN")) if word in text
    ]
