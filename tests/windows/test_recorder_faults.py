"""Originals that are missing, wrong or crash; disks and files that fail: the program keeps its answer."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.trace.reading import read_trace
from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.support.full_disk import SmallDisk
from tests.support.wine import ROOT32, windows_path
from tests.windows.conftest import BITS
from tests.windows.recording import ORIGINAL, PROBLEMS, Recording

NO_BRIDGE, NO_CONSOLE, DROPPED, ENDED = -1, 4000, -2, 42


# --- the original -------------------------------------------------------------------------------------------


def told(recording: Recording) -> str:
    """Why the original cannot be used; the trace says it once, and so does the file of problems."""
    (note,) = [note for note in recording.trace().notes if note.kind == "original"]
    assert recording.problems().count(note.why) == 1
    return note.why


def unreachable(recording: Recording, host: Path) -> None:
    codes = recording.run(host, "codes").split()
    assert codes == [str(NO_BRIDGE), str(NO_CONSOLE), str(NO_CONSOLE)]
    assert [call.answer.code for call in recording.trace().calls] == [NO_BRIDGE, NO_CONSOLE, NO_CONSOLE]


def test_no_original(recording: Recording, host: Path) -> None:
    (recording.folder / ORIGINAL).unlink()
    unreachable(recording, host)
    assert "cshis_original.dll is not there" in told(recording)


def test_original_of_the_other_bitness(recording: Recording, host: Path, work: Path) -> None:
    bits = recording.windows.bits
    (other,) = set(BITS) - {bits}
    source = work / "nothing.c"
    source.write_text("int nothing(void) { return 0; }\n")
    compiler = find_mingw(WINDOWS[other])
    compile_program(source, recording.folder / ORIGINAL, "-shared", "-static-libgcc", compiler=compiler)
    unreachable(recording, host)
    assert f"is no {bits}-bit DLL, and this program is {bits}-bit" in told(recording)


def test_original_that_is_no_dll(recording: Recording, host: Path) -> None:
    (recording.folder / ORIGINAL).write_bytes(b"MZ and nothing else")
    unreachable(recording, host)
    assert "error 193" in told(recording)


def test_recorder_in_the_place_of_the_original(recording: Recording, host: Path, recorder: Path) -> None:
    shutil.copy(recorder, recording.folder / ORIGINAL)
    codes = recording.run(host, "codes").split()
    assert codes == [str(NO_BRIDGE), str(NO_CONSOLE), str(NO_CONSOLE)]
    assert "is this recorder itself" in recording.problems()


def test_original_by_another_name(recording: Recording, host: Path) -> None:
    elsewhere = recording.folder / "official"
    elsewhere.mkdir()
    (recording.folder / ORIGINAL).rename(elsewhere / "old.dll")
    recording.settings["ORIGINAL"] = "official\\old.dll"
    assert recording.run(host, "codes").split() == ["0", "0", "-2"]
    recording.settings["ORIGINAL"] = windows_path(elsewhere / "old.dll")
    assert recording.run(host, "codes").split() == ["0", "0", "-2"]


def test_original_without_a_function(recording: Recording, host: Path, tmp_path: Path) -> None:
    """One function is missing, another has only its ordinal, at a third's ordinal stands something else."""
    source = tmp_path / "few.c"
    source.write_text(
        "#ifdef _WIN64\n#define CARD int\n#else\n#define CARD int __stdcall\n#endif\n"
        "CARD csOpenCom(int port) { (void)port; return 5; }\n"
        "CARD unlike(char *b, short *l) { (void)b; (void)l; return 6; }\n"
    )
    definition = tmp_path / "few.def"
    definition.write_text("LIBRARY few\nEXPORTS\n    csOpenCom @32 NONAME\n    unlike @48\n")
    compile_program(
        source,
        recording.folder / ORIGINAL,
        str(definition),
        "-shared",
        "-Wl,--enable-stdcall-fixup",
        compiler=find_mingw(WINDOWS[recording.windows.bits]),
    )
    assert recording.run(host, "codes").split() == ["5", str(DROPPED), str(DROPPED)]
    notes = [note.why for note in recording.trace().notes]
    assert len(notes) == 2
    assert "has no function hisGetBasicData: it answers -2" in notes[0]


# --- exceptions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("switch", "code"), [("crash", "C0000005"), ("raise", "E0000001")])
def test_exception_reaches_the_program(recording: Recording, host: Path, switch: str, code: str) -> None:
    """As without the recorder: here, the program's last resort sees it."""
    done = recording.try_to_run(host, "unhandled", CSHIS_STANDIN=switch)
    assert (done.returncode, done.stdout) == (ENDED, f"{code}\n")
    trace = recording.trace()
    assert trace.calls == []
    if switch == "crash":
        (note,) = trace.notes
        assert (note.kind, note.call) == ("exception", 1)
        assert note.why.startswith("0xC0000005 at cshis_original.dll+0x")
        assert '"function":"hisGetOrganDonate","in":{"pBuffer":' in recording.files()[0].read_text()


@pytest.mark.parametrize("switch", ["crash", "raise"])
def test_program_that_jumps_out_of_a_call(recording: Recording, host: Path, switch: str) -> None:
    printed = recording.run(host, "caught", CSHIS_STANDIN=switch)
    assert printed.startswith("caught ")
    trace = recording.trace()
    assert [(call.number, call.function) for call in trace.calls] == [(2, "csCloseCom"), (3, "csCloseCom")]
    (note,) = trace.notes
    assert (note.kind, note.call) == ("exception", 1)
    assert ("0xC0000005" in note.why) == (switch == "crash")


def test_exception_that_the_original_deals_with(recording: Recording, host: Path) -> None:
    assert recording.run(host, "donated", CSHIS_STANDIN="probe") == "answered 0\n"
    trace = recording.trace()
    assert [call.number for call in trace.calls] == [1, 2, 3]
    assert {(note.kind, note.call) for note in trace.notes} <= {("exception", 1)}


def test_no_handler_is_left_behind(recording: Recording, host: Path) -> None:
    done = recording.try_to_run(host, "gone")
    assert (done.returncode, done.stdout) == (ENDED, "C0000005\n")
    assert recording.trace().notes == []


def test_thread_that_ends_within_a_call(recording: Recording, host: Path) -> None:
    recording.run(host, "ended", CSHIS_STANDIN="end")
    trace = recording.trace()
    assert [call.function for call in trace.calls] == ["csCloseCom"]
    (note,) = trace.notes
    assert (note.call, note.function) == (1, "hisGetOrganDonate")
    assert note.why == "it did not return: its thread has ended"


# --- files --------------------------------------------------------------------------------------------------


def test_only_the_owner_may_read(recording: Recording, host: Path) -> None:
    """As Wine writes it down: nothing for others. (It gives the user's rights to the group as well.)"""
    recording.run(host, "calls", "1")
    (file,) = recording.files()
    for made in (file, recording.traces):
        mode = stat.S_IMODE(made.stat().st_mode)
        assert mode & 0o600 == 0o600
        assert mode & 0o027 == 0


def test_parts_of_bounded_size_of_which_the_oldest_go(recording: Recording, host: Path) -> None:
    recording.settings.update(PART_MEGABYTES="0.02", MOST_PARTS="3")
    recording.run(host, "calls", "1000")
    files = recording.files()
    assert len(files) == 3
    assert all(file.stat().st_size < 22_000 for file in files)
    trace = recording.trace()
    assert [header.part for header in trace.headers] == [int(file.stem[-4:]) for file in files]
    assert trace.headers[0].part > 1
    numbers = [call.number for call in trace.calls]
    assert numbers == list(range(numbers[0], 1001))


@pytest.fixture
def small_disk(recording: Recording) -> Iterator[SmallDisk]:
    """A disk of 64 KB where the traces go."""
    recording.traces.mkdir()
    root = os.environ.get(ROOT32)
    mounts = [["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(recording.traces)]]
    if root and recording.windows.bits == 32:
        mounts.append(["mount", "--bind", str(recording.traces), f"{root}{recording.traces}"])
    done = subprocess.run(mounts[0], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no disk can be mounted here, which root may do: {done.stderr.strip()}")
    for mount in mounts[1:]:
        subprocess.run(mount, check=True)
    yield SmallDisk(os.getpid(), recording.traces)
    for mount in reversed(mounts):
        subprocess.run(["umount", "--lazy", mount[-1]], check=True)


class Told:
    """recorded.c, which makes a call for each line it reads."""

    def __init__(self, recording: Recording, host: Path, count: int) -> None:
        command = recording.windows.command(host, recording.library, "told", str(count))
        env = recording.windows.environment(**recording.environment())
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def call(self, times: int = 1) -> None:
        """Each call must answer 0: otherwise the program ends."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        for _ in range(times):
            self.process.stdin.write(b"\n")
            self.process.stdin.flush()
            assert self.process.stdout.readline().startswith(b"call ")

    def end(self) -> None:
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0


def test_full_disk(recording: Recording, host: Path, small_disk: SmallDisk) -> None:
    """Lines that find no room are counted; the trace says so, and that one was cut off is seen by nobody."""
    program = Told(recording, host, 60)
    program.call(10)
    small_disk.fill()
    program.call(40)
    small_disk.clear()
    program.call(10)
    program.end()
    trace = recording.trace_with_cut_lines(1)
    written = {call.number for call in trace.calls}
    (note,) = [note for note in trace.notes if note.kind == "lost"]
    assert note.calls == 60 - len(written) > 0
    assert {*range(1, 11), *range(51, 61)} <= written
    assert note.why == "error 112 (the disk is full) while writing"
    assert recording.problems().count("the disk is full") == 1


def test_folder_that_cannot_be_written_to(recording: Recording, host: Path) -> None:
    """A file stands where the folder should be; it goes away while the program runs."""
    recording.traces.write_text("in the way")
    program = Told(recording, host, 8)
    program.call(3)
    recording.traces.unlink()
    subprocess.run(["sleep", "1.2"], check=True)  # it looks once a second
    program.call(5)
    program.end()
    trace = recording.trace()
    (note,) = trace.notes
    assert (note.kind, note.calls + len(trace.calls)) == ("lost", 8)
    assert recording.problems().count("calls are not recorded") == 1


def test_file_that_is_deleted(recording: Recording, host: Path) -> None:
    program = Told(recording, host, 9)
    program.call(3)
    (file,) = recording.files()
    file.unlink()
    subprocess.run(["sleep", "1.2"], check=True)
    program.call(6)
    program.end()
    trace = recording.trace()
    assert [header.part for header in trace.headers] == [1] or [2]
    (note,) = trace.notes
    assert (note.kind, note.why) == ("lost", "the file was deleted")
    assert len(trace.calls) >= 6
    assert note.calls + len(trace.calls) == 9


def test_settings_that_make_no_sense(recording: Recording, host: Path) -> None:
    """The defaults are taken, and the file of problems says once what is wrong."""
    lines = (
        b"; a comment\r\n\r\n[recorder]\r\nmode=recrod\r\npart_megabytes = many\r\nmost_parts=0\r\n"
        b"mdoe=off\r\nno equals sign\r\n"
    )
    (recording.folder / "cshis-recorder.ini").write_bytes(lines)
    recording.run(host, "calls", "2")
    assert len(recording.trace().calls) == 2
    said = [line.partition(": ")[2] for line in recording.problems().splitlines()]
    assert sorted(said) == [
        "cshis-recorder.ini: mdoe is not understood; the line is left out",
        "cshis-recorder.ini: no equals sign is not understood; the line is left out",
        "mode: recrod is not understood; it is record, compare or off; taken: record",
        "most_parts: 0 is not understood; the default is taken",
        "part_megabytes: many is not understood; the default is taken",
    ]


def test_settings_that_make_no_sense_beside_a_dll_that_nothing_can_be_written_to(
    recording: Recording, host: Path
) -> None:
    """What is wrong stands in the folder of the traces then, and the program is not held up."""
    (recording.folder / "cshis-recorder.ini").write_bytes(b"mode=recrod\r\nmdoe=off\r\n")
    (recording.folder / PROBLEMS).mkdir()
    recording.run(host, "calls", "2")
    assert len(recording.trace().calls) == 2
    said = (recording.traces / PROBLEMS).read_text(encoding="utf-8")
    assert [line.partition(": ")[2].partition(" is")[0] for line in said.splitlines()] == [
        "cshis-recorder.ini: mdoe",
        "mode: recrod",
    ]


def test_ini_that_is_in_order(recording: Recording, host: Path) -> None:
    (recording.folder / "cshis-recorder.ini").write_bytes(b"\xef\xbb\xbfmode = off\r\nmost_parts=4\r\n")
    recording.run(host, "calls", "2")
    assert recording.problems() == ""
    assert not recording.traces.exists()


def test_default_folder(recording: Recording, host: Path) -> None:
    """%LOCALAPPDATA%\\cshis-bridge\\trace, which is made; also where the setting is no whole path."""
    recording.settings["FOLDER"] = "traces"
    recording.run(host, "calls", "1")
    assert "folder: traces is not understood; it must be a whole path" in recording.problems()
    (folder,) = {path.resolve() for path in recording.windows.home.rglob("cshis-bridge/trace")}
    assert "Local" in folder.parts
    (made,) = folder.glob("recorded-*-0001.jsonl")
    assert stat.S_IMODE(made.stat().st_mode) & 0o007 == 0
    shutil.rmtree(folder.parent)


def test_folder_in_chinese(recording: Recording, host: Path, tmp_path: Path) -> None:
    """An ini file in UTF-8, as Notepad saves it."""
    folder = tmp_path / "紀錄"
    ini = f"\ufefffolder={windows_path(folder)}\r\n"
    (recording.folder / "cshis-recorder.ini").write_bytes(ini.encode("utf-8"))
    recording.settings["FOLDER"] = ""
    recording.run(host, "calls", "1", LC_ALL="C.UTF-8")
    assert len(read_trace(folder).calls) == 1
