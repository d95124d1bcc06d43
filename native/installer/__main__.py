"""``python -m native.installer --wheel FILE``: the MSI and the portable ZIP, under build/installer.

Needs mingw-w64, wixl, msitools, osslsigncode and Wine (tests/installer/setup.sh installs them on Debian).
"""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import bridge
from native.compiler import CompileFailed, CompilerMissing
from native.installer.bom import NAME as SBOM
from native.installer.bom import bill_of_materials
from native.installer.bytecode import CannotCompile, compile_modules
from native.installer.msi import CannotPack, make_msi
from native.installer.parts import LOCK, PLATFORMS, PartRefused, Python, pinned_python, python_files, wheels
from native.installer.programs import compile_programs
from native.installer.signatures import EXECUTABLE, check_signer
from native.installer.tree import lay_out, stamp
from native.installer.wxs import describe

OUTPUT = Path("build/installer")
LICENCE = Path("LICENSE")


def build(
    wheel: Path,
    output: Path,
    python_zip: Path | None = None,
    roots: Path | None = None,
    version: str = bridge.__version__,
) -> list[Path]:
    """Everything in order. In: the bridge's wheel for Windows; the folder to write to; a local copy of the
    embeddable Python (None: downloaded); certificates for its signers (None: see signatures.py); the version
    as which it is installed.

    Out: the MSI and the portable ZIP. Raises PartRefused, CompilerMissing, CompileFailed, CannotCompile,
    CannotPack.
    """
    downloads = output / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    python = pinned_python()
    files = python_files(python, python_zip, downloads)
    others = wheels(python.minor, PLATFORMS, LOCK, downloads)
    with tempfile.TemporaryDirectory(dir=output) as folder:
        work, tree = Path(folder), Path(folder, "cshis-bridge")
        tree.mkdir()
        programs = list(compile_programs(work / "programs", python.library))
        lay_out(tree, files, [*others, wheel], programs, LICENCE)
        _check_signers(tree, python, roots)
        compile_modules(tree)
        (tree / SBOM).write_text(bill_of_materials(others, python), encoding="utf-8")
        stamp(tree)
        name = f"cshis-bridge-{version}"
        make_msi(describe(tree, version), tree, output / f"{name}.msi", work)
        return [output / f"{name}.msi", _portable(tree, output / f"{name}-portable.zip")]


def _check_signers(tree: Path, python: Python, roots: Path | None) -> None:
    for name in sorted(python.files):
        if name.endswith(EXECUTABLE):
            check_signer(tree / name, python.signer(name), roots)


def _portable(tree: Path, target: Path) -> Path:
    """The same folder as a ZIP: unpacked anywhere it runs without being installed."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(
                    f"{tree.name}/{path.relative_to(tree).as_posix()}", (2026, 1, 1, 0, 0, 0)
                )
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Out: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m native.installer", description="build the Windows installer"
    )
    parser.add_argument(
        "--wheel", type=Path, required=True, help="the bridge's wheel for Windows (make dist)"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument(
        "--python", type=Path, metavar="ZIP", help="the pinned embeddable package, as python.org has it"
    )
    parser.add_argument(
        "--roots", type=Path, metavar="PEM", help="certificates that Python's signers must lead to"
    )
    chosen = parser.parse_args(arguments)
    if not chosen.wheel.is_file():
        parser.error(f"there is no wheel {chosen.wheel}: make dist")
    try:
        for made in build(chosen.wheel, chosen.output, chosen.python, chosen.roots):
            print(f"{made} {made.stat().st_size:,} bytes")
    except (PartRefused, CompilerMissing, CompileFailed, CannotCompile, CannotPack) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
