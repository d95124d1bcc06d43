"""The properties that a silent installation takes: one for each setting that is a plain value.

``msiexec /i cshis-bridge.msi /qn CLOUD_URL=https://... READER_DEFAULT_DEVICE=COM3`` writes them to the
registry, where ``bridge/config/machine.py`` finds them.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bridge.config import Settings
from bridge.config.base import Section
from bridge.installing.service import ACCOUNT
from bridge.windows.rights import INTERACTIVE

OF_A_SERVICE = {"SERVICE_ACCOUNT": ACCOUNT, "SERVICE_READERS": INTERACTIVE}
"""The account it runs as, and the group whose programs may use the cards; with what stands in them where
nobody says otherwise, or has said so before."""
PASSWORD = "SERVICE_PASSWORD"  # noqa: S105 - the name of the property
"""Of an account that has one. It stands in no log of Windows Installer."""
NOTED = {name: name.lower() for name in ("START", "HIS_FOLDERS", "NHI_LIB", *OF_A_SERVICE)}
"""Properties of the installer itself that it notes, so that an upgrade knows them: by property, the name of
the value (bridge/installing/given.py)."""
BEFORE = "_BEFORE"  # after the property: what was noted
REMOVE_DATA = "REMOVE_DATA"

USUAL_START = "logon"
STARTS = (USUAL_START, "service", "none")
LEFT_OUT = ("data_dir",)  # each user's own


def all_properties() -> list[str]:
    """The names of all properties."""
    noted = [each for name in NOTED for each in (name, f"{name}{BEFORE}")]
    return [PASSWORD, *noted, REMOVE_DATA, *(name for name, _ in properties())]


def started(how: str) -> str:
    """The condition that the bridge is started so, one of STARTS: by what is said now, else by what was said
    before; at log-on where nothing useful ever was. Capitals do not count.
    """
    before = f"START{BEFORE}"
    if how == USUAL_START:
        others = " OR ".join(f'{before} ~= "{other}"' for other in STARTS if other != how)
        return f'START ~= "{how}" OR (NOT START AND NOT ({others}))'
    return f'START ~= "{how}" OR (NOT START AND {before} ~= "{how}")'


def remembered() -> Iterator[tuple[str, str, str]]:
    """What the installer sets by itself: property, value, condition, in their order. Readers that were given
    once stay the only ones. Of accounts only those come back that need no password, which is kept nowhere.
    """
    for name, usual in OF_A_SERVICE.items():
        before = f"{name}{BEFORE}"
        account = name == "SERVICE_ACCOUNT"
        useful = f'({before} >> "$" OR {before} ~<< "NT ")' if account else before
        yield name, f"[{before}]", f"NOT {name} AND {useful} AND ({started('service')})"
        yield name, usual, f"NOT {name} AND ({started('service')})"


def known_start() -> str:
    """The condition that START is nothing, or one of STARTS: a misspelt one would start nothing, for ever."""
    return " OR ".join(("Installed", "NOT START", *(f'START ~= "{how}"' for how in STARTS)))


def properties(model: type[BaseModel] = Settings, before: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Pairs of property and setting, such as ("CLOUD_URL", "cloud.url").

    Secrets are left out: everybody can read the registry, and the log of an installation.
    """
    for name, field in model.model_fields.items():
        place = (*before, name)
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from properties(kind, place)
        elif not _secret(field) and name not in LEFT_OUT:
            yield "_".join(place).upper(), ".".join(place)


def _secret(field: FieldInfo) -> bool:
    def inside(kind: Any) -> bool:
        return kind is SecretStr or any(inside(part) for part in getattr(kind, "__args__", ()))

    return inside(field.annotation)
