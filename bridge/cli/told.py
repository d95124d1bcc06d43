"""Lines for people, on standard output and in a file: nobody sees the former of what an installer runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import click


@contextmanager
def told_in(file: Path | None) -> Iterator[Callable[[str], None]]:
    """Out: what to call with each line. The file is lengthened; one that cannot be written is told once."""
    with ExitStack() as stack:
        stream = None
        if file is not None:
            try:
                stream = stack.enter_context(file.open("a", encoding="utf-8"))
            except OSError as error:
                click.echo(f"{file}: {error.strerror}", err=True)

        def tell(line: str) -> None:
            click.echo(line)
            if stream is not None:
                stream.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}  {line}\n")
                stream.flush()

        yield tell
