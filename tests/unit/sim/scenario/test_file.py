"""Scenarios: read, refused with the place of every fault, loaded as a whole or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bridge.sim.clock import TAIPEI, roc_date
from bridge.sim.control import app as control_app
from bridge.sim.errors import ControlError, ScenarioError
from bridge.sim.scenario import file as scenario_file
from bridge.sim.scenario.file import document_of, read_document, ready_scenario, scenario_of

CARD = {
    "number": "000011110001", "name": "測試人", "id_no": "Z299998001", "birthday": "0700101", "sex": "F",
    "valid_days": 100, "counter": 6,
}  # fmt: skip
SAM = {"id": "001000000199", "hospital_id": "9988776655", "hospital_name": "甲", "hospital_short_name": "乙"}
LONG = {"count": 1000, "every_days": 1, "first_days_ago": 0, "time": "080000", "orders_per_visit": 10}
TITLE = {"en": "A test", "zh": "測試"}
EMPTY: dict[str, Any] = {"scenario": 1, "title": TITLE, "sams": [SAM]}


def document(**more: Any) -> dict[str, Any]:
    return {**EMPTY, **more}


def faults(content: object) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        scenario_of(content)
    return caught.value.faults


def with_card(**more: Any) -> dict[str, Any]:
    return document(cards=[{**CARD, **more}])


# --- reading ------------------------------------------------------------------------------------------------


def test_numbers_with_a_leading_zero_dates_and_words_are_text() -> None:
    text = (
        "a: 0123\nb: 1150310\nc: no\nd: 2026-03-10\ne: true\nf: null\ng: 1.5\nh: -3\ni: 0\nj: 1:30\nk: .5\n"
    )
    assert read_document(text) == {
        "a": "0123", "b": 1150310, "c": "no", "d": "2026-03-10", "e": True, "f": None, "g": 1.5, "h": -3,
        "i": 0, "j": "1:30", "k": ".5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x 1\nb: *x", "line 1: references"),
        ("a: *x", "line 1: references"),
        ("a: 1\nb: !!python/object:os.system {}", "line 2: types (!)"),
        ("a: !!str 1", "types (!)"),
        ("a: 1\na: 2", "line 2: key 'a' stands twice"),
        ("? [1, 2]\n: 3", "a key is no text"),
        ("[" * 50 + "]" * 50, "more than 12 levels deep"),
        ("[" * 100_000, "line 1: "),
        ("a: [1, 2", "line "),
        ("a: 'x", "line 1: "),
        ("\0", "no YAML"),
        ("a: 1\n---\nb: 2", "another document"),
        ("- 1\n" * 1_010, "more than 1000 values"),
        ("a: " + "x" * 1_100_000, "larger than 1 MB"),
        ("a: \ud800", "no YAML"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_yaml_can_do_beyond_plain_data_is_refused(
    text: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario_file, "MOST_BYTES", 1024 * 1024)
    monkeypatch.setattr(scenario_file, "MOST_NODES", 1000)
    with pytest.raises(ScenarioError) as caught:
        read_document(text)
    assert fault in str(caught.value)


def test_files_that_are_none(tmp_path) -> None:
    for name, content, text in (
        ("a.yaml", b"\xff\xfe\x00", "no UTF-8"),
        ("b.yaml", b"a: [", "b.yaml: line"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScenarioError, match=text):
            document_of(str(tmp_path / name))
    with pytest.raises(
        ScenarioError, match="neither a file nor a ready scenario; those are: default, chronic"
    ):
        document_of("nowhere")
    with pytest.raises(ScenarioError, match="neither a file"):
        document_of(str(tmp_path))


# --- faults -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "a mapping is expected"),
        ([], "a mapping is expected"),
        ({}, "scenario: is missing"),
        (document(scenario=2), "scenario: version 2 of the format; this bridge reads 1: update it"),
        (document(scenario="one"), "scenario: Input should be a valid integer"),
        (document(foo=1), "foo: an unknown key"),
        (read_document("scenario: 1\n<<: {foo: 1}"), "<<: an unknown key"),
        (document(title="x"), "title: Input should be"),
        (document(sams=[]), "sams: at least one is needed"),
        (document(sams=[SAM, SAM]), "sams: 001000000199 stands twice"),
        (document(cards=[CARD, CARD]), "cards: 000011110001 stands twice"),
        (document(start={"hc": "000011110009"}), "start.hc: no card 000011110009 in cards"),
        (document(start={"hpc": "000011110009"}), "start.hpc: no card"),
        (document(extends="nowhere"), "there is no scenario 'nowhere'"),
        (document(extends="../people"), "extends: the name of a ready scenario expected"),
        (document(clock="1151332000000"), "clock: month must be in 1..12"),
        (document(clock="2026-03-10"), "clock: not an ROC date-time"),
        (document(settings={"sticky": True}), "settings: unknown setting 'sticky'"),
        (document(settings={"sticky_card": "yes"}), "settings: setting 'sticky_card' has another type"),
        (document(settings={"telemedicine_consent": "maybe"}), "telemedicine_consent is one of"),
        (document(faults=[{"service": "cloud", "kind": "slow"}]), "faults[0]: fault 'slow' needs a value"),
        (document(faults=[{"service": "moon", "kind": "lost"}]), "faults[0]: unknown service"),
        (document(faults=[{"service": "cloud", "kind": "down"}] * 2), "faults: cloud is down twice"),
        (with_card(number="12"), "cards[0].number: 12 digits expected"),
        (with_card(id_no="Z29999800"), "cards[0].id_no: "),
        (with_card(birthday="0700230"), "cards[0].birthday: day is out of range"),
        (with_card(sex="X"), "cards[0].sex: M or F expected"),
        (with_card(name="a\0b"), "cards[0].name: holds control characters"),
        (
            with_card(valid_until="1200101"),
            "cards[0]: needs exactly one of valid_days, valid_until; has valid_",
        ),
        (with_card(valid_days=None), "has none"),
        (with_card(counter=-1), "cards[0].counter: "),
        (with_card(counter="many"), "cards[0].counter: "),
        (with_card(valid_days=10**9), "cards[0].valid_days: "),
        (with_card(pin="12"), "cards[0].pin: 4 to 6 digits expected"),
        (
            with_card(newborn_days_ago=1, newborn_birthday="1150101"),
            "has both newborn_days_ago and newborn_b",
        ),
        (
            with_card(visits=[{"at": "1150101080000"}, {"at": "1150101080000"}]),
            "two visits at the same moment",
        ),
        (with_card(visits=[{"days_ago": 1}]), "cards[0].visits[0]: time goes with days_ago"),
        (with_card(visits=[{"at": "1150101080000", "days_ago": 1}]), "exactly one of at, days_ago"),
        (with_card(visits=[{"at": "1150101080000", "fees": [1, 2]}]), "cards[0].visits[0].fees: "),
        (with_card(visits=[{"at": "1150101080000", "fees": [1, 2, 3, -4, 5]}]), "cards[0].visits[0].fees[3]"),
        (with_card(prescriptions=[{"visit": 0, "treatmentItem": 1, "treatmentItemCode": "A"}]), "no visit 0"),
        (with_card(vaccinations=[{"item": "FLU"}]), "cards[0].vaccinations[0]: needs exactly one of date"),
        (with_card(allergic_medicines=["A"] * 4), "cards[0].allergic_medicines: "),
        (with_card(treatment_numbers={"today": "X"}), "cards[0].treatment_numbers.today"),
        (with_card(next_visits=[{"at": "1150101080000"}]), "cards[0].next_visits[0].sequence: is missing"),
        (document(**{"try": [{"call": "x", "remove": "hc"}]}), "try[0]: needs exactly one of call, insert"),
        (document(cards=[{**CARD, "number": f"{n:012d}", "series": LONG} for n in range(19)]), "in series"),
        (document(**{"try": [{"shift": "nan"}]}), "try[0].shift: Input should be a finite number"),
        (document(**{"try": [{"cal": "x"}]}), "try[0].cal: an unknown key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_told_with_its_place(content: object, fault: str) -> None:
    reported = faults(content)
    assert any(fault in each for each in reported), reported


def test_every_fault_is_told_up_to_forty() -> None:
    reported = faults(document(cards=[{"number": "1"}] * 30))
    assert len(reported) == 41
    assert reported[-1] == "... and 140 more"
    assert reported[0].startswith("cards[0].number: ")


def test_scenarios_on_top_of_each_other_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from bridge.sim.scenario import model as module

    looped = document(extends="default")
    endless = module.Scenario.model_validate(looped)
    with pytest.raises(ScenarioError, match="more than 5 scenarios"):
        module.parse_scenario(looped, lambda name: endless)


# --- loading ------------------------------------------------------------------------------------------------


async def test_a_scenario_takes_the_place_of_the_usual_people(desk) -> None:
    assert desk.world.as_json()["scenario"]["en"] == "The usual people"
    content = document(cards=[CARD], start={"hc": CARD["number"]}, settings={"sticky_card": True})
    reply = await desk.control_client.post("/scenario", json=content)
    assert reply.status_code == 200
    assert list(desk.world.cards) == [CARD["number"]]
    assert desk.world.practitioners == {}
    assert desk.world.as_json()["slots"] == {"hc": CARD["number"], "hpc": None}
    assert desk.world.switches.sticky_card is True
    await desk.open()
    assert (await desk.console("GET", "/api/sam/v1/Basic"))["hospitalId"] == "9988776655"
    assert (await desk.console("GET", "/api/hc/v1/Basic"))["cardId"] == CARD["number"]
    await desk.control_client.post("/reset")
    assert desk.world.as_json()["scenario"]["en"] == "The usual people"
    assert desk.world.as_json()["slots"]["hc"] == "000073898381"
    assert desk.world.as_json()["console"]["initialized"] is False


async def test_extending_adds_people_and_replaces_those_of_the_same_number(desk) -> None:
    again = {**CARD, "number": "000099990001", "id_no": "Z199999016"}
    content = {"scenario": 1, "title": TITLE, "extends": "default", "cards": [CARD, again]}
    desk.world.load(scenario_of(content))
    usual = ready_scenario("default")
    assert len(desk.world.cards) == len(usual.cards) + 1
    assert desk.world.cards["000099990001"].name == "測試人"
    assert desk.world.as_json()["slots"] == {"hc": "000073898381", "hpc": "000000329470"}
    content["start"] = {"hc": None}
    desk.world.load(scenario_of(content))
    assert desk.world.as_json()["slots"] == {"hc": None, "hpc": "000000329470"}


async def test_nothing_is_loaded_when_there_is_a_fault(desk) -> None:
    desk.world.insert("hc", "000099990001")
    before = desk.world.as_json()
    for content in (
        document(foo=1),
        document(clock="2000101000000"),
        with_card(series={**LONG, "every_days": 366, "first_days_ago": 40_000}),
        with_card(visits=[{"days_ago": 1, "time": "080000"}, {"days_ago": 1, "time": "080000"}]),
        document(faults=[{"service": "cloud", "kind": "down"}]),  # nobody can close a listener here
    ):
        reply = await desk.control_client.post("/scenario", json=content)
        assert reply.status_code == 400, content
        assert reply.json()["error"]
    assert desk.world.as_json() == before


async def test_a_body_without_end_is_refused(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_app, "MOST_BYTES", 1000)
    reply = await desk.control_client.post("/scenario", content=b" " * 2001)
    assert (reply.status_code, reply.json()["error"]) == (400, "the body is too long")


async def test_the_clock_of_a_scenario_and_days_counted_from_it(desk) -> None:
    visit = {"days_ago": 3, "time": "081500", "item": "01", "hospital_id": "9988776655"}
    content = document(clock="1120704123456", cards=[{**CARD, "visits": [visit]}])
    desk.world.load(scenario_of(content))
    assert desk.world.clock.now() == datetime(2023, 7, 4, 12, 34, 56, tzinfo=TAIPEI)
    assert desk.world.record(CARD["number"]).visits[0].key == "1120701081500"
    assert desk.world.record(CARD["number"]).valid_until == roc_date(
        datetime(2023, 7, 4) + timedelta(days=100)
    )
    desk.world.reset()
    assert desk.world.clock.offset == timedelta()


async def test_numbers_that_a_scenario_foretells(desk) -> None:
    card = {
        **CARD,
        "next_visits": [
            {"at": "1150310093000", "sequence": "W042", "treatment_number": "T" * 20, "same_day": True},
            {"at": "1150310093100", "sequence": "0043"},
        ],
        "next_numbers": [{"at": "1150310093200", "treatment_number": "N" * 20}],
    }
    desk.world.load(scenario_of(document(cards=[card], start={"hc": card["number"]})))
    await desk.open()
    first, second, third = [await desk.visit() for _ in range(3)]
    reported = ("treatmentDateTime", "sequenceNumber", "treatmentNumber", "isSameDay")
    assert tuple(first[name] for name in reported) == ("1150310093000", "W042", "T" * 20, True)
    assert (second["sequenceNumber"], len(second["treatmentNumber"]), second["isSameDay"]) == (
        "0043",
        20,
        True,
    )
    assert third["sequenceNumber"] == "W003"
    number = await desk.ask("TreatmentNumber/NoCard", "sam", "03", patientId=CARD["id_no"])
    assert (number["treatmentDateTime"], number["treatmentNumber"]) == ("1150310093200", "N" * 20)


async def test_totals_as_told_grow_with_new_visits(desk) -> None:
    visit = {"at": "1150301080000", "item": "01", "hospital_id": "9988776655", "fees": [100, 10, 0, 0, 0]}
    card = {
        **CARD,
        "visits": [visit],
        "totals": [{"year": "115", "counter": 7, "outpatientFee": 900, "costFee": 90}],
        "fee_totals": {"outpatientFee": 5000},
    }
    desk.world.load(scenario_of(document(cards=[card], start={"hc": card["number"]})))
    await desk.open()
    (year,) = (await desk.ask("CumulativeData/Query", "hc", "01"))["cumulativeDatas"]
    assert (year["counter"], year["outpatientFee"], year["totalFee"]) == ("7", "900", "0")
    await desk.visit()
    (year,) = (await desk.ask("CumulativeData/Query", "hc", "01"))["cumulativeDatas"]
    assert year["counter"] == "8"
    assert (await desk.ask("CumulativeFee/Query", "hc", "01"))["outpatientFee"] == "5000"


async def test_squeezed_codes_of_a_scenario(desk) -> None:
    desk.world.load(scenario_of(document(icd={"S72001A": "%QQQ1"})))
    await desk.open()
    assert (await desk.ask("Icd/Encode", "sam", "01", icd="S72001A"))["icd"] == "%QQQ1"
    assert (await desk.ask("Icd/Decode", "sam", "01", icd="%QQQ1"))["icd"] == "S72001A"


async def test_a_closed_listener_opens_with_the_next_scenario(desk) -> None:
    switched: list[tuple[str, bool]] = []

    async def power(service: str, on: bool) -> None:
        switched.append((service, on))

    desk.simulator.power = power
    down = document(faults=[{"service": "cloud", "kind": "down"}])
    for content in (down, down, document()):
        assert (await desk.control_client.post("/scenario", json=content)).status_code == 200
    assert switched == [("cloud", False), ("cloud", True)]


def test_an_error_of_the_control_api_is_one_of_scenarios_too() -> None:
    assert issubclass(ScenarioError, ControlError)
