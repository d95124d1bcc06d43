"""What the client of a lookup gets: the portal's reply under the names that it reads, or a failure. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.bhyt.model import Lookup, LookupFamily, LookupFill, LookupReply
from bridge.bhyt.plan import LookupPlan
from bridge.errors import BadReply, NotThisPerson, StatusError

PERSON_DIGITS = 10  # the last of a card number, and all of a social-insurance number (mã số BHXH)
YEAR_DIGITS = 4  # the last of a birth date, and all of a bare year
NUMBER_LENGTHS = (10, 15)  # those of mã số BHXH and card; a citizen id (12) does not come back in a reply
BRIDGE = "(cshis-bridge)"  # behind every text that the bridge adds

Reply = dict[str, Any]


def read_reply(family: LookupFamily, plan: LookupPlan, reply: Mapping[str, Any]) -> Reply:
    """The portal's reply under its documented names; texts and order stay.

    Raises NotThisPerson when it is about another card than the one asked for, BadReply when two of its names
    are one.
    """
    read: Reply = tidy(family.reply, reply)
    _check_person(family, plan, read)
    return read


def open_fills(plan: LookupPlan, result: str, reply: Mapping[str, Any]) -> Iterator[tuple[str, LookupFill]]:
    """The lists that the reply leaves null and another request has, by their names."""
    for name, fill in plan.request.fills.items():
        if reply.get(name) is None and result in fill.results:
            yield name, fill


def filling(family: LookupFamily, fill: LookupFill, reply: Mapping[str, Any]) -> list[Any] | None:
    """The list of a further request's reply; None where it has none to tell. Raises StatusError where
    its result is not one about a card, BadReply where its list is none.
    """
    result = str(reply[family.reply.result])
    listed = family.results.get(result)
    if listed is None or listed.about != "card":
        raise StatusError("portal", result)
    found = reply.get(fill.list)
    if found is not None and not (isinstance(found, list) and all(isinstance(each, dict) for each in found)):
        raise BadReply("portal", f"{fill.list} of {fill.request} is no list of objects")
    return found


def told(family: LookupFamily, plan: LookupPlan, reply: Reply) -> Reply:
    """The reply as this lookup's clients read it. Raises BadReply when it has one of their names already."""
    lookup = plan.lookup
    renamed = {lookup.renames.get(name, name): value for name, value in reply.items()}
    if len(renamed) != len(reply):
        raise BadReply("portal", "the answer has a name twice")
    for name in plan.request.lists:
        name = lookup.renames.get(name, name)
        if lookup.copies and isinstance(renamed.get(name), list):
            renamed[name] = [_with_copies(lookup, item) for item in renamed[name]]
    return _with_owner(family, plan, renamed)


def failure_reply(family: LookupFamily, result: str, reason: str = "", lookup: Lookup | None = None) -> Reply:
    """The reply of a lookup without one of the portal: result code, a note for people, lists that are null
    (some clients look for their names in the text). ``lookup`` None: the reply of a token.
    """
    meaning = family.results[result].meaning if result in family.results else ""
    note = ": ".join(part for part in (meaning, f"{reason} {BRIDGE}" if reason else "") if part)
    names = family.requests[lookup.request].lists if lookup is not None else ()
    renames = lookup.renames if lookup is not None else {}
    lists = {renames.get(name, name): None for name in names}
    return {family.reply.result: result, family.reply.note: note, **lists}


def refusal_reply(family: LookupFamily, http_status: int) -> Reply:
    """The reply to a request that is refused before anybody has looked at it, by the answer's HTTP status."""
    refusal = family.pass_through.refusals.get(http_status) or family.pass_through.faults["no-such-path"]
    return failure_reply(family, refusal.result, refusal.note)


def tidy(names: LookupReply, value: Any) -> Any:
    """The same with documented names: no blanks around them, their letter case, one spelling; also inside
    lists. Raises BadReply when two names are one.
    """
    if isinstance(value, list):
        return [tidy(names, item) for item in value]
    if not isinstance(value, Mapping):
        return value
    read = {}
    for name, content in value.items():
        stripped = name.strip()
        read[names.documented.get(stripped.lower(), stripped)] = tidy(names, content)
    if len(read) != len(value):
        raise BadReply("portal", "the answer has a name twice")
    return read


def _check_person(family: LookupFamily, plan: LookupPlan, reply: Mapping[str, Any]) -> None:
    asked = plan.person
    if len(asked) not in NUMBER_LENGTHS:
        _check_year(family, plan, reply)
        return
    numbers = [number for name in family.reply.persons if (number := _number(name, reply.get(name)))]
    if numbers and asked[-PERSON_DIGITS:] not in {number[-PERSON_DIGITS:] for number in numbers}:
        raise NotThisPerson("the portal answered about another card; its reply is thrown away")


def _check_year(family: LookupFamily, plan: LookupPlan, reply: Mapping[str, Any]) -> None:
    """What is left to compare where no number of the reply can be the one asked for."""
    told = reply.get(family.reply.born)
    if not told:
        return
    if str(told).strip()[-YEAR_DIGITS:] != plan.fields[family.reply.born][-YEAR_DIGITS:]:
        raise NotThisPerson("the portal answered about somebody of another age; its reply is thrown away")


def _number(name: str, value: object) -> str:
    """The digits that tell whose number it is; "" for none. Raises BadReply for what is none: nobody could
    tell whose reply that is.
    """
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).zfill(PERSON_DIGITS)
    if not isinstance(value, str):
        raise BadReply("portal", f"{name} is no number of a card")
    return value.strip()


def _with_copies(lookup: Lookup, item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    copies = {new: item[old] for new, old in lookup.copies.items() if old in item and new not in item}
    return {**item, **copies}


def _with_owner(family: LookupFamily, plan: LookupPlan, reply: Reply) -> Reply:
    """Where the portal does not accept the officer: whose entry that is, behind its note."""
    listed = family.results.get(str(reply[family.reply.result]))
    if listed is None or listed.officer is None:
        return reply
    notes = family.officer_notes
    whose = notes.settings.format(entry=plan.officer.entry) if plan.officer.entry else notes.program
    before = reply.get(family.reply.note)
    text = f"{listed.officer}: {whose} {BRIDGE}"
    return {**reply, family.reply.note: f"{before} {text}" if isinstance(before, str) and before else text}
