"""The images of packaging/container, built by buildah on a Debian of its own, and what runs in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deb.machine import CACHE
from tests.support.bridge_process import FREE_PORTS

ROOT = Path(__file__).parents[2]
FILE = "packaging/container/Containerfile"
BASE = "localhost/debian:12"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"  # how this machine's package index may be reached
GATEWAY = "[bhyt]\nserve = true\n[bhyt.gateway]\nport = 0\nworkers = 1\n"


class Builder:
    """buildah, with images and containers in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._buildah = ["buildah", "--root", f"{folder}/root", "--runroot", f"{folder}/run"]
        if subprocess.run(
            [*self._buildah, "--storage-driver", "overlay", "images"], capture_output=True
        ).returncode:
            self._buildah += ["--storage-driver", "vfs"]  # slower, and runs everywhere
        else:
            self._buildah += ["--storage-driver", "overlay"]
        base = self("from", "scratch")
        self("copy", "--quiet", base, str(CACHE), "/")
        self("commit", "--quiet", "--rm", base, BASE)
        self._pip = folder / "pip.conf"
        self._pip.write_text(f"[global]\ncert = {AUTHORITIES}.host\n")

    def __call__(self, *arguments: str, seconds: int = 900) -> str:
        done = subprocess.run(
            [*self._buildah, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=seconds
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def image(self, target: str) -> str:
        """Build one of the images, as docs/install/container.md says but for the base. Out: its name."""
        volumes = ("-v", f"{AUTHORITIES}:{AUTHORITIES}.host:ro", "-v", f"{self._pip}:/etc/pip.conf:ro")
        alone = ("--isolation", "chroot", "--network", "host", "--format", "docker", "--layers", *volumes)
        name = f"localhost/{target}"
        self("build", *alone, "--build-arg", f"BASE={BASE}", "--target", target, "-t", name, "-f", FILE, ".")
        return name

    def config(self, image: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self("inspect", "--type", "image", image))["Docker"]["config"]
        return found

    @contextmanager
    def running(self, image: str, *further: str, files: dict[str, str] | None = None) -> Iterator[Container]:
        """A container in which the image's entry point runs as the image's user. ``files``: by full path."""
        container = self("from", "--pull-never", image)
        try:
            mounted = Path(self("mount", container))
            for place, text in (files or {}).items():
                (mounted / place.lstrip("/")).write_text(text)
            run = [*self._buildah, "run", "--isolation", "chroot", container, "--"]
            with subprocess.Popen(
                [*run, *self.config(image)["Entrypoint"], *further], stdout=subprocess.PIPE, text=True
            ) as process:
                yield Container(process, run)
        finally:
            self("rm", container)


class Container:
    """What runs, and how something else is run beside it."""

    def __init__(self, process: subprocess.Popen[str], run: list[str]) -> None:
        self.process, self._run = process, run

    def beside(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self._run, *command], capture_output=True, text=True, timeout=120)

    def ready(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    folder = tmp_path_factory.mktemp("images")
    yield Builder(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def simulators(builder: Builder) -> str:
    return builder.image("simulators")


@pytest.fixture(scope="module")
def gateway(builder: Builder) -> str:
    return builder.image("gateway")


def health(builder: Builder, image: str) -> list[str]:
    """The command by which the image's health is checked."""
    kind, *command = builder.config(image)["Healthcheck"]["Test"]
    assert kind == "CMD"
    return command


def test_nothing_of_it_runs_as_root(builder: Builder, simulators: str, gateway: str) -> None:
    for image in (simulators, gateway):
        config = builder.config(image)
        assert config["User"] == "10001:10001"
        assert list(config["Volumes"]) == ["/var/lib/cshis-bridge"]


def test_compilers_and_sources_stay_behind(builder: Builder, simulators: str) -> None:
    with builder.running(simulators, "--help") as container:
        assert container.process.wait(60) == 0
        assert container.beside("sh", "-c", "command -v gcc || ls -d /source /build /wheel").stdout == ""
        assert container.beside("id", "-u").stdout == "10001\n"
        assert container.beside("touch", "/opt/cshis-bridge/new").returncode != 0


def test_simulators_answer_and_end_cleanly(builder: Builder, simulators: str) -> None:
    with builder.running(simulators, *FREE_PORTS) as container:
        assert container.ready()["ready"] is True
        checked = container.beside(*health(builder, simulators))
        assert (checked.returncode, checked.stderr) == (0, "")
        assert "測試十" in container.beside("cshis-bridge", "call", "hisGetBasicData").stdout
        assert "has ended" in container.beside("cshis-bridge", "stop").stdout
        assert container.process.wait(60) == 0
        checked = container.beside(*health(builder, simulators))
        assert checked.returncode == 1
        assert "it does not answer" in checked.stderr


def test_the_gateway_answers(builder: Builder, gateway: str) -> None:
    port = os.getpid() % 10_000 + 40_000
    settings = GATEWAY.replace("port = 0", f"port = {port}")
    files = {"/var/lib/cshis-bridge/config.toml": settings}
    with builder.running(gateway, files=files) as container:
        try:
            assert container.ready()["ready"] is True
            checked = container.beside(*health(builder, gateway))
            assert (checked.returncode, checked.stderr) == (0, "")
        finally:
            container.process.terminate()
    assert container.process.returncode is not None
