"""``cshis-bridge sim load``, ``scenarios`` and ``from-trace`` against a running control API."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.sim.scenario.file import ready_names, ready_scenario
from bridge.trace.format import Answer, Header, Line, Number, TracedCall
from bridge.trace.reading import read_trace
from bridge.trace.writing import write_trace
from tests.unit.cli.sim.test_command import Running

NAME = "柳虛構".encode("cp950")
BASIC = b"000012345678" + NAME.ljust(20) + b"A123456789" + b"0700101" + b"F" + b"1100101" + b"1" + b" " * 14


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, keys: Any) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("data"), keys)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _fresh(running: Running) -> None:
    running.output("reset")


def trace(file: Path, *, masked: bool = True) -> Path:
    """One call that reads a card."""
    started = read_time("2026-03-02T00:30:00Z")
    after = {"pBuffer": BASIC, "iBufferLen": Number(72)}
    lines: list[Line] = [
        Header(process=7, masked=masked, started=started),
        TracedCall(
            number=1,
            at=started,
            thread=1,
            function="hisGetBasicData",
            given={"pBuffer": b"", "iBufferLen": Number(72)},
            answer=Answer(0, 5.0, after),
        ),
    ]
    write_trace(file, lines)
    assert read_trace(file).masked is masked
    return file


def read_time(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)


def test_the_ready_scenarios_are_listed(running: Running) -> None:
    listed = running.output("scenarios").splitlines()
    assert [line.split()[0] for line in listed] == ready_names()
    assert any("Expired card (卡片逾期)" in line for line in listed)
    assert set(json.loads(running.output("scenarios", "--json"))) == set(ready_names())


@pytest.mark.parametrize("name", [name for name in ready_names() if name != "off-line-cloud"])
def test_a_ready_scenario_is_loaded_and_says_what_to_try(name: str, running: Running) -> None:
    told = running.output("load", name)
    scenario = ready_scenario(name)
    assert f"{scenario.title.en} ({scenario.title.zh})" in told
    assert scenario.title.en in running.output("show")
    assert ("To try" in told) is bool(scenario.steps)
    if name == "expired-card":
        assert "cshis-bridge call hisGetSeqNumber256N1 cTreatItem=01 'cBabyTreat= '" in told
        assert "-> 5003" in told
        assert "cshis-bridge sim card hc insert 000099990009" in told


def test_a_file_with_faults_is_refused_and_nothing_is_loaded(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("scenario: 1\ntitle: {en: A}\ncards: [{number: 1}]\n", encoding="utf-8")
    result = running.run("load", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{file}: title.zh: is missing" in result.stderr
    assert f"{file}: cards[0].number: 12 digits expected" in result.stderr
    assert "The usual people" in running.output("show")
    assert "neither a file nor a ready scenario" in running.run("load", "nowhere").stderr


def test_another_pin_than_a_simulated_bridge_types_is_told(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "pin.yaml"
    card = {"number": "000011110001", "name": "甲", "id_no": "Z299998001", "birthday": "0700101", "sex": "F",
            "valid_days": 9, "counter": 6, "pin": "9753"}  # fmt: skip
    content = {"scenario": 1, "title": {"en": "P", "zh": "碼"}, "extends": "default", "cards": [card]}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert "The PIN of 000011110001 is 9753" in running.output("load", str(file))


# --- of a trace ---------------------------------------------------------------------------------------------


def test_the_world_of_a_masked_trace_is_written_for_its_owner_and_loads(
    running: Running, tmp_path: Path
) -> None:
    file = tmp_path / "world.yaml"
    result = running.run("from-trace", str(trace(tmp_path / "t.jsonl")), "--output", str(file))
    assert result.exit_code == 0, result.stderr
    assert "not in the trace: validity, visits left" in result.stderr
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    running.output("load", str(file))
    assert running.world.slots["hc"].card_number == "000012345678"
    assert running.world.cards["000012345678"].name == "柳虛構"
    assert running.world.clock.now().isoformat(timespec="minutes") == "2026-03-02T08:30+08:00"


def test_it_can_be_loaded_at_once_or_printed(running: Running, tmp_path: Path) -> None:
    place = str(trace(tmp_path / "t.jsonl"))
    assert running.output("from-trace", place, "--load") == ""
    assert running.world.slots["hc"].card_number == "000012345678"
    running.output("reset")
    printed = running.output("from-trace", place)
    assert yaml.safe_load(printed)["cards"][0]["number"] == "000012345678"
    assert running.world.slots["hc"].card_number == "000073898381"


def test_an_unmasked_trace_is_refused_unless_that_is_wanted(running: Running, tmp_path: Path) -> None:
    place = str(trace(tmp_path / "t.jsonl", masked=False))
    result = running.run("from-trace", place, "--load")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not masked" in result.stderr
    assert running.world.slots["hc"].card_number == "000073898381"
    running.output("from-trace", place, "--load", "--allow-unmasked")
    assert running.world.slots["hc"].card_number == "000012345678"


def test_many_work_places_say_how_far_they_are_and_one_does_not(running: Running, tmp_path: Path) -> None:
    for place in ("er", "ward"):
        (tmp_path / "all" / place).mkdir(parents=True)
        trace(tmp_path / "all" / place / "t.jsonl")
    result = running.run("from-trace", str(tmp_path / "all"))
    assert result.exit_code == 0, result.stderr
    told = result.stderr.splitlines()
    assert told[:2] == ["sim from-trace: 0 of 2 parts, 0 %", "sim from-trace: 2 of 2 parts, 100 %"]
    assert yaml.safe_load(result.stdout)["cards"][0]["number"] == "000012345678"
    assert "parts" not in running.run("from-trace", str(tmp_path / "all" / "er")).stderr


def test_a_second_reading_is_told(running: Running, tmp_path: Path) -> None:
    """A card is used at one place, and all of the trace has to tell that there is but one."""
    for place in ("er", "ward"):
        (tmp_path / place).mkdir()
        file = trace(tmp_path / place / "t.jsonl")
    made = read_trace(file)
    used = made.calls[0]._replace(function="hisGetRegisterBasic2", given={}, answer=Answer(0, 1.0, {}))
    write_trace(tmp_path / "er" / "t.jsonl", [*made.headers, used])
    told = running.run("from-trace", str(tmp_path)).stderr.splitlines()
    assert told[1] == "sim from-trace: 2 of 2 parts, 100 %"
    assert told[2] == "sim from-trace, once more from the start: 0 of 2 parts, 0 %"
    assert told[3] == "sim from-trace, once more from the start: 2 of 2 parts, 100 %"


def test_what_is_no_trace(running: Running, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("no\n", encoding="utf-8")
    for place, text in ((tmp_path / "x.jsonl", "no trace"), (tmp_path / "y.jsonl", "no such file")):
        result = running.run("from-trace", str(place))
        assert result.exit_code == 1
        assert text in result.stderr
    empty = tmp_path / "z.jsonl"
    write_trace(empty, [replace(Header(), masked=True)])
    assert "no calls in this trace" in running.run("from-trace", str(empty)).stderr
