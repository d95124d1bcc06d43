"""The gateway: two workers behind one address, each with a journal of its own, and nothing that is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import requests
import trustme

from bridge.gateway.supervisor import SILENT_SECONDS
from bridge.records.shared_counts import FILE
from tests.gateway.asking import ask
from tests.gateway.portal import TestPortal
from tests.gateway.processes import Running, bridge_for, gateway_for
from tests.support.bridge_process import ROOT, clean_environment

SEND = "/api/egw/guiHoSoGiamDinh"
LOOKUP = "/api/egw/NhanLichSuKCB2018"
ACCOUNT = 'username = "00001_TN"\npassword = "00001_TN-secret"\n'
SECONDS = 60.0
ANSWER_SECONDS = 30.0  # until a test gives up; no answer takes so long but on a busy machine


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def the_gateway(the_portal: TestPortal, place: Path) -> Iterator[Running]:
    with gateway_for(the_portal.address, place, ACCOUNT) as running:
        yield running


@pytest.fixture
def gateway(portal: TestPortal, the_gateway: Running) -> Running:
    """One gateway for the tests that leave it running."""
    return the_gateway


def until(fulfilled: Callable[[], bool]) -> None:
    due = time.monotonic() + SECONDS
    while not fulfilled():
        assert time.monotonic() < due
        time.sleep(0.05)


def health(address: str) -> dict[str, object]:
    return dict(requests.get(f"{address}/healthz", timeout=ANSWER_SECONDS).json())


def workers(address: str) -> dict[str, int]:
    """The process ids of the workers by name, as often asked as it takes to meet both."""
    found: dict[str, int] = {}

    def both() -> bool:
        told = health(address)
        found[str(told["worker"])] = int(str(told["pid"]))
        return len(found) == 2

    until(both)
    return found


def counted(address: str) -> float:
    """All finished calls that the gateway tells of."""
    lines = requests.get(f"{address}/metrics", timeout=ANSWER_SECONDS).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("cshis_bridge_calls_total{"))


def settled(gateway: Running) -> float:
    """The same when both workers have left what they counted before: twice, as the first time may be of a
    moment ago.
    """
    place = gateway.log.parent / "data"

    def left_since(moment: float) -> bool:
        return sum(file.stat().st_mtime > moment for file in place.glob(f"worker-*/{FILE}")) == 2

    for _ in range(2):
        until(partial(left_since, time.time()))
    return counted(gateway.ready["bhyt"])


def ended(pids: Iterable[int]) -> None:
    """Wait until nothing is left of these processes."""
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def journalled(directory: Path) -> dict[str, int]:
    """How many calls the journal of each worker holds."""
    files = sorted(directory.glob("data/worker-*/journal.sqlite3"))
    rows = {}
    for file in files:
        with sqlite3.connect(file) as journal:
            rows[file.parent.name] = journal.execute("SELECT COUNT(*) FROM calls").fetchone()[0]
        journal.close()
    return rows


def test_both_workers_serve_and_their_counts_and_journals_add_up(gateway: Running, place: Path) -> None:
    address = gateway.ready["bhyt"]
    assert set(workers(address)) == {"worker-1", "worker-2"}
    before, rows = settled(gateway), sum(journalled(place).values())
    for _ in range(60):
        assert ask(address, "POST", SEND, b"x").json["owner"] == "00001_TN"
    assert settled(gateway) == before + 60
    until(lambda: sum(journalled(place).values()) == rows + 60)
    assert all(journalled(place).values())
    told = health(address)
    assert (told["status"], told["tokens"]) == ("ok", "memory")


def test_lookups_and_refusals_have_the_portals_shape(gateway: Running, portal: TestPortal) -> None:
    address = gateway.ready["bhyt"]
    assert ask(address, "POST", LOOKUP, b"{}").json["maKetQua"] == "205"
    unknown = ask(address, "POST", "/other", b"{}")
    assert (unknown.status, unknown.json["maKetQua"]) == (404, "205")
    foreign = ask(address, "POST", SEND, b"{}", {"Host": "evil.example"})
    assert (foreign.status, foreign.json["maKetQua"]) == (400, "205")
    wrong = ask(address, "GET", LOOKUP)
    assert (wrong.status, wrong.json["maKetQua"], wrong.all("allow")) == (405, "205", ["POST"])
    page = ask(address, "POST", LOOKUP, b"{}", {"Origin": "https://evil.example"})
    assert (page.status, page.json["maKetQua"]) == (403, "101")
    for refused, why in (
        (unknown, "đường dẫn"),
        (foreign, "Host"),
        (wrong, "POST"),
        (page, "allowed_origins"),
    ):
        assert why in refused.json["ghiChu"]
        assert refused.json["ghiChu"].endswith("(cshis-bridge)")
        assert refused.all("content-type") == ["application/json; charset=utf-8"]
    assert portal.named("guiHoSoGiamDinh") == []
    assert ask(address, "GET", "/healthz", headers={"Host": "10.0.0.1:5072"}).status == 200


def test_a_token_that_would_expire_within_a_file_is_not_begun_with(
    gateway: Running, portal: TestPortal
) -> None:
    address = gateway.ready["bhyt"]
    portal.life = 300.0  # less than a file may take
    for _ in range(12):
        ask(address, "POST", SEND, b"x")
    assert portal.taken["00001_TN"] <= 2  # one a worker
    before = portal.taken["00001_TN"]
    assert ask(address, "POST", SEND, b"x" * 300_000).json["owner"] == "00001_TN"
    assert portal.taken["00001_TN"] == before + 1


def test_a_killed_worker_is_replaced_and_its_counts_stay(gateway: Running) -> None:
    address = gateway.ready["bhyt"]
    before = settled(gateway)
    for _ in range(30):
        ask(address, "POST", SEND, b"x")
    assert settled(gateway) == before + 30
    killed = workers(address)
    os.kill(killed["worker-1"], signal.SIGKILL)
    ended([killed["worker-1"]])
    until(lambda: workers(address)["worker-1"] != killed["worker-1"])
    assert counted(address) == before + 30
    assert ask(address, "POST", SEND, b"x").status == 200


def test_what_a_lost_worker_had_under_way_is_sent_once(portal: TestPortal, gateway: Running) -> None:
    """Its client, which does not send again by itself, hears of it on a connection that had served others."""
    address = gateway.ready["bhyt"]
    with requests.Session() as client, ThreadPoolExecutor(1) as pool:
        worker = int(client.get(f"{address}/healthz", timeout=5).json()["pid"])
        held = pool.submit(client.post, f"{address}/api/egw/held", data=b"x", timeout=SECONDS)
        until(lambda: len(portal.named("held")) == 1 and portal.named("held")[0].whole)
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            held.result(SECONDS)
        until(lambda: worker not in workers(address).values())
    assert ask(address, "POST", SEND, b"x").status == 200
    assert len(portal.named("held")) == 1


def test_a_worker_that_dies_while_it_owes_a_sign_of_life_is_replaced_soon(gateway: Running) -> None:
    """Its supervisor neither waits for the sign, nor lets a live one wait."""
    address = gateway.ready["bhyt"]
    killed = workers(address)["worker-1"]
    os.kill(killed, signal.SIGSTOP)
    time.sleep(2)  # it has been asked by now
    os.kill(killed, signal.SIGKILL)
    begun = time.monotonic()
    ended([killed])
    assert time.monotonic() - begun < SILENT_SECONDS / 2
    until(lambda: workers(address)["worker-1"] != killed)


def test_workers_end_when_their_supervisor_is_killed(portal: TestPortal, tmp_path: Path) -> None:
    with gateway_for(portal.address, tmp_path, ACCOUNT, ends_with=-signal.SIGKILL) as running:
        address = running.ready["bhyt"]
        left = workers(address)
        running.process.kill()
        running.process.wait()
        ended(left.values())


def test_workers_are_replaced_one_after_the_other_without_a_gap(gateway: Running) -> None:
    address, before = gateway.ready["bhyt"], workers(gateway.ready["bhyt"])
    faults, stop = list[object](), threading.Event()

    def ask_on() -> None:
        while not stop.is_set():
            answer = ask(address, "POST", SEND, b"x")
            if answer.status != 200:
                faults.append(answer)

    asking = threading.Thread(target=ask_on)
    asking.start()
    try:
        gateway.process.send_signal(signal.SIGHUP)
        until(lambda: not set(before.values()) & set(workers(address).values()))
    finally:
        stop.set()
        asking.join()
    assert faults == []


# What a worker does first on a busy machine: nothing, for longer than uvicorn's supervisor waits by itself.
BUSY = """import sys, time
if any("spawn_main" in word for word in sys.orig_argv):
    time.sleep(5.5)
"""


def test_a_busy_machine_may_take_its_time_to_start_a_worker(
    portal: TestPortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither at the start nor at a replacement is it taken for one that hangs."""
    (tmp_path / "sitecustomize.py").write_text(BUSY, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with gateway_for(portal.address, tmp_path, ACCOUNT) as gateway:
        address = gateway.ready["bhyt"]
        first = workers(address)
        gateway.process.send_signal(signal.SIGHUP)
        until(lambda: not set(first.values()) & set(workers(address).values()))
        assert ask(address, "POST", SEND, b"x").json["owner"] == "00001_TN"


def test_what_is_under_way_at_a_stop_is_answered(portal: TestPortal, tmp_path: Path) -> None:
    with gateway_for(portal.address, tmp_path, ACCOUNT) as gateway:
        address = gateway.ready["bhyt"]
        answers: list[int] = []
        slow = threading.Thread(
            target=lambda: answers.append(len(ask(address, "GET", "/api/egw/lingering?token=1").body))
        )
        slow.start()
        until(lambda: bool(portal.named("lingering")))
        gateway.process.send_signal(signal.SIGTERM)
        slow.join()
        assert answers == [1000]


def test_a_stop_that_takes_too_long_is_told_to_who_waits(portal: TestPortal, tmp_path: Path) -> None:
    further = f"{ACCOUNT}[bhyt.gateway]\nstop_timeout = 0.5\n"
    with gateway_for(portal.address, tmp_path, further) as gateway:
        address = gateway.ready["bhyt"]
        answers: list[object] = []
        slow = threading.Thread(
            target=lambda: answers.append(ask(address, "POST", "/api/egw/held?token=1", b"x").json)
        )
        slow.start()
        until(lambda: bool(portal.named("held")))
        gateway.process.send_signal(signal.SIGTERM)
        slow.join()
        assert [answer["maKetQua"] for answer in answers if isinstance(answer, dict)] == ["101"]


def test_it_takes_no_readers_lock(portal: TestPortal, tmp_path: Path) -> None:
    """A bridge that has a console to itself and a gateway run beside each other."""
    (tmp_path / "bridge").mkdir()
    (tmp_path / "gateway").mkdir()
    own = '[console]\nurl = "https://localhost:5966"\n'
    with gateway_for(portal.address, tmp_path / "gateway", own) as gateway:
        config = tmp_path / "bridge" / "own.toml"
        config.write_text(own, encoding="utf-8")
        with bridge_for(portal.address, tmp_path / "bridge"):
            assert health(gateway.ready["bhyt"])["status"] == "ok"


def test_over_tls_with_a_certificate_of_the_operators(portal: TestPortal, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, key, ca = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    made = authority.issue_cert("localhost", "127.0.0.1")
    made.private_key_pem.write_to_path(key)
    for number, blob in enumerate(made.cert_chain_pems):
        blob.write_to_path(certificate, append=number > 0)
    authority.cert_pem.write_to_path(ca)
    key.chmod(0o600)
    further = f"""{ACCOUNT}
[bhyt.gateway]
certificate_file = "{certificate}"
key_file = "{key}"
"""
    with gateway_for(portal.address, tmp_path, further) as gateway:
        address = gateway.ready["bhyt"]
        assert address.startswith("https://")
        body = os.urandom(300_000)
        answer = requests.post(f"{address}{SEND}", data=body, verify=str(ca), timeout=ANSWER_SECONDS)
        assert answer.json()["length"] == 300_000


@pytest.mark.parametrize("host", ["127.0.0.2", "::1"])
def test_the_address_that_it_tells_is_one_that_programs_may_call(
    portal: TestPortal, tmp_path: Path, host: str
) -> None:
    with gateway_for(portal.address, tmp_path, f'{ACCOUNT}\n[bhyt.gateway]\nhost = "{host}"\n') as gateway:
        answer = requests.post(f"{gateway.ready['bhyt']}{SEND}", data=b"{}", timeout=ANSWER_SECONDS)
        assert (answer.status_code, answer.json()["owner"]) == (200, "00001_TN")
        told = requests.post(
            f"{gateway.ready['bhyt']}{SEND}", headers={"Host": "127.0.0.3"}, timeout=ANSWER_SECONDS
        )
        assert told.status_code == 400


@pytest.mark.parametrize(
    ("further", "named"),
    [
        ('[bhyt.gateway]\nhost = "0.0.0.0"\n', "certificate_file, key_file and clients"),
        ('[bhyt.gateway.store]\nurl = "redis://10.0.0.1"\n', "rediss is needed"),
        ('[bhyt.gateway.store]\nurl = "rediss://10.0.0.1"\n', "needs one"),
        ('[bhyt.gateway]\nclients = ["10.0.0.1/8"]\n', "write 10.0.0.0/8 for all of it"),
    ],
)
def test_settings_that_would_be_open_to_strangers_do_not_start(
    portal: TestPortal, tmp_path: Path, further: str, named: str
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(f'[bhyt]\nurl = "{portal.address}"\nserve = true\n{further}', encoding="utf-8")
    words = [sys.executable, "-m", "bridge", "serve-bhyt", "--config", str(config), "--port=0"]
    ended = subprocess.run(
        [*words, "--data-dir", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=30, cwd=ROOT, env=clean_environment(), check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    assert named in ended.stderr
