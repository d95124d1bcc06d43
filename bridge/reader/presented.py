"""Virtual cards for programs that know of none: the QR code is presented here, and their calls work with it.

Only where ``reader.cards`` is ``either``. The rules, for which docs/operate/virtual-cards.md has the reasons:

- A card is presented at one reader, and ends with the visit that was made with it, with a physical card that
  is put in, after a time without use, with the console's session, with its own time.
- Then nobody else's card takes its place unseen: one that lay in the slot before does not count until it has
  been put in anew.
- To programs a change of cards looks like one taken out and another put in, and what a program changes is
  changed for the card that it has read last, or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.config import ReaderSettings
from bridge.errors import CallError, CardChanged, StatusError, WrongPerson
from bridge.reader.console_client import SOURCE, ConsoleStatus
from bridge.reader.session import Session
from bridge.reader.shown_cards import ShownCards
from bridge.reader.state import PresentCard
from bridge.reader.use import Use
from bridge.table.model.console import Need
from bridge.words import said

log = logging.getLogger(__name__)

NOBODY = ""  # no card lies in the slot
UNKNOWN = "?"  # one that cannot be read may lie there


@dataclass(frozen=True, slots=True)
class Presentation:
    """A virtual card that is presented at a reader. Times are monotonic seconds.

    ``before``: the number of the physical card that lay there. ``looked``: when the slot was looked at last.
    ``user``: the program that has read the card first, None for nobody yet. ``visit``: a visit number was
    taken with it.
    """

    number: int
    place: str
    token: str = field(repr=False)
    card_id: str = field(repr=False)
    before: str = field(repr=False)
    since: float
    used: float
    looked: float
    user: str | None = None
    visit: bool = False


class PresentedCards:
    """The presented card of the console's session, and what must not be taken for it. Whoever calls the
    asynchronous methods has the turn. ``is_here`` tells whether a program works at the session's reader.
    ``clock``: monotonic seconds. ``when_presented``: who hears of a card that is presented.
    """

    def __init__(
        self,
        session: Session,
        settings: ReaderSettings,
        is_here: Callable[[str], bool],
        clock: Callable[[], float],
    ) -> None:
        self._session = session
        self._settings = settings
        self._is_here = is_here
        self._clock = clock
        self._current: Presentation | None = None
        self._count = 0
        self._before: dict[str, str] = {}  # by reader: the card in its slot that must be put in anew
        self._emptied: dict[str, int] = {}  # ... and in which session it was logged out
        self._shown = ShownCards()
        self.when_presented: Callable[[], None] = lambda: None

    # --- for the doors, at any moment -----------------------------------------------------------------------

    def is_for(self, program: str) -> bool:
        """Whether the card that a program's next call means is the presented one."""
        it = self._current
        return it is not None and self._is_live(it) and self._is_here(program)

    def seconds_left(self) -> float | None:
        """How long the presentation lasts at most if nobody uses the card; None for none."""
        it = self._current
        return None if it is None else max(0.0, self._end_of(it) - self._clock())

    def told(self) -> list[dict[str, Any]]:
        """For people: what is presented, nobody's name; empty for nothing. ``reader``: its name, as the
        console calls it. ``seconds_since``, ``seconds_left``: whole numbers. ``used``, ``visit``: whether a
        program has read it, has taken a visit number with it.
        """
        it = self._current
        if it is None or not self._is_live(it):
            return []
        now = self._clock()
        return [
            {
                "reader": it.place,
                "seconds_since": int(now - it.since),
                "seconds_left": int(self._end_of(it) - now),
                "used": it.user is not None,
                "visit": it.visit,
            }
        ]

    # --- presenting and taking out --------------------------------------------------------------------------

    async def present(self, use: Use, token: str) -> None:
        """Make the virtual card of a QR code the present card of the session's reader, in place of any other.

        Raises what the console says of the code; the card that was there before then stays.
        """
        session = self._session
        if not session.state.initialised:
            await session.initialise()
        await session.ensure(("sam",), use)
        card_id = await self._checked(token)
        await self.settle()
        place = self._place()
        replaced = self._current is not None
        if replaced:
            self._take_out()
        barred = self._before.get(place, NOBODY)
        before = await self._lying()
        if replaced:
            barred = before
        try:
            await self._take_into_use(use, token, card_id)
        except BaseException:
            self._bar(place, barred)
            raise
        self._bar(place, NOBODY)
        self._shown.changed(place)
        self._count += 1
        now = self._clock()
        self._current = Presentation(self._count, place, token, card_id, before, now, now, now)
        log.info("a virtual card is presented at reader %s", place or "(default)")
        self.when_presented()

    async def _checked(self, token: str) -> str:
        """The number of the card that a code stands for. One that is refused says nothing of the card that
        is there.
        """
        known = self._session.state
        try:
            return await self._session.console.virtual_card_id(token)
        except StatusError:
            self._session.state = known
            raise

    async def _take_into_use(self, use: Use, token: str, card_id: str) -> None:
        async def ask() -> str:
            await self._session.console.present_virtual_card(token)
            return card_id

        await self._session.present(use, ask)

    async def withdraw(self, place: str) -> None:
        """Take the presented card out, of the reader with this name, "" of whichever; that there is none is
        as good.
        """
        await self.settle()
        if self._current is not None and place in ("", self._current.place, self._session.state.device):
            await self._end("it was withdrawn")

    async def port_opened(self, program: str) -> None:
        """A program has opened the session's port: another one than that which uses the card ends it."""
        await self.settle()
        if self._current is not None and self._current.user not in (None, program):
            await self._end("another program has opened the port")

    def visit_opened(self) -> None:
        """A visit number was taken with the card that is there."""
        if self._current is not None and self._is_live(self._current):
            self._current = replace(self._current, visit=True, used=self._clock())

    # --- before requests ------------------------------------------------------------------------------------

    async def ensure(self, needs: tuple[Need, ...], use: Use) -> None:
        """As :meth:`Session.ensure`, after it is sure which card the call may work with.

        Raises CardChanged where it is not the one that was there when the call began, StatusError (no card)
        where none counts.
        """
        if "hc" not in needs:
            await self._session.ensure(needs, use)
            return
        if use.follows:
            await self._session.ensure(("console", "sam"), use)
        await self._approach(use)
        await self._session.ensure(needs, use)

    async def _approach(self, use: Use) -> None:
        await self.settle()
        it = self._current
        if use.card == "virtual":
            if it is not None:
                await self._use(it, use)
            elif use.follows:
                raise CardChanged(said("the virtual card that was there when the call began is taken out"))
        elif use.follows and it is not None:
            raise CardChanged(said("a virtual card was presented while the call waited"))
        elif use.follows:
            await self._require_counted()
        use.nth_card = self._shown.now_at(self._place())

    async def _use(self, it: Presentation, use: Use) -> None:
        if use.follows and use.presentation not in (0, it.number):
            raise CardChanged(said("another virtual card was presented while the call ran"))
        if not it.visit and self._clock() - it.looked >= self._settings.presented_sure:
            it = await self._look(it, use)
        if use.follows:
            use.presentation = it.number
        self._current = replace(it, used=self._clock())

    async def _look(self, it: Presentation, use: Use) -> Presentation:
        """See whether a physical card has been put in since. The console has one health card, so the virtual
        one has to be taken out for that, and presented again.
        """
        lying = await self._lying()
        if lying not in (NOBODY, it.before):
            self._take_out()
            self._bar(it.place, it.before)
            raise CardChanged(said("a physical card was put in: the virtual one is taken out"))
        await self._take_into_use(use, it.token, it.card_id)
        self._current = it = replace(it, looked=self._clock(), before=lying)
        return it

    async def settle(self) -> None:
        """Take the card out whose time is over."""
        it = self._current
        if it is not None and not self._is_live(it):
            await self._end("its visit, its time or the console's session is over")

    # --- what programs know ---------------------------------------------------------------------------------

    def has_read(self, use: Use) -> None:
        """A call that gives data of the health card has succeeded."""
        if not use.follows or not use.card_id:
            return
        self._shown.has_read(use.program, use.nth_card, use.card_id)
        it = self._current
        if it is not None and it.user is None and it.number == use.presentation:
            self._current = replace(it, user=use.program)

    def require_read(self, use: Use, number: str) -> None:
        """Before a change: is the card that answers the one that the program has read last? Raises
        WrongPerson.
        """
        if use.follows and use.changes and not self._shown.knows(use.program, use.nth_card, number):
            raise WrongPerson(said("the program has not read this card since it came: nothing was sent"))

    async def is_barred(self, use: Use) -> bool:
        """Before the state of the health card is told: whether what lies in the slot does not count."""
        barred = await self._is_barred(use)
        if self._session.state.initialised:
            use.nth_card = self._shown.now_at(self._place())
        return barred

    async def _is_barred(self, use: Use) -> bool:
        await self.settle()
        if self._current is None and not self._before:
            return False
        await self._session.ensure(("console",), use)
        if not self._session.state.sam_verified:  # nothing can be seen; what needs the SAM has it verified
            return self._place() in self._before
        status = await self._session.console.status()
        if self._current is not None:
            if status.health_card_kind != self._session.console.protocol.states.virtual_card:
                await self._end("the console has another card")
            return False
        return not await self._counts(status)

    def is_told(self, use: Use, there: bool) -> bool:
        """What a program that asks for the health card is told, of a card that is ``there`` or not. Another
        program's turn may have come since it was looked at.
        """
        nth = use.nth_card if use.nth_card[0] else self._shown.now_at(self._place())
        return self._shown.is_told(use.program, nth, there)

    # --- the slot -------------------------------------------------------------------------------------------

    async def _lying(self) -> str:
        """The number of the physical card in the slot; the health card is logged out for it. Another program
        may present a virtual card of its own in between: that tells nothing of the slot.
        """
        console = self._session.console
        statuses, states = console.protocol.statuses, console.protocol.states
        await self._session.log_out_card()
        try:
            number = (await console.read_health_card()).card_id
        except StatusError as error:
            if error.number in statuses.not_initialised or error.number in statuses.sam_not_verified:
                raise  # nothing was looked at
            nothing = error.number in statuses.no_card or error.number in statuses.no_default_reader
            return NOBODY if nothing else UNKNOWN
        return number if (await console.status()).health_card_kind == states.physical_card else UNKNOWN

    async def _require_counted(self) -> None:
        if self._place() in self._before and not await self._counts(await self._session.console.status()):
            raise StatusError(SOURCE, self._session.console.protocol.statuses.no_card.number)

    async def _counts(self, status: ConsoleStatus) -> bool:
        """Whether the card in the slot, if there is one, has been put in since the virtual one was taken
        out. The console tells a card that was put in from one that it has logged out.
        """
        session, place = self._session, self._place()
        if place not in self._before:
            return True
        at = status.health_card_state
        if session.state.logged_out and self._emptied.get(place) == session.begun:
            if at == session.console.protocol.states.card_present:
                self._bar(place, NOBODY)
            elif at == session.console.protocol.states.card_absent:
                return False
        await self._compare(place)
        return place not in self._before

    async def _compare(self, place: str) -> None:
        """Whether the card that must be put in anew still lies there: another one counts."""
        if place not in self._before:
            return
        lying = await self._lying()
        if lying == UNKNOWN or (lying != NOBODY and self._before[place] in (lying, UNKNOWN)):
            await self._session.log_out_card()
            self._emptied[place] = self._session.begun
        else:
            self._bar(place, NOBODY)

    def _bar(self, place: str, number: str) -> None:
        self._emptied.pop(place, None)
        if number == NOBODY:
            self._before.pop(place, None)
        else:
            self._before[place] = number

    # --- the end --------------------------------------------------------------------------------------------

    def _take_out(self) -> Presentation | None:
        it, self._current = self._current, None
        if it is not None:
            self._shown.changed(it.place)
        return it

    async def _end(self, why: str) -> None:
        """The presented card is taken out; the one that lay in the slot before does not count."""
        it = self._take_out()
        if it is None:
            return
        log.info("the virtual card at reader %s is taken out: %s", it.place or "(default)", why)
        self._bar(it.place, it.before)
        if not self._session.state.initialised or self._place() != it.place:
            return
        try:
            if it.before == NOBODY:
                await self._session.log_out_card()
            await self._compare(it.place)
        except CallError as error:
            log.warning("the virtual card may still be in use by the console: %s", error)

    def _is_live(self, it: Presentation) -> bool:
        state = self._session.state
        if state.card is not PresentCard.VIRTUAL or state.virtual_id != it.card_id:
            return False
        return self._place() == it.place and self._clock() < self._end_of(it)

    def _end_of(self, it: Presentation) -> float:
        idle = self._settings.presented_idle
        return it.used + (min(idle, self._settings.visit_hold) if it.visit else idle)

    def _place(self) -> str:
        state = self._session.state
        return state.device_name or state.device
