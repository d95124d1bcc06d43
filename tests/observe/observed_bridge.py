"""A running bridge with its simulators, as those see it who look at it from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bridge.doctor.examine import examine
from bridge.doctor.report import as_json
from tests.support.bridge_process import ROOT, Bridge, clean_environment

TAIPEI = "CST-8"  # the zone as POSIX writes it: needs no database


@dataclass(frozen=True)
class Observed:
    """A running bridge, and what people do to look at it."""

    bridge: Bridge

    @property
    def data_dir(self) -> Path:
        return self.bridge.config.parent

    def get(self, path: str, door: str = "legacy_http", **headers: str) -> requests.Response:
        """GET from a door."""
        verify = self.bridge.ready["ca_file"] if door == "facade" else None
        return requests.get(self.bridge.ready[door] + path, headers=headers, verify=verify, timeout=30)

    def post(self, path: str, **body: Any) -> int:
        """A call of the VHC SDK. Out: its code."""
        reply = requests.post(self.bridge.ready["legacy_http"] + path, json=body, timeout=30)
        return int(reply.json()["ERRORCODE"])

    def post_raw(self, path: str) -> requests.Response:
        """A POST without a body."""
        return requests.post(self.bridge.ready["legacy_http"] + path, timeout=30)

    def read_virtual_card(self, number: str) -> None:
        """Two calls that succeed; they leave a console session with a verified SAM."""
        token = self.bridge.sim.qr(number)
        assert self.post("/QRCodeReader/uploadqrcode", QRCodeString=token) == 0
        assert self.post("/VHC/VHChisGetBasicData") == 0

    def lines(self) -> list[dict[str, Any]]:
        """The log so far."""
        return [json.loads(line) for line in self.bridge.log.read_text(encoding="utf-8").splitlines()]

    def command(self, *arguments: str, zone: str = TAIPEI) -> subprocess.CompletedProcess[str]:
        """``cshis-bridge ...`` with the running bridge's settings."""
        command = [sys.executable, "-m", "bridge", *arguments, "--config", str(self.bridge.config)]
        env = clean_environment(TZ=zone, PYTHONIOENCODING="utf-8")
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", cwd=ROOT, env=env, timeout=120, check=False
        )

    def doctor(self, zone: str = TAIPEI) -> tuple[int, dict[str, dict[str, str]]]:
        """What the doctor says: exit code, and the findings by their names."""
        with in_zone(zone):
            told = as_json(examine(self.bridge.config, None, ()))
        return told["exit_code"], {
            finding["check"]: finding for section in told["sections"] for finding in section["findings"]
        }


@contextmanager
def in_zone(zone: str) -> Iterator[None]:
    """This process in another time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()
