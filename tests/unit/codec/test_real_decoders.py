"""Records as the programs of others read them, each by the code page of its language.

`make test-runtimes` installs what is missing; elsewhere a decoder that is not there is left out, and said so.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.codec.code_page import WINDOWS
from bridge.codec.page950 import USER_DEFINED
from bridge.codec.text import fit
from tests.runtimes.dotnet import DOTNET, compiled
from tests.support.windows_950 import TWO_CODES, WRITABLE

HERE = Path(__file__).parent / "decoders"
GO_PACKAGES = Path("/usr/share/gocode/src/golang.org")
MODULES = Path(__file__).parents[3] / "build" / "runtimes" / "node_modules"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
PYTHONS_OWN = st.text(st.sampled_from("王々のЯ①㊣堃\u223c\u203e\ue000\uf6b1\u0301\ufe00葛 A"), max_size=12)

LACKS = {
    "php": "€",
    "go": "▓",
    "pascal-own": "瞧劀",
}  # what these have otherwise; all else is read as Windows reads it

Decode = Callable[[bytes], tuple[str, bytes]]  # the text, and the bytes that the same encoder makes of it


class Asked:
    """A decoder in a process of its own, asked line by line."""

    def __init__(self, command: Sequence[str | Path], **environment: str) -> None:
        self._process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )  # fmt: skip

    def __call__(self, data: bytes) -> tuple[str, bytes]:
        """Fails where the decoder ends, as it does for what it cannot decode."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{data.hex()}\n")
        self._process.stdin.flush()
        points, _, encoded = self._process.stdout.readline().partition(" ")
        assert encoded, f"{data!r} ended the decoder"
        return "".join(chr(int(point, 16)) for point in points.split("+") if point), bytes.fromhex(encoded)

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


def _glibc(data: bytes) -> tuple[str, bytes]:
    text = _converted("UTF-32LE", "CP950", data).decode("utf-32-le")
    return text, _converted("CP950", "UTF-32LE", text.encode("utf-32-le"))


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.iconv_open.restype = ctypes.c_void_p
    libc.iconv.restype = ctypes.c_size_t
    libc.iconv.argtypes = [ctypes.c_void_p, *[ctypes.c_void_p] * 4]
    libc.iconv_close.argtypes = [ctypes.c_void_p]
    return libc


def _converted(to: str, source: str, data: bytes) -> bytes:
    handle = _libc().iconv_open(to.encode(), source.encode())
    given = ctypes.create_string_buffer(data, len(data))
    made = ctypes.create_string_buffer(4 * len(data) + 4)
    given_at, made_at = ctypes.c_void_p(ctypes.addressof(given)), ctypes.c_void_p(ctypes.addressof(made))
    left, room = ctypes.c_size_t(len(data)), ctypes.c_size_t(len(made))
    wrong = _libc().iconv(handle, *map(ctypes.byref, (given_at, left, made_at, room)))
    _libc().iconv_close(handle)
    assert wrong != ctypes.c_size_t(-1).value, f"glibc cannot convert {data!r}"
    return made.raw[: len(made) - room.value]


def _go(place: Path) -> list[str | Path]:
    program = place / "decode950"
    subprocess.run(
        ["go", "build", "-o", program, HERE / "decode950.go"], check=True, capture_output=True,
        env={**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_PACKAGES.parents[1])},
    )  # fmt: skip
    return [program]


def _mono(place: Path) -> list[str | Path]:
    program = place / "Decode950.exe"
    subprocess.run(["mcs", f"-out:{program}", HERE / "Decode950.cs"], check=True, capture_output=True)
    return ["mono", program]


def _dotnet(place: Path) -> list[str | Path]:
    return compiled(HERE / "Decode950.cs", place, "-d:CORE")


def _pascal(place: Path, *options: str) -> list[str | Path]:
    program = place / "decode950"
    subprocess.run(
        ["fpc", "-v0", *options, f"-FU{place}", f"-o{program}", HERE / "decode950.pas"], check=True,
        capture_output=True,
    )  # fmt: skip
    return [program]


READERS = (
    "glibc", "java", "node", "iconv-lite", "mono", "dotnet", "perl", "ruby", "php", "go",
    "pascal", "pascal-own",
)  # fmt: skip


@pytest.fixture(scope="module", params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def decode(reader: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Decode]:
    """One of the decoders that are on this machine."""
    name = reader
    if name == "glibc":
        if not sys.platform.startswith("linux"):
            pytest.skip("no glibc here")
        yield _glibc
        return
    needed = {
        "iconv-lite": "node", "mono": "mcs", "dotnet": "mcs", "pascal": "fpc", "pascal-own": "fpc",
    }.get(name, name)  # fmt: skip
    further = {"iconv-lite": MODULES, "go": GO_PACKAGES, "dotnet": DOTNET.parent}.get(name, HERE)
    if shutil.which(needed) is None or not further.is_dir():
        pytest.skip(f"no {name} here")
    commands: dict[str, Callable[[], Sequence[str | Path]]] = {
        "java": lambda: ["java", "-XX:TieredStopAtLevel=1", HERE / "Decode950.java"],
        "node": lambda: ["node", HERE / "decode950.js", "--icu"],
        "iconv-lite": lambda: ["node", HERE / "decode950.js"],
        "perl": lambda: ["perl", HERE / "decode950.pl"],
        "ruby": lambda: ["ruby", HERE / "decode950.rb"],
        "php": lambda: ["php", HERE / "decode950.php"],
        "go": lambda: _go(tmp_path_factory.mktemp("go")),
        "mono": lambda: _mono(tmp_path_factory.mktemp("mono")),
        "dotnet": lambda: _dotnet(tmp_path_factory.mktemp("dotnet")),
        "pascal": lambda: _pascal(tmp_path_factory.mktemp("pascal")),
        "pascal-own": lambda: _pascal(tmp_path_factory.mktemp("pascal"), "-dOWN"),
    }
    asked = Asked(commands[name](), NODE_PATH=str(MODULES))
    yield asked
    asked.close()


def test_every_character_that_is_written_is_read_and_written_back_by_others(
    reader: str, decode: Decode
) -> None:
    characters = [character for character in WRITABLE if character not in LACKS.get(reader, "")]
    for start in range(0, len(characters), 64):
        text = "".join(characters[start : start + 64])
        data = WINDOWS.encode(text)
        shown, again = decode(data)
        assert shown == text
        assert len(again) == len(data)
        assert again == data or set(TWO_CODES) & set(text) or reader == "go"


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ANY_TEXT | PYTHONS_OWN, st.integers(1, 20), st.sampled_from(["A", "測", "Z"]))
def test_law_whatever_stands_in_a_field_the_next_begins_where_it_must(
    reader: str, decode: Decode, text: str, width: int, behind: str
) -> None:
    field = fit(
        "".join(character for character in text if character not in LACKS.get(reader, "")), width
    ).data
    data = field + WINDOWS.encode(f"{behind}299999929")
    shown, again = decode(data)
    assert shown == WINDOWS.decode(data)
    assert len(again) == len(data)
    assert again[width:] == data[width:]


def test_no_code_that_windows_keeps_for_drawn_characters_is_written() -> None:
    codes = {int.from_bytes(WINDOWS.encode(character), "big") for character in WRITABLE}
    assert not {code for code in codes for first, last, _ in USER_DEFINED if first <= code <= last}


def test_what_a_reader_lacks_is_one_character_there_all_the_same(reader: str, decode: Decode) -> None:
    for character in LACKS.get(reader, ""):
        shown, _ = decode(WINDOWS.encode(f"{character}A"))
        assert (len(shown), shown[0] != character, shown[1]) == (2, True, "A")
