"""A recorder in a folder of its own, in front of an original, and what it has written."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace, read_trace
from tests.support.wine import Wine, windows_path

LIBRARY, ORIGINAL, INI = "cshis.dll", "cshis_original.dll", "cshis-recorder.ini"
PROBLEMS = "cshis-recorder-problems.txt"


@dataclass
class Recording:
    """A folder as a recorder is installed in one: ``folder``/cshis.dll; its traces go to ``traces``.

    ``settings``: environment variables by their names without CSHIS_RECORDER_.
    """

    windows: Wine
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def library(self) -> str:
        """The recorder as a program names it."""
        return windows_path(self.folder / LIBRARY)

    @property
    def traces(self) -> Path:
        """Where its traces go."""
        return self.folder / "traces"

    def environment(self, **further: str) -> dict[str, str]:
        """The settings as environment variables, and others."""
        given = {"FOLDER": windows_path(self.traces), **self.settings}
        return {**{f"CSHIS_RECORDER_{name}": value for name, value in given.items()}, **further}

    def run(self, program: Path, *arguments: str, seconds: float = 60, **further: str) -> str:
        """Run a program, which must end well, with the recorder's path as its first argument.

        Out: what it printed.
        """
        done = self.try_to_run(program, *arguments, seconds=seconds, **further)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_until(
        self,
        enough: Callable[[str], bool],
        program: Path,
        *arguments: str,
        seconds: float = 60,
        **further: str,
    ) -> str:
        """The same for a program that ends with its input: that ends when ``enough`` finds in the trace
        what is waited for.
        """
        words = self.windows.command(program, self.library, *arguments)
        env = self.windows.environment(**self.environment(**further))
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=out, stderr=err) as running:
                assert running.stdin is not None
                try:
                    self.wait_until(lambda text: running.poll() is not None or enough(text), seconds)
                    running.stdin.close()
                    code = running.wait(seconds)
                except BaseException:
                    running.kill()
                    raise
            out.seek(0)
            err.seek(0)
            said = out.read().decode()
            assert code == 0, said + err.read().decode(errors="replace")
        return said

    def wait_until(self, enough: Callable[[str], bool], seconds: float = 60) -> None:
        """Wait until ``enough`` finds in the whole lines written so far what is waited for."""
        due = time.monotonic() + seconds
        while not enough(text := self._whole_lines()):
            assert time.monotonic() < due, f"still waited for in:\n{text[-2000:]}"
            time.sleep(0.05)

    def _whole_lines(self) -> str:
        return "".join(file.read_bytes().rpartition(b"\n")[0].decode() + "\n" for file in self.files())

    def try_to_run(
        self, program: Path, *arguments: str, seconds: float = 60, **further: str
    ) -> subprocess.CompletedProcess[str]:
        """The same for a program that may end otherwise."""
        env = self.environment(**further)
        return self.windows.run(program, self.library, *arguments, env=env, seconds=seconds)

    def files(self) -> list[Path]:
        """The parts of the trace in order."""
        return sorted(self.traces.glob("*.jsonl"))

    def trace(self) -> Trace:
        """What was recorded; every line of it must be understood."""
        read = read_trace(self.traces)
        assert read.problems == []
        return read

    def trace_with_cut_lines(self, most: int) -> Trace:
        """The same where a few lines may have been cut off."""
        read = read_trace(self.traces)
        assert len(read.problems) <= most, read.problems
        return read

    def calls(self, name: str) -> list[TracedCall]:
        """The recorded calls of a function."""
        return [call for call in self.trace().calls if call.function == name]

    def problems(self) -> str:
        """What the recorder said beside its trace."""
        file = self.folder / PROBLEMS
        return file.read_text(encoding="utf-8") if file.exists() else ""


def answers(count: int) -> Callable[[str], bool]:
    """Whether so many answers of the bridge stand in a trace's text."""
    return lambda text: text.count('{"answer":') >= count


def install(windows: Wine, folder: Path, recorder: Path, original: Path | None) -> Recording:
    """Put a recorder and an original (None: none) into a new folder."""
    folder.mkdir(parents=True)
    shutil.copy(recorder, folder / LIBRARY)
    if original is not None:
        shutil.copy(original, folder / ORIGINAL)
    return Recording(windows, folder)
