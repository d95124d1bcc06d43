"""The kinds of arguments that a row may declare."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.table.model.spec import Identifier, Spec


class TextArgument(Spec):
    """``char *`` in: a string of a documented width; nothing behind that is looked at. ``terminated: false``
    where no NUL is to be expected behind it (a single byte): there even the recorder looks no further.

    ``blank: true`` where nothing but blanks is a value; otherwise a blank one is the caller's fault (6018).
    ``term`` is its official Chinese name, ``example`` a value, both for the OpenAPI page.
    """

    kind: Literal["text"]
    name: Identifier
    width: int = Field(gt=0)
    terminated: bool = True
    blank: bool = False
    term: str = ""
    example: str | None = None


class BlockArgument(Spec):
    """``char *`` in: a data block in one of several record ``forms``.

    ``count`` names the argument with the repetitions.
    """

    kind: Literal["block"]
    name: Identifier
    forms: tuple[Identifier, ...] = Field(min_length=1)
    count: Identifier | None = None


class RangeSpec(Spec):
    """The arguments with the first and last position (from 1, both included) that the caller wants of a
    group.
    """

    start: Identifier
    end: Identifier


class RecordArgument(Spec):
    """``char *`` out: a fixed-width record without NUL; ``length`` names its capacity and length variable.

    ``bracketed`` is the record that is meant when the caller has filled the buffer with the ICD-10 pattern
    ``[XXXXXXX]``. With ``range`` only those positions of the record's single group are given.
    """

    kind: Literal["record"]
    name: Identifier
    record: Identifier
    length: Identifier
    count: Identifier | None = None
    bracketed: Identifier | None = None
    range: RangeSpec | None = None


class TextSizedArgument(Spec):
    """``char *`` out: text of no fixed width, as long as it is.

    ``length`` names its capacity and length variable.
    """

    kind: Literal["text_sized"]
    name: Identifier
    length: Identifier


class LengthArgument(Spec):
    """``short *`` in/out: capacity in, bytes written out; 16 bits read, 16 bits written."""

    kind: Literal["length"]
    name: Identifier


class CountArgument(Spec):
    """``short *`` in: a number of repetitions, never written to."""

    kind: Literal["count"]
    name: Identifier
    least: int = 1
    most: int


class ScalarArgument(Spec):
    """``int`` or ``short`` by value, of which the low 16 bits count.

    ``allowed`` lists the values that mean something; ``term`` says what they mean, for the OpenAPI page.
    """

    kind: Literal["scalar"]
    name: Identifier
    c_type: Literal["int", "short"]
    allowed: tuple[int, ...] = ()
    term: str = ""


class TextOutArgument(Spec):
    """``char *`` out without a stated capacity: at most ``width`` bytes are written.

    A text shorter than ``width`` gets a NUL behind it; one of full width gets none, because some callers
    offer exactly that. ``term`` is its official Chinese name, for the OpenAPI page. ``own_path``: the native
    library writes its own path in place of the answer's text, or its file name where the path is too long.
    """

    kind: Literal["text_out"]
    name: Identifier
    width: int = Field(gt=0)
    term: str = ""
    own_path: bool = False


class ScalarOutArgument(Spec):
    """``short *`` out: a number; 16 bits are written."""

    kind: Literal["scalar_out"]
    name: Identifier


class FileArgument(Spec):
    """``char *`` in: the name of a file, which is read where the program runs.

    ``size`` names the argument with its stated size.
    """

    kind: Literal["file"]
    name: Identifier
    width: int = Field(gt=0)
    size: Identifier


class TextInOutArgument(Spec):
    """``char *`` in/out: digits.

    A number that differs is written over them, blank-padded, if their length has room for it.
    """

    kind: Literal["text_inout"]
    name: Identifier
    width: int = Field(gt=0)


class IgnoredArgument(Spec):
    """An argument that is neither read nor written, in functions of which only name and stack are known."""

    kind: Literal["ignored"]
    name: Identifier
    c_type: Literal["long", "char *", "short *"]


ArgumentSpec = Annotated[
    TextArgument
    | BlockArgument
    | RecordArgument
    | TextSizedArgument
    | ScalarOutArgument
    | FileArgument
    | TextInOutArgument
    | IgnoredArgument
    | LengthArgument
    | CountArgument
    | ScalarArgument
    | TextOutArgument,
    Field(discriminator="kind"),
]
