"""The rooms whose tools serve here, too: good calls and expected codes, routes and running bridges."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
for _room in ("scenarios", "routes"):
    sys.path.append(str(TESTS / _room))
