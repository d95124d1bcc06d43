"""The settings file: which one it is, and whether it can be read and used."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bridge.config import ENVIRONMENT_PREFIX, Settings, load_running, load_settings, settings_file
from bridge.doctor.finding import Finding, broken, ok, warning
from bridge.errors import ConfigError
from bridge.serving.owners import owner_of_data_dir
from bridge.words import said, text_of

NOT_SETTINGS = ("CSHIS_BRIDGE_CONFIG", "CSHIS_BRIDGE_DATA_DIR")  # they name the file and the directory


def read_settings(config: Path | None, data_dir: Path | None) -> tuple[Settings | None, list[Finding]]:
    """The settings as ``serve`` would use them, None where it could not; and what there is to say of them.
    Where a bridge runs with the data directory and no file is named, those that it was started with, options
    included.
    """
    overrides = {} if data_dir is None else {"data_dir": data_dir}
    try:
        settings = load_settings(config, **overrides)
    except ConfigError as error:
        return None, [
            broken(
                "settings",
                text_of(error),
                said("The bridge does not start with these settings."),
                said(
                    "Correct that line; `cshis-bridge config docs` lists all settings. Everything else "
                    "is checked when this is right."
                ),
            )
        ]
    file = settings_file(config, settings.data_dir)
    found = [*_about(file), *_rights(file, settings)]
    owner = owner_of_data_dir(settings.data_dir) if config is None else None
    if owner is not None:
        try:
            settings = load_running(Path(owner.settings))
        except ConfigError:
            return settings, found
        found.append(
            ok(
                "settings.running",
                said("looked at is the bridge that runs (process {pid}), as started", pid=owner.pid),
            )
        )
    return settings, found


def _about(file: Path | None) -> Iterator[Finding]:
    if file is None:
        yield ok("settings", said("no settings file: every setting has its default"))
    else:
        yield ok("settings", said("the settings file {file} is valid", file=file))
    further = sorted(
        name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX) and name not in NOT_SETTINGS
    )
    if further:
        yield ok(
            "settings.environment", said("the environment sets, and wins: {names}", names=", ".join(further))
        )


def _rights(file: Path | None, settings: Settings) -> Iterator[Finding]:
    """A file with PINs or a password is nobody else's business."""
    if file is None or os.name != "posix":
        return
    pins = settings.pin.fixed.model_dump(exclude_none=True)
    secret = bool(pins) or bool(settings.bhyt.known_accounts)
    if secret and stat.S_IMODE(file.stat().st_mode) & 0o044:
        yield warning(
            "settings.rights",
            said("other users of this machine can read {file}", file=file),
            said("It holds PINs or a password."),
            said("chmod 600 {file}", file=file),
        )
