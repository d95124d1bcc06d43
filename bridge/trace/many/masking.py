"""Masking many work places with one key: all are learnt, then it is settled who becomes whom, then all are
written. What lies between these steps is private, and goes when the masking is done.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bridge.errors import TraceError
from bridge.parts.part import Part, Result, Work
from bridge.private_files import make_private_folder, write_private
from bridge.trace.masking.by_place import learn, mask, settle
from bridge.trace.masking.files import Masked
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.masker import Counts
from bridge.trace.places import WorkPlace
from bridge.trace.reading import SUFFIX, Problem
from bridge.trace.tables import table_text
from bridge.words import said


@dataclass(frozen=True, slots=True)
class Places:
    """The work places as they stand in the masked folder. ``folders``: by the name of a work place, its
    folder there; "" where all files lie side by side. ``targets``: by the name, a masked file for each of its
    files.
    """

    folders: Mapping[str, str]
    targets: Mapping[str, tuple[str, ...]]


def masked_places(source: Path, places: Sequence[WorkPlace], *, keep_places: bool = False) -> Places:
    """Where the masked files will lie. Folders are numbered: what a hospital calls its rooms and machines may
    name people. With ``keep_places`` they keep their names.
    """
    if all(file.parent == source for place in places for file in place.files):
        files = sorted(file for place in places for file in place.files)
        numbers = {file: f"masked-{number:04d}{SUFFIX}" for number, file in enumerate(files, 1)}
        return Places(
            {place.name: "" for place in places},
            {place.name: tuple(numbers[file] for file in place.files) for place in places},
        )
    folders = {
        place.name: place.name if keep_places else f"workplace-{number:03d}"
        for number, place in enumerate(places, 1)
    }
    return Places(
        folders,
        {
            place.name: tuple(
                f"{folders[place.name]}/masked-{number:04d}{SUFFIX}"
                for number in range(1, len(place.files) + 1)
            )
            for place in places
        },
    )


def list_of_places(places: Places) -> str:
    """Which folder is which work place, as CSV."""
    return table_text(("masked", "work_place"), ((folder, name) for name, folder in places.folders.items()))


# --- the first step -----------------------------------------------------------------------------------------


def learning(state: Path, keep_hospitals: bool) -> Work:
    """The work of learning a work place; its result names the file in which that is kept."""
    return partial(_learn_part, folder=state / "known", keep_hospitals=keep_hospitals)


def _learn_part(part: Part, folder: Path, keep_hospitals: bool) -> Result:
    make_private_folder(folder)
    known = folder / f"{hashlib.sha256(part.name.encode()).hexdigest()[:24]}.known"
    learn(part.files, known, keep_hospitals=keep_hospitals)
    return {"known": known.name, "digest": hashlib.sha256(known.read_bytes()).hexdigest()}


# --- the second ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who becomes whom. ``file``: where it stands; ``digest`` of what it follows from."""

    file: Path
    digest: str
    people: int


def agreed(state: Path, learnt: Mapping[str, Result], key: MaskKey, keep_hospitals: bool) -> Agreed:
    """Settle it, or take it from a run that was broken off and knew the same. The key has been saved then.
    Raises TraceError and OSError.
    """
    basis = [hashlib.sha256(key.secret).hexdigest(), str(keep_hospitals)]
    basis += sorted(str(result["digest"]) for result in learnt.values())
    digest = hashlib.sha256(json.dumps(basis).encode()).hexdigest()
    settled, note = state / "settled", state / "settled.json"
    people = _people(note, digest) if settled.exists() else None
    if people is None:
        note.unlink(missing_ok=True)
        known = [state / "known" / str(result["known"]) for result in learnt.values()]
        people = settle(known, key, settled, keep_hospitals=keep_hospitals)
        key.save()
        write_private(note, json.dumps({"digest": digest, "people": people}))
    return Agreed(settled, digest, people)


def _people(note: Path, digest: str) -> int | None:
    """How many people an earlier run found; None where it knew something else."""
    try:
        content = json.loads(note.read_bytes())
    except (OSError, ValueError):
        return None
    match content:
        case {"digest": str(found), "people": int(people)} if found == digest:
            return people
    return None


# --- the third ----------------------------------------------------------------------------------------------


def writing(state: Path, settled: Path, places: Places) -> Work:
    """The work of writing a work place masked, below ``state / "masked"``; its result is what was done."""
    return partial(_mask_part, folder=state / "masked", settled=settled, targets=dict(places.targets))


def _mask_part(part: Part, folder: Path, settled: Path, targets: Mapping[str, tuple[str, ...]]) -> Result:
    make_private_folder(folder)
    unfinished = folder.with_name("unfinished")
    make_private_folder(unfinished)
    names = targets[part.name]
    # one who is thought to be lost may still be writing
    with TemporaryDirectory(dir=unfinished) as new:
        done = mask(part.files, [Path(new) / f"{number}" for number in range(len(names))], settled)
        for number, name in enumerate(names):
            make_private_folder((folder / name).parent)
            (Path(new) / f"{number}").replace(folder / name)
    return {
        "counts": asdict(done.counts),
        "replaced": done.replaced,
        "swept": done.swept,
        "shared": done.shared,
        "problems": [[each.file, each.line, each.text, each.lost] for each in done.problems],
    }


def together(results: Mapping[str, Result], people: int) -> Masked:
    """What was done in all. Raises TraceError where nothing was."""
    counts, replaced = Counts(), Counter[str]()
    problems: list[Problem] = []
    for name, result in results.items():
        for field, count in result["counts"].items():
            setattr(counts, field, getattr(counts, field) + count)
        replaced.update(result["replaced"])
        problems += [
            Problem(f"{name}: {file}", line, text, lost) for file, line, text, lost in result["problems"]
        ]
    if not counts.calls and not counts.notes:
        raise TraceError(said("no call could be read in any of the work places"))
    return Masked(
        counts=counts,
        people=people,
        replaced=dict(replaced),
        swept=_sum(results.values(), "swept"),
        shared=_sum(results.values(), "shared"),
        problems=problems,
    )


def _sum(results: Iterable[Result], name: str) -> int:
    return sum(int(result[name]) for result in results)


def missing(state: Path, places: Places, done: Iterable[str]) -> list[str]:
    """Masked files of work places that should lie there and do not: somebody took them away."""
    return [
        target
        for name in done
        for target in places.targets[name]
        if not (state / "masked" / target).is_file()
    ]
