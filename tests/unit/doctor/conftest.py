"""What the doctor's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.table.loader import default_table
from bridge.table.model.rows import Table
from tests.unit.doctor.servers import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(scope="session")
def table() -> Table:
    return default_table()
