"""Finished parts in a folder, so that a run that was broken off can be taken up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from bridge.errors import PartsError
from bridge.parts.part import Part, Result
from bridge.private_files import make_private_folder, write_private
from bridge.words import said

FORMAT = 1
END_BYTES = 64 * 1024  # of a file, at its beginning and its end, that its digest covers


class Kept:
    """A file (mode 0600) for each finished part in ``folder``. ``about``: what else a result depends on, as
    texts: command, options, versions; a part that was done otherwise is not found.
    """

    def __init__(self, folder: Path, about: Iterable[str]) -> None:
        self.folder = folder
        self._about = [str(FORMAT), *about]
        self._digests: dict[str, str] = {}  # as the files were before the part was begun

    def open(self) -> None:
        """Make the folder. Raises PartsError."""
        try:
            make_private_folder(self.folder)
        except OSError as error:
            raise self._error(error) from error

    def found(self, part: Part) -> Result | None:
        """What an earlier run made of the part; None where nothing did, or its files are others now."""
        digest = self._digests[part.name] = self._digest(part)
        try:
            content = json.loads(self._file(part).read_bytes())
        except (OSError, ValueError):
            return None
        match content:
            case {"part": str(name), "digest": str(kept), "result": dict(result)} if (
                name == part.name and kept == digest
            ):
                return result
        return None

    def keep(self, part: Part, result: Result) -> None:
        """Keep what was made of a part that :meth:`found` was asked for. Raises PartsError."""
        content = {"part": part.name, "digest": self._digests[part.name], "result": result}
        try:
            write_private(self._file(part), json.dumps(content))
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: OSError) -> PartsError:
        return PartsError(
            said("{folder}: cannot be written: {strerror}", folder=self.folder, strerror=error.strerror)
        )

    def _file(self, part: Part) -> Path:
        name = hashlib.sha256(part.name.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return self.folder / f"{name}.json"

    def _digest(self, part: Part) -> str:
        """Of names, sizes, times and both ends of the files, and of what the result depends on."""
        made = hashlib.sha256(json.dumps(self._about).encode())
        for file in part.files:
            try:
                seen = file.stat()
                made.update(json.dumps([file.name, seen.st_size, seen.st_mtime_ns]).encode())
                with file.open("rb") as stream:
                    made.update(stream.read(END_BYTES))
                    stream.seek(max(seen.st_size - END_BYTES, 0))
                    made.update(stream.read(END_BYTES))
            except OSError as error:
                made.update(f"unreadable {error.errno}".encode())  # the part itself will say so
        return made.hexdigest()
