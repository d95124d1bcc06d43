"""A prepared table is used while it is what its files would give; nothing else can come out of it."""

from __future__ import annotations

import hashlib
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.table.default import default_directory
from bridge.table.loader import load_table
from bridge.table.prepared import DIGEST_BYTES, prepared_file, read_prepared, write_prepared


class Evil:
    """What a stranger would have made when it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("made",))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_directory(), tmp_path / "mappings"))


@pytest.fixture
def kept(directory: Path, tmp_path: Path) -> Path:
    file = tmp_path / "build" / "table.prepared"
    write_prepared(load_table(directory), directory, file)
    return file


def test_it_is_the_table_that_the_files_give(directory: Path, kept: Path) -> None:
    assert read_prepared(directory, kept) == load_table(directory)
    assert prepared_file(directory) == kept
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("name", ["status.yaml", "bhyt.yaml", "functions/1-reads.yaml"])
def test_it_is_left_aside_when_a_file_changes(directory: Path, kept: Path, name: str) -> None:
    file = directory / name
    file.write_text(file.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    assert read_prepared(directory, kept) is None


def test_it_is_left_aside_when_a_file_comes_or_goes(directory: Path, kept: Path) -> None:
    (directory / "functions" / "new.yaml").write_text("{}\n", encoding="utf-8")
    assert read_prepared(directory, kept) is None
    (directory / "functions" / "new.yaml").unlink()
    assert read_prepared(directory, kept) is not None
    (directory / "bhyt.yaml").unlink()
    assert read_prepared(directory, kept) is None


@pytest.mark.parametrize("length", [0, 10, DIGEST_BYTES, 2 * DIGEST_BYTES, 5000, -1])
def test_a_part_of_it_is_not_used(directory: Path, kept: Path, length: int) -> None:
    kept.write_bytes(kept.read_bytes()[:length])
    assert read_prepared(directory, kept) is None


def test_a_changed_byte_is_seen(directory: Path, kept: Path) -> None:
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    assert read_prepared(directory, kept) is None


@pytest.mark.parametrize("planted", [Evil(), {"no": "table"}, Path])
def test_nothing_but_rows_comes_out_of_it(
    directory: Path, kept: Path, planted: object, capsys: pytest.CaptureFixture[str]
) -> None:
    content = pickle.dumps(planted)
    whole = kept.read_bytes()[:DIGEST_BYTES] + hashlib.sha256(content).digest() + content
    kept.write_bytes(whole)
    assert read_prepared(directory, kept) is None
    assert capsys.readouterr().out == ""


def test_where_there_is_none_nothing_is_said(directory: Path, tmp_path: Path) -> None:
    assert read_prepared(directory, tmp_path / "none") is None


def test_a_start_with_it_reads_no_yaml(directory: Path, kept: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bridge.table.prepared import read_prepared; "
        f"assert read_prepared(Path({str(directory)!r}), Path({str(kept)!r})); "
        "assert 'yaml' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
