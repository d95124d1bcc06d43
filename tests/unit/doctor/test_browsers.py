"""Web pages that may call, as doctor tells of them."""

from __future__ import annotations

from bridge.config import FacadeSettings
from bridge.doctor.browsers import check_browsers


def test_pages_of_other_machines_need_the_browser_s_permission() -> None:
    (found,) = check_browsers(FacadeSettings())
    assert (found.status, found.check) == ("ok", "facade.browsers")
    assert found.what == "web pages of these hosts may call: *.nhi.gov.tw"
    for said in (
        "https",
        "LoopbackNetworkAllowedForUrls",
        "LocalNetworkAccessAllowedForUrls",
        "nothing arrives",
    ):
        assert said in found.advice


def test_pages_of_this_machine_need_none() -> None:
    (found,) = check_browsers(FacadeSettings(allowed_origins=("localhost", "127.0.0.1")))
    assert (found.status, found.advice) == ("ok", "")
