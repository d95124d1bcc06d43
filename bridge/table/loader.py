"""Reads the mapping table from its YAML files into frozen objects.

Every fault found is gathered, then raised at once.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bridge.errors import TableError
from bridge.table.model.console import ConsoleProtocol
from bridge.table.model.lookup import LookupFamily
from bridge.table.model.records import RecordSpec
from bridge.table.model.rows import Function, Route, Table
from bridge.table.model.service import Service
from bridge.table.model.statuses import StatusMap
from bridge.table.shorthand.expansion import Expansion
from bridge.table.shorthand.record import expand_record
from bridge.table.shorthand.row import expand_row

SHARED_RECORDS = "shared_records.yaml"
SpecT = TypeVar("SpecT", bound=BaseModel)


def default_directory() -> Path:
    """Where the table lies: inside the installed package, or beside it in a checkout."""
    packed = Path(__file__).parent.parent / "mappings"
    return packed if packed.is_dir() else packed.parent.parent / "mappings"


@cache
def default_table() -> Table:
    """The project's own table, loaded once."""
    return load_table()


def load_table(directory: Path | None = None, extra_functions: tuple[Path, ...] = ()) -> Table:
    """Load a table and check it.

    In: the directory (None: the project's own); further function files, whose rows are added (a row of an
    existing name is a fault).
    Raises TableError with one line per fault: file, path inside it, what is wrong.
    """
    from bridge.table.check.table import check_table

    reader = _Reader(directory or default_directory())
    table = reader.read(extra_functions)
    faults = reader.faults or (check_table(table) if table is not None else [])
    if faults or table is None:
        raise TableError(faults)
    return table


class _Reader:
    """Reads the files one by one and gathers their faults."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.faults: list[str] = []
        self._raw: dict[str, Any] = {}
        self._records: dict[str, dict[str, RecordSpec]] = {"out": {}, "in": {}}

    def read(self, extra_functions: tuple[Path, ...]) -> Table | None:
        """The table; it may be incomplete, and None, where there are faults."""
        shared = self._yaml(self.directory / SHARED_RECORDS)
        self._add_records("out", shared.get("out", {}))
        self._add_records("in", shared.get("in", {}))
        statuses = self._yaml(self.directory / "status.yaml")
        vhc = self._yaml(self.directory / "vhc.yaml")
        console = self._one("console.yaml", ConsoleProtocol, self._yaml(self.directory / "console.yaml"))
        vpn = self._optional("vpn.yaml")
        functions: dict[str, Function] = {}
        function_files = sorted((self.directory / "functions").glob("*.yaml"))
        if not function_files:
            self.faults.append(f"{self.directory / 'functions'}: no function files")
        for file in [*function_files, *extra_functions]:
            self._add_functions(file.name, self._yaml(file), functions)
        self._add_functions("vhc.yaml: functions", vhc.get("functions", {}), functions)
        if console is None:
            return None
        return Table(
            functions=functions,
            records_out=self._records["out"],
            records_in=self._records["in"],
            statuses=self._one("status.yaml", StatusMap, statuses) or _NO_STATUSES,
            routes=(
                *self._routes("vhc.yaml", vhc.get("routes", [])),
                *self._routes("vpn.yaml", vpn.get("routes", [])),
            ),
            services=self._all("vpn.yaml: services", Service, vpn.get("services", {}), named=True),
            lookups=self._lookups(),
            console=console,
            digest=self._digest(),
        )

    def _lookups(self) -> LookupFamily | None:
        """bhyt.yaml, which a table may be without."""
        content = self._optional("bhyt.yaml")
        if not content:
            return None
        named = content.get("lookups")
        if isinstance(named, dict):
            rows = {k: {"name": k, **row} if isinstance(row, dict) else row for k, row in named.items()}
            content = {**content, "lookups": rows}
        return self._one("bhyt.yaml", LookupFamily, content)

    def _optional(self, name: str) -> dict[str, Any]:
        """A file that a table may be without."""
        file = self.directory / name
        return self._yaml(file) if file.is_file() else {}

    def _yaml(self, file: Path) -> dict[str, Any]:
        try:
            content = strict_yaml(file.read_text(encoding="utf-8"))
            _canonical(content)
        except (OSError, yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            self.faults.append(f"{file.name}: {' '.join(str(error).split())}")
            return {}
        if not isinstance(content, dict):
            self.faults.append(f"{file.name}: a mapping is expected at the top")
            return {}
        self._raw[file.name] = content
        return content

    def _add_records(self, direction: str, records: Any) -> None:
        """The records that several functions share."""
        where = f"{SHARED_RECORDS}: {direction}"
        if not isinstance(records, dict):
            self.faults.append(f"{where}: a mapping is expected")
            return
        for name, written in records.items():
            record, faults = expand_record(written)
            self._add_record(direction, f"{where}: {name}", str(name), record, faults)

    def _add_record(self, direction: str, where: str, name: str, record: Any, faults: list[str]) -> None:
        self.faults += [f"{where}: {fault}" for fault in faults]
        if name in self._records[direction]:
            self.faults.append(f"{where}: a record {name} exists already")
        made = self._one(where, RecordSpec, record)
        if made is not None:
            self._records[direction][name] = made

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
                self._add_record(direction, f"{where}: record {record}", record, content, [])
        row = expansion.row
        content = {"name": name, **row} if isinstance(row, dict) else row
        return self._one(where, Function, content, expansion)

    def _all(self, where: str, spec: type[SpecT], rows: Any, named: bool = False) -> dict[str, SpecT]:
        if not isinstance(rows, dict):
            self.faults.append(f"{where}: a mapping is expected")
            return {}
        made = {}
        for name, row in rows.items():
            content = {"name": name, **row} if named and isinstance(row, dict) else row
            item = self._one(f"{where}: {name}", spec, content)
            if item is not None:
                made[str(name)] = item
        return made

    def _routes(self, file: str, rows: Any) -> tuple[Route, ...]:
        if not isinstance(rows, list):
            self.faults.append(f"{file}: routes: a list is expected")
            return ()
        made = [self._one(f"{file}: routes[{index}]", Route, row) for index, row in enumerate(rows)]
        return tuple(route for route in made if route is not None)

    def _one(
        self, where: str, spec: type[SpecT], content: Any, expansion: Expansion | None = None
    ) -> SpecT | None:
        try:
            return spec.model_validate(content)
        except ValidationError as error:
            for fault in error.errors():
                place = expansion.written_path(fault["loc"]) if expansion is not None else fault["loc"]
                path = ".".join(str(part) for part in place)
                self.faults.append(f"{where}: {path}: {fault['msg']}")
            return None

    def _digest(self) -> str:
        """SHA-256 over the content of all files, whatever their layout and comments."""
        return hashlib.sha256(_canonical(self._raw).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(content: Any) -> str:
    """The content as one text, whatever its layout. Raises ValueError, TypeError or RecursionError for what a
    table cannot hold although YAML can: loops, and keys of several kinds in one mapping.
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)


def strict_yaml(text: str) -> Any:
    """A YAML text as plain values. Raises yaml.YAMLError, also for a key that stands twice or is no text."""
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader


# libyaml's parser where the wheel brings it: ten times faster, and the table is most of a start's time.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """A key written twice is a fault: plain YAML would keep the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_NO_STATUSES = StatusMap(legacy_codes={}, vhc_codes={}, unlisted={}, sources={})
