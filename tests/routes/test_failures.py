"""What fails, and what the old program is told: bridge, console, cloud, cards, numbers, HTTP bodies."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_process import Bridge, clean_environment, running_bridge
from legacy_routes import HttpRoute, NativeRoute, Result, Route
from prototypes import PROTOTYPES, UNSUPPORTED
from record_bytes import cards
from visit_steps import Visit, take_number, write_diagnoses_and_fees

CARD = "000073898381"
CARD_NUMBER = CARD.encode()
CONSOLE_GONE = 4000
NO_CONNECTION = -1
NO_CARD = 4013
CLOUD_GONE = 4061
CLOUD_TIMEOUT = 9003
BAD_ARGUMENT = 6018
NEXT = "/api/v1/SequelNumber/Next"
BASIC = "/api/v1/BasicData/Query"
FAST = "[cloud]\nread_timeout = 0.4\n[console]\nread_timeout = 0.4\n"


def patient() -> Visit:
    return Visit(b"Z299999929", b"0920315")


def read_basic(route: Route) -> Result:
    return route.call("hisGetBasicData", pBuffer=72)


def works(route: Route) -> bool:
    code, outputs = read_basic(route)
    return code == 0 and bytes(outputs["pBuffer"])[:12] == CARD_NUMBER  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def closed_port() -> Iterator[int]:
    """A port that is taken and does not listen: connecting to it is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


# --- no bridge ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lonely_route(client_library: Path, driver_cache: Path, closed_port: int) -> Iterator[NativeRoute]:
    """The client library without a bridge."""
    env = clean_environment(CSHIS_BRIDGE=f"127.0.0.1:{closed_port}")
    with NativeRoute("client", client_library, driver_cache, env) as route:
        yield route


@pytest.fixture(scope="module")
def consoleless_route(
    embedded_library: Path, driver_cache: Path, closed_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NativeRoute]:
    """The embedded library, which is its own bridge, without a console and a cloud."""
    folder = tmp_path_factory.mktemp("no-console")
    config = folder / "config.toml"
    url = f'url = "https://127.0.0.1:{closed_port}"\n'
    config.write_text(f'data_dir = "{folder}"\n[console]\n{url}[cloud]\n{url}', encoding="utf-8")
    env = clean_environment(CSHIS_BRIDGE_CONFIG=str(config))
    with NativeRoute("embedded", embedded_library, driver_cache, env) as route:
        yield route


CALLS: dict[str, dict[str, bytes | int]] = {
    "csOpenCom": {"pComNum": 0},
    "csCloseCom": {},
    "csVerifySAMDC": {},
    "hisGetCardStatus": {"CardType": 2},
    "hisGetBasicData": {"pBuffer": 72},
    "hisGetTreatmentNoNeedHPC": {"pBuffer": 498},
    "csGetVersion": {},
    "csISSetPIN": {},
    "hisGetICD10EnC": {"pIN": b"G44201"},
    "hisGetSeqNumber256N1": {
        "cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1", "pBuffer": 316,
    },
    "hisWriteTreatmentData": {
        "pDateTime": b"1150101120000", "pPatientID": b"Z299999929", "pPatientBirthDate": b"0920315",
        "pDataWrite": b"1" + b"J029   " + b" " * 35 + b"0" * 38,
    },
    "csUnGetSeqNumber": {"pUnTreatDate": b"1150101120000"},
}  # fmt: skip


@pytest.mark.parametrize("function", CALLS)
def test_no_bridge(lonely_route: NativeRoute, function: str) -> None:
    started = time.monotonic()
    result = lonely_route.call(function, **CALLS[function])
    assert time.monotonic() - started < 2
    assert result == (NO_CONNECTION if function == "csOpenCom" else CONSOLE_GONE, {})


def test_what_6_0_dropped_is_refused_without_a_bridge_too(lonely_route: NativeRoute) -> None:
    for function in sorted(UNSUPPORTED):
        strings = {each.name: b"Z" for each in PROTOTYPES[function] if each.kind == "in"}
        assert lonely_route.call(function, **strings) == (-2, {}), function


@pytest.mark.parametrize("function", CALLS)
def test_embedded_without_console(consoleless_route: NativeRoute, function: str) -> None:
    result = consoleless_route.call(function, **CALLS[function])
    if function == "csCloseCom":  # a stray close is success
        assert result == (0, {})
    else:
        assert result == (NO_CONNECTION if function == "csOpenCom" else CONSOLE_GONE, {})


# --- console and cloud --------------------------------------------------------------------------------------


def test_console_down(bridge: Bridge, every_route: list[Route]) -> None:
    for route in every_route:
        assert works(route), route.name
    bridge.sim.arm("console", "down")
    for route in every_route:
        started = time.monotonic()
        assert read_basic(route) == (CONSOLE_GONE, {}), route.name
        assert route.call("csOpenCom", pComNum=0) == (NO_CONNECTION, {}), route.name
        assert take_number(route, patient()) == (CONSOLE_GONE, {}), route.name
        assert time.monotonic() - started < 2, route.name
    bridge.sim.clear_faults()
    for route in every_route:
        assert route.call("csOpenCom", pComNum=0) == (0, {}), route.name
        assert works(route), route.name


def test_cloud_down(
    bridge: Bridge, every_route: list[Route], vhc_https_route: HttpRoute, vhc_http_route: HttpRoute
) -> None:
    by_http = [vhc_https_route, vhc_http_route]
    bridge.sim.arm("cloud", "down")
    for route in every_route:
        assert route.call("csOpenCom", pComNum=0) == (0, {}), route.name
        assert read_basic(route) == (CLOUD_GONE, {}), route.name
        assert take_number(route, patient()) == (CLOUD_GONE, {}), route.name
    for http in by_http:
        assert http.upload(bridge.sim.qr(CARD)) == 0, http.name
        assert read_basic(http) == (CLOUD_GONE, {}), http.name
    bridge.sim.clear_faults()
    for route in [*by_http, *every_route]:
        assert works(route), route.name


ANSWERS = [
    ("http", 500, 9004),
    ("http", 503, 9004),
    ("http", 404, 9002),
    ("http", 400, 9002),
    ("garbage", None, 9001),
    ("empty", None, 9001),
    ("status", 3100, 9020),
    ("status", 3228, 9083),
    ("status", 9999, 9004),
]


@pytest.mark.parametrize(("kind", "value", "code"), ANSWERS)
def test_bad_answers_of_the_cloud(
    bridge: Bridge, route: Route, kind: str, value: float | None, code: int
) -> None:
    bridge.sim.arm("cloud", kind, value, times=1)
    assert read_basic(route) == (code, {})
    assert works(route)


@pytest.mark.parametrize(
    ("kind", "value"), [("http", 500), ("garbage", None), ("empty", None), ("status", 1119)]
)
def test_bad_answers_of_the_console(bridge: Bridge, route: Route, kind: str, value: float | None) -> None:
    bridge.sim.arm("console", kind, value, path="/Initial", times=1)
    assert route.call("csOpenCom", pComNum=0) == (NO_CONNECTION, {})
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert works(route)


@pytest.mark.parametrize("kind", ["garbage", "empty", "http"])
def test_a_bad_answer_to_a_write_is_no_success(bridge: Bridge, route: Route, kind: str) -> None:
    visit = patient()
    assert take_number(route, visit)[0] == 0
    bridge.sim.arm("cloud", kind, 500 if kind == "http" else None, times=1)
    code, outputs = write_diagnoses_and_fees(route, visit)
    assert (code, outputs) == (9004 if kind == "http" else 9001, {})
    assert not any(bridge.sim.stored(CARD)["visits"][0]["codes"].values())
    assert write_diagnoses_and_fees(route, visit)[0] == 0
    assert any(bridge.sim.stored(CARD)["visits"][0]["codes"].values())


@pytest.fixture(scope="module")
def impatient_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge that waits 0.4 s for an answer."""
    with running_bridge(tmp_path_factory.mktemp("impatient"), FAST) as running:
        yield running


@pytest.fixture(scope="module", params=["client", "embedded", "5067"])
def impatient_route(
    request: pytest.FixtureRequest, impatient_bridge: Bridge, driver_cache: Path
) -> Iterator[Route]:
    ready = impatient_bridge.ready
    if request.param == "5067":
        with HttpRoute("5067", ready["facade"], ready["ca_file"]) as by_http:
            assert by_http.upload(impatient_bridge.sim.qr(CARD)) == 0
            yield by_http
        return
    library: Path = request.getfixturevalue(f"{request.param}_library")
    env = clean_environment(CSHIS_BRIDGE=ready["channel"], CSHIS_BRIDGE_CONFIG=ready["config"])
    with NativeRoute(request.param, library, driver_cache, env) as native:
        yield native


def test_slow_cloud(impatient_bridge: Bridge, impatient_route: Route) -> None:
    assert works(impatient_route)
    impatient_bridge.sim.arm("cloud", "slow", 2, times=1)
    started = time.monotonic()
    assert read_basic(impatient_route) == (CLOUD_TIMEOUT, {})
    assert time.monotonic() - started < 1.8
    assert works(impatient_route)


def test_slow_cloud_takes_one_number_only(impatient_bridge: Bridge, impatient_route: Route) -> None:
    """The first request is worked on although nobody waits; its repeat carries the same signature."""
    assert works(impatient_route)
    taken = impatient_bridge.sim.stored(CARD)["visits_taken"]
    impatient_bridge.sim.arm("cloud", "slow", 0.6, path=NEXT, times=2)
    assert take_number(impatient_route, patient()) == (CLOUD_TIMEOUT, {})
    deadline = time.monotonic() + 3
    while impatient_bridge.sim.faults() or impatient_bridge.sim.stored(CARD)["visits_taken"] == taken:
        assert time.monotonic() < deadline
    assert impatient_bridge.sim.stored(CARD)["visits_taken"] == taken + 1


def test_slow_console(impatient_bridge: Bridge, impatient_route: Route) -> None:
    assert works(impatient_route)
    impatient_bridge.sim.arm("console", "slow", 2, path="/Signature/Hc", times=1)
    started = time.monotonic()
    assert read_basic(impatient_route) == (CONSOLE_GONE, {})
    assert time.monotonic() - started < 1.8
    assert works(impatient_route)


# --- lost answers -------------------------------------------------------------------------------------------


def test_lost_answer_to_a_number(bridge: Bridge, route: Route) -> None:
    """The number was taken. The repeat with the same signature says so; no second one is taken."""
    bridge.sim.arm("cloud", "lost", path=NEXT, times=1)
    assert take_number(route, patient()) == (5007, {})
    stored = bridge.sim.stored(CARD)
    assert (stored["visits_taken"], stored["counter"]) == (1, 5)
    assert bridge.changes() == [NEXT, NEXT]
    assert take_number(route, patient())[0] == 5010
    assert bridge.sim.stored(CARD)["visits_taken"] == 2


def test_number_lost_twice(bridge: Bridge, route: Route) -> None:
    bridge.sim.arm("cloud", "lost", path=NEXT, times=2)
    code, outputs = take_number(route, patient())
    assert code == CLOUD_TIMEOUT
    assert outputs == {}
    assert bridge.sim.stored(CARD)["visits_taken"] == 1


def test_lost_answer_to_a_read_is_no_data(bridge: Bridge, route: Route) -> None:
    bridge.sim.arm("cloud", "lost", path=BASIC, times=1)
    assert read_basic(route) == (CLOUD_TIMEOUT, {})
    assert works(route)


# --- ports, SAM, cards --------------------------------------------------------------------------------------


@pytest.mark.parametrize("port", [1, 7, 254])
def test_unknown_port(bridge: Bridge, route: Route, port: int) -> None:
    assert route.call("csOpenCom", pComNum=port) == (NO_CONNECTION, {})
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert works(route)


def test_default_device(bridge: Bridge, route: Route) -> None:
    assert route.call("csOpenCom", pComNum=-1) == (0, {})
    assert works(route)


def test_no_port_and_stray_closes(bridge: Bridge, route: Route) -> None:
    assert [route.call("csCloseCom") for _ in range(2)] == [(0, {})] * 2
    assert works(route)


@pytest.mark.parametrize(("status", "asked", "on_demand"), [(1300, 4051, 4050), (1301, 4051, 4050),
                                                              (1302, 9062, 9062), (1303, 9060, 9060),
                                                              (1304, 9013, 9013), (1700, 4061, 4061)])  # fmt: skip
def test_sam_that_cannot_be_verified(
    bridge: Bridge, route: Route, status: int, asked: int, on_demand: int
) -> None:
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    bridge.sim.arm("console", "status", status, path="/sam/v1/Verification")
    assert read_basic(route) == (on_demand, {})
    assert route.call("csVerifySAMDC") == (asked, {})
    assert bridge.changes() == []
    bridge.sim.clear_faults()
    assert route.call("csVerifySAMDC") == (0, {})
    assert works(route)


def test_no_card(bridge: Bridge, route: Route) -> None:
    bridge.sim.remove("hc")
    assert read_basic(route) == (NO_CARD, {})
    assert route.call("csGetCardNo", CardType=2, pBuffer=12) == (NO_CARD, {})
    assert route.call("hisGetCardStatus", CardType=2) == (0, {})
    assert take_number(route, patient()) == (NO_CARD, {})
    assert route.call("csUpdateHCContents") == (NO_CARD, {})
    bridge.sim.insert("hc", CARD)
    assert works(route)


def test_no_practitioner_card(bridge: Bridge, route: Route) -> None:
    bridge.sim.remove("hpc")
    assert route.call("hisGetTreatmentNeedHPC", pBuffer=372) == (4014, {})
    assert route.call("hpcGetHPCSN", SN=20) == (4014, {})
    assert route.call("hpcGetHPCStatus", Req=1) == (0, {"Status": 0})
    code, outputs = route.call("hisGetCriticalIllness", pBuffer=114)
    assert (code, len(bytes(outputs["pBuffer"]))) == (5141, 114)  # type: ignore[arg-type]


def test_practitioner_pin_not_verified(bridge: Bridge, route: Route) -> None:
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert route.call("hisGetTreatmentNeedHPC", pBuffer=372) == (4042, {})
    bridge.verify_doctor()
    assert route.call("hisGetTreatmentNeedHPC", pBuffer=372)[0] == 0


def test_cancelled_card(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990009")
    code, outputs = read_basic(route)
    assert code == 0
    assert bytes(outputs["pBuffer"])[57:58] == b"2"  # type: ignore[arg-type]
    assert take_number(route, patient()) == (5002, {})
    assert route.call("csUpdateHCContents") == (5002, {})
    assert bridge.sim.stored("000099990009")["visits"] == []


@pytest.mark.parametrize("update", ["csUpdateHCContents", "csUpdateHCNoReset"])
def test_expired_card(bridge: Bridge, route: Route, update: str) -> None:
    card = "000099990007"
    bridge.sim.insert("hc", card)
    assert take_number(route, patient()) == (5003, {})
    assert bridge.sim.stored(card)["visits_taken"] == 0
    assert route.call(update) == (0, {})
    assert take_number(route, patient())[0] == 0
    assert bridge.sim.stored(card)["visits_taken"] == 1


def test_no_visits_left(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990008")
    assert take_number(route, patient()) == (5001, {})
    assert route.call("csUpdateHCContents") == (0, {})
    assert take_number(route, patient())[0] == 0


def test_no_longer_insured(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990011")
    assert take_number(route, patient()) == (5012, {})


@pytest.mark.parametrize("wrong", ["id", "birthday"])
def test_wrong_person(bridge: Bridge, route: Route, wrong: str) -> None:
    visit = patient()
    assert take_number(route, visit)[0] == 0
    if wrong == "id":
        visit.id_no = b"Z199999016"
    else:
        visit.birthday = b"0920316"
    bridge.sim.clear_requests()
    assert write_diagnoses_and_fees(route, visit) == (5020, {})
    assert bridge.changes() == []


def test_roll_back_of_an_unknown_visit(bridge: Bridge, route: Route) -> None:
    assert route.call("csUnGetSeqNumber", pUnTreatDate=b"1100101120000") == (5022, {})


def test_roll_back_after_a_day(bridge: Bridge, route: Route) -> None:
    visit = patient()
    assert take_number(route, visit)[0] == 0
    bridge.sim.shift_clock(25 * 3600)
    assert route.call("csUnGetSeqNumber", pUnTreatDate=visit.time) == (5154, {})


def test_console_started_again_between_two_calls(bridge: Bridge, route: Route) -> None:
    assert works(route)
    assert bridge.ask_console("POST", "/api/common/v1/Finalize") == 0
    assert works(route)


# --- HTTP ---------------------------------------------------------------------------------------------------

BODIES = {
    "no JSON": b"{",
    "half a string": b'{"QRCodeString": "abc',
    "a list": b"[]",
    "a number": b"17",
    "null": b"null",
    "binary": bytes(range(256)),
    "latin-1": '{"QRCodeString": "é"}'.encode("latin-1"),
    "thousands of brackets": b"[" * 100_000,
    "a long number": b'{"QRCodeString": ' + b"9" * 10_000 + b"}",
    "a name twice": b'{"QRCodeString": "a", "qrcodestring": "b"}',
    "wrong type": b'{"QRCodeString": 5}',
    "a list in place": b'{"QRCodeString": ["a"]}',
    "nothing": b"",
    "an empty object": b"{}",
    "a blank": b'{"QRCodeString": "  "}',
    "not in the code page": '{"QRCodeString": "喆"}'.encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_malformed_body(bridge: Bridge, vhc_route: HttpRoute, body: bytes) -> None:
    answer = vhc_route.post("/QRCodeReader/uploadqrcode", body)
    assert answer["ERRORCODE"] == str(BAD_ARGUMENT)
    assert "Traceback" not in str(answer)
    assert bridge.sim.requests() == []


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"cTreatItem": 1}', b'{"cTreatItem": "001", "cBabyTreat": " ", "cTreatAfterCheck": "1"}', b"{}"],
)
def test_malformed_visit(bridge: Bridge, vhc_route: HttpRoute, body: bytes) -> None:
    assert vhc_route.upload(bridge.sim.qr(CARD)) == 0
    answer = vhc_route.post("/VHC/VHChisGetSeqNumber256N1", body)
    assert (answer["ERRORCODE"], "pBuffer" in answer) == (str(BAD_ARGUMENT), False)
    assert bridge.sim.stored(CARD)["visits_taken"] == 0


def test_nothing_uploaded(bridge: Bridge, vhc_route: HttpRoute, client_route: Route) -> None:
    assert works(client_route)  # the physical card is there, and not meant
    assert vhc_route.call("hisGetBasicData") == (1019, {})
    assert take_number(vhc_route, patient()) == (1019, {})
    assert bridge.sim.stored(CARD)["visits_taken"] == 0


def test_expired_qr_code(bridge: Bridge, vhc_route: HttpRoute) -> None:
    token = bridge.sim.qr(CARD, minutes=1)
    bridge.sim.shift_clock(61)
    assert vhc_route.upload(token) == 1021
    assert vhc_route.call("hisGetBasicData") == (1019, {})
    assert vhc_route.upload(bridge.sim.qr(CARD)) == 0
    assert works(vhc_route)


def test_qr_code_that_expires_after_the_upload(bridge: Bridge, vhc_route: HttpRoute) -> None:
    assert vhc_route.upload(bridge.sim.qr(CARD, minutes=1)) == 0
    assert works(vhc_route)
    bridge.sim.shift_clock(3600 * 3)
    code, outputs = vhc_route.call("hisGetBasicData")
    assert (code in (1019, 1021, 1022, 1023), outputs) == (True, {}), code


def test_used_and_wrong_qr_codes(bridge: Bridge, vhc_route: HttpRoute) -> None:
    token = bridge.sim.qr(CARD, uses=1)
    assert vhc_route.upload(token) == 0
    assert vhc_route.upload(token) == 1020
    assert vhc_route.upload("abc") == 1022
    altered = "A" + token[1:] if token[0] != "A" else "B" + token[1:]
    assert vhc_route.upload(altered) == 1022
    assert vhc_route.call("hisGetBasicData") == (1019, {})


def test_two_visits_with_one_qr_code(bridge: Bridge, vhc_route: HttpRoute) -> None:
    assert vhc_route.upload(bridge.sim.qr(CARD)) == 0
    assert take_number(vhc_route, patient())[0] == 0
    assert take_number(vhc_route, patient()) == (1020, {})
    assert bridge.sim.stored(CARD)["visits_taken"] == 1


def test_lost_answer_to_a_number_by_http(bridge: Bridge, vhc_route: HttpRoute) -> None:
    assert vhc_route.upload(bridge.sim.qr(CARD)) == 0
    bridge.sim.arm("cloud", "lost", path=NEXT, times=1)
    assert take_number(vhc_route, patient()) == (5007, {})
    assert bridge.sim.stored(CARD)["visits_taken"] == 1


def test_unknown_path_is_no_success(bridge: Bridge, vhc_route: HttpRoute) -> None:
    reply = vhc_route.client.post("/VHC/VHChisGetNothing", json={})
    assert (reply.status_code, reply.json()["ERRORCODE"]) == (404, "-2")


def test_no_patient_in_the_log(bridge: Bridge, client_route: Route, vhc_http_route: HttpRoute) -> None:
    """What went through the doors stands in no log line."""
    for card in cards():
        bridge.sim.insert("hc", card)
        assert read_basic(client_route)[0] == 0
        assert vhc_http_route.upload(bridge.sim.qr(card)) == 0
        assert vhc_http_route.call("hisGetBasicData")[0] == 0
    log = bridge.log.read_text(encoding="utf-8")
    assert "function=hisGetBasicData" in log
    for printed in cards().values():
        for field in ("number", "name", "id_no", "birthday"):
            assert str(printed[field]) not in log, field
