"""Writes the page that documents all functions (docs/reference/functions.md). Pure: Table -> Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.table.codegen.abi import component_method, declared, prototype
from bridge.table.document.chapter import Chapter
from bridge.table.document.codes import reply_of, special_codes
from bridge.table.document.console import console
from bridge.table.document.coverage import count_lines, coverage
from bridge.table.document.records import argument_lines
from bridge.table.document.services import services
from bridge.table.model.rows import Function, Output, Route, Source, Step, Table, Value, When

COMMAND = "cshis-bridge table docs --output docs/reference/functions.md"
_LAST = 1000
_STATUS = {
    "mapped": "control software 6.0 offers it",
    "assumed": "served, on a prototype or request that is assumed",
    "beyond": "6.0 dropped it, the bridge serves it",
    "unsupported": "answers -2, on an off-line path of the virtual-card SDK 1099",
}
_EFFECT = {
    "read": "reads",
    "session": "changes the reader's state only",
    "write": "changes the card, or what the insurer holds",
    "allocates": "takes a number from the insurer",
}
_TARGETS = {"cloud": "cloud", "centre": "upload centre", "console": "console"}
_SIGNERS = {
    "sam": "SAM",
    "hc": "SAM and health card",
    "hpc": "SAM and practitioner card",
    "hpchc": "SAM, practitioner card and health card",
}


def functions_page(table: Table, further: Sequence[Chapter] = ()) -> str:
    """The whole page: how to read it, an overview of all functions, then each function, then the chapters
    that others add.
    """
    lines = [*_head(table), *_coverage(table, further)]
    for part in (_overview, _sections, console, services):
        lines += part(table)
    for chapter in further:
        lines += chapter.lines
    return "\n".join(lines) + "\n"


def _head(table: Table) -> Iterator[str]:
    yield "# Functions"
    yield ""
    yield f"Generated from `mappings/` by `{COMMAND}`; do not edit."
    yield ""
    yield (
        "Widths and offsets are bytes in code page 950. Section numbers are those of the API manual 3.3, "
        "`VHC` is the virtual-card SDK, `-` an export that no manual describes. Texts in square brackets say "
        "where a fact comes from (see [mappings/README.md](../../mappings/README.md)); what is `assumed` is "
        "not confirmed."
    )
    yield ""
    yield "| status | meaning |"
    yield "|---|---|"
    yield from (f"| {status} | {meaning} |" for status, meaning in _STATUS.items())
    yield ""


def _coverage(table: Table, further: Sequence[Chapter]) -> Iterator[str]:
    yield "## What is confirmed"
    yield ""
    yield (
        "Counts of facts by their source: `confirmed` by an official document or file, taken from a working "
        "program (`client`), our own decision (`design`), or `assumed`. A function is as firm as its weakest "
        "fact. `cshis-bridge table coverage` names the functions that rest on an assumption."
    )
    yield ""
    yield "```text"
    yield from count_lines(coverage(table, further))
    yield "```"
    yield ""


def _overview(table: Table) -> Iterator[str]:
    yield "## Overview"
    yield ""
    yield "| § | function | 中文 | status | effect | HTTP path |"
    yield "|---|---|---|---|---|---|"
    for row in _ordered(table):
        paths = "<br>".join(f"`{route.path}`" for route in table.routes if route.function == row.name)
        name = f"[{row.name}](#{row.name.lower()})"
        effect = "" if row.status == "unsupported" else row.effect
        yield f"| {row.section} | {name} | {_cell(row.title)} | {row.status} | {effect} | {paths} |"
    yield ""


def _sections(table: Table) -> Iterator[str]:
    yield "## Each function"
    for row in _ordered(table):
        yield ""
        yield from _function(table, row)


def _ordered(table: Table) -> list[Function]:
    """All rows in the order of the manual; what it does not describe comes last, as the table has it."""
    return sorted(table.functions.values(), key=lambda row: _section_key(row.section))


def _section_key(section: str) -> tuple[int, ...]:
    numbers = section.split(".")
    return tuple(map(int, numbers)) if all(n.isdecimal() for n in numbers) else (_LAST,)


def _function(table: Table, row: Function) -> Iterator[str]:
    yield f"### {row.name}"
    yield ""
    yield f"§ {row.section} {row.title}. {row.summary}"
    yield ""
    effect = "" if row.status == "unsupported" else f" Effect: {row.effect} ({_EFFECT[row.effect]})."
    yield f"Status: {row.status} ({_STATUS[row.status]}).{effect} [{row.provenance}]"
    if row.export:
        yield ""
        yield from _declaration(table, row)
    yield from _routes(table, row)
    yield from argument_lines(table, row)
    yield from _requests(row)
    yield from _outputs(row)
    yield from special_codes(table, row)


def _declaration(table: Table, row: Function) -> Iterator[str]:
    if row.library == "cshisx":
        yield f"Method of the COM component `CsHisX.nhicshisx.1`: `{component_method(row)}`."
        return
    yield "```c"
    yield f"{prototype(row.name, declared(table, row))};"
    yield "```"
    yield f"Ordinal {row.ordinal}, {row.stack_bytes} stack bytes."


def _routes(table: Table, row: Function) -> Iterator[str]:
    routes = [route for route in table.routes if route.function == row.name]
    if routes:
        yield ""
        yield "HTTP: " + "; ".join(f"`POST {r.path}` ({_way(r)}) [{r.provenance}]" for r in routes)


def _way(route: Route) -> str:
    """How a path answers, and what it knows by itself."""
    remarks = [route.form, *(["ICD-10 form"] if route.bracketed else [])]
    remarks += [f"without `{name}`: {value}" for name, value in route.defaults.items()]
    remarks += [f"also inside `{route.envelope}`"] if route.envelope is not None else []
    return ", ".join(remarks)


# --- what is asked ------------------------------------------------------------------------------------------


def _requests(row: Function) -> Iterator[str]:
    if not row.steps:
        return
    yield ""
    yield "What it does in 6.0:"
    yield ""
    for number, step in enumerate(row.steps, start=1):
        name = f"`{step.id}`: " if len(row.steps) > 1 else ""
        yield f"{number}. {name}{_request(step)} [{step.provenance}]"
        for key, value in step.body.items():
            yield from _body_lines(key, value, "    ")


def _request(step: Step) -> str:
    parts = [_target(step)]
    if step.signature is not None:
        signers = _SIGNERS[step.signature.kind]
        parts.append(
            f"signature `{step.signature.kind}` ({signers}), service type {step.signature.service_type}"
        )
    if step.needs:
        parts.append(f"needs {', '.join(step.needs)}")
    if step.when is not None:
        parts.append(_when(step.when))
    if step.after:
        parts.append(f"where the one before it ended with {_numbers(step.after)}")
    if step.for_each is not None:
        texts = (*step.for_each.fields, *step.for_each.json_names)
        parts.append(
            f"once for each text of {', '.join(f'`{t}`' for t in texts)} (`{step.for_each.condition}`)"
        )
    if step.kept:
        parts.append("asked once in a console session")
    if step.tolerate:
        parts.append(f"{_numbers(step.tolerate)} mean that there is none")
    if step.receipt is not None:
        parts.append(f"carried out only where the reply has {_reply_origin(step.receipt)}")
    if step.once:
        parts.append("never repeated")
    return ", ".join(parts)


def _when(when: When) -> str:
    if when.setting is not None:
        return f"where the setting `{when.setting}` is {when.value}"
    looked_at = " ".join(str(v) for v in (when.argument, when.value) if v is not None)
    return f"when `{when.condition}` {looked_at}".rstrip()


def _target(step: Step) -> str:
    if step.target == "reader":
        return f"reader session `{step.reader}`"
    return f"{_TARGETS[step.target]} `{step.method} {step.path}`"


def _body_lines(key: str, value: Value, indent: str) -> Iterator[str]:
    noted = f" [{value.provenance}]" if value.provenance else ""
    only = f", {_when(value.when)}" if value.when is not None else ""
    yield f"{indent}- `{key}` from {_origin(value)}{only}{noted}"
    for name, inner in value.fields.items():
        yield from _body_lines(name, inner, indent + "    ")


def _origin(value: Value) -> str:
    """Where a request value comes from, whichever of its keys says so."""
    if value.item:
        return "that text"
    if value.count is not None:
        counted = f"the number of elements `{value.count}` in the file that `{value.content}` names"
        return counted + _bracketed([f"convert `{value.convert}`"])
    if value.content is not None:
        return f"the bytes of the file that `{value.content}` names, in base64"
    own = value.model_dump(
        exclude_none=True, exclude={"convert", "lookup", "plain", "fields", "when", "provenance"}
    )
    text = " ".join(f"{key} `{_plain(found)}`" for key, found in own.items())
    further = [f"{key} `{found}`" for key in ("plain", "convert", "lookup") if (found := getattr(value, key))]
    return text + _bracketed(further)


def _plain(found: object) -> str:
    return '""' if found == "" else str(found)


# --- what is given back -------------------------------------------------------------------------------------


def _outputs(row: Function) -> Iterator[str]:
    made = dict(row.outputs)
    if row.result is not None:
        made["return value"] = row.result
    if not made:
        return
    yield ""
    yield "What comes back:"
    yield ""
    for name, output in made.items():
        yield f"- `{name}` from {reply_of(row, output.step)} [{output.provenance}]"
        yield from _sources(output)


def _sources(output: Output) -> Iterator[str]:
    sources = {**output.fields, **({"value": output.value} if output.value is not None else {})}
    yield from (_source(name, source, "    ") for name, source in sources.items())
    for group, members in output.groups.items():
        noted = f" [{members.provenance}]" if members.provenance else ""
        exact = ", exactly as many as the record has" if members.exact else ""
        yield f"    - each of `{group}` from the list `{members.json_name}`{exact}{noted}"
        yield from (_source(name, source, "        ") for name, source in members.fields.items())


def _source(name: str, source: Source, indent: str) -> str:
    further = [f"{key} `{found}`" for key in ("convert", "lookup") if (found := getattr(source, key))]
    further += [] if source.required else ["may be missing"]
    noted = f" [{source.provenance}]" if source.provenance else ""
    return f"{indent}- `{name}` from {_reply_origin(source)}{_bracketed(further)}{noted}"


def _reply_origin(source: Source) -> str:
    """Where a value that is given back comes from: names of the reply, what was sent, or a constant."""
    origins = [f"`{name}`" for name in source.names]
    origins += [f"the `{source.sent}` that was sent"] if source.sent is not None else []
    return " or ".join(origins) or f"constant `{_plain(source.constant)}`"


def _bracketed(remarks: list[str]) -> str:
    return f" ({', '.join(remarks)})" if remarks else ""


def _numbers(codes: tuple[int, ...]) -> str:
    return ", ".join(str(code) for code in codes)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
