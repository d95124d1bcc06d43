"""The traces of a hospital: work places whose programs see patients, new ones and returning ones.

``python -m benchmarks.hospital FOLDER --calls N [--places N] [--seed N]`` writes a file for each work place,
as the recorder DLL writes them: a header, then calls. Work places have their hours. A patient is at one of
them at a time, comes back mostly to the same one, and brings a card with the visits of before, newest first,
wherever they were; each visit number leaves one visit less on it, until the card is updated. Between two
visits here patients go to no other hospital.

Nobody in it lives (:mod:`benchmarks.patients`). The same arguments give the same bytes.
"""

from __future__ import annotations

import heapq
import random
from pathlib import Path

import click

from benchmarks.patients import Patient, People
from benchmarks.work_place import WorkPlace
from bridge.trace.format import line_of

NEW_PATIENTS = 0.3  # of all visits, and more while few have been here
FAITHFUL = 0.85  # of those who return: to the work place of their first visit
AGAIN_TODAY = 0.1  # of those who were here on the same day and are thought of
TRIES = 8  # to find somebody who can come now
KEPT_LINES = 500  # of a work place, until they are written: more places than a process may have files open


class Patients:
    """Who comes next to which work place."""

    def __init__(self, seed: int, places: int) -> None:
        self._chance = random.Random(f"patients {seed}")
        self._people = People(seed)
        self._known: list[Patient] = []
        self._of_place: list[list[Patient]] = [[] for _ in range(places)]

    def next(self, place: WorkPlace, index: int) -> Patient:
        """The patient of the next visit there."""
        if self._chance.random() >= NEW_PATIENTS:
            own = self._of_place[index]
            for _ in range(TRIES):
                pool = own if self._chance.random() < FAITHFUL else self._known
                if pool and self._comes(found := self._chance.choice(pool), place):
                    return found
        patient = self._people.next(place.at)
        self._known.append(patient)
        self._of_place[index].append(patient)
        return patient

    def _comes(self, patient: Patient, place: WorkPlace) -> bool:
        if not patient.can_come(place.at):
            return False
        return not patient.here_today(place.at) or self._chance.random() < AGAIN_TODAY


class TraceFile:
    """The file of a work place, and how many calls it still gets."""

    def __init__(self, file: Path, place: WorkPlace, calls: int) -> None:
        self._file, self.place, self._left = file, place, calls
        self._lines = [line_of(place.header())]
        file.write_bytes(b"")

    def visit(self, patient: Patient) -> bool:
        """The next visit. Out: whether there is to be another one."""
        for call in self.place.next(patient):
            self._lines.append(line_of(call))
            self._left -= 1
        if self._left <= 0 or len(self._lines) >= KEPT_LINES:
            with self._file.open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in self._lines)
            self._lines.clear()
        return self._left > 0


def write_hospital(folder: Path, calls: int, places: int = 1, seed: int = 1) -> None:
    """Write a folder with a file for each work place, of ``calls`` in all, or a few more for each."""
    folder.mkdir(parents=True, exist_ok=True)
    patients = Patients(seed, places)
    processes = random.Random(f"processes {seed}").sample(range(1000, 65_000, 4), places)
    files = [
        TraceFile(
            folder / f"HIS-{index + 1:03d}.jsonl",
            WorkPlace(index, processes[index], seed),
            calls // places + (index < calls % places),
        )
        for index in range(places)
    ]
    coming = [(file.place.at, index) for index, file in enumerate(files)]
    heapq.heapify(coming)
    while coming:
        _, index = coming[0]
        file = files[index]
        if file.visit(patients.next(file.place, index)):
            heapq.heapreplace(coming, (file.place.at, index))
        else:
            heapq.heappop(coming)


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--calls", default=100_000, show_default=True)
@click.option("--places", default=1, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(folder: Path, calls: int, places: int, seed: int) -> None:
    """Write the folder."""
    write_hospital(folder, calls, places, seed)


if __name__ == "__main__":
    main()
