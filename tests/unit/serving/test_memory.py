"""The collector of references in circles rests where it is told to, and works again afterwards."""

from __future__ import annotations

import gc

import pytest

from bridge.serving.memory import without_collector


def test_it_rests_and_works_again_also_after_a_fault() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), without_collector():
        _ = 1 // int(gc.isenabled())
    assert gc.isenabled()


def test_where_it_rested_before_it_goes_on_resting() -> None:
    gc.disable()
    try:
        with without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
