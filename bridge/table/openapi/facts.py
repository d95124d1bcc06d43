"""Every fact a row states, with the provenance that holds for it: its own, else that of what it is in.

The coverage report counts them, the comparison with an OpenAPI document checks them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bridge.table.model.rows import Function, GroupSource, Output, Source, Step, Value

Kind = Literal["row", "request", "request field", "reply field", "notice"]
Grade = Literal["confirmed", "client", "design", "assumed", "unsupported"]
NodePath = tuple[str | int, ...]
JsonPath = tuple[str, ...]

GRADES: tuple[Grade, ...] = ("confirmed", "client", "design", "assumed")  # from firm to doubtful
_FORMER = re.compile(r"\(was [^)]*\)")
_DOUBT = re.compile(r"\bassumed\b")
_FIRST_SOURCES: tuple[tuple[Grade, re.Pattern[str]], ...] = (
    ("confirmed", re.compile(r"(seed \d{3}|manual \d|official|openapi)\b")),
    ("client", re.compile(r"a (real|client)\b")),
    ("design", re.compile(r"(design|derived)\b")),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a row.

    ``where`` names it for people. ``owner`` is the path, inside the row's YAML, of the mapping whose
    ``provenance`` holds for it. ``step`` is the index of the step of a request or request field, ``reply_of``
    the id of the step whose reply is read, ``names`` the JSON names (outermost first) under which the value
    is sent or looked for, the first present one counting.
    """

    kind: Kind
    where: str
    provenance: str
    owner: NodePath
    step: int | None = None
    reply_of: str = ""
    names: tuple[JsonPath, ...] = ()
    required: bool = True


def grade(provenance: str) -> Grade:
    """How firm a provenance text is.

    ``assumed`` anywhere in it makes it assumed. Otherwise the source named first counts: a seed, the manual,
    an official file or an OpenAPI document is ``confirmed``, a working program ``client``, our own decision
    ``design``. What names no known source is ``assumed``. What stands in ``(was ...)`` does not count.
    """
    text = _FORMER.sub("", provenance).strip()
    if _DOUBT.search(text):
        return "assumed"
    return next((name for name, source in _FIRST_SOURCES if source.match(text)), "assumed")


def weakest(grades: Iterable[Grade]) -> Grade:
    """The most doubtful of several grades; ``confirmed`` where there are none."""
    return max(grades, key=GRADES.index, default="confirmed")


def facts_of(function: Function) -> Iterator[Fact]:
    """The facts of a row in the order of its YAML."""
    yield Fact("row", function.name, function.provenance, ())
    for index, step in enumerate(function.steps):
        yield from _step(index, step)
    for name, output in function.outputs.items():
        yield from _output(name, output, ("outputs", name))
    if function.result is not None:
        yield from _output("return value", function.result, ("result",))
    for index, notice in enumerate(function.notices):
        owner: NodePath = ("notices", index)
        names = ((notice.json_name,),)
        where = f"notice {notice.code}"
        yield Fact("notice", where, notice.provenance, owner, reply_of=notice.step, names=names)


def _step(index: int, step: Step) -> Iterator[Fact]:
    owner: NodePath = ("steps", index)
    yield Fact("request", f"step {step.id}", step.provenance, owner, step=index)
    yield from _values(index, step.body, (*owner, "body"), Fact("request", "", step.provenance, owner))
    read = Fact("reply field", f"step {step.id}", step.provenance, owner, reply_of=step.id)
    if step.for_each is not None:
        yield replace(read, names=((step.for_each.reply,),))
    if step.receipt is not None:
        yield from _source(step.receipt, read, (*owner, "receipt"), ".receipt")


def _values(
    index: int, values: Mapping[str, Value], path: NodePath, outer: Fact, inside: JsonPath = ()
) -> Iterator[Fact]:
    for key, value in values.items():
        own = value.provenance is not None
        owner: NodePath = (*path, key) if own else outer.owner
        names: JsonPath = (*inside, key)
        provenance = value.provenance or outer.provenance
        fact = Fact("request field", ".".join(names), provenance, owner, step=index, names=(names,))
        yield fact
        yield from _values(index, value.fields, (*path, key, "fields"), fact, names)


def _output(name: str, output: Output, path: NodePath) -> Iterator[Fact]:
    outer = Fact("reply field", name, output.provenance, path, reply_of=output.step)
    if output.value is not None:
        yield from _source(output.value, outer, (*path, "value"))
    for field, source in output.fields.items():
        yield from _source(source, outer, (*path, "fields", field), f".{field}")
    for group, members in output.groups.items():
        yield from _group(group, members, outer, (*path, "groups", group))


def _group(group: str, members: GroupSource, outer: Fact, path: NodePath) -> Iterator[Fact]:
    own = members.provenance is not None
    listed = Fact(
        "reply field",
        f"{outer.where}.{group}",
        members.provenance or outer.provenance,
        path if own else outer.owner,
        reply_of=outer.reply_of,
        names=((members.json_name,),),
    )
    yield listed
    for field, source in members.fields.items():
        yield from _source(source, listed, (*path, "fields", field), f".{field}", (members.json_name,))


def _source(
    source: Source, outer: Fact, path: NodePath, suffix: str = "", inside: JsonPath = ()
) -> Iterator[Fact]:
    own = source.provenance is not None
    yield Fact(
        "reply field",
        outer.where + suffix,
        source.provenance or outer.provenance,
        path if own else outer.owner,
        reply_of=outer.reply_of,
        names=tuple((*inside, name) for name in source.names),
        required=source.required and source.sent is None,
    )
