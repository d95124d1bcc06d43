"""The limit of open files is raised as far as it may be, and never lowered."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
SAY = (
    "import resource; from bridge.serving.open_files import allow_open_files;"
    "resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}));"
    "print(allow_open_files(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
)


@pytest.mark.parametrize(
    ("soft", "hard", "said"),
    [(256, 8192, "4096 4096 8192"), (256, 1024, "1024 1024 1024"), (5000, 8192, "5000 5000 8192")],
)
def test_the_soft_limit_is_raised(soft: int, hard: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY.format(soft=soft, hard=hard)], capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == (said, "")
