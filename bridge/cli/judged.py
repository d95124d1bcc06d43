"""The judgement of a trace, of one work place or of many, for the commands that tell of it."""

from __future__ import annotations

from pathlib import Path

from bridge.cli.in_parts import How, carried_out, held
from bridge.errors import TraceError
from bridge.table.default import default_table
from bridge.trace.many.judging import count_part, counts_of
from bridge.trace.many.parts import parts_of, versions
from bridge.trace.places import work_places
from bridge.trace.readiness.advice import readiness_data
from bridge.trace.readiness.files import count_files
from bridge.trace.readiness.report import Readiness, assess_places, checked, report_of
from bridge.trace.reading import trace_files


def readiness_of(trace: Path, how: How) -> Readiness:
    """Judge a file, a folder of parts, or a folder of many work places: what is finished of the latter is
    kept for whichever command asks next. Raises BridgeError where nothing can be judged. Ends the process
    where the work was broken off.
    """
    table, data = default_table(), readiness_data()
    if not trace.is_dir():
        return report_of(checked(count_files(trace_files(trace), table)), table, data)
    found = work_places(trace)
    if len(found.places) == 1 and not found.refused:
        return report_of(checked(count_files(found.places[0].files, table)), table, data)
    state = how.state_of(trace, "readiness")
    with held(state):
        finished = carried_out("readiness", count_part, parts_of(found.places), versions(), state, how)
    left_out = [*found.refused, *(f"{name}: {why}" for name, why in finished.failed.items())]
    if not finished.results:
        raise TraceError("\n".join(left_out))
    return assess_places(counts_of(finished.results), table, data, left_out)
