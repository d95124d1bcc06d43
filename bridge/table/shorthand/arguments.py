"""The arguments of a row in full: lengths, the patient, records of the row's own. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bridge.table.shorthand.expansion import Expansion
from bridge.table.shorthand.record import Written, expand_record

LENGTH = "iBufferLen"  # of a record or text that names no length variable
PATIENT = {"id": ("pPatientID", 10), "birthday": ("pPatientBirthDate", 7)}  # their names and widths


def first_source(row: Written) -> Any:
    """The source that a row's provenance names first."""
    provenance = row.get("provenance")
    return provenance.partition(";")[0].strip() if isinstance(provenance, str) else provenance


class Arguments:
    """Expands the arguments of one row; its own records and its faults go into ``made``."""

    def __init__(self, row: Written, made: Expansion) -> None:
        self._written: list[Any] = row["arguments"]
        self._inherited = {"title": row.get("title"), "provenance": first_source(row)}
        self._made = made
        self.full: list[Any] = []
        self.patient: dict[str, Any] | None = None  # the names of the arguments with id and birthday
        self.own: dict[str, str] = {}  # out-records of the row's own, by argument
        self._lengths = [a.get("name") for a in self._written if _is(a, "length")]

    def expand(self) -> None:
        """Fill ``full``, ``patient`` and ``own``."""
        for index, written in enumerate(self._written):
            for argument in self._argument(written, index):
                self.full.append(argument)
                self._made.argument_places.append(index)

    def _argument(self, written: Any, index: int) -> Iterator[Any]:
        path = f"arguments.{index}"
        if _is(written, "patient"):
            yield from self._patient(written, path)
        elif _is(written, "block"):
            yield self._block(written, path)
        elif _is(written, "record") or _is(written, "text_sized"):
            yield from self._sized(written, index)
        else:
            yield written

    def _sized(self, written: Written, index: int) -> Iterator[Written]:
        """A record or text, and behind it its length variable, unless that has a place of its own."""
        path = f"arguments.{index}"
        if written.get("length") == LENGTH:
            self._made.fault(f"{path}.length", f"'{LENGTH}' is not written: it is the name without one")
        length = written.get("length", LENGTH)
        argument = {**written, "length": length}
        if written["kind"] == "record" and isinstance(written.get("record"), dict):
            argument["record"] = self._out_record(written, f"{path}.record")
        yield argument
        after = self._written[index + 1] if index + 1 < len(self._written) else None
        if length not in self._lengths:
            yield {"kind": "length", "name": length}
        elif isinstance(after, dict) and (after.get("kind"), after.get("name")) == ("length", length):
            self._made.fault(path, f"the length {length} behind it is not written: it follows from it")

    def _patient(self, written: Written, path: str) -> Iterator[Written]:
        """The two texts that must be the id and birthday of the card in the reader."""
        if self.patient is not None:
            self._made.fault(path, "a call names one patient")
        self.patient = {}
        for part, (name, width) in PATIENT.items():
            if written.get(part) == name:
                self._made.fault(f"{path}.{part}", f"'{name}' is not written: it is the name without one")
            self.patient[part] = written.get(part, name)
            yield {"kind": "text", "name": self.patient[part], "width": width}
        for key in written.keys() - {"kind", *PATIENT}:
            self._made.fault(f"{path}.{key}", "a patient has no such key")

    def _block(self, written: Written, path: str) -> Written:
        if not isinstance(written.get("forms"), list):
            return written
        forms = [
            self._own_record(form, f"{path}.forms.{index}", self._made.records_in)
            if isinstance(form, dict)
            else form
            for index, form in enumerate(written["forms"])
        ]
        return {**written, "forms": forms}

    def _out_record(self, written: Written, path: str) -> Any:
        """An out-record of the row's own. Its layout stands with the output."""
        record = written["record"]
        if "layout" in record:
            self._made.fault(f"{path}.layout", "stands with the output, beside the JSON names")
            record = {key: value for key, value in record.items() if key != "layout"}
        name = self._own_record(record, path, self._made.records_out)
        if isinstance(name, str) and isinstance(written.get("name"), str):
            self.own[written["name"]] = name
        return name

    def _own_record(self, written: Written, path: str, records: dict[str, Any]) -> Any:
        """Put a record of this row's own among ``records``. Out: its name."""
        name = written.get("name")
        if not isinstance(name, str):
            self._made.fault(path, "a record of the row's own needs a name")
            return name
        for key, value in self._inherited.items():
            if key in written and written[key] == value:
                self._made.fault(f"{path}.{key}", "is not written: it is the row's own")
        record = {**self._inherited, **written}
        del record["name"]
        record, faults = expand_record(record)
        self._made.faults += [f"{path}.{fault}" for fault in faults]
        if name in records:
            self._made.fault(path, f"the record {name} stands twice")
        records[name] = record
        return name


def _is(written: Any, kind: str) -> bool:
    return isinstance(written, dict) and written.get("kind") == kind
