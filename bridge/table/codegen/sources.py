"""Generates the C side from the table: header, export stubs, Windows module definition, Linux symbol list.

What varies per function is filled into the templates of ``native/templates``; each output names the table's
digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from string import Template

from bridge.codec.numbers import INT16
from bridge.errors import BadArgument, NotSupported, TableError, WrongPerson
from bridge.table.codegen.abi import Slot, declared, passed, prototype, signature_hash, slots
from bridge.table.codegen.routing import GROUPS_OF_NONE, facts_of, kind_names, role_of
from bridge.table.model.arguments import IgnoredArgument, RecordArgument
from bridge.table.model.rows import Function, Table

MOST_ARGUMENTS = 32  # CSHIS_MOST_ARGUMENTS of native/shim/runtime.h
FIRST_OWN_ORDINAL = 201
UNREACHABLE = ("transport", "bridge-unreachable")
BAD_ARGUMENT = (BadArgument.source, BadArgument.status)
NOT_SUPPORTED = (NotSupported.source, NotSupported.status)
WRONG_PERSON = (WrongPerson.source, WrongPerson.status)

HEADER = "cshis.h"
CDEF = "cshis.cdef.h"
EXPORTS = "exports.c"
DEFINITION = "cshis.def"
SYMBOLS = "libcshis.map"
COMPONENT_HEADER = "cshisx.h"
COMPONENT_CALLS = "cshisx.c"
RECORDER_CALLS = "recorder.c"

_C_KINDS = {
    "text": "CSHIS_TEXT",
    "block": "CSHIS_BLOCK",
    "record": "CSHIS_RECORD",
    "length": "CSHIS_LENGTH",
    "count": "CSHIS_COUNT",
    "scalar": "CSHIS_SCALAR",
    "text_out": "CSHIS_TEXT_OUT",
    "file": "CSHIS_FILE",
    "text_inout": "CSHIS_TEXT_INOUT",
}


def generate(table: Table, templates: Path, output: Path) -> list[Path]:
    """Write all generated files.

    In: a table, the folder of the templates, the folder to write to (made if missing).
    Out: the files that were written; one whose text is there already is left alone: builds stay incremental.
    Raises TableError for a row that C cannot express, OSError when a file cannot be read or written.
    """
    output.mkdir(parents=True, exist_ok=True)
    return [path for name, text in render(table, templates).items() if _write(path := output / name, text)]


def generate_component(table: Table, templates: Path, output: Path) -> list[Path]:
    """Write the two files that the component CsHisX (native/com) has of its own. All else as generate()."""
    output.mkdir(parents=True, exist_ok=True)
    rendered = render_component(table, templates).items()
    return [path for name, text in rendered if _write(path := output / name, text)]


def render_component(table: Table, templates: Path) -> dict[str, str]:
    """The calls of the component as C functions, which it does not export: texts by file name.

    Raises TableError for a row that C cannot express.
    """
    functions = _expressible(table, table.exported("cshisx"))
    fill = _Templates(templates, table.digest)
    declarations = "".join(_declaration(fill, table, row) for row in functions)
    codes = {
        "unreachable": table.statuses.legacy(*UNREACHABLE),
        "bad_argument": table.statuses.legacy(*BAD_ARGUMENT),
    }
    return {
        COMPONENT_HEADER: fill(COMPONENT_HEADER, declarations=declarations, **codes),
        COMPONENT_CALLS: fill(
            COMPONENT_CALLS, exports="".join(_component_export(fill, table, row) for row in functions)
        ),
    }


def render(table: Table, templates: Path) -> dict[str, str]:
    """The text of each generated file by its name. Raises TableError for a row that C cannot express."""
    functions = _expressible(table, table.exported())
    fill = _Templates(templates, table.digest)
    return {
        HEADER: fill(HEADER, declarations="".join(_declaration(fill, table, row) for row in functions)),
        CDEF: fill(
            CDEF, declarations="\n".join(f"{prototype(r.name, declared(table, r))};" for r in functions)
        ),
        EXPORTS: _exports(fill, table, functions),
        DEFINITION: fill(DEFINITION, exports="\n".join(f"    {n} @{o}" for n, o in ordinals(table).items())),
        SYMBOLS: fill(SYMBOLS, exports="\n        ".join(f"{row.name};" for row in functions)),
    }


def generate_recorder(table: Table, templates: Path, output: Path, version: str) -> list[Path]:
    """Write the file that the recorder (native/recorder) has of its own. ``version``: of the software. All
    else as generate().
    """
    output.mkdir(parents=True, exist_ok=True)
    rendered = render_recorder(table, templates, version).items()
    return [path for name, text in rendered if _write(path := output / name, text)]


def render_recorder(table: Table, templates: Path, version: str) -> dict[str, str]:
    """The exports of the recorder: all of cshis.dll's, each with every word it is declared with.

    Raises TableError for a row that C cannot express.
    """
    functions = _expressible(table, table.exported())
    fill = _Templates(templates, table.digest)
    exports = "".join(_recorded(fill, table, row) for row in functions)
    return {RECORDER_CALLS: fill(RECORDER_CALLS, version=version, exports=exports)}


def asks_only(row: Function) -> bool:
    """Whether a call may be put to a bridge a second time: it reads, by requests alone.

    Nothing is changed, no visit number taken, no reader operation (such as asking for a PIN) carried out; and
    the bridge is sent all that the program passed, or nothing.
    """
    ignored = sum(isinstance(argument, IgnoredArgument) for argument in row.arguments)
    return (
        row.effect == "read"
        and row.status != "unsupported"
        and all(step.reader is None for step in row.steps)
        and ignored in (0, len(row.arguments))
    )


def is_comparable(table: Table, row: Function) -> bool:
    """Whether a call may be put to the other side as well, and both should answer alike: all that the program
    passed is known, and what comes back does not differ from one moment to the next.
    """
    unknown = any(isinstance(argument, IgnoredArgument) for argument in row.arguments)
    varies = table.cutover is None or row.name in table.cutover.varies
    return asks_only(row) and not unknown and not varies


def ordinals(table: Table) -> dict[str, int]:
    """The ordinal of each export: the official one, else the next free from 201 on, in the table's order."""
    taken = {row.ordinal for row in table.exported()}
    numbers = iter(range(FIRST_OWN_ORDINAL, 65536))
    free = (number for number in numbers if number not in taken)
    return {row.name: row.ordinal or next(free) for row in table.exported()}


class _Templates:
    """Fills the templates of a folder; a name without a value is an error (KeyError), never left standing."""

    def __init__(self, folder: Path, digest: str) -> None:
        self._folder = folder
        self._digest = digest
        self._loaded: dict[str, Template] = {}

    def __call__(self, template: str, /, **values: str | int) -> str:
        if template not in self._loaded:
            self._loaded[template] = Template((self._folder / f"{template}.in").read_text(encoding="utf-8"))
        return self._loaded[template].substitute(values, digest=self._digest)


def _declaration(fill: _Templates, table: Table, row: Function) -> str:
    return fill(
        "declaration.h",
        section=_comment(row.section),
        name=row.name,
        title=_comment(row.title),
        summary=_comment(row.summary),
        declaration=_stdcall(table, row),
    )


def _exports(fill: _Templates, table: Table, functions: tuple[Function, ...]) -> str:
    """The exports of cshis.dll, and the facts by which each is routed (native/cutover)."""
    groups = table.cutover.groups if table.cutover is not None else GROUPS_OF_NONE
    position = {row.name: index for index, row in enumerate(functions)}
    identity = role_of(table, "identity")
    return fill(
        EXPORTS,
        exports="".join(_routed(fill, table, row, position[row.name]) for row in functions),
        rows=",\n    ".join(_facts(table, row) for row in functions),
        groups=",\n    ".join(f'{{"{name}", {kind_names(group.kind)}}}' for name, group in groups.items()),
        identity=position.get(identity, -1),
        identity_bytes=_identity_bytes(table, identity),
    )


def _routed(fill: _Templates, table: Table, row: Function, position: int) -> str:
    """An export that may be routed: all words it is declared with, and those that are sent."""
    everything = declared(table, row)
    sent = () if row.status == "unsupported" else slots(table, row)
    words = f"const union cshis_word words[] = {{{_words(everything)}}};\n    " if everything else ""
    own = sent and len(sent) < len(everything)
    function = ""
    if row.status != "unsupported":
        function = fill(
            "function.c",
            name=row.name,
            signature=f"0x{signature_hash(row.name, sent):08x}",
            unreachable=table.statuses.legacy(*UNREACHABLE, row.contexts),
            bad_argument=table.statuses.legacy(*BAD_ARGUMENT, row.contexts),
            count=len(sent),
            slots=_slot_array(row, sent),
            of_slots=f"slots_{row.name}" if sent else "0",
        )
    return function + fill(
        "export.c",
        declaration=_stdcall(table, row),
        words=words + (f"const union cshis_word sent[] = {{{_words(sent)}}};\n    " if own else ""),
        position=position,
        sent="sent" if own else "words" if sent else "0",
        passed="words" if everything else "0",
    )


def _slot_array(row: Function, sent: tuple[Slot, ...]) -> str:
    if not sent:
        return ""
    lines = ",\n    ".join(map(_slot, sent))
    return f"static const struct cshis_slot slots_{row.name}[] = {{\n    {lines},\n}};\n"


def _facts(table: Table, row: Function) -> str:
    """What the routing knows of an export: struct cshis_row of native/shim/route.h."""
    facts = facts_of(table, row)
    function = "0" if row.status == "unsupported" else f"&function_{row.name}"
    codes = (
        table.statuses.legacy(*UNREACHABLE, row.contexts),
        table.statuses.legacy(*NOT_SUPPORTED, row.contexts),
        table.statuses.legacy(*_refusal(table), row.contexts),
    )
    marks = [str(mark).lower() for mark in (facts.changes, facts.allocates, is_comparable(table, row))]
    places = ", ".join(f"{{{place.argument}, {place.record}, {place.at}}}" for place in facts.places)
    notices = ", ".join(map(str, facts.notices))
    return (
        f'{{"{row.name}", {function}, {row.ordinal or 0}, {", ".join(map(str, codes))}, '
        f"{{{notices}}}, {len(row.arguments)}, {facts.group}, {facts.role}, {', '.join(marks)}, {places}}}"
    )


def _refusal(table: Table) -> tuple[str, str]:
    """Why a call is refused that would mix two persons; a table without a cut-over refuses none."""
    return UNREACHABLE if table.cutover is None else WRONG_PERSON


def _identity_bytes(table: Table, name: str) -> int:
    row = table.functions.get(name)
    if row is None or not isinstance(row.arguments[0], RecordArgument):
        return 1
    return table.records_out[row.arguments[0].record].width


def _words(arguments: tuple[Slot, ...]) -> str:
    return ", ".join(_word(slot) for slot in arguments)


def _component_export(fill: _Templates, table: Table, row: Function) -> str:
    """A call of the component CsHisX, which nothing routes."""
    arguments = slots(table, row)
    values: dict[str, str | int] = {
        "declaration": _stdcall(table, row),
        "name": row.name,
        "signature": f"0x{signature_hash(row.name, arguments):08x}",
        "unreachable": table.statuses.legacy(*UNREACHABLE, row.contexts),
        "bad_argument": table.statuses.legacy(*BAD_ARGUMENT, row.contexts),
    }
    values["ignored"] = "".join(
        f"    (void){slot.name};\n" for slot in declared(table, row) if slot not in arguments
    )
    if not arguments:
        return fill("component_export_without_arguments.c", **values)
    lines = ",\n        ".join(_slot(slot) for slot in arguments)
    words = ", ".join(_word(slot) for slot in arguments)
    return fill("component_export.c", **values, count=len(arguments), slots=lines, words=words)


def _recorded(fill: _Templates, table: Table, row: Function) -> str:
    """An export of the recorder. Arguments are whole words: nothing of what the caller passes is lost."""
    arguments = passed(table, row)
    sent = slots(table, row)
    values: dict[str, str | int] = {
        "name": row.name,
        "ordinal": row.ordinal or 0,
        "unreachable": table.statuses.legacy(*UNREACHABLE, row.contexts),
        "bad_argument": table.statuses.legacy(*BAD_ARGUMENT, row.contexts),
        "not_supported": table.statuses.legacy(*NOT_SUPPORTED, row.contexts),
        "signature": f"0x{signature_hash(row.name, sent):08x}",
        "asked": "&question" if asks_only(row) else "0",
    }
    values["question"] = (
        fill("recorder_question.c", **values, count=len(sent), slots="slots" if sent else "0")
        if asks_only(row)
        else ""
    )
    if not arguments:
        return fill("recorder_export_without_arguments.c", **values)
    return fill(
        "recorder_export.c",
        **values,
        count=len(arguments),
        parameters=", ".join(f"recorder_word {slot.name}" for slot in arguments),
        types=", ".join("recorder_word" for _ in arguments),
        words=", ".join(slot.name for slot in arguments),
        names=", ".join(f'"{slot.name}"' for slot in arguments),
        slots=",\n        ".join(_slot(slot) for slot in arguments),
    )


def _stdcall(table: Table, row: Function) -> str:
    """The declaration of an export. A word of which nobody has published more than an old ``long`` goes on as
    it came: a 64-bit program may pass an address in it.
    """
    arguments = tuple(
        replace(slot, c_type="intptr_t ") if (slot.kind, slot.c_type) == ("ignored", "long ") else slot
        for slot in declared(table, row)
    )
    return prototype(f"CSHIS_CALL {row.name}", arguments)


def _slot(slot: Slot) -> str:
    flags = [str(flag).lower() for flag in (slot.terminated, slot.own_path)]
    fields = (_C_KINDS[slot.kind], slot.most, flags[0], slot.length, flags[1], slot.count, slot.row)
    return f"{{{', '.join(map(str, fields))}}}"


def _word(slot: Slot) -> str:
    """A word of the caller's; one of which only the C type is known goes on as it is, whatever it holds."""
    if slot.kind == "ignored":
        return f"{{.whole = (uintptr_t){slot.name}}}"
    member = "value" if slot.kind == "scalar" else "pointer"
    return f"{{.{member} = {slot.name}}}"


def _comment(text: str) -> str:
    """One line that cannot end the C comment it stands in."""
    return " ".join(text.split()).replace("*/", "* /")


def _expressible(table: Table, rows: Iterable[Function]) -> tuple[Function, ...]:
    checked = tuple(rows)
    faults = list(_faults(table, checked))
    if faults:
        raise TableError(faults)
    return checked


def _faults(table: Table, rows: Iterable[Function]) -> Iterator[str]:
    for row in rows:
        if len(row.arguments) > MOST_ARGUMENTS:
            yield f"{row.name}: {len(row.arguments)} arguments, the library takes at most {MOST_ARGUMENTS}"
        for source, status in (UNREACHABLE, BAD_ARGUMENT, NOT_SUPPORTED, _refusal(table)):
            code = table.statuses.legacy(source, status, row.contexts)
            if code == 0 or code not in INT16:
                yield f"{row.name}: {source}/{status} gives {code}, which is no 16-bit failure code"


def _write(path: Path, text: str) -> bool:
    encoded = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == encoded:
        return False
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(encoded)
    fresh.replace(path)
    return True
