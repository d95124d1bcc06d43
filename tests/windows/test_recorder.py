"""The recorder before an original: every call goes through unchanged, and its line says what was seen."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pefile
import pytest
from click.testing import CliRunner

import bridge
from bridge.cli.main import main
from bridge.table.loader import default_table
from bridge.trace.format import BadPointer, Number
from tests.support.hosts.driver import NULL, Driver, room, scalar, short, text
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import Build
from tests.windows.recording import Recording, install
from tests.windows.test_callers import lines
from tests.windows.test_dll_file import MOST_BYTES, SYSTEM, official
from tests.windows.test_endurance import MORE_MEMORY

SLOW_MS, THREADS = 400, 4  # of hosts/original.h and recorded.c
ROUNDS = 60


# --- the DLL ------------------------------------------------------------------------------------------------


def test_same_exports_and_ordinals_as_the_bridge_s_dll(recorder: Path, library: Path) -> None:
    def exported(path: Path) -> dict[bytes, int]:
        return {symbol.name: symbol.ordinal for symbol in pefile.PE(str(path)).DIRECTORY_ENTRY_EXPORT.symbols}

    assert exported(recorder) == exported(library)
    assert len(exported(recorder)) == len(official())


def test_needs_nothing_but_windows(recorder: Path) -> None:
    image = pefile.PE(str(recorder))
    needed = {entry.dll.decode().lower() for entry in image.DIRECTORY_ENTRY_IMPORT}
    assert needed <= {*SYSTEM, "advapi32.dll"}
    assert recorder.stat().st_size < MOST_BYTES


# --- programs -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("doctor")
def test_like_visual_basic_6(
    windows: Wine,
    recorder: Path,
    library: Path,
    tmp_path: Path,
    build_program: Build,
    environment: dict[str, str],
    upload: str,
) -> None:
    """The bridge's own DLL as the original: every export goes through, with all the checks of vb6.c."""
    recording = install(windows, tmp_path / "HIS", recorder, library)
    recording.run(build_program("vb6.c"), upload, **environment)
    calls = recording.trace().calls
    assert {call.function for call in calls} == set(official())


def test_visual_basic_6_and_the_stand_in(recording: Recording, build_program: Build, upload: str) -> None:
    """The same program without any bridge."""
    told = lines(recording.try_to_run(build_program("vb6.c"), upload))
    trace = recording.trace()
    assert told.pop("vb6:") == f"{len(trace.calls)} calls"
    assert [call.function for call in trace.calls] == list(told)
    assert [f"{call.answer.code16}" for call in trace.calls] == [words.split()[0] for words in told.values()]
    (header,) = trace.headers
    assert (header.recorder, header.bits, header.program) == ("dll", recording.windows.bits, "vb6.exe")
    assert (header.software, header.table) == (bridge.__version__, default_table().digest)
    basic = next(call for call in trace.calls if call.function == "hisGetBasicData")
    assert isinstance(before := basic.given["pBuffer"], bytes)
    assert len(before) == 4000, "as long as the program says it is"
    assert basic.answer.after["pBuffer"] == b"000073898381" + "測試十".encode("cp950") + b" " * 14 + (
        b"Z2999999290920315F10502171" + b" " * 14
    )
    assert isinstance(length := basic.answer.after["iBufferLen"], Number)
    assert length.low == 72
    assert length.wide is not None
    assert length.wide >> 16 == 0x5AA5, "the variable beside it"
    assert basic.given["iBufferLen"] == Number(4000, (0x5AA5 << 16) + 4000)
    status = next(call for call in trace.calls if call.function == "hisGetCardStatus")
    assert status.given == {"CardType": Number(2, 0x4FFB0002)}, "with what stood in the upper half"


def test_eight_threads(recording: Recording, build_program: Build) -> None:
    """What came back is as at first for each (threads.c), every call has its line, no line is torn."""
    printed = recording.run(build_program("threads.c"), "1", seconds=120)
    *threads, handles = (line.split() for line in printed.splitlines())
    calls = [json.loads(line) for file in recording.files() for line in file.read_bytes().splitlines()[1:]]
    told = Counter(call["function"] for call in calls)
    assert {name: told[name] for name, _ in threads} == {name: int(number) + 1 for name, number in threads}
    assert sorted(call["call"] for call in calls) == list(range(1, len(calls) + 1))
    assert len({call["thread"] for call in calls}) > 8
    assert 0 < int(handles[2]) <= int(handles[1])


def test_calls_of_several_threads_run_side_by_side(recording: Recording, host: Path) -> None:
    took = int(recording.run(host, "parallel", CSHIS_STANDIN="slow"))
    assert SLOW_MS <= took < THREADS * SLOW_MS
    slow = [call for call in recording.trace().calls if call.function == "hisGetCardStatus"]
    assert len(slow) == THREADS
    assert len({call.thread for call in slow}) == THREADS
    assert all(call.answer.microseconds >= SLOW_MS * 900 for call in slow)


def test_last_error_and_errno_are_the_original_s(recording: Recording, host: Path) -> None:
    recording.run(host, "errors", CSHIS_STANDIN="error")


def test_words_arrive_whole(recording: Recording, host: Path) -> None:
    recording.run(host, "words", CSHIS_STANDIN="words")
    (many,) = recording.calls("csHisAPI")
    assert len(many.given) == 19
    assert many.given["P1"] == Number(0x7C15, 0x7F4A7C15)


def test_a_call_within_a_call(recording: Recording, host: Path) -> None:
    assert recording.run(host, "nested", CSHIS_STANDIN="nested") == "1\n"
    outer, inner = recording.trace().calls
    assert (outer.function, inner.function) == ("hisGetHPCType", "csCloseCom")
    assert (outer.number, inner.number) == (1, 2)


def test_a_length_of_32_bits(recording: Recording, driver_program: Path) -> None:
    with driver(recording, driver_program, CSHIS_STANDIN="wide") as program:
        assert program.call("hisGetBasicData", room(72), short(72)).code == 0
    (call,) = recording.calls("hisGetBasicData")
    assert call.answer.after["iBufferLen"] == Number(72, 72)
    assert call.given["iBufferLen"] != Number(72, 72)


def test_mode_off_passes_and_writes_nothing(recording: Recording, host: Path) -> None:
    recording.settings["MODE"] = "off"
    recording.run(host, "words", CSHIS_STANDIN="words")
    recording.run(host, "errors", CSHIS_STANDIN="error")
    assert not recording.traces.exists()


def test_installed_by_the_command(
    windows: Wine, recorder: Path, original: Path, host: Path, tmp_path: Path
) -> None:
    """The official DLL goes behind the recorder, and comes back."""
    folder = tmp_path / "HIS"
    folder.mkdir()
    shutil.copy(original, folder / "CSHIS.DLL")
    shutil.copy(host, folder / "HIS.EXE")
    command = ["install-dll", str(folder), "--dll-dir", str(recorder.parents[2])]
    done = CliRunner().invoke(main, [*command, "--recorder"])
    assert done.exit_code == 0, done.output
    recording = Recording(windows, folder)
    env = recording.environment()
    ran = windows.run(folder / "HIS.EXE", windows_path(folder / "CSHIS.DLL"), "codes", env=env)
    assert ran.stdout.split() == ["0", "0", "-2"]
    assert recording.trace().headers[0].program == "HIS.EXE"
    assert CliRunner().invoke(main, [*command, "--undo"]).exit_code == 0
    assert (folder / "CSHIS.DLL").read_bytes() == original.read_bytes()
    assert len(recording.trace().calls) == 3, "the trace stays"


# --- wild words ---------------------------------------------------------------------------------------------


def driver(recording: Recording, program: Path, **further: str) -> Driver:
    """driver.c with the recorder loaded."""
    env = recording.windows.environment(**recording.environment(**further))
    command = recording.windows.command(program)
    return Driver(recording.library, recording.folder, env=env, command=command)


def test_wild_pointers_pass_and_are_told(recording: Recording, driver_program: Path) -> None:
    """Through functions of the stand-in that look at none of their words."""
    with driver(recording, driver_program) as program:
        words = [NULL, scalar(16), text(b"0920315"), text(b"1" * 40 + b"\0")]
        answer = program.call("hisWriteTreatmentFee", *words)
        assert (answer.code, answer.intact) == (0, True)
        for length in (0, -1, 30, 32767):
            assert program.call("hisGetInsurerData", text(b"\xa5" * 30), short(length)).code == -2
        assert program.call("hisGetInsurerData", scalar(0x10), scalar(0x1000)).code == -2
        assert program.call("hisGetInsurerData", NULL, NULL).code == -2
    (fee,) = recording.calls("hisWriteTreatmentFee")
    assert list(fee.given.values()) == [BadPointer(null=True), BadPointer(null=False), b"0920315", b"1" * 40]
    assert fee.answer.after == {}
    data = recording.calls("hisGetInsurerData")
    assert [call.given["pBuffer"] for call in data] == [
        b"",
        b"",
        b"\xa5" * 30,
        b"\xa5" * 30,
        BadPointer(null=False),
        BadPointer(null=True),
    ]
    assert [call.given["iBufferLen"] for call in data[4:]] == [BadPointer(null=False), BadPointer(null=True)]


def test_more_room_than_there_is(recording: Recording, driver_program: Path) -> None:
    with driver(recording, driver_program) as program:
        answer = program.call("csGetHospID", room(10), short(32000))
        assert (answer.code, answer.data(0), answer.number(1)) == (0, b"3501200000", 10)
        assert program.call("csGetHospID", room(10), short(9)).code == 6018
    first, second = recording.calls("csGetHospID")
    assert isinstance(before := first.given["pBuffer"], bytes)
    assert before.startswith(b"\xa5" * 10)
    assert 10 <= len(before) <= 32000, "what can be read, and no more"
    assert first.answer.after["pBuffer"] == b"3501200000"
    assert second.answer.after["pBuffer"] == b"\xa5" * 9


# --- loading and letting go ---------------------------------------------------------------------------------


def test_load_call_and_let_go(recording: Recording, build_program: Build) -> None:
    """One trace, however often the program loads and lets go; nothing is left behind."""
    program = build_program("reload.c", "-lpsapi")
    early, late = (line.split() for line in recording.run(program, str(ROUNDS), seconds=120).splitlines())
    assert 0 < int(late[3]) <= int(early[3]), "handles grow"
    assert int(late[5]) <= int(early[5]) + MORE_MEMORY, "memory grows"
    trace = recording.trace()
    assert len(recording.files()) == 1
    assert [call.number for call in trace.calls] == list(range(1, 2 * ROUNDS + 1))
    assert len(trace.headers) == 1


def test_loading_alone_does_nothing(recording: Recording, driver_program: Path) -> None:
    with driver(recording, driver_program) as program:
        program.unload()
        program.load()
    assert sorted(path.name for path in recording.folder.iterdir()) == ["cshis.dll", "cshis_original.dll"]
