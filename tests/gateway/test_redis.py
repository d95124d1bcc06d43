"""Tokens in a real Redis server, over TLS and with a password, shared by workers of two gateways."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
import requests
import trustme

from bridge.doctor.examine import examine
from bridge.doctor.report import as_json
from tests.gateway.asking import ask
from tests.gateway.portal import TestPortal
from tests.gateway.processes import Running, gateway_for
from tests.gateway.test_workers import ANSWER_SECONDS, ended, health, until, workers

PASSWORD = "thu-nghiem-redis"
SEND = "/api/egw/guiHoSoGiamDinh"


@dataclass
class Store:
    """A Redis server that can be stopped and started again."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def ca(self) -> Path:
        return self.directory / "ca.pem"

    def start(self) -> None:
        """Only TLS, only with the password, nothing on disk."""
        words = [
            "redis-server", "--port", "0", "--tls-port", str(self.port), "--bind", "127.0.0.1",
            "--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem", "--tls-ca-cert-file", "ca.pem",
            "--tls-auth-clients", "no", "--requirepass", PASSWORD, "--save", "", "--appendonly", "no",
        ]  # fmt: skip
        self.process = subprocess.Popen(words, cwd=self.directory, stdout=subprocess.DEVNULL)
        until(self._answers)

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(10)

    def client(self) -> redis.Redis:
        return redis.Redis(
            port=self.port, password=PASSWORD, ssl=True, ssl_ca_certs=str(self.ca), decode_responses=True
        )

    def keys(self) -> list[str]:
        with self.client() as client:
            return sorted(client.scan_iter("*"))

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture(scope="module")
def the_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    directory = tmp_path_factory.mktemp("redis")
    authority = trustme.CA()
    made = authority.issue_cert("localhost", "127.0.0.1")
    made.private_key_pem.write_to_path(directory / "key.pem")
    made.cert_chain_pems[0].write_to_path(directory / "cert.pem")
    authority.cert_pem.write_to_path(directory / "ca.pem")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = Store(directory, port)
    store.start()
    yield store
    store.stop()


@pytest.fixture
def store(the_store: Store) -> Store:
    with the_store.client() as client:
        client.flushall()
    return the_store


def settings(store: Store, password: str = PASSWORD) -> str:
    return f"""
username = "00001_TN"
password = "00001_TN-secret"

[bhyt.gateway.store]
url = "rediss://127.0.0.1:{store.port}/0"
password = "{password}"
ca_file = "{store.ca}"
timeout = 5.0
"""


@pytest.fixture(scope="module")
def the_machines(
    the_portal: TestPortal, the_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Running]]:
    """Two gateways with two workers each, as on two machines behind a balancer."""
    further = settings(the_store)
    with (
        gateway_for(the_portal.address, tmp_path_factory.mktemp("one"), further) as one,
        gateway_for(the_portal.address, tmp_path_factory.mktemp("two"), further) as two,
    ):
        yield [one, two]


@pytest.fixture
def machines(portal: TestPortal, store: Store, the_machines: list[Running]) -> list[Running]:
    """Those, with nothing in the store and a portal that takes none of the tokens they have."""
    return the_machines


def ask_all(machines: list[Running], times: int = 12) -> list[str]:
    """Ask at once, of both machines and all workers. Out: whose token each request had."""
    addresses = [machine.ready["bhyt"] for machine in machines] * times
    with ThreadPoolExecutor(len(addresses)) as programs:
        return list(
            programs.map(lambda address: str(ask(address, "POST", SEND, b"x").json["owner"]), addresses)
        )


def test_all_workers_of_all_machines_share_one_token(portal: TestPortal, machines: list[Running]) -> None:
    assert set(ask_all(machines)) == {"00001_TN"}
    assert portal.taken["00001_TN"] == 1
    portal.end_tokens()
    assert set(ask_all(machines)) == {"00001_TN"}
    assert portal.taken["00001_TN"] == 2
    assert health(machines[0].ready["bhyt"])["tokens"] == "shared"


def test_a_token_of_the_store_that_is_over_as_well_is_followed_by_a_new_one(
    portal: TestPortal, store: Store, machines: list[Running]
) -> None:
    ask_all(machines)
    [key] = store.keys()
    portal.end_tokens()
    portal.refused.add("stale")
    with store.client() as client:
        client.set(key, '["stale", "id-stale", null]')
    assert set(ask_all(machines)) == {"00001_TN"}
    assert portal.taken["00001_TN"] == 2


def test_a_long_file_goes_with_the_token_that_all_know_of(
    portal: TestPortal, machines: list[Running]
) -> None:
    ask_all(machines)
    portal.end_tokens()
    one, two = (machine.ready["bhyt"] for machine in machines)
    assert ask(one, "POST", SEND, b"x").json["owner"] == "00001_TN"
    assert [ask(two, "POST", SEND, bytes(1_000_000)).json.get("owner") for _ in range(4)] == ["00001_TN"] * 4


def test_each_account_has_its_own_in_the_store(
    portal: TestPortal, store: Store, machines: list[Running]
) -> None:
    accounts = [f"0000{number}_TN" for number in range(1, 4)]

    def program(number: int) -> tuple[str, object]:
        username = accounts[number % 3]
        password = hashlib.md5(f"{username}-secret".encode()).hexdigest()
        address = machines[number % 2].ready["bhyt"]
        target = f"{SEND}?username={username}&password={password}"
        return username, ask(address, "POST", target, b"x").json["owner"]

    with ThreadPoolExecutor(50) as programs:
        assert [pair for pair in programs.map(program, range(300)) if pair[0] != pair[1]] == []
    assert portal.taken == dict.fromkeys(accounts, 1)
    assert len(store.keys()) == 3


def test_the_store_names_no_account_and_forgets_in_time(store: Store, machines: list[Running]) -> None:
    ask_all(machines, 1)
    [key] = store.keys()
    with store.client() as client:
        assert 3000 < client.ttl(key) <= 3600
        whole = key + str(client.get(key)).replace("00001_TN.", "")  # the tests' tokens name their owner
    assert "00001_TN" not in whole
    assert hashlib.md5(b"00001_TN-secret").hexdigest() not in whole


def test_the_doctor_looks_at_the_store_and_at_the_journals_of_all_workers(machines: list[Running]) -> None:
    place = machines[0].log.parent
    sections = as_json(examine(place / "settings.toml", place / "data", (), True))["sections"]
    told = {finding["check"]: finding for section in sections for finding in section["findings"]}
    assert told["bhyt.store"]["status"] == "ok"
    assert [section["title"] for section in sections if "worker" in section["title"]] == [
        "Journal (紀錄)  worker-1", "Journal (紀錄)  worker-2",
    ]  # fmt: skip
    assert told["journal"]["status"] == "ok"


def test_a_lost_worker_takes_nothing_along(portal: TestPortal, machines: list[Running]) -> None:
    ask_all(machines)
    address = machines[0].ready["bhyt"]
    killed = workers(address).values()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    ended(killed)
    until(lambda: ask(address, "POST", SEND, b"x").json["owner"] == "00001_TN")
    assert portal.taken["00001_TN"] == 1


def test_without_the_store_each_goes_on_alone_and_finds_it_again(
    portal: TestPortal, store: Store, machines: list[Running]
) -> None:
    address = machines[0].ready["bhyt"]
    ask_all(machines, 2)
    store.stop()
    portal.end_tokens()
    try:
        assert set(ask_all(machines)) == {"00001_TN"}
        assert portal.taken["00001_TN"] >= 2
        until(lambda: health(address)["status"] == "degraded")
        assert requests.get(f"{address}/healthz", timeout=ANSWER_SECONDS).status_code == 200
    finally:
        store.start()
    time.sleep(5.1)
    portal.end_tokens()
    ask_all(machines)
    portal.end_tokens()
    before = portal.taken["00001_TN"]
    assert set(ask_all(machines)) == {"00001_TN"}
    assert portal.taken["00001_TN"] == before + 1
    assert health(address)["status"] == "ok"


def test_a_wrong_password_costs_sharing_and_nothing_else(
    portal: TestPortal, store: Store, tmp_path: Path
) -> None:
    with gateway_for(portal.address, tmp_path, settings(store, "sai")) as gateway:
        assert set(ask_all([gateway], 4)) == {"00001_TN"}
        assert "the token store does not answer (AuthenticationError)" in gateway.text
        assert "sai" not in gateway.text
    assert store.keys() == []
