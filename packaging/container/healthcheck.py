"""Whether the bridge or the gateway of this container answers: exit code 0, or 1 with the reason."""

from __future__ import annotations

import json
import ssl
import sys
from pathlib import Path
from urllib.request import urlopen

from bridge.config import load_running, load_settings
from bridge.errors import ConfigError

SECONDS = 4
WELL = ("ok", "degraded")


def bridge() -> str:
    """The state that the bridge of the data directory tells."""
    settings = load_running(load_settings().data_dir / "running.toml")
    return state(f"http://127.0.0.1:{settings.facade.legacy_http_port}/healthz")


def gateway() -> str:
    """The state of the gateway. Its certificate is the one of its settings, whatever name it is made for."""
    settings = load_settings().bhyt.gateway
    if settings.certificate_file is None:
        return state(f"http://127.0.0.1:{settings.port}/healthz")
    trusting = ssl.create_default_context(cafile=str(Path(settings.certificate_file)))
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trusting.check_hostname = False
    return state(f"https://127.0.0.1:{settings.port}/healthz", trusting)


def state(address: str, trusting: ssl.SSLContext | None = None) -> str:
    """What /healthz says at an address. Raises OSError, ValueError, LookupError."""
    with urlopen(address, timeout=SECONDS, context=trusting) as reply:  # noqa: S310 - an address of ours
        return str(json.load(reply)["status"])


def main() -> str | None:
    """What is wrong, None for nothing."""
    try:
        found = {"bridge": bridge, "gateway": gateway}[sys.argv[1]]()
    except (OSError, ValueError, LookupError, ConfigError) as error:
        return f"it does not answer: {error}"
    return None if found in WELL else found


if __name__ == "__main__":
    sys.exit(main())
