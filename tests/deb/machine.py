"""A Debian with systemd in a root of its own, with a network of its own, that packages are installed into."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cshis-bridge" / "debian"
SECONDS = 180
NAMESPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")


class Machine:
    """``root``: its folder, as this machine sees it. ``booted``: see :meth:`boot`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # not by shutil.copytree, which would read /dev/zero and /dev/full without an end
        subprocess.run(["cp", "--archive", str(CACHE), str(root)], check=True)
        self._container: subprocess.Popen[bytes] | None = None
        self._leader = ""

    def boot(self) -> None:
        """Start its systemd, and wait until it has started everything."""
        command = ["systemd-nspawn", "--quiet", "--directory", str(self.root), "--boot", "--console=pipe"]
        with (self.root.parent / "boot.log").open("wb") as log:
            self._container = subprocess.Popen(
                [*command, "--register=no", "--keep-unit", "--private-network"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        pid = self._container.pid
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self._container.poll() is None:
            self._leader = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").strip()
            if self._leader and self.try_run("systemctl", "is-system-running").stdout.strip() == "running":
                return
            time.sleep(0.2)
        raise AssertionError((self.root.parent / "boot.log").read_text(errors="replace"))

    def stop(self) -> None:
        if self._container is None:
            return
        self.try_run("systemctl", "--force", "--force", "poweroff")
        try:
            self._container.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._container.kill()
            self._container.wait(SECONDS)

    def try_run(self, *command: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        """A command in it, by a user with that user's groups as they are now."""
        inside = ["nsenter", "--target", self._leader, *NAMESPACES, "--root", "--wd=/"]
        if user != "root":
            environment = [f"XDG_RUNTIME_DIR=/run/user/{self._number(user)}", f"HOME=/home/{user}"]
            command = ("runuser", "--user", user, "--", "env", *environment, *command)
        return subprocess.run(
            [*inside, *command],
            env={
                "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG": "C.UTF-8",
                "DEBIAN_FRONTEND": "noninteractive",
            },
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def run(self, *command: str, user: str = "root") -> str:
        """The same for a command that ends well. Out: what it printed."""
        done = self.try_run(*command, user=user)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def install(self, package: Path) -> str:
        """By dpkg, without a question, as apt does it."""
        (self.root / "root" / package.name).write_bytes(package.read_bytes())
        return self.run("dpkg", "--force-confdef", "--force-confold", "--install", f"/root/{package.name}")

    def path(self, place: str) -> Path:
        """A file of it, such as "/etc/passwd"."""
        return self.root / place.lstrip("/")

    def has(self, place: str) -> bool:
        return os.path.lexists(self.path(place))

    def _number(self, user: str) -> str:
        rows = (row.split(":") for row in self.path("/etc/passwd").read_text().splitlines())
        return next(row[2] for row in rows if row[0] == user)
