"""Programs in four languages, written as public ones for Viet Nam's portal are, with the bridge's address in
place of the portal's: a lookup, its visits, a file of records.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge

HERE = Path(__file__).parent
# As long as the records of a day: more than any other door takes.
FILE = b"<GIAMDINHHS>" + "hồ sơ thử nghiệm ".encode() * 80_000 + b"</GIAMDINHHS>"
SENT = f"200 00001_TN_{hashlib.md5(FILE).hexdigest()}\n"

Make = Callable[[Path], list[str]]  # a folder in; the program's command out


def _run(command: list[str], folder: Path) -> str:
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def mono(folder: Path) -> list[str]:
    program = str(folder / "Portal.exe")
    references = ["-r:System.Net.Http", "-r:System.Web.Extensions"]
    _run(["mcs", f"-out:{program}", *references, str(HERE / "Portal.cs")], folder)
    return ["mono", program]


def php(folder: Path) -> list[str]:
    return ["php", str(HERE / "portal.php")]


def node(folder: Path) -> list[str]:
    return ["node", str(HERE / "portal.mjs")]


def java(folder: Path) -> list[str]:
    _run(["javac", "-encoding", "UTF-8", "-d", str(folder), str(HERE / "Portal.java")], folder)
    return ["java", "-cp", str(folder), "Portal"]


@pytest.mark.parametrize(
    ("make", "told"),
    [(mono, "200 00 2 12\n"), (php, "200 000 2\n000 2\n"), (node, "200 000 2\n"), (java, "200 000 2\n")],
    ids=["C# HttpClient", "PHP curl", "Node fetch", "Java HttpURLConnection"],
)
@pytest.mark.parametrize("base", ["", "/"], ids=["address", "address with a slash"])
def test_a_program_looks_a_card_up_and_sends_a_file(
    make: Make, told: str, base: str, bridge: Bridge, tmp_path: Path
) -> None:
    file = tmp_path / "records.xml"
    file.write_bytes(FILE)
    program = make(tmp_path)
    assert _run([*program, bridge.ready["legacy_http"] + base, str(file)], tmp_path) == told + SENT
