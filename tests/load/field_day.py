"""Runs the programs and the HTTP clients at once for a while against one bridge, and notes everything."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bridge.sim.clock import Clock
from bridge.sim.portal.books import PortalBooks
from native.compiler import compile_program
from tests.load.bridge_alone import Alone
from tests.load.calls import Presence, Stay, Swapper, read_calls, stays
from tests.load.load_script import (
    CARDS,
    FIXED,
    READ_CARDS,
    VISITS,
    WRITE_CARDS,
    expected_of,
    label_of,
    own_order,
    own_visit,
    write_scripts,
)
from tests.load.samples import Sample, Watch
from tests.load.verdict import Judge, Verdict
from tests.load.web_clients import Task
from tests.support.bridge_process import ROOT, Bridge, clean_environment
from tests.support.record_bytes import Person, person

HERE = Path(__file__).parent
SEASON = 4.0
BEGIN_AFTER = 3.0  # until all programs are there
END_AFTER = 60.0  # for the calls under way, and no longer
VIRTUAL_RECORDS = ("hisGetBasicData", "hisGetRegisterBasic", VISITS)
# Every second card belongs to one of those for whom the programs write.
ORDER_OF_CARDS = [card for pair in zip(WRITE_CARDS * 3, READ_CARDS, strict=True) for card in pair]


@dataclass
class Day:
    """What was seen."""

    verdict: Verdict
    samples: list[Sample]
    hosts: Mapping[int, list[int]]  # process -> kilobytes, every five seconds


def people_of(far: Bridge) -> dict[str, Person]:
    """Everybody with the records of now."""
    return {card: person(far.sim, card) for card in CARDS}


def run_day(
    far: Bridge, alone: Alone, library: Path, folder: Path, seconds: float, programs: int, clients: int
) -> Day:
    """Prepare the reader, start everybody, wait, and judge."""
    prepare(far, alone, library, folder)
    before = people_of(far)
    host = compile_program(HERE / "load_host.c", folder / "load_host", "-ldl")
    scripts = write_scripts(folder, programs, before)
    epoch = time.monotonic_ns() // 1000 + int(BEGIN_AFTER * 1e6)
    times = (epoch, epoch + int(seconds * 1e6), int(SEASON * 1e6))
    web = start_web(far, alone, folder, before, clients, times)
    hosts = [
        start_host(host, library, script, number, times, alone.ready["channel"])
        for number, script in enumerate(scripts)
    ]
    watch = Watch(alone.process.pid, [each.pid for each in hosts])
    swapper = Swapper(far.sim, ORDER_OF_CARDS)
    watch.start()
    swapper.begin(ORDER_OF_CARDS[0])
    try:
        time.sleep(BEGIN_AFTER + seconds)
        watch.end()
        codes = [each.wait(END_AFTER) for each in (*hosts, web)]
    finally:
        physical = swapper.end()
        for each in (*hosts, web):
            each.kill()
            each.wait()
    assert codes == [0] * len(codes), f"programs ended badly: {codes}"
    virtual = virtual_stays(folder)
    offset = time.time() - time.monotonic()
    judge = Judge(before, people_of(far), Presence(physical), Presence(virtual), offset)
    verdict = judge.judge(call for kind in ("native", "web", "phone") for call in read_calls(folder, kind))
    return Day(verdict, watch.samples, watch.others)


def prepare(far: Bridge, alone: Alone, library: Path, folder: Path) -> None:
    """Port open, SAM verified, the doctor's PIN typed; a QR code may be good for several numbers."""
    far.sim.change_settings({"one_visit_per_qr": False})
    host = compile_program(HERE / "load_host.c", folder / "load_host", "-ldl")
    for name, arguments in (("csOpenCom", "i:0"), ("csVerifySAMDC", "")):
        script = folder / "open.script"
        script.write_text(f"op {name} a 1 {arguments}\n", encoding="ascii")
        now = str(time.monotonic_ns() // 1000)
        once = [str(host), str(library), str(script), "1", now, str(int(now) + 600_000), "1000000"]
        done = subprocess.run(
            once, env=_pointing(alone.ready["channel"]), check=True, capture_output=True, timeout=30
        )
        assert all(line.split()[3] == b"0" for line in done.stdout.splitlines()), done.stdout
    far.verify_doctor()


def _pointing(channel: str) -> dict[str, str]:
    return clean_environment(CSHIS_BRIDGE=channel)


def start_host(
    host: Path,
    library: Path,
    script: Path,
    number: int,
    times: Sequence[int],
    channel: str,
    log_name: str = "",
    calls: int = 0,
) -> subprocess.Popen[bytes]:
    """``log_name``: in place of the script's; ``calls``: how many others of this script have made before."""
    command = [str(host), str(library), str(script), str(number), *(str(each) for each in times), str(calls)]
    with script.with_name(log_name or f"{script.stem}.calls").open("wb") as log:
        return subprocess.Popen(command, stdout=log, env=_pointing(channel))


def start_web(
    far: Bridge,
    alone: Alone,
    folder: Path,
    people: Mapping[str, Person],
    clients: int,
    times: Sequence[int],
    leaving: float = 0.0,
    cards: Sequence[str] = ORDER_OF_CARDS,
) -> subprocess.Popen[bytes]:
    """``leaving``: which part of the calls is given up by its client; ``cards``: whose QR codes are shown."""
    records = expected_of(people)
    task = Task(
        urls=[alone.ready["facade"], alone.ready["legacy_http"]],
        ca_file=alone.ready["ca_file"],
        data_dir=str(far.log.parent),
        log=str(folder),
        clients=clients,
        seed=1,
        epoch=times[0],
        end=times[1],
        season=times[2],
        cards=list(cards),
        records={
            f"/VHC/VHC{name}": {card: record.hex() for card, record in records[name].items()}
            for name in VIRTUAL_RECORDS
        },
        labels={card: label_of([card]) for card in CARDS},
        people=[_writer(people[card]) for card in WRITE_CARDS],
        portal=[asdict(card) for card in PortalBooks(Clock()).cards],
        leaving=leaving,
    )
    file = folder / "web.json"
    file.write_text(json.dumps(asdict(task)), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(HERE / "web_clients.py"), str(file)], cwd=ROOT, env=clean_environment()
    )


def _writer(who: Person) -> dict[str, str]:
    """An order in which the client and the number of its call are put in by the client itself."""
    block, offset, width = own_order(who, "W", 0)
    text = block.decode("ascii")
    assert text[offset - 3 : offset] == "000"
    order = text[: offset - 3] + "CLIENT" + "NUMBER" + text[offset + width :].replace("USEW000", "USEWCLIENT")
    return {"visit": own_visit(who), "id_no": who.id_no, "birthday": who.birthday, "order": order}


def virtual_stays(folder: Path) -> list[Stay]:
    uploads = list(read_calls(folder, "phone"))
    changes = [(call.start, call.end, call.found if call.code == 0 else "") for call in uploads]
    return stays(changes, max((call.end for call in uploads), default=0) + 10**9)


assert set(VIRTUAL_RECORDS) <= {*FIXED, VISITS}
