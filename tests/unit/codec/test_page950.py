"""The table of code page 950 is what its maker makes of Windows' own file, of which Wine has a copy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MAKER = ROOT / ".ci" / "page950.py"
TABLE = ROOT / "bridge" / "codec" / "page950.py"
NLS = Path("/usr/share/wine/nls")


def _made(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, MAKER, file], capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.skipif(not NLS.is_dir(), reason="Wine is not installed here")
def test_the_table_is_what_its_maker_makes() -> None:
    assert _made(NLS / "c_950.nls").stdout == TABLE.read_text(encoding="utf-8")


@pytest.mark.skipif(not NLS.is_dir(), reason="Wine is not installed here")
def test_the_file_of_another_page_is_refused() -> None:
    done = _made(NLS / "c_936.nls")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "this is code page 936\n")
