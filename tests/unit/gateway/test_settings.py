"""Settings of a gateway that would not do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bridge.bhyt.stores import open_tokens
from bridge.config import BhytSettings
from bridge.errors import ConfigError

STORE = {"url": "rediss://redis.example:6379/0", "password": "p"}


@pytest.mark.parametrize("url", ["rediss://redis.example", "rediss://redis.example/", STORE["url"]])
def test_addresses_of_a_store(url: str) -> None:
    assert BhytSettings.model_validate({"gateway": {"store": {**STORE, "url": url}}}).gateway.store.url == url


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (
            {"gateway": {"store": {**STORE, "url": f"{STORE['url']}?ssl_cert_reqs=none"}}},
            "number of a database",
        ),
        ({"gateway": {"store": {**STORE, "url": f"{STORE['url']}?password=q"}}}, "number of a database"),
        ({"gateway": {"store": {**STORE, "url": "rediss://redis.example/tokens"}}}, "number of a database"),
        ({"gateway": {"clients": ["10.1.0.0/16", "10.2.3.4/16"]}}, "entry 2 .* write 10.2.0.0/16 for"),
        ({"gateway": {"clients": ["hospital.example"]}}, "entry 1 is neither"),
        ({"accounts": {"u": {"password": "p", "clients": ["10.1.2.3/24"]}}}, "write 10.1.2.0/24 for"),
        ({"url": "https://portal.example/api"}, "without /api"),
        ({"url": "https://portal.example/API/"}, "without /api"),
    ],
)
def test_what_would_not_do_what_it_says_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        BhytSettings.model_validate(given)


async def test_a_store_whose_authority_cannot_be_read_is_told_at_the_start(tmp_path: Path) -> None:
    store = {**STORE, "ca_file": tmp_path / "missing.pem"}
    settings = BhytSettings.model_validate({"gateway": {"store": store}})
    with pytest.raises(ConfigError, match=r"missing\.pem"):
        async with open_tokens(settings):
            pass
