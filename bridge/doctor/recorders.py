"""A recorder (native/recorder) in a program's folder: that it is one, and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bridge.doctor.finding import Finding, broken, ok, warning
from bridge.installing.names import ORIGINAL, RECORDER_INI
from bridge.installing.pe import Executable, NotExecutable, read_executable
from bridge.installing.programs import kind
from bridge.installing.stamps import recorder_digest, table_digest
from bridge.table.model.rows import Table

CHECK = "library.recorder"


def check_recorder(dll: Path, executable: Executable, content: bytes, table: Table) -> Iterator[Finding]:
    """In: the recorder's file, its headers, its bytes. An ``original=`` of its settings is not followed."""
    undo = f'cshis-bridge install-dll "{dll.parent}" --undo takes it back.'
    yield warning(
        CHECK,
        f"{dll} is the recorder: calls go to {ORIGINAL} and are written to a trace",
        "The program talks past the bridge, as it should while it is recorded. A trace holds patients' data.",
        undo,
    )
    yield _original(dll, executable)
    if recorder_digest(content) != table.digest:
        yield warning(
            "library.table",
            f"{dll} was built from another table than this bridge's ({table.digest[:12]})",
            "In a comparison, functions that differ between the two are refused with -2.",
            "make native-windows, then put it there again.",
        )


def compares(dll: Path) -> bool:
    """Whether its settings say that the bridge is asked, too."""
    try:
        lines = dll.with_name(RECORDER_INI).read_bytes().splitlines()
    except OSError:
        return False
    return b"mode=compare" in [line.replace(b" ", b"") for line in lines]


def _original(dll: Path, recorder: Executable) -> Finding:
    """The DLL behind it: there, of the same bitness, and not one of ours."""
    original = next((path for path in dll.parent.iterdir() if path.name.lower() == ORIGINAL), None)
    after = "Every call ends with 4000."
    if original is None:
        advice = (
            f"Rename the official cshis.dll {ORIGINAL}, unless original= in {RECORDER_INI} names another."
        )
        return broken("library.original", f"there is no {ORIGINAL} in {dll.parent}", after, advice)
    advice = "Put the official cshis.dll of the program's bitness there."
    try:
        with original.open("rb") as file:
            found = read_executable(file)
        content = original.read_bytes()
    except (OSError, NotExecutable) as error:
        return broken("library.original", f"{original} is no DLL that can be read: {error}", after, advice)
    if found.machine != recorder.machine:
        what = f"{original} is {kind(found.machine)}, the recorder {kind(recorder.machine)}"
        return broken("library.original", what, after, advice)
    if recorder_digest(content) is not None:
        return broken("library.original", f"{original} is a recorder, too", after, advice)
    if table_digest(content) is not None:
        return warning(
            "library.original",
            f"{original} is the bridge's own DLL, not the official one",
            "What is recorded is what the bridge answers.",
            advice,
        )
    return ok("library.original", f"behind it stands {original.name}, a {kind(found.machine)} DLL")
