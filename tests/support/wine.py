"""Starts Windows programs under Wine, 32-bit ones by Debian's wine32 or from a 32-bit root (setup.sh)."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

WINE64 = Path("/usr/lib/wine/wine64")
WINE32 = Path("/usr/lib/wine/wine")
ROOT32 = "CSHIS_TEST_ROOT32"  # the 32-bit root, set by run.sh where it is used
FIRST_START_SECONDS = 180.0


@dataclass(frozen=True)
class Wine:
    """One kind of Windows: ``words`` starts a program, ``home`` holds its registry and drives."""

    name: str
    bits: int
    words: tuple[str, ...]
    server: tuple[str, ...]
    home: Path

    def command(self, program: Path, *arguments: str) -> list[str]:
        """The words of a command that runs a program which lies where both see it: in the tests' folder."""
        return [*self.words, str(program), *arguments]

    def environment(self, **further: str) -> dict[str, str]:
        """What a program finds set: nothing of the bridge but what a test adds."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CSHIS_BRIDGE")}
        wine = {"WINEPREFIX": str(self.home), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
        return {**kept, **wine, **further}

    def run(
        self,
        program: Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        seconds: float = 60,
        encoding: str = "cp950",
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end. Its text is taken in ``encoding``; line ends become newlines.

        The text goes through files, not pipes: what the first program of a kind has Wine start beside it (the
        services behind COM, for one) inherits its output and would hold a pipe open long after its end.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = subprocess.run(
                self.command(program, *arguments),
                env=self.environment(**(env or {})),
                timeout=seconds,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                check=False,
            )
            return subprocess.CompletedProcess(
                done.args, done.returncode, _text(out, encoding), _text(err, encoding)
            )

    def start(self) -> None:
        """Make the registry and drives; this takes some seconds."""
        self.home.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [*self.words, "wineboot", "--init"],
            env=self.environment(),
            timeout=FIRST_START_SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )

    def stop(self) -> None:
        """End every program of this kind of Windows that still runs."""
        subprocess.run([*self.server, "--kill"], env=self.environment(), timeout=60, check=False)

    def version(self) -> str:
        """What Wine calls itself, such as wine-8.0 (Debian 8.0~repack-4)."""
        asked = subprocess.run(
            [*self.words, "--version"],
            env=self.environment(),
            timeout=60,
            capture_output=True,
            text=True,
            check=True,
        )
        return asked.stdout.strip()


def _text(file: IO[bytes], encoding: str) -> str:
    file.seek(0)
    return file.read().decode(encoding, errors="replace").replace("\r\n", "\n")


def wine(bits: int, home: Path) -> Wine:
    """The Wine for 32-bit or 64-bit programs. Raises LookupError where setup.sh has not been run."""
    if bits == 64:
        program, root = WINE64, None
    else:
        program, root = WINE32, os.environ.get(ROOT32)
    if not Path(f"{root or ''}{program}").exists():
        raise LookupError(f"no Wine for {bits}-bit programs: run `make test-windows`, which installs it")
    inside = ("chroot", root) if root else ()
    return Wine(f"win{bits}", bits, (*inside, str(program)), (*inside, "/usr/lib/wine/wineserver"), home)


def windows_path(path: Path) -> str:
    r"""A path as a Windows program writes it: /tmp/a becomes Z:\tmp\a."""
    return "Z:" + str(path.resolve()).replace("/", "\\")
