"""Finds a C compiler on this machine and compiles one program or library with it.

Looked for in this order: the command in the environment variable CC (several words are allowed, as in make),
then cc, gcc and clang on the PATH, then the compiler of the Python package ziglang (``pip install ziglang``),
which needs no system packages.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from native.targets import Windows

WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror")
TIME_LIMIT = 300.0  # seconds; zig builds its C library at first use


class CompilerMissing(Exception):
    """No C compiler was found; the message says what to install."""


class CompileFailed(Exception):
    """The compiler refused the source; the message holds its command and its complaints."""


def find_compiler() -> list[str]:
    """Return the words of the command that compiles C, for example ``["/usr/bin/cc"]``.

    A CC that names no program is an error, not a reason to look further: its owner meant that one.
    Raises CompilerMissing.
    """
    chosen = shlex.split(os.environ.get("CC", ""))
    if chosen:
        if shutil.which(chosen[0]) is None:
            raise CompilerMissing(f"CC={chosen[0]}: there is no such program")
        return chosen
    for name in ("cc", "gcc", "clang"):
        found = shutil.which(name)
        if found is not None:
            return [found]
    if importlib.util.find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc"]
    raise CompilerMissing(
        "no C compiler: install gcc or clang (Debian and Ubuntu: apt-get install gcc), "
        "or `pip install ziglang`, or name one in CC"
    )


def find_mingw(kind: Windows) -> list[str]:
    """Return the words of the command that compiles for this kind of Windows. Raises CompilerMissing."""
    chosen = shlex.split(os.environ.get(kind.setting, ""))
    for command in [chosen] if chosen else [[name] for name in kind.commands]:
        found = shutil.which(command[0])
        if found is not None:
            return [found, *command[1:]]
    wanted = f"{kind.setting}={chosen[0]}: there is no such program" if chosen else kind.commands[0]
    raise CompilerMissing(
        f"no compiler for {kind.bits}-bit Windows ({wanted}); on Debian: apt-get install {kind.package}"
    )


def compile_program(source: Path, output: Path, *flags: str, compiler: Sequence[str] | None = None) -> Path:
    """Compile one C file as C11 with warnings as errors and return ``output``.

    ``flags`` follow the source on the command line (``"-shared"``, ``"-fPIC"``, ``"-ldl"``, further sources).
    ``compiler`` is another command, such as a cross compiler; without it find_compiler() chooses.
    The directory of ``output`` is made, and ``output`` appears only when it is complete.
    Raises CompilerMissing and CompileFailed.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as beside:
        partial = Path(beside) / output.name  # the same name: a DLL carries the one it was linked with
        run_compiler([*(compiler or find_compiler()), *WARNINGS, str(source), "-o", str(partial), *flags])
        partial.replace(output)
    return output


def run_compiler(command: Sequence[str]) -> None:
    """Run one command. Raises CompilerMissing where it cannot start, CompileFailed where it fails."""
    shown = shlex.join(command)
    try:
        subprocess.run(  # noqa: S603 - the command is the developer's own choice, no shell is involved
            command, check=True, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT
        )
    except OSError as error:
        raise CompilerMissing(f"cannot run {shown}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise CompileFailed(f"{shown}\nno end after {TIME_LIMIT:.0f} seconds") from error
    except subprocess.CalledProcessError as error:
        raise CompileFailed(f"{shown}\n{error.stdout}{error.stderr}") from error
