"""The bridge that is measured: a process of its own, as a hospital runs it, on the played-back upstreams."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from benchmarks.builds import Build, this_build
from benchmarks.playback import Playback, playback
from native.build import CLIENT

FREE_PORTS = ("--facade-port=0", "--legacy-http-port=0", "--channel-port=0")


@dataclass(frozen=True, slots=True)
class UnderTest:
    """A running bridge, the upstreams behind it and the native library."""

    build: Build
    pid: int
    ready: Mapping[str, Any]
    upstreams: Playback

    @property
    def library(self) -> Path:
        """The client library of the same build."""
        return self.build.library(CLIENT)

    @property
    def native(self) -> dict[str, str]:
        """The environment in which the library finds the bridge."""
        return {"CSHIS_BRIDGE": str(self.ready["channel"])}


@contextlib.contextmanager
def bridge_under_test(directory: Path) -> Iterator[UnderTest]:
    """Start the upstreams and this build's bridge."""
    with playback(directory) as upstreams, running(this_build(), upstreams, directory / "new") as bridge:
        yield bridge


@contextlib.contextmanager
def running(build: Build, upstreams: Playback, directory: Path) -> Iterator[UnderTest]:
    """Start a bridge, with its log at its usual level into a file."""
    directory.mkdir()
    config = directory / "bench.toml"
    config.write_text(tomli_w.dumps({**upstreams.settings, **build.settings}), encoding="utf-8")
    command = [
        *(str(build.python), "-m", "bridge", "serve", *FREE_PORTS),
        *("--config", str(config)),
        *("--data-dir", str(directory / "data")),
        *("--log-file", str(directory / "bridge.log")),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=build.root) as process:
        try:
            assert process.stdout is not None
            yield UnderTest(build, process.pid, json.loads(process.stdout.readline()), upstreams)
        finally:
            process.terminate()
