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
from bridge.words import said

CHECK = "library.recorder"


def check_recorder(dll: Path, executable: Executable, content: bytes, table: Table) -> Iterator[Finding]:
    """In: the recorder's file, its headers, its bytes. An ``original=`` of its settings is not followed."""
    install = f'cshis-bridge install-dll "{dll.parent}"'
    yield warning(
        CHECK,
        said(
            "{dll} is the recorder: calls go to {original} and are written to a trace",
            dll=dll,
            original=ORIGINAL,
        ),
        said(
            "The program talks past the bridge, as it should while it is recorded. A trace "
            "holds patients' data."
        ),
        said("{install} --undo takes it back.", install=install),
    )
    yield _original(dll, executable)
    if recorder_digest(content) != table.digest:
        yield warning(
            "library.table",
            said(
                "{dll} was built from another table than this bridge's ({value})",
                dll=dll,
                value=table.digest[:12],
            ),
            said("In a comparison, functions that differ between the two are refused with -2."),
            said("make native-windows, then put it there again."),
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
        advice = said(
            "Rename the official cshis.dll {original}, unless original= in {recorder_ini} names another.",
            original=ORIGINAL,
            recorder_ini=RECORDER_INI,
        )
        return broken(
            "library.original",
            said("there is no {original} in {parent}", original=ORIGINAL, parent=dll.parent),
            after,
            advice,
        )
    advice = said("Put the official cshis.dll of the program's bitness there.")
    try:
        with original.open("rb") as file:
            found = read_executable(file)
        content = original.read_bytes()
    except (OSError, NotExecutable) as error:
        return broken(
            "library.original",
            said("{original} is no DLL that can be read: {error}", original=original, error=error),
            after,
            advice,
        )
    if found.machine != recorder.machine:
        what = said(
            "{original} is {kind}, the recorder {kind_2}",
            original=original,
            kind=kind(found.machine),
            kind_2=kind(recorder.machine),
        )
        return broken("library.original", what, after, advice)
    if recorder_digest(content) is not None:
        return broken(
            "library.original", said("{original} is a recorder, too", original=original), after, advice
        )
    if table_digest(content) is not None:
        return warning(
            "library.original",
            said("{original} is the bridge's own DLL, not the official one", original=original),
            said("What is recorded is what the bridge answers."),
            advice,
        )
    return ok(
        "library.original",
        said("behind it stands {name}, a {kind} DLL", name=original.name, kind=kind(found.machine)),
    )
