"""The characters that the site has drawn itself (造字), and the list that says which they are."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.codec.eudc import read_eudc
from bridge.config import TextSettings
from bridge.doctor.finding import Finding, broken, ok
from bridge.errors import ConfigError
from bridge.words import said, text_of


def check_site_characters(settings: TextSettings) -> Iterator[Finding]:
    """Whether there is a list, and whether it can be used."""
    if settings.eudc is None:
        yield ok(
            "text.eudc",
            said(
                "no list of user-defined characters (造字): they come to programs as □, as do all "
                "outside code page 950; a call that sends one is refused with 6018"
            ),
            said(
                "Where programs show or send characters that this site has drawn, name their list "
                "in the setting `eudc` of `[text]`."
            ),
        )
        return
    try:
        page = read_eudc(settings.eudc_list())
    except ConfigError as error:
        yield broken(
            "text.eudc",
            text_of(error),
            said("The bridge does not start with this list."),
            said("Correct that line or file."),
        )
    else:
        yield ok(
            "text.eudc",
            said(
                "{eudc} lists {count} user-defined character(s) (造字)",
                eudc=settings.eudc,
                count=len(page.own),
            ),
        )
