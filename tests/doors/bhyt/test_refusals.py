"""What the bridge itself refuses on paths of the portal has the portal's shape; on others, the usual one."""

from __future__ import annotations

import pytest
import requests

from tests.support.bridge_process import Bridge

LOOKUP = "/api/egw/KQNhanLichSuKCB2024"
READ = "/VHC/VHChisGetBasicData"
FOREIGN = {"Host": "portal.example"}
PAGE = {"Origin": "https://page.example"}
LONG = b"x" * 2_000_000


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [("GET", {}, b"", 405), ("POST", FOREIGN, b"", 400), ("POST", PAGE, b"", 403), ("POST", {}, LONG, 413)],
    ids=["method", "host", "page", "too long"],
)
def test_a_refusal_has_the_shape_of_its_path(
    bridge: Bridge, method: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    for path, name in (
        (LOOKUP, "maKetQua"),
        (LOOKUP.upper(), "maKetQua"),
        (f"/{LOOKUP}", "maKetQua"),
        (READ, "ERRORCODE"),
    ):
        url = bridge.ready["legacy_http"] + path
        answer = requests.request(method, url, headers=headers, data=body, timeout=10)
        said = answer.json()
        assert answer.status_code == status, path
        assert name in said, path
        assert ("ERRORCODE" in said) == (name == "ERRORCODE"), path
        assert said["message"], path
        assert ("(cshis-bridge)" in said.get("ghiChu", "")) == (name == "maKetQua"), path
