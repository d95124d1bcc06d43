"""VPN signatures and uploads over HTTP, by a client as real programs are, against the real server process."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import requests

from tests.doors.vpn.vpn_client import OLD_NAMES, Signed, VpnClient, of_any_case
from tests.support.bridge_process import Bridge, running_bridge

CONTENT = "<RECS><REC>測試</REC></RECS>".encode()
SAM, HOSPITAL = "001000000103", "3501200000"
TEN_MB = 10 * 1024 * 1024
SIGNATURE_PATHS = {
    1: "/api/hc/v1/Signature/Hc",
    2: "/api/hpc/v1/Signature",
    3: "/api/sam/v1/Signature",
    4: "/api/hc/v1/Signature/HpcHc",
    5: "/api/hpc/v1/Signature",
}


def console_paths(bridge: Bridge) -> list[str]:
    return [entry["path"] for entry in bridge.sim.requests() if entry["service"] == "console"]


def code_of(answer: requests.Response, name: str = "RtnCode") -> str:
    return of_any_case(answer.json(), name)


def foreign_pair(client: VpnClient) -> Signed:
    """A right signature for uploads, but with the random of a pair that was made for another use."""
    spent = client.random()
    client.signed(1, "01", random=spent)  # the guess is gone, the random is still held
    return client.signed(random=spent)


# --- the component's methods --------------------------------------------------------------------------------


def test_the_ids_of_the_sam_come_as_the_component_gives_them(client: VpnClient) -> None:
    text = client.method("GetSAMCardInfoInCS")["pBuffer"]
    assert json.loads(text) == {"SAMCardInfoInCS": {"SAM": [{"CARD_ID": SAM, "HOSP": HOSPITAL}]}}


@pytest.mark.parametrize("card_type", SIGNATURE_PATHS)
def test_each_card_type_has_its_signature(client: VpnClient, bridge: Bridge, card_type: int) -> None:
    client.random()  # which verifies the SAM
    bridge.verify_doctor()
    random = client.random()
    bridge.sim.clear_requests()
    signed = client.signed(card_type, "01", random=random)
    assert [path for path in console_paths(bridge) if "Signature" in path] == [SIGNATURE_PATHS[card_type]]
    assert 300 < len(signed.signature) <= 512


def test_a_card_type_may_come_as_text(client: VpnClient) -> None:
    assert client.signed("3").signature


@pytest.mark.parametrize("card_type", [0, 6, -1, "x", None, 3.5])
def test_another_card_type_is_refused(client: VpnClient, bridge: Bridge, card_type: object) -> None:
    random = client.random()
    bridge.sim.clear_requests()
    answer = client.method("VPNH_SignX", pRandom=random, CardType=card_type, pServiceCode="30")
    assert (answer["ERRORCODE"], "pSignature" in answer) == ("6018", False)
    assert console_paths(bridge) == []


def test_of_a_service_code_two_characters_count(client: VpnClient, bridge: Bridge) -> None:
    random = client.random()
    bridge.sim.clear_requests()
    client.signed(3, "300", random=random)
    assert "/api/sam/v1/Signature" not in console_paths(bridge)  # that of the pair for 30


@pytest.mark.parametrize("code", ["", "  ", "\x1b0", None])
def test_a_service_code_is_needed(client: VpnClient, code: object) -> None:
    answer = client.method("VPNH_SignX", pRandom=client.random(), CardType=3, pServiceCode=code)
    assert (answer["ERRORCODE"], "pSignature" in answer) == ("6018", False)


@pytest.mark.parametrize(
    ("slot", "card_type", "code"),
    [("hc", 1, "4013"), ("hc", 4, "4013"), ("hpc", 2, "4014"), ("hpc", 4, "4014"), ("hpc", 5, "4014")],
)
def test_without_its_card_there_is_no_signature(
    client: VpnClient, bridge: Bridge, slot: str, card_type: int, code: str
) -> None:
    client.random()  # which verifies the SAM
    bridge.verify_doctor()
    bridge.sim.remove(slot)
    answer = client.method("VPNH_SignX", pRandom=client.random(), CardType=card_type, pServiceCode="01")
    assert (answer["ERRORCODE"], "pSignature" in answer) == (code, False)


def test_signing_without_a_random_works(client: VpnClient) -> None:
    """The signature belongs to a random that the program does not know."""
    assert client.signed(random="").signature


# --- guess ahead --------------------------------------------------------------------------------------------


def test_a_guessed_pair_is_right_also_where_the_bridge_is_not_asked(direct_client: VpnClient) -> None:
    answer = direct_client.upload(direct_client.signed(), CONTENT)
    assert code_of(answer) == "0000"


def test_a_guessed_pair_costs_one_signature(client: VpnClient, bridge: Bridge) -> None:
    client.card()
    bridge.sim.clear_requests()
    client.signed()
    assert [path for path in console_paths(bridge) if "Signature" in path] == [SIGNATURE_PATHS[3]]


def test_a_pair_is_given_out_once(client: VpnClient, direct_client: VpnClient) -> None:
    first = client.signed()
    second = client.signed(random=first.random)
    assert second.signature != first.signature
    assert code_of(direct_client.upload(first, CONTENT)) == "0000"
    assert code_of(direct_client.upload(second, CONTENT)) == "9002"
    assert code_of(client.upload(second, CONTENT)) == "0000"


def test_a_guess_can_be_set(bridge: Bridge, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = '[vpn]\nguess_card_type = 1\nguess_service_code = "01"\n'
    with running_bridge(tmp_path_factory.mktemp("vpn-guess"), settings) as running:
        client = VpnClient(running.ready["legacy_http"], running.ready["legacy_http"] + "/V2000")
        random = client.random()
        running.sim.clear_requests()
        client.signed(1, "01", random=random)
        assert not [path for path in console_paths(running) if "Signature" in path]
        again = client.random()
        running.sim.insert("hc", "000099990001")  # another person's card: the pair held is not hers
        running.sim.clear_requests()
        client.signed(1, "01", random=again)
        assert [path for path in console_paths(running) if "Signature" in path] == [SIGNATURE_PATHS[1]]


def test_a_second_pair_is_for_the_use_of_the_first_on_the_same_connection(
    client: VpnClient, bridge: Bridge
) -> None:
    def taken(session: requests.Session) -> list[str]:
        """Which signatures the console gave for one pair: health card, service 01."""
        bridge.sim.clear_requests()
        random = session.post(f"{client.component}/VPN/VPNGetRandomX", json={}, timeout=30).json()["pRandom"]
        wanted = {"pRandom": random, "CardType": 1, "pServiceCode": "01"}
        answer = session.post(f"{client.component}/VPN/VPNH_SignX", json=wanted, timeout=30).json()
        assert answer["ERRORCODE"] == "0"
        return [path for path in console_paths(bridge) if "Signature" in path]

    client.random()  # which verifies the SAM
    with requests.Session() as one, requests.Session() as other:
        assert taken(one) == [SIGNATURE_PATHS[3], SIGNATURE_PATHS[1]]  # the usual guess, and a fresh one
        assert taken(one) == [SIGNATURE_PATHS[1]]
        assert taken(other) == [SIGNATURE_PATHS[3], SIGNATURE_PATHS[1]]


# --- translation --------------------------------------------------------------------------------------------


def test_another_pair_is_right_through_the_bridge(client: VpnClient, bridge: Bridge) -> None:
    answer = client.upload(foreign_pair(client), CONTENT)
    assert code_of(answer) == "0000"
    (stored,) = bridge.sim.uploads()
    assert (stored["samId"], stored["bytes"]) == (SAM, len(CONTENT))


def test_another_pair_is_wrong_elsewhere_and_the_log_says_so(
    client: VpnClient, direct_client: VpnClient, bridge: Bridge
) -> None:
    assert code_of(direct_client.upload(foreign_pair(client), CONTENT)) == "9002"
    assert "right through the bridge's own upload paths only" in bridge.log.read_text(encoding="utf-8")


def test_a_translated_pair_also_asks_for_the_result(client: VpnClient) -> None:
    pair = foreign_pair(client)
    opcode = of_any_case(client.upload(pair, CONTENT).json(), "Opcode")
    times, result = client.result(pair, opcode)
    assert (times, result["bytes"]) == (2, len(CONTENT))


def test_a_signature_is_right_with_its_own_random_only(client: VpnClient) -> None:
    pair = foreign_pair(client)
    assert code_of(client.upload(replace(pair, random=client.random()), CONTENT)) == "9002"


# --- uploads ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["V1000", "V2000", "v2000"])
def test_the_whole_way_of_a_file(client: VpnClient, bridge: Bridge, version: str) -> None:
    client.centre = client.centre.replace("V2000", version)
    answer = client.upload(client.signed(), CONTENT)
    assert (answer.status_code, code_of(answer)) == (200, "0000")
    opcode = of_any_case(answer.json(), "Opcode")
    assert re.fullmatch(r"20\d{12}.{28}", opcode)
    assert (opcode[20:30], opcode[30:42]) == (HOSPITAL, SAM)
    assert bridge.sim.upload(opcode)["records"] == "1"
    times, result = client.result(client.signed(), opcode)
    assert times == 2
    assert (result["records"], result["orders"], result["checked"]) == ("1", "2", True)


@pytest.mark.parametrize("spelling", [OLD_NAMES, {k: v.upper() for k, v in OLD_NAMES.items()}])
def test_keys_may_have_any_letter_case(client: VpnClient, spelling: dict[str, str]) -> None:
    client.names = spelling
    signed = client.signed()
    opcode = of_any_case(client.upload(signed, CONTENT).json(), "Opcode")
    assert code_of(client.download(signed, opcode)) == "5002"


def test_a_key_that_stands_twice_is_refused(client: VpnClient) -> None:
    answer = requests.post(f"{client.centre}/VNHI_Upload", json={"sType": "A1", "stype": "ZZ"}, timeout=30)
    assert (answer.status_code, code_of(answer)) == (400, "9999")


def test_a_file_of_10_mb_is_taken(client: VpnClient, bridge: Bridge) -> None:
    answer = client.upload(client.signed(), b"x" * TEN_MB)
    assert code_of(answer) == "0000"
    assert bridge.sim.uploads()[0]["bytes"] == TEN_MB


@pytest.mark.parametrize("size", [TEN_MB + 1, 12 * 1024 * 1024, 20 * 1024 * 1024])
def test_a_larger_file_is_refused_with_a_clear_answer(client: VpnClient, bridge: Bridge, size: int) -> None:
    answer = client.upload(client.signed(), b"x" * size)
    content = answer.json()
    assert (answer.status_code, content["RtnCode"], content["Opcode"]) == (413, "9999", "")
    assert str(TEN_MB) in content["message"] or "the body has more than" in content["message"]
    assert bridge.sim.uploads() == []


def test_what_the_centre_refuses_comes_back_as_it_says(client: VpnClient) -> None:
    signed = client.signed()
    assert code_of(client.upload(signed, CONTENT, type="X9")) == "5003"
    assert code_of(client.upload(signed, CONTENT, hospid="9999999999")) == "9005"
    assert code_of(client.download(signed, "20230101000000000001" + HOSPITAL + SAM)) == "9999"


def test_a_signature_of_another_service_is_refused_by_the_centre(client: VpnClient) -> None:
    assert code_of(client.upload(client.signed(service_code="01"), CONTENT)) == "9002"


def test_a_signature_older_than_one_hour_is_refused_by_the_centre(client: VpnClient, bridge: Bridge) -> None:
    signed = client.signed()
    bridge.sim.shift_clock(3601)
    assert code_of(client.upload(signed, CONTENT)) == "8203"


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("signature", "", "sSignature: missing"),
        ("samid", "1" * 13, "sSamid: 13 characters"),
        ("data", " ", "sPatData: missing"),
        ("records", "1234", "sMrecs: 4 characters"),
    ],
)
def test_an_unusable_field_is_named_and_nothing_is_sent(
    client: VpnClient, bridge: Bridge, key: str, value: str, wanted: str
) -> None:
    answer = client.upload(client.signed(), CONTENT, **{key: value})
    content = answer.json()
    assert (answer.status_code, content["RtnCode"]) == (400, "9999")
    assert wanted in content["message"]
    assert [entry for entry in bridge.sim.requests() if entry["service"] == "centre"] == []


@pytest.mark.parametrize(
    ("fault", "value", "status"),
    [
        ("http", 500, 502),
        ("http", 400, 502),
        ("garbage", None, 502),
        ("empty", None, 502),
        ("lost", None, 502),
    ],
)
def test_no_accident_at_the_centre_looks_like_success(
    client: VpnClient, bridge: Bridge, fault: str, value: int | None, status: int
) -> None:
    signed = client.signed()
    bridge.sim.arm("centre", fault, value)
    answer = client.upload(signed, CONTENT)
    content = answer.json()
    assert (answer.status_code, content["RtnCode"], content["Opcode"]) == (status, "9999", "")
    assert content["message"]
    centre = [entry for entry in bridge.sim.requests() if entry["service"] == "centre"]
    assert len(centre) == 1  # a file is never sent a second time


def test_the_openapi_document_knows_the_paths(client: VpnClient) -> None:
    document = requests.get(f"{client.component}/swagger/v1/swagger.json", timeout=30).json()
    assert {"/VPN/VPNGetRandomX", "/VPN/VPNH_SignX", "/V1000/VNHI_Upload", "/V2000/VNHI_Download"} <= set(
        document["paths"]
    )
    schema = document["components"]["schemas"]["VNHI_Upload_request"]
    assert {"sType", "sPatData"} <= set(schema["required"])
    assert not {"sMrecs", "sPrecs", "sSamid", "sSignature"} & set(schema["required"])


def test_what_comes_without_a_signature_is_signed_here(client: VpnClient, bridge: Bridge) -> None:
    """As the bridge's own commands send it: all four fields of the signature are missing."""
    names = {key: client.names[key] for key in ("samid", "hospid", "random", "signature")}
    body = {client.names[key]: value for key, value in client.upload_body(client.signed(), CONTENT).items()}
    unsigned = {name: value for name, value in body.items() if name not in names.values()}

    def send(changed: dict[str, str]) -> requests.Response:
        return requests.post(f"{client.component}/V2000/VNHI_Upload", json=changed, timeout=30)

    answer = send(unsigned)
    assert code_of(answer) == "0000"
    opcode = of_any_case(answer.json(), "Opcode")
    assert (opcode[20:30], opcode[30:42]) == (HOSPITAL, SAM)
    for name in names.values():  # one that is only forgotten is no wish to have it signed
        answer = send({key: value for key, value in body.items() if key != name})
        assert (answer.status_code, "missing" in answer.json()["message"]) == (400, True)
    bridge.sim.clear_requests()
    assert send({}).status_code == 400
    assert bridge.sim.requests() == []  # nothing is signed for what cannot be sent


# --- interactions of medicines ------------------------------------------------------------------------------


def interactions(bridge: Bridge, signed: Signed, patient: str) -> requests.Response:
    """The request of 5.x, as a real client sends it."""
    body = {
        "sHospId": HOSPITAL,
        "sHcaId": "C123456789",
        "sPatId": patient,
        "sPatCardType": "2",
        "sHcaCardId": "000000329470",
        "sPatCardId": "000073898381",
        "sClientRandom": signed.random,
        "sSignature": signed.signature,
        "vhcCloudToken": "",
        "sSamId": SAM,
        "sub": [{"sType": "09", "sub": [{"sOrder": "A012345100"}, {"sOrder": "B023456100"}]}],
    }
    url = f"{bridge.ready['legacy_http']}/api/imie5000/GetMedPrtData"
    return requests.post(url, json=body, timeout=30)


def test_interactions_are_asked_for_in_the_form_of_6_0(client: VpnClient, bridge: Bridge) -> None:
    client.random()  # which verifies the SAM
    bridge.verify_doctor()
    for _ in range(2):  # the second pair is one of the use that was learnt
        answer = interactions(bridge, client.signed(4, "91"), "Z299999929")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["rtnCode"], answer.json()["sub"][0]["rtnNum"]) == ("00", 2)
    asked = [entry["path"] for entry in bridge.sim.requests() if entry["service"] == "centre"]
    assert asked == ["/api/imie5000/GetMedPrtInfo"] * 2


def test_interactions_of_somebody_else_are_not_asked_for(client: VpnClient, bridge: Bridge) -> None:
    client.random()
    bridge.verify_doctor()
    answer = interactions(bridge, client.signed(4, "91"), "A100000001")
    assert (answer.status_code, answer.json()["rtnCode"]) == (400, "9999")
    assert "another patient" in answer.json()["message"]
    assert [entry for entry in bridge.sim.requests() if entry["service"] == "centre"] == []
