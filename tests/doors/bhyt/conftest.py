"""The running bridge of programs that look Vietnamese insurance cards up.

Before each test the portal is in its start state: tokens given before are worth nothing any more.
"""

from __future__ import annotations

import pytest

# The first account has two officers with the portal; the hospital has registered one for each user name.
SETTINGS = """
[bhyt]
username = "00001_TN"
password = "thu-nghiem-1"

[bhyt.officers.00001_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Một"
cccdCb = "000000000001"

[bhyt.officers.00002_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Hai"
cccdCb = "000000000002"
"""


@pytest.fixture
def bridge_settings() -> str:
    """A hospital that looks Vietnamese insurance cards up."""
    return SETTINGS
