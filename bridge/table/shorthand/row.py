"""From a row as it is written (mappings/README.md) to the row that the frozen models hold. Pure.

What follows from something else is not written: the stack, the length variable of a record, the id of an only
step, the two texts that name the patient. It is made here. What is written although it follows is a fault, so
that there is one way to say a thing. What has not the shape of a row is left as it is: the models say so.
"""

from __future__ import annotations

import re
from typing import Any

from bridge.table.shorthand.arguments import Arguments
from bridge.table.shorthand.expansion import Expansion
from bridge.table.shorthand.record import Written, layout, text

ONLY_STEP = {"read": "query"}  # the id of an only step, by the row's effect
OTHER_ONLY_STEP = "change"
STACK_SLOT = 4  # bytes of an argument, whatever its type
SIGN = re.compile(r"(sam|hc|hpc|hpchc) (\d\d)")


def expand_row(written: Any) -> Expansion:
    """A row as it stands in a file, in full."""
    made = Expansion(written)
    if isinstance(written, dict):
        _Row(written, made).expand()
    return made


class _Row:
    """Expands one row into ``made``. Nothing of what is written is changed: anchors are shared by rows."""

    def __init__(self, written: Written, made: Expansion) -> None:
        self._written = written
        self._made = made
        self._row: Written = dict(written)

    def expand(self) -> None:
        self._head()
        own = self._arguments()
        self._replies(self._steps())
        self._layouts(own)
        self._made.row = self._row

    # --- the head -------------------------------------------------------------------------------------------

    def _head(self) -> None:
        row = self._row
        if "stack_bytes" in row:
            self._made.fault("stack_bytes", "is not written: it follows from the arguments")
        if "identity" in row:
            self._made.fault("identity", "is not written: an argument {kind: patient} says it")
        if row.get("status") == "mapped":
            self._made.fault("status", "'mapped' is not written: a row without a status is mapped")
        row.setdefault("status", "mapped")

    def _arguments(self) -> dict[str, str]:
        """Out: the out-records of the row's own, by argument."""
        row = self._row
        if not isinstance(row.get("arguments"), list):
            return {}
        arguments = Arguments(row, self._made)
        arguments.expand()
        row["arguments"] = arguments.full
        if arguments.patient is not None:
            row["identity"] = arguments.patient
        if row.get("export", True) is True and row.get("library", "cshis") == "cshis":
            row["stack_bytes"] = STACK_SLOT * len(arguments.full)
        return arguments.own

    # --- steps ----------------------------------------------------------------------------------------------

    def _steps(self) -> str | None:
        """Out: the id of the row's steps, where there is one only."""
        row = self._row
        if "step" in row:
            only = row.pop("step")
            if "steps" in row:
                self._made.fault("step", "a row has either a step or steps")
            if not isinstance(only, dict):
                self._made.fault("step", "a mapping is expected")
                return None
            if "id" in only:
                self._made.fault("step.id", "is not written: an only step needs none")
            name = ONLY_STEP.get(text(row.get("effect", "read")), OTHER_ONLY_STEP)
            self._made.only_step = True
            row["steps"] = [{"id": name, **self._step(only, "step")}]
            return name
        steps = row.get("steps")
        if not isinstance(steps, list):
            return None
        if len(steps) == 1:
            self._made.fault("steps", "an only step is written as 'step', without an id")
        row["steps"] = [
            self._step(step, f"steps.{index}") if isinstance(step, dict) else step
            for index, step in enumerate(steps)
        ]
        ids = {text(step.get("id")) for step in steps if isinstance(step, dict)}
        return ids.pop() if len(ids) == 1 else None

    def _step(self, written: Written, path: str) -> Written:
        step = dict(written)
        if "signature" in step:
            self._made.fault(f"{path}.signature", "is written as 'sign: hc 01': cards and service type")
        if "sign" in step:
            sign = SIGN.fullmatch(text(step.pop("sign")))
            if sign is None:
                self._made.fault(f"{path}.sign", "needs sam, hc, hpc or hpchc and a service type: 'hc 01'")
            kind, service_type = sign.groups() if sign else ("sam", "00")
            step["signature"] = {"kind": kind, "service_type": service_type}
        return step

    # --- what is made of the replies ------------------------------------------------------------------------

    def _replies(self, step: str | None) -> None:
        """Fill in whose reply it is where there is only one."""
        row = self._row
        if isinstance(row.get("outputs"), dict):
            row["outputs"] = {
                name: self._reply(output, f"outputs.{name}", step) for name, output in row["outputs"].items()
            }
        if "result" in row:
            row["result"] = self._reply(row["result"], "result", step)
        if isinstance(row.get("notices"), list):
            row["notices"] = [
                self._reply(notice, f"notices.{index}", step) for index, notice in enumerate(row["notices"])
            ]

    def _reply(self, written: Any, path: str, step: str | None) -> Any:
        if not isinstance(written, dict) or step is None:
            return written
        if "step" in written:
            self._made.fault(f"{path}.step", "is not written: there is only one it could be")
        return {"step": step, **written}

    def _layouts(self, own: dict[str, str]) -> None:
        """Divide each line of an output's layout: what the record has there, and where it comes from."""
        outputs = self._row.get("outputs")
        outputs = outputs if isinstance(outputs, dict) else {}
        for name, output in outputs.items():
            if isinstance(output, dict) and "layout" in output and name not in own:
                self._made.fault(f"outputs.{name}.layout", "goes with a record of the row's own")
        for argument, record in own.items():
            output, path = outputs.get(argument), f"outputs.{argument}"
            if not isinstance(output, dict) or not isinstance(output.get("layout"), list):
                self._made.fault(f"{path}.layout", f"the parts of the record {record} are missing")
                self._made.records_out.pop(record, None)
                continue
            if output.keys() & {"fields", "groups"}:
                self._made.fault(path, "fields and groups stand in the layout")
            outputs[argument] = self._divide(output, path, self._made.records_out.get(record, {}))

    def _divide(self, output: Written, path: str, record: Written) -> Written:
        record["layout"], sources = layout(output["layout"], f"{path}.layout", self._made.faults)
        made = {key: value for key, value in output.items() if key not in ("layout", "fields", "groups")}
        for part, (_, source) in zip(output["layout"], sources, strict=True):
            if isinstance(part, dict) and "group" in part:
                made.setdefault("groups", {})[text(part["group"])] = source
            elif isinstance(part, dict) and "name" in part:
                made.setdefault("fields", {})[text(part["name"])] = source
        return made
