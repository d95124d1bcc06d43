"""Calls the functions of any build of the library from a process of its own (driver.c).

    with Driver(library, cache_directory) as driver:
        answer = driver.call("hisGetBasicData", room(72), short(72))
        assert answer.code == 0
        assert answer.data(0)[:12] == b"000073898381"
        assert answer.number(1) == 72

A library that crashes ends that process only: the call raises DriverDied, which carries what was written to
standard error. A driver serves one thread; for simultaneous calls start several.
"""

import contextlib
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from native.compiler import compile_program

SOURCE = Path(__file__).with_name("driver.c")
SOURCES = (SOURCE, SOURCE.with_name("driver_system.h"), SOURCE.with_name("driver_call.h"))

NULL = "n"


def scalar(value: int) -> str:
    """Make an integer passed by value: 32 bits, so that a test chooses what the upper half holds."""
    return f"i:{value}"


def text(value: bytes) -> str:
    """Make an in-string of exactly these bytes, right before an unreadable page; add b"\\0" where wanted."""
    return f"s:{value.hex()}"


def room(size: int, fill: bytes = b"\xa5") -> str:
    """Make an out-buffer of ``size`` bytes filled with the repeated pattern, guard bytes on both sides."""
    return f"b:{size}:{fill.hex()}"


def short(value: int) -> str:
    """Make the address of a 16-bit variable that holds ``value``."""
    return f"l:{value}"


def long(value: int) -> str:
    """Make the address of a 32-bit variable that holds ``value``, as C# and JNA callers pass lengths."""
    return f"L:{value}"


class DriverFailed(Exception):
    """The driver could not do what it was asked: a missing export, a line without sense."""


class DriverDied(DriverFailed):
    """The process ended; the message holds its exit code (negative: the signal) and its standard error."""


class DriverTimeout(DriverFailed):
    """No answer within the time allowed; the process was ended."""


@dataclass(frozen=True)
class Argument:
    """What became of one argument. ``intact`` is False where an in-string or a guard byte was written."""

    intact: bool = True
    data: bytes | None = None
    number: int | None = None


@dataclass(frozen=True)
class Answer:
    """What one call returned. ``stack_left``: bytes left on the stack by a wrong stdcall (Win32), else 0."""

    code: int
    arguments: tuple[Argument, ...]
    stack_left: int = 0

    @property
    def intact(self) -> bool:
        """Tell whether no in-string, no guard byte and no stack pointer was touched."""
        return self.stack_left == 0 and all(argument.intact for argument in self.arguments)

    def data(self, position: int) -> bytes:
        """Return the bytes of the out-buffer at this position of the arguments (0 = first)."""
        value = self.arguments[position].data
        assert value is not None, (
            f"argument {position} has no bytes or broken guards: {self.arguments[position]}"
        )
        return value

    def number(self, position: int) -> int:
        """Return the value of the 16-bit or 32-bit variable at this position of the arguments (0 = first)."""
        value = self.arguments[position].number
        assert value is not None, (
            f"argument {position} has no number or broken guards: {self.arguments[position]}"
        )
        return value


def read_argument(word: str) -> Argument:
    """Turn the driver's word for one argument into a value."""
    kind, _, rest = word.partition(":")
    if rest in ("broken", "changed"):
        return Argument(intact=False)
    if kind == "b":
        return Argument(data=bytes.fromhex(rest.removeprefix("ok:")))
    if kind in ("l", "L"):
        return Argument(number=int(rest.removeprefix("ok:")))
    return Argument()


def read_answer(line: str) -> Answer:
    """Turn the driver's answer line into a value. Raises DriverFailed for ``!missing`` and ``!error``."""
    code, *words = line.split(" ")
    if code.startswith("!"):
        raise DriverFailed(line)
    stack_left = 0
    if words and words[-1].startswith("!stack:"):
        stack_left = int(words.pop().removeprefix("!stack:"))
    return Answer(int(code), tuple(read_argument(word) for word in words), stack_left)


def build_driver(cache: Path, *flags: str) -> Path:
    """Compile driver.c for this machine into the directory ``cache``, unless it is there and newer.

    ``flags``: further ones of the compiler; a cache holds the driver of one set of flags.
    """
    program = cache / "driver"
    newest = max(source.stat().st_mtime for source in SOURCES)
    if program.exists() and program.stat().st_mtime >= newest:
        return program
    return compile_program(SOURCE, program, "-ldl", *flags)


class Driver:
    """One running driver with one library loaded. A context manager.

    ``library``: the library's path as the driver sees it. ``cache``: where the driver is compiled to, once.
    ``env``: variables added to this process's own. ``timeout``: seconds allowed for one answer.
    ``command``: another way to start a driver, such as ``("wine", "driver.exe")``; ``cache`` is unused then.
    """

    def __init__(
        self,
        library: Path | str,
        cache: Path,
        env: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        command: Sequence[str | Path] | None = None,
    ) -> None:
        self.library = str(library)
        self.command = list(command) if command is not None else [build_driver(cache)]
        self.env = {**os.environ, **(env or {})}
        self.timeout = timeout
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*self.command, self.library],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=self.env,
        )
        assert self.process.stdout is not None
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.listener = threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True)
        self.listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):  # it may have died already
            process.stdin.write(b"@quit\n")
            process.stdin.close()
        try:
            process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.listener.join(self.timeout)
        process.stdout.close()
        self.errors.close()
        self.process = None

    def call(self, name: str, *arguments: str) -> Answer:
        """Call one function of the library. Raises DriverFailed, DriverDied, DriverTimeout."""
        return read_answer(self.ask(" ".join((name, *arguments))))

    def unload(self) -> None:
        """Let the library go, as FreeLibrary and dlclose do."""
        self._order("@unload")

    def load(self) -> None:
        """Load the library again after unload()."""
        self._order("@load")

    def ask(self, line: str) -> str:
        """Send one line and return the line that answers it, as the driver prints it."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(line.encode("ascii") + b"\n")
            process.stdin.flush()
        except OSError as error:
            raise self._died(line) from error
        try:
            answer = self.lines.get(timeout=self.timeout)
        except queue.Empty:
            process.kill()
            raise DriverTimeout(f"no answer within {self.timeout} s to: {shorten(line)}") from None
        if not answer.endswith(b"\n"):
            raise self._died(line)
        return answer.decode("ascii").rstrip("\r\n")

    def _order(self, line: str) -> None:
        answer = self.ask(line)
        if answer != "ok":
            raise DriverFailed(answer)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise DriverFailed("use the driver in a with statement")
        return self.process

    def _listen(self, stream: BinaryIO) -> None:
        """Queue the lines as they come, then one without a line end for the end of the process."""
        for line in stream:
            self.lines.put(line)
        self.lines.put(b"")

    def _died(self, line: str) -> DriverDied:
        process = self._running()
        try:
            code: int | str = process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            code = "unknown, its output is closed but it still runs"
        self.errors.seek(0)
        said = self.errors.read().decode("utf-8", "replace").strip()
        return DriverDied(f"the driver ended with exit code {code} at: {shorten(line)}\n{said}")


def shorten(line: str) -> str:
    """Cut a request for use in a message: buffers are long."""
    return line if len(line) <= 200 else line[:200] + "..."
