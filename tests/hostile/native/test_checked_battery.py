"""The shim's whole battery again, by libraries that are watched: AddressSanitizer and UBSan, valgrind.

The tests are those of tests/routes. A fault is reported when the driver ends, with the last test of the file.
"""

from __future__ import annotations

import pytest

from tests.routes.test_functions import (  # noqa: F401
    test_function,
    test_what_the_writes_have_stored,
)
from tests.routes.test_in_strings import *  # noqa: F403
from tests.routes.test_memory import *  # noqa: F403
from tests.routes.test_used_buffers import *  # noqa: F403
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import NativeRoute
from tests.support.visit_steps import Visit, demo_patient, open_with_doctor, take_number


@pytest.fixture
def prepared(native_route: NativeRoute, bridge: Bridge) -> tuple[NativeRoute, Visit]:
    """The port open, SAM and doctor verified, a visit number taken."""
    visit = demo_patient()
    open_with_doctor(bridge, native_route)
    assert take_number(native_route, visit)[0] == 0
    return native_route, visit
