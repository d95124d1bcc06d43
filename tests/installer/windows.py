"""A Windows of its own under Wine, to install into: what a test does there, and what it finds afterwards."""

from __future__ import annotations

import json
import os
import select
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.support.wine import windows_path, wine

HERE = Path(__file__).parent
RANDOM = "bcryptprimitives"
NOT_LOADED = ("mscoree", "mshtml", "wbemprox")
INSTALLED = Path("Program Files", "cshis-bridge")


@dataclass
class Program:
    """A program that has been started. Its output is gathered as it comes.

    Its streams are pipes: under Wine a Python with files as streams may not start. They are read apart from
    its end, because what Wine starts beside it keeps them open.
    """

    process: subprocess.Popen[bytes]
    output: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._taking = threading.Lock()
        self._gathering = threading.Thread(target=self._gather, daemon=True)
        self._gathering.start()

    @property
    def text(self) -> str:
        """Everything so far."""
        return b"".join(self.output).decode("utf-8", "replace").replace("\r\n", "\n")

    def wait(self, seconds: float) -> int:
        """Its exit code. All of its output has been gathered then."""
        code = self.process.wait(seconds)
        while self._take(0):
            pass
        with self._taking:  # what the thread has taken it has laid down by now
            return code

    def wait_for(self, part: str, seconds: float) -> str:
        """The line with this part, once it is there."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            if found := next((line for line in self.text.splitlines() if part in line), None):
                return found
            time.sleep(0.1)
        raise AssertionError(f"no line with {part!r}:\n{self.text}")

    def end(self) -> None:
        """Once Wine has ended: let go of everything."""
        self.process.kill()
        self.process.wait(30)
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):  # it ended before it read everything
                self.process.stdin.close()
        self._gathering.join(30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _gather(self) -> None:
        while self._take(None):
            pass

    def _take(self, seconds: float | None) -> bool:
        """Take what is in the pipe, or comes within so many seconds. Out: whether there was something."""
        pipe = self.process.stdout
        assert pipe is not None
        if not select.select([pipe], [], [], seconds)[0]:
            return False
        with self._taking:
            if not select.select([pipe], [], [], 0)[0]:
                return True  # somebody else has taken it
            got = os.read(pipe.fileno(), 65536)
            self.output.append(got)
        return bool(got)


class Windows:
    """The prefix. ``drive`` is its C:."""

    def __init__(self, home: Path) -> None:
        self._wine = wine(64, home)
        self.drive = home / "drive_c"
        self.folder = self.drive / INSTALLED
        self._programs: list[Program] = []

    def make(self) -> None:
        """From nothing, as Windows 10."""
        self._wine.start()
        assert self.run("winecfg", "-v", "win10").wait(60) == 0
        for name in NOT_LOADED:  # services have no environment of ours
            key = r"HKCU\Software\Wine\DllOverrides"
            assert self.run("reg", "add", key, "/v", name, "/t", "REG_SZ", "/d", "", "/f").wait(60) == 0
        library = self.drive / "windows" / "system32" / f"{RANDOM}.dll"
        flags = ("-shared", "-O2", "-s", "-ladvapi32")
        compile_program(HERE / "wine" / f"{RANDOM}.c", library, *flags, compiler=find_mingw(WINDOWS[64]))

    def stop(self) -> None:
        self._wine.stop()
        for program in self._programs:
            program.end()

    def run(
        self,
        program: str | Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        given: bytes | None = None,
    ) -> Program:
        """Start a program; the name alone for one of Wine's own. ``given``: for its standard input,
        which then stays open; without, the input is at its end.
        """
        further = {"WINEDLLOVERRIDES": f"{','.join(NOT_LOADED)}=", **(env or {})}
        started = Program(
            subprocess.Popen(
                self._wine.command(Path(program), *arguments),
                env=self._wine.environment(**further),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        )
        assert started.process.stdin is not None
        if given is None:
            started.process.stdin.close()
        else:
            started.process.stdin.write(given)
            started.process.stdin.flush()
        self._programs.append(started)
        return started

    def on_terminal(self, terminal: int, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of Wine's own programs with a console, which is a terminal here."""
        return subprocess.Popen(
            self._wine.command(Path(program), *arguments),
            env=self._wine.environment(
                WINEDLLOVERRIDES="mscoree,mshtml,wbemprox=", LC_ALL="C.UTF-8", TERM="xterm"
            ),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )

    def msiexec(self, *arguments: str | Path) -> int:
        """Install or remove without a question. Out: Windows' code, 0 for done."""
        words = [windows_path(word) if isinstance(word, Path) else word for word in arguments]
        done = self.run("msiexec", *words, "/qn", env={"WINEDEBUG": "-all,err+msi,err+msiexec,err+service"})
        code = done.wait(240)
        if code:  # shown where a test did not want it
            print(f"msiexec {words}: {code}\n{done.text}")
        return code

    def command(self, *arguments: str, seconds: float = 90, code: int = 0) -> str:
        """What ``cshis-bridge`` prints."""
        program = self.run(self.folder / "cshis-bridge.exe", *arguments)
        assert program.wait(seconds) == code, program.text
        return program.text

    def python(self, code: str) -> str:
        """What the installed Python prints."""
        program = self.run(self.folder / "python.exe", "-X", "utf8", "-c", code)
        assert program.wait(60) == 0, program.text
        return program.text.strip()

    def registry(self, key: str) -> dict[str, str]:
        """The texts of a key of the machine, by name; empty where there is no such key."""
        asked = self.run("reg", "query", f"HKLM\\{key}", "/reg:64")
        asked.wait(60)
        rows = (line.split("    ") for line in asked.text.splitlines() if line.startswith("    "))
        return {row[1]: row[3] if len(row) > 3 else "" for row in rows}

    def serve(self, *arguments: str) -> tuple[Program, dict[str, Any]]:
        """Start the installed bridge. Out: the program and its ready line."""
        program = self.run(self.folder / "cshis-bridge.exe", "serve", *arguments)
        return program, json.loads(program.wait_for('"ready"', 120))
