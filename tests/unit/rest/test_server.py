"""The facade under the real server: plain HTTP and TLS, with the certificate it makes for itself."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from bridge.calls.call import LegacyResult
from bridge.serving.certificate import ensure_certificate

PATH = "/VHC/VHChisGetBasicData"


@asynccontextmanager
async def serving(app, **tls):
    """The app on a free port of 127.0.0.1; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", **tls)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started:
            assert not task.done(), task
            await asyncio.sleep(0.005)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture
def record(engine):
    data = engine.record("basic_data", {"name": "測試十", "id_no": "Z299999929"})
    engine.result = LegacyResult(0, {"pBuffer": data})
    return data


def strict_context(ca_file):
    """A client that trusts the authority alone and is as strict as Python 3.13."""
    context = ssl.create_default_context(cafile=str(ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def test_tls_with_its_own_certificate(app, tmp_path, record):
    certificate, key, ca_file = ensure_certificate(tmp_path)
    async with serving(app, ssl_certfile=certificate, ssl_keyfile=key) as port:
        async with httpx.AsyncClient(verify=strict_context(ca_file)) as client:
            for host in ("localhost", "127.0.0.1"):
                reply = await client.post(f"https://{host}:{port}{PATH}", json={})
                assert reply.json()["pBuffer"].encode("cp950") == record
        async with httpx.AsyncClient() as stranger:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await stranger.post(f"https://localhost:{port}{PATH}", json={})


async def test_plain_http_as_the_old_sdk_had(app, record):
    async with serving(app) as port, httpx.AsyncClient(base_url=f"http://localhost:{port}") as client:
        assert (await client.post(PATH.lower(), content="")).json()["pBuffer"].encode("cp950") == record
        assert (await client.get("/", follow_redirects=True)).url.path == "/swagger/index.html"
        assert (await client.post(PATH, headers={"host": "evil.example"})).status_code == 400


async def test_an_endless_body_ends(app, engine):
    async def endless():
        while True:
            yield b" " * 100_000
            await asyncio.sleep(0)

    async with serving(app) as port, httpx.AsyncClient() as client:
        try:
            reply = await client.post(f"http://127.0.0.1:{port}{PATH}", content=endless())
            assert reply.status_code == 413
        except (httpx.WriteError, httpx.ReadError):  # the server closed while the client was still sending
            pass
        assert not engine.calls
        assert (await client.get(f"http://127.0.0.1:{port}/healthz")).json()["status"] == "ok"
