"""A web page of the insurer's, on a public address, asks the bridge on this machine: what Chromium lets pass.

The page is served here under a name of nhi.gov.tw, and the browser is told that its address is a public one.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bridge.serving.certificate_making import fresh_certificate
from tests.report.browser import Browser, running_browser
from tests.support.bridge_process import Bridge

HOST = "portal.nhi.gov.tw"
EVERYWHERE = "https://[*.]nhi.gov.tw"
POLICIES = ["LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls"]
# For the command behind them alone, $1 is the only policy there is.
WITH_POLICY = (
    "mkdir -p /etc/chromium && mount -t tmpfs tmpfs /etc/chromium && cd /etc/chromium && "
    'mkdir -p policies/managed && cp "$1" policies/managed/ && shift && exec "$@"'
)
ASK = """const [url, done] = [arguments[0], arguments[arguments.length - 1]];
setTimeout(() => done('no answer'), 5000);
fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'})
  .then(reply => reply.text(), error => String(error)).then(done);"""


class _Handler(BaseHTTPRequestHandler):
    """Answers everything, and notes what has come."""

    came: list[str]

    def do_GET(self) -> None:
        self.came.append(self.command)
        body = b"<!doctype html><title>page</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the test's output."""


@contextmanager
def _served(tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """A server on loopback: its port, and the methods of what has come."""
    handler = type("Handler", (_Handler,), {"came": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, handler.came
        server.shutdown()
        thread.join()


@dataclass
class Pages:
    """The public pages by their scheme, and a service on this machine that notes what reaches it."""

    https: str
    http: str
    service: str
    came: list[str]
    flags: tuple[str, ...]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    certificate, key, _ = fresh_certificate(tmp_path_factory.mktemp("certificate"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with _served(tls) as (https, _), _served() as (http, _), _served() as (service, came):
        flags = (
            "--ignore-certificate-errors",
            "--host-resolver-rules=MAP *.nhi.gov.tw 127.0.0.1",
            f"--ip-address-space-overrides=127.0.0.1:{https}=public,127.0.0.1:{http}=public",
        )
        yield Pages(
            f"https://{HOST}:{https}", f"http://{HOST}:{http}", f"http://127.0.0.1:{service}", came, flags
        )


@contextmanager
def _browser(pages: Pages, place: Path, policy: Mapping[str, object] | None = None) -> Iterator[Browser]:
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("no chromium and chromedriver here; tests/report/setup.sh installs them")
    before: list[str] = []
    if policy is not None:
        file = place / "policy.json"
        file.write_text(json.dumps(policy), encoding="utf-8")
        before = ["unshare", "--mount", "--propagation", "private", "sh", "-c", WITH_POLICY, "sh", str(file)]
        if subprocess.run([*before, "true"], capture_output=True, check=False).returncode != 0:
            pytest.skip("a policy of Chromium's for one process alone needs root, unshare and mount")
    with running_browser(chromium, chromedriver, place / "profile", pages.flags, before) as browser:
        yield browser


def _ask(browser: Browser, bridge: Bridge, page: str) -> list[str]:
    """What a page gets from both doors of the bridge."""
    browser.visit(page)
    doors = (bridge.ready["legacy_http"], bridge.ready["facade"])
    return [browser.wait_for(ASK, f"{door}/VHC/VHChisGetBasicData") for door in doors]


def _is_answer(text: str) -> bool:
    return text.startswith("{") and "ERRORCODE" in json.loads(text)


def test_without_permission_nothing_leaves_the_browser(bridge: Bridge, pages: Pages, tmp_path: Path) -> None:
    with _browser(pages, tmp_path) as browser:
        for page in (pages.https, pages.http):
            assert _ask(browser, bridge, page) == ["TypeError: Failed to fetch"] * 2
            assert browser.wait_for(ASK, f"{pages.service}/") == "TypeError: Failed to fetch"
        assert pages.came == []  # not even the question that browsers ask first (OPTIONS)
        said = " ".join(message["message"] for message in browser.messages())
        assert "Permission was denied for this request to access the `loopback` address space" in said
        assert "not a secure context" in said


def test_with_the_user_s_permission_a_page_on_https_is_answered(
    bridge: Bridge, pages: Pages, tmp_path: Path
) -> None:
    with _browser(pages, tmp_path) as browser:
        permission = {"permission": {"name": "loopback-network"}, "setting": "granted", "origin": pages.https}
        browser.devtools("Browser.setPermission", permission)
        assert all(map(_is_answer, _ask(browser, bridge, pages.https)))


@pytest.mark.parametrize("policy", POLICIES)
def test_with_a_policy_a_page_on_https_is_answered_and_one_on_http_never(
    bridge: Bridge, pages: Pages, tmp_path: Path, policy: str
) -> None:
    with _browser(pages, tmp_path, {policy: [EVERYWHERE, "http://[*.]nhi.gov.tw"]}) as browser:
        assert all(map(_is_answer, _ask(browser, bridge, pages.https)))
        assert _ask(browser, bridge, pages.http) == ["TypeError: Failed to fetch"] * 2
