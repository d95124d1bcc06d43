"""One end of a pipe between two processes, which Windows has another class for."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as End
else:
    from multiprocessing.connection import Connection as End

__all__ = ["End"]
