"""What a program brings itself in a request that passes through: account and token, in the query or in the
body. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from bridge.bhyt.model import ClientNames
from bridge.errors import BadArgument
from bridge.rest.bodies import read_body

Given = Mapping[str, object]


class GivenReader:
    """Reads it, under the ``names`` that programs use; their letter case does not count."""

    def __init__(self, names: ClientNames) -> None:
        self._token = names.access_token.lower()
        token = re.escape(self._token).encode()
        self._in_query = re.compile(rb"(?i)(?:^|&)%s=[^&]" % token)
        # As a key of JSON, of a form, or of a form in parts; only looked for where a body cannot be read.
        self._in_body = re.compile(rb'(?i)(?<![a-z0-9_])(?:"?%s"?\s*[:=]|name="?%s"?)' % (token, token))

    def has_token(self, query: bytes) -> bool:
        """Whether the query has a token; an empty one is none."""
        return self._in_query.search(query) is not None

    def read(self, query: bytes, body: bytes, content_type: str) -> Given | None:
        """What a request without a token in its query brings, by lower-case name; that of the query counts
        first.

        In: the ``body``, of a long one its beginning. Out: None where there is a token all the same.
        """
        try:
            given = read_body(body, content_type)
        except BadArgument:  # a file, or the beginning of one
            if self._in_body.search(body):
                return None
            given = {}
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="utf-8", errors="replace")
        given = {**given, **{name.lower(): value for name, value in pairs if value}}
        return None if given.get(self._token) else given
