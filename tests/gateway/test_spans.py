"""Finished requests of the gateway as spans: both workers', which failed, and nobody in them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.gateway.asking import ask
from tests.gateway.portal import TestPortal
from tests.gateway.processes import gateway_for
from tests.observe.collector import collecting

PASSED = "pass:guiHoSoGiamDinh4210"
ACCOUNT = 'username = "00001_TN"\npassword = "00001_TN-secret"\n'
ERROR = 2  # of OpenTelemetry's status


def test_requests_of_all_workers_are_spans(portal: TestPortal, tmp_path: Path) -> None:
    with collecting() as collector:
        further = f'{ACCOUNT}\n[telemetry]\notlp_url = "{collector.address}"\n'
        with gateway_for(portal.address, tmp_path, further) as gateway:
            address = gateway.ready["bhyt"]
            for _ in range(30):
                assert ask(address, "POST", "/api/egw/guiHoSoGiamDinh4210", b"{}").status == 200
            ask(address, "POST", "/api/egw/close", b"{}")
            ask(address, "POST", "/api/egw/NhanLichSuKCB2018", b"{}")
        spans, sent = collector.spans(), b"".join(collector.bodies)
    assert Counter((span.name, span.status.code) for span in spans) == {
        (PASSED, 0): 30, ("pass:other", ERROR): 1, ("NhanLichSuKCB2018", ERROR): 1,
    }  # fmt: skip
    processes = {each["service.instance.id"] for each in collector.resources()}
    assert processes == {"worker-1", "worker-2"}
    assert not [word for word in (b"00001_TN", b"secret", b"token=") if word in sent]
