"""Clients that generators make of the bridge's own document: each compiles and reads a card."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support.bridge_process import Bridge

HERE = Path(__file__).parent / "clients"
RUNTIMES = Path(__file__).parents[2] / "build" / "runtimes"
PYTHON = RUNTIMES / "venv" / "bin" / "python"
JAKARTA = Path("/usr/share/java/jakarta-annotation-api.jar")
CARD, NAME, ID = "000073898381", "測試十", "Z299999929"
RECORD = f"{CARD}{NAME:<17}{ID}0920315F10502171{'':14}"
EXPECTED = f"0\n0 0 {RECORD}\n0 {NAME} {ID}\n"

Make = Callable[[Path, Path], list[str | Path]]  # the document and a folder in; the program's command out


def _run(command: list[str | Path], folder: Path, **environment: str) -> str:
    tools = f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env={**os.environ, "PATH": tools, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def _generate(document: Path, folder: Path, generator: str, *options: str) -> Path:
    made = folder / "made"
    tool = PYTHON.parent / "openapi-generator-cli"
    _run([tool, "generate", "-i", document, "-g", generator, "-o", made, *options], folder)
    return made


def python(document: Path, folder: Path) -> list[str | Path]:
    shutil.copy(HERE / "read_card.py", _generate(document, folder, "python"))
    return [PYTHON, folder / "made" / "read_card.py"]


def openapi_python_client(document: Path, folder: Path) -> list[str | Path]:
    made = folder / "made"
    tool = PYTHON.parent / "openapi-python-client"
    said = _run([tool, "generate", "--path", document, "--output-path", made], folder)
    assert "may be missing" not in said
    shutil.copy(HERE / "read_card_of_python_client.py", made)
    return [PYTHON, made / "read_card_of_python_client.py"]


def typescript(document: Path, folder: Path) -> list[str | Path]:
    _generate(document, folder, "typescript-fetch").rename(folder / "client")
    shutil.copy(HERE / "read_card.ts", folder)
    modules = RUNTIMES / "node_modules"
    _run(
        ["node", modules / "typescript" / "bin" / "tsc", "--target", "es2022", "--module", "commonjs",
         "--lib", "es2022,dom", "--strict", "--skipLibCheck", "--outDir", "out", "read_card.ts"],
        folder,
    )  # fmt: skip
    return ["node", folder / "out" / "read_card.js"]


def java(document: Path, folder: Path) -> list[str | Path]:
    options = "openApiNullable=false,useJakartaEe=true"
    made = _generate(document, folder, "java", "--library", "native", f"--additional-properties={options}")
    # The generator's own jar has Jackson in it.
    (jar,) = RUNTIMES.glob("venv/lib/python3*/site-packages/openapi_generator_cli/openapi-generator.jar")
    sources = list((made / "src" / "main" / "java").rglob("*.java"))
    classpath = f"{jar}{os.pathsep}{JAKARTA}"
    _run(
        ["javac", "-nowarn", "-d", folder / "classes", "-cp", classpath, *sources, HERE / "ReadCard.java"],
        folder,
    )
    return ["java", "-cp", f"{folder / 'classes'}{os.pathsep}{classpath}", "ReadCard"]


def go(document: Path, folder: Path) -> list[str | Path]:
    made = _generate(document, folder, "go")
    (made / "program").mkdir()
    shutil.copy(HERE / "read_card.go", made / "program" / "main.go")
    # The standard library alone, and nothing from elsewhere.
    _run(["go", "build", "-o", "read_card", "./program"], made, GOFLAGS="-mod=mod", GOPROXY="off")
    return [made / "read_card"]


def php(document: Path, folder: Path) -> list[str | Path]:
    shutil.copy(HERE / "read_card.php", _generate(document, folder, "php"))
    for file in (folder / "made" / "lib").rglob("*.php"):
        _run(["php", "-l", file], folder)
    return ["php", folder / "made" / "read_card.php"]


def nswag(document: Path, folder: Path) -> list[str | Path]:
    tools = RUNTIMES / "node_modules" / "nswag" / "bin" / "binaries" / "Win"
    classes = ("/namespace:Sdk", "/classname:{controller}Client", "/output:Client.cs")
    _run(["mono", tools / "NSwag.exe", "openapi2csclient", f"/input:{document}", *classes], folder)
    client = folder / "Client.cs"
    # Mono's compiler knows C# 7.3 but for this.
    client.write_text(client.read_text("utf-8-sig").replace(" is null)", " == null)"), encoding="utf-8")
    shutil.copy(tools / "Newtonsoft.Json.dll", folder)
    references = (
        "System.Net.Http", "System.ComponentModel.DataAnnotations", "System.Runtime.Serialization",
        "Newtonsoft.Json.dll",
    )  # fmt: skip
    _run(
        ["mcs", "-langversion:latest", "-warn:0", "-out:ReadCard.exe", *(f"-r:{each}" for each in references),
         client, HERE / "ReadCard.cs"],
        folder,
    )  # fmt: skip
    return ["mono", folder / "ReadCard.exe"]


def csharp(document: Path, folder: Path) -> list[str | Path]:
    """For .NET Framework 4.8; for newer ones it writes more C# than Mono's compiler knows."""
    options = "targetFramework=net48,nullableReferenceTypes=false,packageName=Sdk"
    made = _generate(
        document, folder, "csharp", "--library", "httpclient", f"--additional-properties={options}"
    )
    tools = RUNTIMES / "node_modules" / "nswag" / "bin" / "binaries" / "Win"
    shutil.copy(tools / "Newtonsoft.Json.dll", folder)
    references = (
        "System.Web", "System.Net.Http", "System.ComponentModel.DataAnnotations",
        "System.Runtime.Serialization", "Newtonsoft.Json.dll",
    )  # fmt: skip
    sources = [*(made / "src" / "Sdk").rglob("*.cs"), HERE / "Polly.cs", HERE / "ReadCardOfOpenApi.cs"]
    _run(
        ["mcs", "-langversion:latest", "-warn:0", "-out:ReadCard.exe", *(f"-r:{each}" for each in references),
         *sources],
        folder,
    )  # fmt: skip
    return ["mono", folder / "ReadCard.exe"]


@pytest.fixture(scope="module")
def document(session_bridge: Bridge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_bytes(httpx.get(f"{session_bridge.ready['legacy_http']}/swagger/v1/swagger.json").content)
    return file


@pytest.mark.parametrize("make", [python, openapi_python_client, typescript, java, go, php, nswag, csharp])
def test_a_generated_client_reads_a_card(make: Make, bridge: Bridge, document: Path, tmp_path: Path) -> None:
    program = make(document, tmp_path)
    assert _run([*program, bridge.ready["legacy_http"], bridge.sim.qr(CARD)], tmp_path) == EXPECTED
