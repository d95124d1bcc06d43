"""What of the Windows build shows without a Windows compiler; the DLLs themselves: tests/windows."""

from pathlib import Path

import pytest

from bridge.table.codegen.sources import DEFINITION, EXPORTS
from bridge.table.loader import default_table
from native.build import NATIVE, generate_sources, main
from native.compiler import CompilerMissing, find_mingw
from native.targets import PRODUCTS, WINDOWS, Product


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
def test_sources_are_there_with_the_half_of_their_system(product: Product) -> None:
    assert all(list(NATIVE.glob(pattern)) for pattern in product.sources)
    assert ("shim/platform_win32.c" in product.sources) is product.file.endswith(".dll")
    assert ("shim/platform_posix.c" in product.sources) is product.file.endswith(".so")


def test_sources_alone_need_no_compiler(tmp_path: Path) -> None:
    table = default_table()
    folder = generate_sources(table, tmp_path)
    assert {EXPORTS, DEFINITION, "cshis.h", "cshis.rc"} <= {file.name for file in folder.iterdir()}
    for name in ("cshis.rc", "recorder.rc", "cshisx.rc"):
        resource = (folder / name).read_text(encoding="utf-8")
        assert table.digest in resource
        assert "$" not in resource


@pytest.mark.parametrize("bits", [32, 64])
def test_a_compiler_that_is_not_there_is_told(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CSHIS_MINGW{bits}", "no-such-gcc -m32")
    with pytest.raises(CompilerMissing, match=f"{bits}-bit Windows.*no-such-gcc"):
        find_mingw(WINDOWS[bits])
    monkeypatch.delenv(f"CSHIS_MINGW{bits}")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CompilerMissing, match="apt-get install gcc-mingw"):
        find_mingw(WINDOWS[bits])


def test_words_after_the_compiler_s_name_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSHIS_MINGW32", "env -i gcc")
    assert find_mingw(WINDOWS[32])[1:] == ["-i", "gcc"]


def test_command_without_a_compiler_fails_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CSHIS_MINGW64", "no-such-gcc")
    monkeypatch.setenv("PATH", "")
    assert main(["--what", "cshis", "--bits", "64", "--output", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert not list(tmp_path.rglob("*.dll"))
