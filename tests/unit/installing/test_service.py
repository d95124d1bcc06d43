"""What the bridge is given as a service of Windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.installing.service import known_sid, plain_name, service_folder
from bridge.windows.rights import service_sid


@pytest.mark.parametrize(
    ("account", "sid"),
    [
        (r"NT SERVICE\cshis-bridge", service_sid("cshis-bridge")),
        (r"nt service\Other", service_sid("OTHER")),
        (r"NT AUTHORITY\LocalService", "S-1-5-19"),
        (r"NT AUTHORITY\Local Service", "S-1-5-19"),
        (r"NT AUTHORITY\NETWORK SERVICE", "S-1-5-20"),
        ("LocalSystem", "S-1-5-18"),
        (r"HOSPITAL\cards", None),
        (r".\cards", None),
        ("cards", None),
    ],
)
def test_accounts_that_windows_has_anywhere(account: str, sid: str | None) -> None:
    assert known_sid(account) == sid


def test_an_account_of_this_machine_is_looked_up_by_its_name() -> None:
    assert plain_name(r" .\cards ") == "cards"
    assert plain_name(r"HOSPITAL\cards") == r"HOSPITAL\cards"


def test_its_data_are_the_machines() -> None:
    assert service_folder({"ProgramData": "/data"}) == Path("/data/cshis-bridge")
    assert str(service_folder({})).startswith(r"C:\ProgramData")
