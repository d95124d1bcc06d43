"""A real Prometheus that watches one bridge by the rules of packaging/monitoring."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

FOLDER = Path(__file__).parents[2] / "packaging" / "monitoring"
RULES = FOLDER / "rules.yml"
PLACE = "counter-1"
PATIENCE = 15.0  # seconds


@dataclass(frozen=True)
class Prometheus:
    """A running server, by its address."""

    address: str

    def get(self, path: str, **parameters: str | float) -> Any:
        """What its API answers. Raises AssertionError, with Prometheus' own words, where it refuses."""
        reply = requests.get(f"{self.address}/api/v1/{path}", params=parameters, timeout=10)
        body = reply.json()
        assert body["status"] == "success", f"{parameters}: {body.get('error')}"
        assert not body.get("warnings"), f"{parameters}: {body['warnings']}"
        return body["data"]

    def samples(self, query: str) -> list[dict[str, Any]]:
        """An instant vector."""
        data = self.get("query", query=query)
        assert data["resultType"] == "vector", query
        return list(data["result"])

    def over_time(self, query: str) -> list[dict[str, Any]]:
        """The last minute, every 5 seconds, as a panel asks for it."""
        now = time.time()
        return list(self.get("query_range", query=query, start=now - 60, end=now, step=5)["result"])

    def eventually(self, query: str) -> list[dict[str, Any]]:
        """What a query gives as soon as it gives anything."""
        return eventually(lambda: self.samples(query), query)


def eventually(look: Callable[[], list[dict[str, Any]]], what: str) -> list[dict[str, Any]]:
    """What is found as soon as anything is."""
    ends = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < ends, f"nothing came: {what}"
        time.sleep(0.2)
    return found


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def settings(target: str) -> dict[str, Any]:
    """As docs/operate/monitoring.md has them, but quicker."""
    return {
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {
                "job_name": "cshis-bridge",
                "static_configs": [{"targets": [target], "labels": {"place": PLACE}}],
            }
        ],
    }


@contextmanager
def watching(target: str, directory: Path) -> Iterator[Prometheus]:
    """A Prometheus that scrapes ``target`` (host:port), for the time of a with statement."""
    file, log = directory / "prometheus.yml", directory / "prometheus.log"
    file.write_text(yaml.safe_dump(settings(target)), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={directory / 'data'}"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, f"--web.listen-address={address}"], stdout=written, stderr=subprocess.STDOUT
        )
    try:
        running = Prometheus(f"http://{address}")
        eventually(lambda: _ready(running.address, process, log), "Prometheus")
        yield running
    finally:
        process.terminate()
        process.wait(timeout=20)


def _ready(address: str, process: subprocess.Popen[bytes], log: Path) -> list[dict[str, Any]]:
    assert process.poll() is None, log.read_text(encoding="utf-8")
    try:
        ready = requests.get(f"{address}/-/ready", timeout=2).ok
    except requests.ConnectionError:
        return []
    return [{}] if ready else []
