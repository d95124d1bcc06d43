"""Masks a hospital in parts, each by any process.

First all of them are learnt, then it is settled who becomes whom, then all of them are written. What a step
needs of the one before lies in private files.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from bridge.table.default import default_table
from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.files import FirstPass, Masked, Progress, SecondPass, answered_in, nobody_asks
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.known import Known, Settled, keep, kept
from bridge.trace.masking.pieces import Cutter
from bridge.trace.masking.rules import default_rules
from bridge.trace.masking.values import Values


def learn(
    files: Sequence[Path], known: Path, *, keep_hospitals: bool = False, progress: Progress = nobody_asks
) -> None:
    """Step 1, for the files of one work place (all parts of a program, in order): write to ``known`` whose
    values stand in them. Raises TraceError.
    """
    first = FirstPass(default_table(), default_rules(), keep_hospitals=keep_hospitals, progress=progress)
    first.read(files, answered_in(files))
    keep(known, first.collector.known())


def settle(known: Sequence[Path], key: MaskKey, settled: Path, *, keep_hospitals: bool = False) -> int:
    """Step 2, once, when all work places are learnt: write to ``settled`` what must not remain anywhere, and
    who becomes whom. It is the same in whichever order the files come.

    Out: how many people there are. The key has new values afterwards; ``key.save()`` is left to the caller.
    Raises TraceError.
    """
    collector = _collector(keep_hospitals)
    for file in known:
        collector.learn(kept(file, Known))
    values = Values(default_rules(), key, collector.real_values, keep_hospitals=keep_hospitals)
    values.settle(collector.people)
    made = values.pseudonyms
    keep(settled, Settled(collector.known(), made.made, key.secret, keep_hospitals))
    return made.count("id") + made.count("id_text")


def mask(
    files: Sequence[Path], targets: Sequence[Path], settled: Path, *, progress: Progress = nobody_asks
) -> Masked:
    """Step 3, for the files of one work place: write each of them masked into a new file (mode 0600).

    Out: what was done; its ``people`` are those of the whole hospital. Raises TraceError, and OSError where a
    file cannot be written; what was written until then stays.
    """
    everything = kept(settled, Settled)
    collector = _collector(everything.keep_hospitals)
    collector.learn(everything.known)
    second = SecondPass(
        default_table(),
        default_rules(),
        MaskKey(everything.secret, remembers=False),
        collector,
        keep_hospitals=everything.keep_hospitals,
        progress=progress,
    )
    second.values.pseudonyms.made = everything.made
    second.write(files, targets, answered_in(files))
    done = second.masked()
    del everything, collector, second
    gc.collect()  # what a hospital is made of is large, and refers to itself: the next part has its own
    return done


def _collector(keep_hospitals: bool) -> Collector:
    rules = default_rules()
    return Collector(Cutter(default_table(), rules), rules, keep_hospitals=keep_hospitals)
