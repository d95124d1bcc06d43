"""One call's use of the reader: who calls, which card is meant, and what is known of it since then."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.table.model.console import CardKind


@dataclass(slots=True)
class Use:
    """One call's use of the reader; it is given to each request of the call, which write down what they find.

    ``program``: whose call it is, "" where that is not known. ``card``: the kind of health card that is
    meant. ``client``: what tells its program, or at least its connection, from others; "" where nothing does.
    ``card_id``: the number of the health card that the call began with, "" until one has answered; in
    memory for as long as the call takes. ``looked``: the console has looked for this call which card lies in
    the slot. ``proved``: the card with ``card_id`` is of the kind that is meant.

    Only where the settings let programs use either kind (:mod:`bridge.reader.presented`): ``follows``: the
    program knows of no kinds, ``card`` is the one that was there when its call began. ``changes``: the call
    changes something. ``presentation``: the number of the presentation that it works with, 0 for none.
    ``nth_card``: the reader, and which of the cards there, counted as programs are shown them, it found.
    """

    program: str = ""
    card: CardKind = "physical"
    client: str = ""
    card_id: str = field(default="", repr=False)
    looked: bool = False
    proved: bool = False
    follows: bool = False
    changes: bool = False
    presentation: int = 0
    nth_card: tuple[str, int] = ("", 0)
