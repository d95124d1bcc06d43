"""The desk of a running bridge: watches while a page is open, and does what the page asks for."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.codec.code_page import CodePage
from bridge.config import Settings
from bridge.config.listing import DEFAULT, of_running
from bridge.desk.both import both, sections_in_both
from bridge.desk.bundle import make_bundle
from bridge.desk.calls import CallFeed, earlier_calls
from bridge.desk.cards import VirtualCards
from bridge.desk.hub import Hub
from bridge.desk.now import Facts, tiles
from bridge.desk.programs import program_name
from bridge.desk.tools import words_of
from bridge.doctor.examine import examine
from bridge.doctor.finding import Section
from bridge.doctor.report import as_json
from bridge.engine.face import ObservedEngine
from bridge.errors import CallError, StatusError
from bridge.reader.pin.page import PagePins
from bridge.reader.pin.policy import PinPolicy
from bridge.reader.view import ReaderView
from bridge.records.journal import JOURNAL_NAME
from bridge.records.journal_view import JournalUnreadable, JournalView
from bridge.records.pending import PendingChange, pending_changes
from bridge.relay.uploads import Uploads
from bridge.table.model.service import Service

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
EXAMINE_SECONDS = 300.0  # the doctor asks the insurer's servers, for each open page in the country
EXAMINE_PAUSE = 15.0  # after a call that failed it is asked sooner, but not at once again
EXAMINE_PORTAL_PAUSE = 600.0  # of Viet Nam's portal it asks a token for each account
NOT_READY = "5002"  # 檢核中: the centre is still checking


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desk is given of the bridge. ``file``: the settings file, None without one; ``simulated``:
    only invented people can be met; ``page``: the code page.
    """

    engine: ObservedEngine
    reader: ReaderView
    pins: PinPolicy
    uploads: Uploads
    settings: Settings
    file: Path | None
    page: CodePage
    simulated: bool


class Desk:
    """One bridge's desk. While no page listens it asks nobody and hears of no call."""

    def __init__(self, given: Surroundings) -> None:
        self._given = given
        self.table = given.engine.table
        self._journal = JournalView(given.settings.data_dir / JOURNAL_NAME)
        self._sections: list[Section] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._look_now = asyncio.Event()
        self._examine_now = asyncio.Event()
        self._last_now: object = None
        self.cards = VirtualCards(given.engine)
        self.hub = Hub(self._begin, self._end)
        given.pins.asked.changed = self._pins_changed

    # --- watching -------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        given = self._given
        feed = CallFeed(self.table, self._call_ended, given.page if given.simulated else None)
        given.engine.calls.watcher = feed
        self._last_now = None
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._examine())]

    def _end(self) -> None:
        self._given.engine.calls.watcher = None
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _look(self) -> None:
        """Tell how things are, where that has changed: now and then, and when somebody asks for a PIN."""
        while True:
            with _kept_going("looking"):
                now = await self.now()
                if now != self._last_now:
                    self._last_now = now
                    self.hub.tell("now", now)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), LOOK_SECONDS)
            self._look_now.clear()

    def _call_ended(self, told: dict[str, object]) -> None:
        self.hub.tell("call", told)
        if not told["ok"]:
            self._examine_now.set()

    async def _examine(self) -> None:
        given = self._given
        asks_portal = given.settings.bhyt.enabled and not given.simulated
        pause = EXAMINE_PORTAL_PAUSE if asks_portal else EXAMINE_PAUSE
        while True:
            self._examine_now.clear()
            with _kept_going("examining"):
                self.hub.tell("doctor", await self.examined())
                self._look_now.set()
            await asyncio.sleep(pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._examine_now.wait(), EXAMINE_SECONDS)

    def _pins_changed(self) -> None:
        """A question has come or gone: pages that listen hear what is asked, never an answer."""
        if len(self.hub):
            asyncio.get_running_loop().call_soon(self._tell_questions)  # whoever is asked must have it first

    def _tell_questions(self) -> None:
        self.hub.tell("pin", self.questions())
        self._look_now.set()

    # --- what a page asks for -------------------------------------------------------------------------------

    def words(self) -> dict[str, Any]:
        """What a page needs once: words of the table, what this bridge is."""
        given = self._given
        about = {
            "version": __version__,
            "simulated": given.simulated,
            "pins": given.settings.pin.provider,
            "either": given.engine.takes_either,
            "bundle": given.settings.log.file is not None,
        }
        return {**words_of(self.table), "about": about}

    def welcome(self) -> list[tuple[str, object]]:
        """The events with which a stream begins."""
        found: list[tuple[str, object]] = [("pin", self.questions())]
        if self._last_now is not None:
            found.append(("now", self._last_now))
        if self._sections is not None:
            found.append(("doctor", sections_in_both(self._sections)))
        return found

    async def now(self) -> dict[str, Any]:
        """The tiles, as JSON values."""
        given = self._given
        asked, known = await given.reader.ask(), given.reader.known()
        programs = {known.program, *known.waiting, *(wish.program for wish in known.wishes)}
        facts = Facts(
            console=None if isinstance(asked, CallError) else asked,
            silence=both(asked) if isinstance(asked, CallError) else None,
            known=known,
            presented=given.engine.presented(),
            running=given.engine.calls.running,
            questions=tuple(
                (question.key, time.monotonic() - since) for question, since in given.pins.asked.now()
            ),
            pending=await asyncio.to_thread(self._count_pending),
            sections=self._sections,
            names={program: program_name(program) for program in programs},
        )
        return {"tiles": [asdict(tile) for tile in tiles(facts, given.reader.states)]}

    async def examined(self) -> dict[str, object]:
        """What the doctor finds now, see :func:`bridge.desk.both.sections_in_both`."""
        data_dir = self._given.settings.data_dir
        self._sections = await asyncio.to_thread(examine, None, data_dir, ())
        return sections_in_both(self._sections)

    def questions(self) -> list[dict[str, object]]:
        """The questions that wait for this page, and those that wait elsewhere (``number`` 0)."""
        provider, now = self._given.pins.provider, time.monotonic()
        if isinstance(provider, PagePins):
            found = [(each.number, each.question, each.since) for each in provider.open_questions()]
        else:
            found = [(0, question, since) for question, since in self._given.pins.asked.now()]
        return [
            {
                "number": number,
                "key": question.key,
                "zh": question.chinese,
                "en": question.english,
                "least": question.least,
                "most": question.most,
                "left": round(question.seconds - (now - since)),
            }
            for number, question, since in found
        ]

    def answer(self, number: int, digits: str | None) -> bool:
        """Hand over what was typed for a question, None for no answer. Out: whether the question took it."""
        provider = self._given.pins.provider
        if not isinstance(provider, PagePins):
            return False
        return provider.cancel(number) if digits is None else provider.answer(number, digits)

    async def calls(self) -> list[dict[str, object]]:
        """The last calls of before the page was open."""
        return await asyncio.to_thread(earlier_calls, self._journal, self.table)

    async def changes(self) -> dict[str, Any]:
        """Changes that did not end clearly, and receipts, the newest first; ``fault``: why the journal cannot
        be read.
        """
        try:
            pending = await asyncio.to_thread(self._pending)
            receipts = await asyncio.to_thread(self._journal.receipts)
        except JournalUnreadable as error:
            return {"pending": [], "receipts": [], "fault": str(error)}
        return {
            "pending": [
                {**asdict(each), "at": _iso(each.at), "advice": both(each.advice)}
                for each in reversed(pending)
            ],
            "receipts": [
                {**asdict(each), "at": _iso(each.at), "title": self.table.title_of(each.function)}
                for each in reversed(receipts)
            ],
            "fault": "",
        }

    async def resolve(self, number: int) -> bool:
        """Note that a person has looked at a change. Out: whether it was one that waited for that. Raises
        JournalUnreadable.
        """
        waiting = {each.id for each in await asyncio.to_thread(self._pending) if each.needs_a_person}
        if number not in waiting:
            return False
        resolved = await asyncio.to_thread(self._journal.resolve, number)
        self._look_now.set()
        return resolved

    async def result(self, receipt: str) -> dict[str, object]:
        """The result of the check (檢核結果) of the upload with an execution number. Out: ``ready``, and its
        ``text``. Raises UpstreamError; StatusError for any other return code.
        """
        given, service = self._given, self._result_service()
        fields = {"sType": given.settings.upload.type, "sOpcode": receipt}
        try:
            found = await given.uploads.result(service, await given.uploads.sign(), fields)
        except StatusError as error:
            if error.status != NOT_READY:
                raise
            return {"ready": False, "text": ""}
        return {"ready": True, "text": found.decode("utf-8", errors="replace")}

    def _result_service(self) -> Service:
        """The service of the table that gives results: it takes no file, and its signature no patient."""
        services = self.table.services.values()
        return next(each for each in services if each.verified is None and not each.field_with("content"))

    def settings(self) -> list[dict[str, object]]:
        """The settings in use: ``name``, ``value`` without anything secret, ``source`` in both languages,
        ``usual`` for a default.
        """
        rows = of_running(self._given.settings, self._given.file)
        return [
            {"name": row.name, "value": row.value, "source": both(row.place), "usual": row.place == DEFAULT}
            for row in rows
        ]

    async def bundle(self) -> tuple[bytes, dict[str, int]]:
        """The support bundle (a ZIP), and what was left out of it, see :mod:`bridge.desk.bundle`."""
        await self.examined()
        doctor, calls = as_json(self._sections or []), await self.calls()
        self._given.engine.calls.flush()
        log_file = self._given.settings.log.file
        return await asyncio.to_thread(
            make_bundle, log_file, doctor, self.settings(), calls, self.table.digest
        )

    def stop(self) -> None:
        """The bridge stops: open pages are let go."""
        self.hub.end()

    # --- inside ---------------------------------------------------------------------------------------------

    def _pending(self) -> list[PendingChange]:
        return pending_changes(self._journal.unclear(), self.table.title_of)

    def _count_pending(self) -> int | None:
        try:
            return sum(change.needs_a_person for change in self._pending())
        except JournalUnreadable:
            return None


class _kept_going:
    """What goes wrong while looking is logged, and the next look is made all the same."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        log.error("desk: %s: fault of the bridge", self._what, exc_info=error)
        return True


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
