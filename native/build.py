"""Builds the native libraries: ``python -m native.build [--what ...] [--bits 32|64] [--output DIR]``.

Out, under DIR (build/native): ``linux-ARCH``, ``win32`` and ``win64`` with the products of native/targets.py
and the tray program, ``include/cshis.h`` and ``generated/``. What is for Windows needs mingw-w64 (Debian:
gcc-mingw-w64-i686-win32 and gcc-mingw-w64-x86-64-win32); CSHIS_MINGW32 and CSHIS_MINGW64 name other
compilers; without: native/windows.md.
"""

import argparse
import compileall
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template

import cffi

import bridge
from bridge.errors import TableError
from bridge.table.codegen.sources import CDEF, HEADER, generate, generate_component, generate_recorder
from bridge.table.default import default_directory
from bridge.table.loader import load_table
from bridge.table.model.rows import Table
from bridge.table.prepared import prepared_file, write_prepared
from native.compiler import CompileFailed, CompilerMissing, compile_program, find_mingw, run_compiler
from native.embedding import EmbeddedImpossible, interpreter
from native.targets import LINUX_FLAGS, PRODUCTS, WINDOWS, WINDOWS_FLAGS, Product, Windows
from native.tray_program import build_tray

NATIVE = Path(__file__).parent
SHIM = NATIVE / "shim"
TEMPLATES = NATIVE / "templates"
OUTPUT = Path("build/native")
CLIENT = PRODUCTS["client"].file
EMBEDDED = PRODUCTS["embedded"].file
CONTROL_SOFTWARE = "6.0"  # what a program that loads the DLL works with
DLLS = tuple(name for name, product in PRODUCTS.items() if product.resource)
TRAY = "tray"
GROUPS = {"all": ("client", "embedded"), "windows": (*DLLS, TRAY)}
STRIP, DEBUG = "-s", "-g"


def build(
    what: str,
    output: Path = OUTPUT,
    table: Table | None = None,
    *,
    bits: Sequence[int] = tuple(WINDOWS),
    extra: Sequence[str] = (),
) -> list[Path]:
    """Generate and compile.

    In: a product, TRAY or one of GROUPS; the folder to write to; the table (None: the project's own); for
    DLLs the kinds of Windows; further compiler flags, such as "-fsanitize=address" (with "-g" among them the
    symbols stay). Out: the libraries. In a group, a Python that cannot be embedded costs a warning only.
    Raises TableError, CompilerMissing, CompileFailed and, for "embedded", EmbeddedImpossible.
    """
    table = table or load_table()
    generate_sources(table, output)
    built = []
    for name in GROUPS.get(what, (what,)):
        if name == TRAY:
            built += [build_tray(output, version_numbers())] if 64 in bits else []
            continue
        product = PRODUCTS[name]
        if product.resource:
            built += [_dll(product, WINDOWS[kind], output, extra) for kind in bits]
            continue
        try:
            built.append(_library(name, output, extra))
        except EmbeddedImpossible as error:
            if what == name:
                raise
            print(f"warning: {EMBEDDED} is not built: {error}", file=sys.stderr)
    return built


def prepare(target: Path | None = None) -> Path:
    """Keep the project's own table as the bridge loads it fastest. In: the file (None: where the bridge looks
    for it). Out: the file. Raises TableError.
    """
    directory = default_directory()
    target = target or prepared_file(directory)
    write_prepared(directory, target)
    return target


def compile_modules() -> None:
    """Keep the bridge's modules as bytecode: the embedded library writes none itself, and would compile them
    all at each program's first call.
    """
    compileall.compile_dir(Path(bridge.__file__).parent, quiet=2)


def library_folder(output: Path = OUTPUT) -> Path:
    """Where the libraries of this machine lie."""
    return output / f"{platform.system().lower()}-{platform.machine()}"


def generate_sources(table: Table, output: Path) -> Path:
    """Write what is generated for all products and, for programs in C, ``output``/include/cshis.h.

    Out: the folder of the sources, which another compiler can use (native/windows.md). Raises TableError.
    """
    generated = output / "generated"
    generate(table, TEMPLATES, generated)
    generate_component(table, TEMPLATES, generated)
    generate_recorder(table, TEMPLATES, generated, bridge.__version__)
    cffi.FFI().cdef((generated / CDEF).read_text(encoding="utf-8"))  # cffi is the judge of the declarations
    include = output / "include"
    include.mkdir(parents=True, exist_ok=True)
    (include / HEADER).write_bytes((generated / HEADER).read_bytes())
    for name in DLLS:
        _write_resource(generated / PRODUCTS[name].resource, table)
    return generated


def _write_resource(target: Path, table: Table) -> None:
    """Fill a version resource."""
    text = Template((TEMPLATES / f"{target.name}.in").read_text(encoding="utf-8")).substitute(
        digest=table.digest,
        version=bridge.__version__,
        numbers=version_numbers(),
        product=product_version(),
        product_numbers=product_version().replace(".", ","),
    )
    target.write_text(text, encoding="utf-8")


def version_numbers() -> str:
    """The four numbers of a version resource: those of the version, then zeros."""
    return ",".join([*re.findall(r"\d+", bridge.__version__), "0", "0", "0", "0"][:4])


def product_version() -> str:
    """The ProductVersion of the DLLs, such as 6.0.1.0 for 0.1.0 and 6.0.1002.3 for 1.2.3.

    Scripts of hospitals compare it before they copy a cshis.dll over another: it has to be later than that of
    the official ones, which end with 5, and another one with each version of ours.
    """
    major, minor, patch = (int(number) for number in re.findall(r"\d+", bridge.__version__)[:3])
    return f"{CONTROL_SOFTWARE}.{major * 1000 + minor}.{patch}"


def _library(name: str, output: Path, extra: Sequence[str]) -> Path:
    """Compile a product for this machine."""
    product, generated = PRODUCTS[name], output / "generated"
    further = interpreter(generated) if name == "embedded" else ()
    script = f"-Wl,--version-script={generated / product.exports}"
    strip = () if DEBUG in extra else (STRIP,)
    flags = (*_inputs(product, generated), *further, *LINUX_FLAGS, *strip, script, *product.libraries, *extra)
    return compile_program(generated / product.calls, library_folder(output) / product.file, *flags)


def _dll(product: Product, kind: Windows, output: Path, extra: Sequence[str]) -> Path:
    """Compile a product for one kind of Windows."""
    generated = output / "generated"
    source = generated / product.resource
    resource = generated / f"{source.stem}-{kind.folder}.o"
    run_compiler([kind.windres, "--output-format=coff", str(source), str(resource)])
    exports = NATIVE / product.exports if "/" in product.exports else generated / product.exports
    flags = (*_inputs(product, generated), str(resource), str(exports), *WINDOWS_FLAGS, *kind.linking)
    target = output / kind.folder / product.file
    compiler = find_mingw(kind)
    return compile_program(
        generated / product.calls, target, *flags, *product.libraries, *extra, compiler=compiler
    )


def _inputs(product: Product, generated: Path) -> Iterator[str]:
    """The folders of headers, then the sources."""
    folders = dict.fromkeys(source.partition("/")[0] for source in product.sources)
    yield from (f"-I{folder}" for folder in (*(NATIVE / name for name in folders), generated))
    for pattern in product.sources:
        yield from (str(path) for path in sorted(NATIVE.glob(pattern)))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Out: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m native.build", description="build the native libraries")
    parser.add_argument("--what", choices=(*GROUPS, *PRODUCTS, TRAY), default="all")
    parser.add_argument("--bits", type=int, choices=tuple(WINDOWS), action="append", help="default: both")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--sources-only", action="store_true", help="generate, compile nothing")
    chosen = parser.parse_args(arguments)
    try:
        prepare()
        compile_modules()
        if chosen.sources_only:
            print(generate_sources(load_table(), chosen.output))
            return 0
        for library in build(chosen.what, chosen.output, bits=chosen.bits or tuple(WINDOWS)):
            print(library)
    except (TableError, CompilerMissing, CompileFailed, EmbeddedImpossible) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
