"""How many files and connections the process may have open at once."""

from __future__ import annotations

import sys

WANTED = (
    4096  # two HTTP ports, the channel, the upstreams, and the simulators: each bounded, together above 1024
)


def allow_open_files(wanted: int = WANTED) -> int:
    """Raise the soft limit to ``wanted``, as far as the hard one goes. Out: the limit that holds then.

    Linux starts programs with 1024, which somebody who opens connections could use up; the next one to the
    console would then fail. Windows has no such limit.
    """
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < wanted:
        soft = wanted if hard == unlimited else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == unlimited else soft
