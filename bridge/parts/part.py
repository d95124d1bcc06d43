"""A part of a long piece of work, and what came of it."""

from __future__ import annotations

import errno
import linecache
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import BridgeError
from bridge.words import reason, speak, tr

Result = dict[str, Any]  # plain values, as JSON has them


@dataclass(frozen=True, slots=True)
class Part:
    """What can be done by itself. ``name``: for people, unique among its parts. ``files``: what it reads, in
    this order. ``size``: their bytes.
    """

    name: str
    files: tuple[Path, ...]
    size: int


# Done by another process: a function at the top of a module, or a functools.partial of one. Raises
# BridgeError where the part cannot be done.
Work = Callable[[Part], Result]


@dataclass(frozen=True, slots=True)
class Done:
    """A part is done. ``before``: in an earlier run."""

    result: Result
    before: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A part cannot be done, and doing it again would not help. ``why``: for the screen. ``no_room``: the
    disk is full, which is not this part's fault: the others would fail, too.
    """

    why: str
    no_room: bool = False


@dataclass(frozen=True, slots=True)
class Died:
    """Who did the part is gone. ``why``: for the screen."""

    why: str


Outcome = Done | Failed | Died


def do(work: Work, part: Part, language: str) -> Outcome:
    """Do a part; a failure is told in this language. Whatever is raised costs this part alone. SystemExit is
    how work ends whose process was asked to.
    """
    speak(language)
    try:
        return Done(work(part))
    except BridgeError as error:
        return Failed(reason(error), _is_full(error.__cause__))
    except OSError as error:
        why = f"{error.filename or part.name}: {error.strerror or type(error).__name__}"
        return Failed(why, _is_full(error))
    except SystemExit:
        return Died(tr("its process ended"))
    except Exception as error:  # a fault of ours; its text may hold what stands in a trace
        return Failed(_place(error))


def _is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _place(error: Exception) -> str:
    """Kind of an error and where it was raised, without its text."""
    *_, last = traceback.extract_tb(error.__traceback__)
    linecache.clearcache()
    return f"{type(error).__name__} ({Path(last.filename).name}:{last.lineno})"
