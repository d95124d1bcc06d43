"""The ProductVersion of a Windows file."""

from __future__ import annotations

import struct

from bridge.installing.version import product_version
from tests.support.pe_headers import portable_executable, version_resource


def test_the_numbers_of_the_product_and_not_of_the_file() -> None:
    content = portable_executable(dll=True, content=version_resource(product=(5, 1, 5, 2), file=(1, 2, 3, 4)))
    assert product_version(content) == "5.1.5.2"


def test_a_file_without_such_a_resource() -> None:
    assert product_version(portable_executable(dll=True)) is None
    assert product_version(struct.pack("<I", 0xFEEF04BD).ljust(60, b"\1")) is None


def test_a_resource_that_ends_too_early() -> None:
    assert product_version(version_resource(product=(5, 1, 5, 2))[:60]) is None
