"""What the installer has the bridge's own command do: HIS folders, ending what runs, what is taken away.

All of it runs as Windows itself, deferred, and takes nothing from the command line of msiexec: what was given
stands in the registry by then, where administrators alone write. Only the service is told account and readers
so, and never by a repair, which people may begin who are no administrators. None of it stops an installation
or a removal; what fails stands in the log beside the programs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from bridge.installing.service import SERVICE
from native.installer.properties import REMOVE_DATA, remembered, started

Rows = list[list[str]]
LOG = "set-up.log"
# Of Windows Installer: types of actions, and the numbers of its steps
PROGRAM_OF_A_FILE, GO_ON, BACK_ONLY, IN_SCRIPT, AS_WINDOWS = 18, 64, 256, 1024, 2048
SETS_A_PROPERTY = 51
LAUNCH_CONDITIONS = 100
FILES_REMOVED, SERVICES_INSTALLED, FINALIZED = 3500, 5800, 6600
SERVICE_DATA = f'--data-dir "[CommonAppDataFolder]{SERVICE}"'
SERVICE_WORDS = '--account "[SERVICE_ACCOUNT]" --readers "[SERVICE_READERS]"'
SET_UP, BACK = "set_up_machine", "set_up_machine_back"
REMOVED = 'REMOVE = "ALL"'
FIRST_TIME = "NOT Installed AND NOT WIX_UPGRADE_DETECTED AND NOT REMOVE"


@dataclass(frozen=True)
class Action:
    """A command of ours: its words, when it runs, its place among the installer's steps (by number)."""

    name: str
    words: str
    condition: str
    place: int
    back: bool = False

    @property
    def kind(self) -> str:
        """The number that says how it runs."""
        return str(PROGRAM_OF_A_FILE | GO_ON | IN_SCRIPT | AS_WINDOWS | (BACK_ONLY if self.back else 0))


def own_actions() -> Iterator[Action]:
    """In the order in which they run: what takes away while the command is still there, what sets up last."""
    log = f'--log "[INSTALLDIR]{LOG}"'
    gone = f"{REMOVED} AND NOT UPGRADINGPRODUCTCODE"
    data = f'{REMOVE_DATA} = "1"'
    away, up = FILES_REMOVED - 100, FINALIZED - 100
    yield Action("end_bridges", "stop --everyone", f"{REMOVED} AND UPGRADINGPRODUCTCODE", away)
    yield Action("clear_machine", f"clear-machine {log}", f"{gone} AND NOT {data}", away + 1)
    yield Action("clear_data", f"clear-machine --remove-data {log}", f"{gone} AND {data}", away + 2)
    begins = f"NOT Installed AND NOT REMOVE AND ({started('service')})"
    prepare = f"prepare-service {SERVICE_DATA} {SERVICE_WORDS} {log}"
    yield Action("prepare_service", prepare, begins, SERVICES_INSTALLED + 50)
    yield Action(BACK, f"clear-machine {log}", FIRST_TIME, up, back=True)
    yield Action(SET_UP, f"set-up-machine {log}", "NOT REMOVE", up + 1)


def add_actions(product: Element, file_id: str) -> None:
    """The first of them alone, so that the tables are there: of several, wixl's order changes from one run to
    the next. In: the description; the id of the command among its files.
    """
    action = next(own_actions())
    sequence = SubElement(product, "InstallExecuteSequence")
    SubElement(
        product, "CustomAction", Id=action.name, FileKey=file_id, ExeCommand=action.words,
        Execute="deferred", Impersonate="no", Return="ignore",
    )  # fmt: skip
    custom = SubElement(sequence, "Custom", Action=action.name, Sequence=str(action.place))
    custom.text = action.condition


def complete_actions(actions: Rows, sequence: Rows) -> tuple[Rows, Rows]:
    """Rewrite rows of the two tables: wixl puts actions in an order of its own, and knows none that run back.

    In: the rows of CustomAction and of InstallExecuteSequence, without their heads. Out: the same with all
    actions of ours, in their order.
    """
    own = list(own_actions())
    names = {action.name for action in own}
    file_id, *rest = next(row[2:] for row in actions if row[0] == own[0].name)
    actions = [row for row in actions if row[0] not in names]
    sequence = [row for row in sequence if row[0] not in names]
    ours = [[action.name, action.kind, file_id, action.words, *rest[1:]] for action in own]
    steps = [[action.name, action.condition, str(action.place)] for action in own]
    for place, (name, value, condition) in enumerate(remembered(), LAUNCH_CONDITIONS + 10):
        step = f"set_{name.lower()}_{place}"
        ours.append([step, str(SETS_A_PROPERTY), name, value, *rest[1:]])
        steps.append([step, condition, str(place)])
    return sorted(actions) + ours, sorted([*sequence, *steps], key=lambda row: int(row[2]))
