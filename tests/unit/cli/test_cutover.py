"""``cshis-bridge cutover``: stages for many folders, and back to the byte."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.hospital import write_hospital
from bridge.cli.main import main
from bridge.cutover.folders import STEPS
from bridge.installing.ini import INI
from bridge.installing.names import LINUX_ORIGINAL
from bridge.installing.transaction import Wanted, place, undo
from bridge.records.journal import JOURNAL_NAME, Journal
from bridge.records.stages import StageBook, Step
from bridge.trace.reading import read_trace

OFFICIAL = b"\x7fELF the official library"
ADDRESS = b"bridge=127.0.0.1:5099\r\n; ours\r\n"


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CSHIS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def work_places(tmp_path: Path, client_library: Path) -> list[Path]:
    """Three folders with our library and the official one beside it."""
    places = [tmp_path / f"counter {number}" for number in (1, 2, 3)]
    for each in places:
        each.mkdir()
        shutil.copy(client_library, each / client_library.name)
        (each / LINUX_ORIGINAL).write_bytes(OFFICIAL)
    return places


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["cutover", *map(str, words)])


def steps_of(data_dir: Path) -> list[Step]:
    return StageBook(data_dir / JOURNAL_NAME).steps()


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_stages_forth_and_back_to_the_byte(work_places: list[Path], data_dir: Path) -> None:
    (work_places[0] / INI).write_bytes(ADDRESS)
    before = [files(each) for each in work_places]
    assert run("apply", "free", *work_places).exit_code == 0
    between = [files(each) for each in work_places]
    assert between[0][INI].startswith(ADDRESS + b"[routes]\r\nstage=free\r\ncard=original\r\n")
    assert run("apply", "card", *work_places).exit_code == 0
    assert "stage: card" in run("status", work_places[1]).output
    assert run("back").exit_code == 0
    assert [files(each) for each in work_places] == between
    assert run("back", *work_places).exit_code == 0
    assert [files(each) for each in work_places] == before
    steps = [(line.action, line.before, line.after) for line in steps_of(data_dir)]
    assert steps[::3] == [
        ("apply", "", "free"),
        ("apply", "free", "card"),
        ("back", "card", "free"),
        ("back", "free", ""),
    ]


def test_one_folder_that_cannot_be_served_is_left_as_it_is(
    work_places: list[Path], tmp_path: Path, data_dir: Path
) -> None:
    other, bare = work_places[0], tmp_path / "bare"
    (other / LINUX_ORIGINAL).unlink()
    bare.mkdir()
    before = files(other)
    done = run("apply", "free", *work_places, bare)
    assert done.exit_code == 1
    assert "is missing, and this stage sends calls there" in done.output
    assert "has no library of the bridge" in done.output
    assert files(other) == before
    assert list(bare.iterdir()) == []
    assert len(steps_of(data_dir)) == 2
    assert run("apply", "bridge", other).exit_code == 0  # it needs no original


def test_the_original_that_install_dll_kept_is_laid_beside_and_goes_again(
    tmp_path: Path, client_library: Path
) -> None:
    folder = tmp_path / "HIS"
    folder.mkdir()
    library = folder / client_library.name
    library.write_bytes(OFFICIAL)
    files_ = [Wanted(library, client_library.read_bytes(), 0o755), Wanted(folder / INI, ADDRESS, 0o644)]
    place(files_, ".before-bridge")
    before = files(folder)
    assert run("apply", "free", folder).exit_code == 0
    assert (folder / LINUX_ORIGINAL).read_bytes() == OFFICIAL
    assert run("back", folder).exit_code == 0
    assert {name: data for name, data in files(folder).items() if not name.endswith(".json")} == {
        name: data for name, data in before.items() if not name.endswith(".json")
    }
    assert run("apply", "card", folder).exit_code == 0
    undo(library)
    assert files(folder) == {library.name: OFFICIAL}


def test_a_file_changed_by_hand_is_not_taken_back(work_places: list[Path]) -> None:
    folder = work_places[0]
    assert run("apply", "free", folder).exit_code == 0
    with (folder / INI).open("ab") as file:
        file.write(b"hisGetEverything=original\r\n")
    before = files(folder)
    done = run("back", folder)
    assert (done.exit_code, "was changed since" in done.output) == (1, True)
    assert files(folder) == before
    assert "refuses cshis-bridge.ini as a whole: line" in run("status", folder).output
    assert run("check", folder / INI).exit_code == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "; 藥局\nbridge=127.0.0.1:5099".encode(),
        b"\xef\xbb\xbf[routes]\ncard=original\n",
        "; 藥局\r\n[routes]\r\nstage=藥局\r\n".encode("cp950"),
        b"; \x80\xff\x85[routes]\n\n",
    ],
)
def test_back_to_a_file_that_was_written_by_hand(content: bytes, work_places: list[Path]) -> None:
    folder = work_places[0]
    (folder / INI).write_bytes(content)
    before = files(folder)
    done = run("apply", "free", folder)
    assert done.exit_code == 0, done.output
    head = (
        content.partition(b"[routes]")[0].removeprefix(b"\xef\xbb\xbf") if b"\x85" not in content else content
    )
    assert (folder / INI).read_bytes().startswith(head)
    assert run("check", folder / INI).exit_code == 0
    assert run("back", folder).exit_code == 0
    assert files(folder) == before


def test_the_same_stage_again_is_no_step(work_places: list[Path]) -> None:
    folder = work_places[0]
    before = files(folder)
    assert run("apply", "free", folder, folder).exit_code == run("apply", "free", folder).exit_code == 0
    assert run("back", folder).exit_code == 0
    assert files(folder) == before


@pytest.mark.parametrize("broken_off", [INI, STEPS])
def test_a_step_that_was_broken_off_can_be_taken_back(broken_off: str, work_places: list[Path]) -> None:
    """By a power failure: its record was written, and the file was not; or the other way on the way back."""
    folder = work_places[0]
    (folder / INI).write_bytes(ADDRESS)
    before = files(folder)
    assert run("apply", "free", folder).exit_code == run("apply", "card", folder).exit_code == 0
    between = files(folder)
    if broken_off == STEPS:
        assert run("back", folder).exit_code == 0
        (folder / STEPS).write_bytes(between[STEPS])
    else:
        assert run("apply", "bridge", folder).exit_code == 0
        (folder / INI).write_bytes(between[INI])
        assert run("back", folder).exit_code == 0
    while (folder / STEPS).exists():
        assert run("back", folder).exit_code == 0
    assert files(folder) == before


@pytest.mark.parametrize("content", ["[routes]\n".encode("utf-16"), b"[routes]\n" + b";" * 65536])
def test_a_file_that_the_library_refuses_whole(content: bytes, work_places: list[Path]) -> None:
    ini = work_places[0] / INI
    ini.write_bytes(content)
    assert run("check", ini).exit_code == 2
    assert "as a whole: it is" in run("status", work_places[0]).output


def test_back_everywhere_names_the_folder_that_cannot_be_taken_back(work_places: list[Path]) -> None:
    assert run("apply", "free", *work_places).exit_code == 0
    (work_places[1] / STEPS).write_bytes(b"{")
    done = run("back")
    assert (done.exit_code, "cannot be read" in done.output) == (1, True)
    assert not (work_places[2] / STEPS).exists()


def test_without_a_journal_nothing_is_done(work_places: list[Path], data_dir: Path) -> None:
    (data_dir / JOURNAL_NAME).mkdir(parents=True)
    before = files(work_places[0])
    done = run("apply", "free", *work_places)
    assert (done.exit_code, JOURNAL_NAME in done.output) == (2, True)
    assert files(work_places[0]) == before


def test_the_steps_stand_in_the_journal_while_a_bridge_writes_it(
    work_places: list[Path], data_dir: Path
) -> None:
    """Also those of a folder that is named in Big5, which no Unicode text can name."""
    counter = work_places[0].with_name(os.fsdecode("櫃檯".encode("big5")))
    work_places[0].rename(counter)
    journal = Journal(data_dir / JOURNAL_NAME)
    entry = journal.begin("hisGetSeqNumber256", "/path", "random")
    assert run("apply", "free", counter).exit_code == 0
    journal.end(entry, "done")
    journal.close()
    assert [step.folder for step in steps_of(data_dir)] == [counter]
    listed = CliRunner().invoke(main, ["journal", "stages"])
    assert listed.exit_code == 0, listed.output
    assert r"\udcc2d\udcc2i: no stage -> free" in listed.output
    as_json = json.loads(CliRunner().invoke(main, ["journal", "stages", "--json"]).stdout)
    assert [(step["action"], step["before"], step["after"]) for step in as_json] == [("apply", "", "free")]
    assert run("back").exit_code == 0
    assert len(steps_of(data_dir)) == 2


def test_without_steps_the_journal_says_so() -> None:
    done = CliRunner().invoke(main, ["journal", "stages"])
    assert (done.exit_code, done.output) == (0, "no folder was given a stage\n")


def test_nothing_to_take_back(work_places: list[Path]) -> None:
    done = run("back", work_places[0])
    assert (done.exit_code, "no step to take back" in done.output) == (1, True)


def test_a_full_disk_changes_nothing(work_places: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    import bridge.cutover.folders as folders

    real = folders.replace_placed

    def full(first: Path, path: Path, content: bytes | None) -> None:
        if path.name == INI:
            raise OSError(28, "No space left on device", str(path))
        real(first, path, content)

    monkeypatch.setattr(folders, "replace_placed", full)
    before = files(work_places[0])
    done = run("apply", "free", work_places[0])
    assert (done.exit_code, "No space left" in done.output) == (1, True)
    assert files(work_places[0]) == before


def test_a_stage_of_the_site(work_places: list[Path], tmp_path: Path) -> None:
    stage = tmp_path / "pharmacy.toml"
    stage.write_text(
        'name = "pharmacy"\n[routes]\ncard = "bridge"\n[moved]\nhisReadPrescription = "original"\n'
    )
    assert run("apply", stage, work_places[0]).exit_code == 0
    text = (work_places[0] / INI).read_bytes()
    assert text.endswith(
        b"[routes]\r\nstage=pharmacy\r\ncard=bridge\r\n[moved]\r\nhisReadPrescription=original\r\n"
    )
    assert run("check", work_places[0] / INI).output == "it is sound\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('name = "a b"\n[routes]\ncard = "bridge"\n', "name: "),
        ('name = "a"\n[routes]\ncards = "bridge"\n', "there is no such function or group"),
        ('name = "a"\n[routes]\ncard = "brigde"\n', "there is no such route"),
        ('name = "a"\n[routes]\ncard = "bridge, original if unreachable"\n', "cannot have that route"),
        ('name = "a"\n', "routes: Field required"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_stage_that_makes_no_sense(content: str, why: str, work_places: list[Path], tmp_path: Path) -> None:
    stage = tmp_path / "stage.toml"
    stage.write_text(content)
    before = files(work_places[0])
    done = run("apply", stage, work_places[0])
    assert done.exit_code == 2
    assert why in done.output
    assert files(work_places[0]) == before


def test_no_such_stage(work_places: list[Path]) -> None:
    done = run("apply", "tomorrow", work_places[0])
    assert (done.exit_code, "original, compared, free, card, bridge" in done.output) == (2, True)


def test_plan(tmp_path: Path) -> None:
    header = {"trace": 1, "program": "HIS.exe", "software": "5.1", "table": "x", "process": 1}
    names = ["csOpenCom", "hisGetBasicData", "hisGetICD10EnC", "hisWriteOrganDonate", "csNothing"]
    lines = [
        {
            "call": number,
            "time": "2026-11-30T08:00:00.000Z",
            "thread": 1,
            "door": "native",
            "function": name,
            "in": {},
            "code": 0,
            "us": 10.0,
            "out": {},
        }
        for number, name in enumerate(names, start=1)
    ]
    trace = tmp_path / "trace.jsonl"
    trace.write_text("\n".join(json.dumps(line) for line in (header, *lines)) + "\n", encoding="utf-8")
    done = run("plan", trace, "--json")
    assert done.exit_code == 0, done.output
    plan = json.loads(done.output)
    assert plan["first"] == ["icd"]
    assert plan["unknown"] == ["csNothing"]
    assert {stage["name"]: stage["moved"] for stage in plan["stages"]} == {
        "original": 0,
        "compared": 0,
        "free": 1,
        "card": 3,
        "bridge": 4,
    }
    assert plan["stages"][-1]["failing"] == ["hisWriteOrganDonate"]
    assert "6.0 does not have: hisWriteOrganDonate" in run("plan", trace).output


def test_the_journal_is_nobody_elses(work_places: list[Path], data_dir: Path) -> None:
    run("apply", "free", work_places[0])
    assert (data_dir / JOURNAL_NAME).stat().st_mode & 0o077 == 0


def test_the_stage_stays_when_the_library_is_put_there_again(tmp_path: Path, client_library: Path) -> None:
    folder = tmp_path / "HIS"
    target = folder / client_library.name
    install = ["install-library", "--path", str(target), "--library", str(client_library)]
    assert CliRunner().invoke(main, install).exit_code == 0
    (folder / LINUX_ORIGINAL).write_bytes(OFFICIAL)
    assert run("apply", "free", folder).exit_code == 0
    before = files(folder)
    done = CliRunner().invoke(main, install)
    assert (done.exit_code, files(folder)[INI]) == (0, before[INI]), done.output


def test_a_data_directory_that_may_not_be_entered(
    work_places: list[Path], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.is_file

    def is_file(path: Path) -> bool:
        if path.parent == data_dir:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    done = run("apply", "free", work_places[0])
    assert (done.exit_code, "config.toml: Permission denied" in done.output) == (2, True)


def test_a_plan_of_many_work_places(tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospital", calls=300, places=3)
    (tmp_path / "hospital" / "HIS-004.jsonl").write_text('{"trace":9}\n', encoding="utf-8")
    done = run("plan", tmp_path / "hospital", "--json", "--workers", "2")
    assert done.exit_code == 3, done.output
    assert "Left out: " in done.stderr
    assert "HIS-004.jsonl" in done.stderr
    calls = [
        len(read_trace(file).calls) for file in sorted((tmp_path / "hospital").glob("HIS-00[123].jsonl"))
    ]
    plan = json.loads(done.stdout)
    assert plan["calls"] == sum(calls) >= 300
    (tmp_path / "hospital" / "HIS-004.jsonl").unlink()
    again = run("plan", tmp_path / "hospital")
    assert (again.exit_code, "3 finished before" in again.stderr) == (0, True)
    assert f"{sum(calls):,} calls" in again.stdout
