"""Reads the mapping table from its YAML files into frozen objects.

Every fault found is gathered, then raised at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.errors import TableError
from bridge.table.default import default_directory, default_table
from bridge.table.files import TableFiles, strict_yaml
from bridge.table.model.console import ConsoleProtocol
from bridge.table.model.cutover import Cutover
from bridge.table.model.records import RecordSpec
from bridge.table.model.rows import Function, Route, Table
from bridge.table.model.service import Service
from bridge.table.model.statuses import StatusMap
from bridge.table.model.texts import Texts
from bridge.table.shorthand.expansion import Expansion
from bridge.table.shorthand.record import expand_record
from bridge.table.shorthand.row import expand_row

__all__ = ["default_directory", "default_table", "load_table", "strict_yaml"]

SHARED_RECORDS = "shared_records.yaml"
READ_ELSEWHERE = ("bhyt.yaml",)  # by a room of its own; the digest stands for what it says, too


def load_table(directory: Path | None = None, extra_functions: tuple[Path, ...] = ()) -> Table:
    """Load a table and check it.

    In: the directory (None: the project's own); further function files, whose rows are added (a row of an
    existing name is a fault).
    Raises TableError with one line per fault: file, path inside it, what is wrong.
    """
    from bridge.table.check.table import check_table

    reader = _Reader(directory)
    table = reader.read(extra_functions)
    faults = reader.faults or (check_table(table) if table is not None else [])
    if faults or table is None:
        raise TableError(faults)
    return table


class _Reader(TableFiles):
    """Reads the files one by one and gathers their faults."""

    def __init__(self, directory: Path | None) -> None:
        super().__init__(directory)
        self._records: dict[str, dict[str, RecordSpec]] = {"out": {}, "in": {}}

    def read(self, extra_functions: tuple[Path, ...]) -> Table | None:
        """The table; it may be incomplete, and None, where there are faults."""
        shared = self.yaml(self.directory / SHARED_RECORDS)
        self._add_shared_records("out", shared.get("out", {}))
        self._add_shared_records("in", shared.get("in", {}))
        statuses = self.yaml(self.directory / "status.yaml")
        vhc = self.yaml(self.directory / "vhc.yaml")
        console = self.one("console.yaml", ConsoleProtocol, self.yaml(self.directory / "console.yaml"))
        vpn = self.optional("vpn.yaml")
        functions: dict[str, Function] = {}
        function_files = sorted((self.directory / "functions").glob("*.yaml"))
        if not function_files:
            self.faults.append(f"{self.directory / 'functions'}: no function files")
        for file in [*function_files, *extra_functions]:
            self._add_functions(file.name, self.yaml(file), functions)
        self._add_functions("vhc.yaml: functions", vhc.get("functions", {}), functions)
        texts = self.optional("codes.yaml")
        cutover = self.optional("cutover.yaml")
        for name in READ_ELSEWHERE:
            self.optional(name)
        if console is None:
            return None
        return Table(
            functions=functions,
            records_out=self._records["out"],
            records_in=self._records["in"],
            statuses=self.one("status.yaml", StatusMap, statuses) or _NO_STATUSES,
            routes=(
                *self._routes("vhc.yaml", vhc.get("routes", [])),
                *self._routes("vpn.yaml", vpn.get("routes", [])),
            ),
            services=self.all("vpn.yaml: services", Service, vpn.get("services", {}), named=True),
            texts=self.one("codes.yaml", Texts, texts) if texts else None,
            cutover=self.one("cutover.yaml", Cutover, cutover) if cutover else None,
            console=console,
            digest=self.digest(),
        )

    def _add_shared_records(self, direction: str, records: Any) -> None:
        where = f"{SHARED_RECORDS}: {direction}"
        if not isinstance(records, dict):
            self.faults.append(f"{where}: a mapping is expected")
            return
        for name, written in records.items():
            record, faults = expand_record(written)
            self.faults += [f"{where}: {name}: {fault}" for fault in faults]
            self._add_record(direction, f"{where}: {name}", str(name), record)

    def _add_record(self, direction: str, where: str, name: str, content: Any) -> None:
        if name in self._records[direction]:
            self.faults.append(f"{where}: a record {name} exists already")
        record = self.one(where, RecordSpec, content)
        if record is not None:
            self._records[direction][name] = record

    def _add_functions(self, where: str, rows: Any, functions: dict[str, Function]) -> None:
        if not isinstance(rows, dict):
            self.faults.append(f"{where}: a mapping is expected")
            return
        for name, written in rows.items():
            if str(name).startswith("."):  # parts that rows of the file share by YAML anchors
                continue
            if name in functions:
                self.faults.append(f"{where}: {name}: a row of that name exists already")
            function = self._function(f"{where}: {name}", str(name), expand_row(written))
            if function is not None:
                functions[str(name)] = function

    def _function(self, where: str, name: str, expansion: Expansion) -> Function | None:
        """A row, with the records that stand in it."""
        self.faults += [f"{where}: {fault}" for fault in expansion.faults]
        for direction, records in (("out", expansion.records_out), ("in", expansion.records_in)):
            for record, content in records.items():
                self._add_record(direction, f"{where}: record {record}", record, content)
        row = expansion.row
        content = {"name": name, **row} if isinstance(row, dict) else row
        return self.one(where, Function, content, expansion.written_path)

    def _routes(self, file: str, rows: Any) -> tuple[Route, ...]:
        if not isinstance(rows, list):
            self.faults.append(f"{file}: routes: a list is expected")
            return ()
        made = [self.one(f"{file}: routes[{index}]", Route, row) for index, row in enumerate(rows)]
        return tuple(route for route in made if route is not None)


_NO_STATUSES = StatusMap(legacy_codes={}, vhc_codes={}, unlisted={}, sources={})
