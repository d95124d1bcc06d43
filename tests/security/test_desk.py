"""Who gets at the page: this user's browser, by a link that is good once. No token stands in a log."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bridge.desk.access import KEY_FILE
from tests.security.another_user import Stranger
from tests.support.bridge_process import ROOT, Bridge, clean_environment, running_bridge
from tests.support.log_leaks import kinds_in
from tests.support.stage import CHILD, DEMO

ASKED = (
    "words", "calls", "changes", "settings", "doctor", "explain?word=4013", "functions", "events",
    "simulator", "function?name=hisGetBasicData",
)  # fmt: skip
DONE = ("changes/resolve", "changes/result", "card", "pin", "bundle", "simulator/do", "simulator/qr")


@pytest.fixture
def client(bridge: Bridge) -> Iterator[httpx.Client]:
    """A client that believes the bridge's certificate and brings nothing."""
    with httpx.Client(
        base_url=bridge.ready["facade"], verify=trusting(bridge.ready), trust_env=False, timeout=30
    ) as opened:
        yield opened


def trusting(ready: dict[str, str]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ready["ca_file"])


def link(bridge: Bridge) -> str:
    """The token of a fresh link."""
    command = [sys.executable, "-m", "bridge", "desk", "--print", "--data-dir", str(bridge.config.parent)]
    printed = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=60, check=True
    ).stdout
    address, _, token = printed.strip().partition("#")
    assert address == bridge.ready["facade"].replace("127.0.0.1", "localhost") + "/desk"
    return token


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def session(client: httpx.Client, bridge: Bridge) -> dict[str, str]:
    """The headers of a page that has entered."""
    reply = client.post("/desk/api/enter", headers=bearer(link(bridge)))
    assert reply.status_code == 200
    return bearer(reply.json()["session"])


def refused(client: httpx.Client, headers: dict[str, str], expected: int) -> None:
    """Nothing of the page's own paths answers with anything but a refusal."""
    for path in ASKED:
        reply = client.get(f"/desk/api/{path}", headers=headers)
        assert (reply.status_code, list(reply.json())) == (expected, ["message"]), path
    for path in DONE:
        reply = client.post(f"/desk/api/{path}", headers=headers, json={})
        assert (reply.status_code, list(reply.json())) == (expected, ["message"]), path


def test_without_a_session_nothing_is_told(client: httpx.Client, bridge: Bridge) -> None:
    for headers in (
        {},
        {"authorization": "Bearer"},
        bearer("x" * 43),
        {"authorization": "Basic eDp4"},
        {"cookie": "session=x"},
    ):
        refused(client, headers, 401)
    key = (bridge.config.parent / KEY_FILE).read_text(encoding="ascii").strip()
    refused(client, bearer(key), 401)  # it is good for a link alone
    refused(client, bearer(link(bridge)), 401)


def test_a_link_is_good_once(client: httpx.Client, bridge: Bridge) -> None:
    token = link(bridge)
    first, second = (client.post("/desk/api/enter", headers=bearer(token)) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 401)
    assert client.get("/desk/api/words", headers=bearer(first.json()["session"])).status_code == 200
    assert "set-cookie" not in first.headers
    client.post("/desk/api/leave", headers=bearer(first.json()["session"]))
    refused(client, bearer(first.json()["session"]), 401)


def test_the_key_gives_links_and_nothing_else_does(client: httpx.Client) -> None:
    for key in ("", "0" * 64, None, 7, ["x"]):
        assert client.post("/desk/api/link", json={"key": key}).status_code == 401
    assert client.post("/desk/api/link", content=b"[").status_code == 400


def test_foreign_pages_get_nothing_even_with_a_session(client: httpx.Client, bridge: Bridge) -> None:
    headers = session(client, bridge)
    port = bridge.ready["facade"].rpartition(":")[2]
    origins = (
        "https://iwp.nhi.gov.tw",  # may call the paths of the virtual-card SDK
        "http://localhost:3033",
        f"http://127.0.0.1:{port}",
        f"https://localhost:{port}",  # by another name than the one that is asked
        "https://localhost",
        "null",
    )
    for origin in origins:
        refused(client, {**headers, "origin": origin}, 403)
        assert client.get("/desk", headers={"origin": origin}).status_code == 403
    for site in ("cross-site", "same-site", "none"):
        refused(client, {**headers, "sec-fetch-site": site}, 403)
    own = bridge.ready["facade"]
    assert client.get("/desk/api/words", headers={**headers, "origin": own}).status_code == 200


def test_it_answers_on_the_secure_port_alone(client: httpx.Client, bridge: Bridge) -> None:
    headers = session(client, bridge)
    with httpx.Client(base_url=bridge.ready["legacy_http"], trust_env=False, timeout=30) as plain:
        refused(plain, headers, 403)
        assert plain.get("/desk").status_code == 403
        key = (bridge.config.parent / KEY_FILE).read_text(encoding="ascii").strip()
        assert plain.post("/desk/api/link", json={"key": key}).status_code == 403
        assert (
            plain.get("/desk/api/words", headers={**headers, "x-forwarded-proto": "https"}).status_code == 403
        )


def test_it_is_for_this_machine_alone_wherever_the_doors_listen(tmp_path: Path) -> None:
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
    outside = next((each for each in addresses if "." in each), None)
    if outside is None:
        pytest.skip("this machine has no address but its own")
    settings = f'[facade]\nhost = "0.0.0.0"\nallowed_hosts = ["localhost", "127.0.0.1", "{outside}"]\n'
    with running_bridge(tmp_path, settings) as bridge:
        port = bridge.ready["facade"].rpartition(":")[2]
        with httpx.Client(verify=ssl._create_unverified_context(), trust_env=False, timeout=30) as client:
            assert client.get(f"https://{outside}:{port}/healthz").status_code == 200
            assert client.get(f"https://{outside}:{port}/desk").status_code == 403
            named = {"host": f"localhost:{port}"}
            assert client.get(f"https://{outside}:{port}/desk", headers=named).status_code == 403
            forwarded = {**named, "x-forwarded-for": "127.0.0.1"}
            assert client.get(f"https://{outside}:{port}/desk", headers=forwarded).status_code == 403
            assert client.get(f"https://127.0.0.1:{port}/desk").status_code == 200


def test_another_user_of_the_machine_gets_nothing(bridge: Bridge, stranger: Stranger) -> None:
    folder = bridge.config.parent
    assert not stranger.can_read(folder / KEY_FILE)
    assert not stranger.can_read(folder)
    curl = shutil.which("curl")
    assert curl is not None
    for path in ("words", "calls", "events", "settings"):
        got = stranger.run(curl, "-sk", "-m", "5", f"{bridge.ready['facade']}/desk/api/{path}")
        assert json.loads(got.stdout).keys() == {"message"}, path  # refused as another user, before all else


def test_the_page_runs_its_own_files_only(client: httpx.Client) -> None:
    for path in (
        "/desk",
        "/desk/",
        "/desk/page/app.js",
        "/desk/page/no-such.js",
        "/desk/page/..%2froutes.py",
        "/desk/api/no-such",
    ):
        reply = client.get(path)
        policy = reply.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["cache-control"] == "no-store"
    page = client.get("/desk").text
    assert "<script>" not in page
    assert " on" not in page.partition("<body>")[2].replace("onl", "")
    assert client.get("/desk/page/..%2froutes.py").status_code == 404
    assert client.get("/desk/page/routes.py").status_code == 404


def test_a_stream_ends_with_its_session(client: httpx.Client, bridge: Bridge) -> None:
    headers = session(client, bridge)
    with client.stream("GET", "/desk/api/events", headers=headers) as stream:
        texts = stream.iter_text()
        assert next(texts).startswith("event: ")
        client.post("/desk/api/leave", headers=headers)
        heard = list(texts)  # to its end: what was on its way, and no more
    assert len(heard) < 3


def test_an_open_page_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with (
        running_bridge(tmp_path) as bridge,
        httpx.Client(
            base_url=bridge.ready["facade"], verify=trusting(bridge.ready), trust_env=False, timeout=30
        ) as client,
    ):
        headers = session(client, bridge)
        with client.stream("GET", "/desk/api/events", headers=headers) as stream:
            texts = stream.iter_text()
            next(texts)
            holder = json.loads((tmp_path / "owner.lock").read_text(encoding="ascii"))
            os.kill(holder["pid"], signal.SIGTERM)
            list(texts)  # its end, and no broken connection
    assert "cut off by the stop" not in bridge.log.read_text(encoding="utf-8")


def test_no_token_and_no_pin_stands_in_a_log(client: httpx.Client, bridge: Bridge) -> None:
    token, headers = link(bridge), session(client, bridge)
    client.post("/desk/api/enter", headers=bearer(token))
    client.post("/desk/api/pin", headers=headers, json={"number": 1, "pin": "81746352"})
    client.post("/desk/api/pin", headers=headers, json={"number": "1", "pin": 81746352})
    client.get("/desk/api/words", headers={**headers, "origin": "https://evil.example"})
    log = bridge.log.read_text(encoding="utf-8")
    key = (bridge.config.parent / KEY_FILE).read_text(encoding="ascii").strip()
    for secret in (token, headers["authorization"].partition(" ")[2], key, "81746352"):
        assert secret not in log
    assert bridge.ready.keys().isdisjoint({"desk"})


def test_no_event_of_a_real_bridge_holds_a_person(tmp_path: Path) -> None:
    """The stream of a bridge that does not know that its console is a simulated one."""
    (tmp_path / "sim").mkdir()
    with running_bridge(tmp_path / "sim") as simulated:
        settings = simulated.config.read_text(encoding="utf-8")
        with (
            bridge_beside(simulated, tmp_path, settings) as ready,
            httpx.Client(
                base_url=ready["facade"], verify=trusting(ready), trust_env=False, timeout=30
            ) as client,
        ):
            key = (tmp_path / "real" / KEY_FILE).read_text(encoding="ascii").strip()
            token = client.post("/desk/api/link", json={"key": key}).json()["token"]
            headers = bearer(client.post("/desk/api/enter", headers=bearer(token)).json()["session"])
            assert client.get("/desk/api/words", headers=headers).json()["about"]["simulated"] is False
            assert client.get("/desk/api/simulator", headers=headers).status_code == 404
            heard = stream_during(client, headers, simulated, ready)
            assert heard.count("event: call") >= 8
            assert "4013" in heard
            assert '"record"' not in heard
            assert kinds_in(heard) == set()
            assert DEMO not in heard
            bundle = client.post("/desk/api/bundle", headers=headers)
            assert bundle.content[:2] == b"PK"


def stream_during(
    client: httpx.Client, headers: dict[str, str], simulated: Bridge, ready: dict[str, str]
) -> str:
    """What a page hears while programs read, write and present."""
    heard = ""
    with client.stream("GET", "/desk/api/events", headers=headers) as stream:
        texts = stream.iter_text()
        heard += next(texts)
        for name in ("csOpenCom", "hisGetBasicData", "hisGetRegisterPrevent", "hisGetBasicData"):
            call(ready, name)
        with httpx.Client(base_url=ready["legacy_http"], trust_env=False, timeout=30) as vhc:
            vhc.post("/QRCodeReader/uploadqrcode", json={"QRCodeString": simulated.sim.qr(CHILD)})
            vhc.post("/VHC/VHChisGetBasicData", json={})
            vhc.post("/VHC/VHChisWriteTreatmentCode", json={"pPatientID": "Z299999929", "x": "測試十"})
            vhc.post("/QRCodeReader/VHCcleanQRCode", json={})
        simulated.sim.remove("hc")
        call(ready, "hisGetBasicData")
        for text in texts:
            heard += text
            if "4013" in heard:
                return heard
    return heard


def call(ready: dict[str, str], name: str) -> None:
    command = [sys.executable, "-m", "bridge", "call", name, "--config", ready["config"]]
    subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, timeout=60, check=False)


class bridge_beside:
    """A bridge without simulators of its own, at the console and cloud of another one."""

    def __init__(self, simulated: Bridge, folder: Path, settings: str) -> None:
        self._folder = folder / "real"
        self._folder.mkdir(mode=0o700)
        self._file = folder / "real.toml"
        lines = [line for line in settings.splitlines() if not line.startswith("data_dir")]
        self._file.write_text("\n".join(lines).replace("several_bridges = false", "several_bridges = true"))
        self._log = folder / "real.log"

    def __enter__(self) -> dict[str, str]:
        ports = [f"--{name}-port=0" for name in ("facade", "legacy-http", "channel")]
        places = [f"--config={self._file}", f"--data-dir={self._folder}", f"--log-file={self._log}"]
        command = [sys.executable, "-m", "bridge", "serve", *ports, *places]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=clean_environment())
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._log.read_text(encoding="utf-8")
        return dict(json.loads(line))

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        assert self._process.stdout is not None
        self._process.stdout.close()
        assert self._process.wait(timeout=15) == 0
        assert not (self._folder / KEY_FILE).exists()
        assert os.path.exists(self._log)
