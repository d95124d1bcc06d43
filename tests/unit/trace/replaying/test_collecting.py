"""When memory is looked through."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from bridge.lab.collecting import collected_afterwards, not_collected

Contexts = Callable[[], AbstractContextManager[None]]


class Round:
    """Holds itself."""

    def __init__(self) -> None:
        self.own = self


@pytest.mark.parametrize(("context", "gone"), [(collected_afterwards, True), (not_collected, False)])
@pytest.mark.parametrize("enabled", [True, False])
def test_what_a_work_leaves_behind(context: Contexts, gone: bool, enabled: bool) -> None:
    """It is not looked for meanwhile; then the collector is as it was, and nothing stays frozen."""
    try:
        if not enabled:
            gc.disable()
        with context():
            assert not gc.isenabled()
            left = weakref.ref(Round())
            assert left() is not None
        assert (left() is None) is gone
        assert (gc.isenabled(), gc.get_freeze_count()) == (enabled, 0)
        gc.collect()
        assert left() is None
    finally:
        gc.enable()
