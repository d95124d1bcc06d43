"""``python one_command.py FILE COMMAND...``: runs the command, and writes what it cost into FILE, as JSON.

A process counts the memory of the one that it was begun by as its own, up to the moment at which it runs
another program. So whoever measures memory begins commands by this small one, and not by himself.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

KIB = 1024


def main() -> int:
    """Out: how the command ended, as subprocess says it."""
    begun = time.monotonic()
    code = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, check=False).returncode
    wall, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(sys.argv[1], "w", encoding="ascii") as file:
        cost = {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * KIB / 1e6, "wall": wall}
        json.dump({"code": code, **cost}, file)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
