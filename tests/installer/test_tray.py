"""The icon in the notification area, on the desktop that Wine has, with somebody who clicks."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PureWindowsPath

import pytest

from bridge.tray.lines import ALIVE, BYE, gone_line, hung_line, look_line, menu_lines
from bridge.tray.look import Look
from bridge.tray.menu import Entry, Step
from native.compiler import compile_program, find_mingw
from native.icons import LOOKS, pixels
from native.targets import WINDOWS
from tests.installer.conftest import Package
from tests.installer.screen import SIZE, Picture, Screen, virtual_screen
from tests.installer.test_installed import PORTS
from tests.installer.windows import INSTALLED, Program, Windows
from tests.support.wine import windows_path

HERE = Path(__file__).parent
PROGRAM = "Lib/site-packages/bridge/native_libraries/win64/cshis-tray.exe"
DESKTOP = f"/desktop=shell,{SIZE[0]}x{SIZE[1]}"  # only under this name Wine shows a notification area
SMALL = 16
START = 120.0  # seconds
SOLID = {  # what nothing shines through: where, and which colour
    look: [
        (place % SMALL, place // SMALL, (red, green, blue))
        for place, (red, green, blue, opacity) in enumerate(pixels(look, SMALL))
        if opacity == 255
    ]
    for look in LOOKS
}
SERVE_WRONG = ["serve", "--data-dir", r"C:\wrong", *PORTS]
WELL, RED, YELLOW = Look("green"), Look("red", ("console",)), Look("yellow", ("journal.pending",))


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


@pytest.fixture(scope="module")
def desktop(windows: Windows, package: Package, screen: Screen) -> Iterator[Windows]:
    """A person's desktop with a task bar, and the program installed."""
    if not windows.folder.exists():
        assert windows.msiexec("/i", package.msi) == 0
    windows.stop()  # what has begun without a screen shows nothing on one
    yield windows
    windows.stop()


@pytest.fixture(scope="module")
def shell(desktop: Windows, screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., int]:
    """What the shell does to icons. Out: how many programs have one."""
    built = tmp_path_factory.mktemp("shell") / "shell.exe"
    flags = ("-O2", "-s", "-static-libgcc")
    program = compile_program(HERE / "wine" / "shell.c", built, *flags, compiler=find_mingw(WINDOWS[64]))

    answer = desktop.drive / "icons.txt"

    def run(word: str = "count") -> int:
        on_desktop(desktop, screen, windows_path(program), r"C:\icons.txt", word)
        screen.until(lambda: answer.is_file() and answer.read_text().endswith("\n"), "no answer")
        found = int(answer.read_text())
        answer.unlink()
        return found

    return run


def on_desktop(desktop: Windows, screen: Screen, *words: str, given: bytes | None = None) -> Program:
    return desktop.run("explorer", DESKTOP, *words, env=screen.environment, given=given)


@pytest.fixture
def tray(desktop: Windows, screen: Screen) -> Iterator[Callable[..., Program]]:
    """Start the program and tell it something; it is there until the test ends."""
    program = windows_path(desktop.folder / PROGRAM)
    started: list[Program] = []

    def start(*lines: bytes, name: str = "test") -> Program:
        given = gone_line("en") + b"".join(lines)
        started.append(on_desktop(desktop, screen, program, name, given=given))
        return started[-1]

    yield start
    for each in started:
        say(each, BYE)
    screen.until(lambda: shown(screen) == [], "an icon is left")


def say(program: Program, *lines: bytes) -> None:
    assert program.process.stdin is not None
    if not program.process.stdin.closed:
        with suppress(BrokenPipeError):  # another one has taken its place
            program.process.stdin.write(b"".join(lines))
            program.process.stdin.flush()


def shown(screen: Screen) -> list[str]:
    """The icons that are there now, from the left, pixel by pixel as they were drawn."""
    seen = screen.picture()
    bar = seen.part(seen.width - 120, seen.height - 24, 120, 24)
    places = ((x, y) for x in range(bar.width - SMALL + 1) for y in range(bar.height - SMALL + 1))
    return [look for x, y in places for look in LOOKS if _is(bar, x, y, look)]


def _is(bar: Picture, left: int, top: int, look: str) -> bool:
    return all(bar.at(left + x, top + y) == colour for x, y, colour in SOLID[look])


def place_of_icon() -> tuple[int, int]:
    """Where the only one is."""
    return SIZE[0] - 11, SIZE[1] - 10


def choose(screen: Screen) -> None:
    """Open the menu and click into the middle of it, where its only entry is."""
    before = screen.picture()
    screen.click(*place_of_icon())
    screen.until(lambda: _opened(screen, before) is not None, "there is no menu")
    left, top, width, height = _opened(screen, before) or (0, 0, 0, 0)
    screen.click(left + width // 2, top + height // 3)


def _opened(screen: Screen, before: Picture) -> tuple[int, int, int, int] | None:
    """What is there now above the task bar, and was not."""
    above = screen.picture().part(0, 0, SIZE[0], SIZE[1] - 24)
    return above.changed(before.part(0, 0, SIZE[0], SIZE[1] - 24))


def test_it_shows_how_the_bridge_is(tray: Callable[..., Program], screen: Screen) -> None:
    program = tray(look_line(WELL, "en"))
    screen.until(lambda: shown(screen) == ["green"], "no green icon")
    say(program, look_line(RED, "zh-TW"))
    screen.until(lambda: shown(screen) == ["red"], "no red icon")
    say(program, look_line(YELLOW, "en"))
    screen.until(lambda: shown(screen) == ["yellow"], "no yellow icon")
    say(program, BYE)
    screen.until(lambda: shown(screen) == [], "the icon stays")


def test_a_bridge_that_ended_otherwise_is_told(tray: Callable[..., Program], screen: Screen) -> None:
    program = tray(look_line(WELL, "en"))
    screen.until(lambda: shown(screen) == ["green"], "no green icon")
    assert program.process.stdin is not None
    program.process.stdin.close()
    screen.until(lambda: shown(screen) == ["red"], "no red icon")
    tray(look_line(WELL, "en"))  # of the bridge that is started then
    screen.until(lambda: shown(screen) == ["green"], "the new one does not take its place")


def test_a_bridge_that_hangs_is_told_and_one_that_goes_on_again(
    tray: Callable[..., Program], screen: Screen
) -> None:
    program = tray(hung_line("en", 6), look_line(WELL, "en"))
    screen.until(lambda: shown(screen) == ["green"], "no green icon")
    for _ in range(8):
        time.sleep(1)
        say(program, ALIVE)
        assert shown(screen) == ["green"]
    screen.until(lambda: shown(screen) == ["red"], "no red icon")
    say(program, ALIVE)
    screen.until(lambda: shown(screen) == ["green"], "it stays red")
    screen.until(lambda: shown(screen) == ["red"], "it is not seen a second time")


def test_it_comes_back_when_the_shell_is_new(
    tray: Callable[..., Program], screen: Screen, shell: Callable[..., int]
) -> None:
    tray(look_line(YELLOW, "en"))
    screen.until(lambda: shown(screen) == ["yellow"], "no icon")
    assert shell("forget") == 1
    screen.until(lambda: shown(screen) == [], "it is still there")
    assert shell("anew") == 1
    screen.until(lambda: shown(screen) == ["yellow"], "it does not come back")


def test_one_icon_for_a_bridge_and_one_for_another(
    tray: Callable[..., Program], screen: Screen, shell: Callable[..., int]
) -> None:
    tray(look_line(YELLOW, "en"))
    screen.until(lambda: shown(screen) == ["yellow"], "no icon")
    tray(look_line(WELL, "en"))
    screen.until(lambda: shown(screen) == ["green"], "the former one is still there")
    assert shell() == 1
    tray(look_line(RED, "en"), name="other")
    screen.until(lambda: sorted(shown(screen)) == ["green", "red"], "there are not two")
    assert shell() == 2


def menu_of(text: str, *steps: Step) -> bytes:
    entries: Sequence[Entry] = [Entry(text, steps)]
    return menu_lines(entries)


def test_what_is_chosen_is_done(tray: Callable[..., Program], screen: Screen, desktop: Windows) -> None:
    done = desktop.drive / "done.txt"
    steps = [Step("run", rf"cmd /c echo {word}>> C:\done.txt") for word in ("one", "two")]
    program = tray(look_line(WELL, "zh-TW"), menu_of("重新啟動橋接程式", *steps))
    screen.until(lambda: shown(screen) == ["green"], "no icon")
    choose(screen)
    screen.until(lambda: done.is_file() and done.read_text().split() == ["one", "two"], "nothing was done")
    done.unlink()
    say(program, menu_of("結束橋接程式", Step("ask", "要結束嗎？"), *steps))
    choose(screen)
    screen.type("cshis-bridge", "Escape")
    say(program, menu_of("關於", Step("tell", "cshis-bridge")))
    screen.until(lambda: not screen.has("cshis-bridge"), "the question stays")
    assert not done.exists()


def test_what_a_command_prints_is_shown(
    tray: Callable[..., Program], screen: Screen, desktop: Windows
) -> None:
    """In a window that outlives the bridge for as long as somebody reads."""
    exe = windows_path(desktop.folder / "cshis-bridge.exe")
    program = tray(look_line(WELL, "en"), menu_of("explain", Step("show", f'"{exe}" explain 4013')))
    screen.until(lambda: shown(screen) == ["green"], "no icon")
    before = screen.picture()
    choose(screen)
    screen.wait_for("cshis-bridge")
    say(program, BYE)
    screen.until(lambda: shown(screen) == [], "the icon stays")
    assert screen.has("cshis-bridge")
    screen.type("cshis-bridge", "Escape")
    screen.until(lambda: not screen.has("cshis-bridge"), "the window stays")
    assert screen.picture().changed(before) is not None  # the icon is not there any more


def test_an_installed_bridge_has_its_icon(desktop: Windows, screen: Screen) -> None:
    """From its start to its end."""
    exe = windows_path(desktop.folder / "cshis-bridge.exe")
    serve = [exe, "serve", "--simulate", "--data-dir", r"C:\tray", *PORTS]
    on_desktop(desktop, screen, *serve)
    screen.until(lambda: shown(screen) == ["green"], "no green icon", START)
    assert "has ended" in desktop.command("stop", "--data-dir", r"C:\tray")
    screen.until(lambda: shown(screen) == [], "the icon stays")


def test_a_bridge_that_cannot_start_has_a_red_icon(desktop: Windows, screen: Screen) -> None:
    """As it starts at log-on, without window and streams. Once its settings are right, it starts."""
    data, starter = desktop.drive / "wrong", desktop.drive / "start.py"
    data.mkdir()
    (data / "config.toml").write_text("[channel]\nport = 'abc'\n", encoding="utf-8")
    words = [
        rf"C:\{INSTALLED}\cshis-bridgew.exe".replace("/", "\\"),
        "serve",
        "--data-dir",
        r"C:\wrong",
        *PORTS,
    ]
    starter.write_text(f"import subprocess\nsubprocess.Popen({words!r}, creationflags=8)\n", encoding="utf-8")
    on_desktop(desktop, screen, windows_path(desktop.folder / "python.exe"), r"C:\start.py")
    screen.until(lambda: shown(screen) == ["red"], "no red icon", START)
    log = data / "cshis-bridge.log"
    assert "channel.port: must be a whole number" in log.read_text(encoding="utf-8")
    (data / "config.toml").write_text("[tray]\nshown = false\n", encoding="utf-8")
    screen.until(lambda: "listens at" in log.read_text(encoding="utf-8"), "it does not start", START)
    screen.until(lambda: shown(screen) == [], "it is still red")
    assert "has ended" in desktop.command("stop", "--data-dir", r"C:\wrong")


def test_stop_ends_an_icon_that_outlived_its_bridge(
    tray: Callable[..., Program], screen: Screen, desktop: Windows
) -> None:
    data = PureWindowsPath(r"C:\killed")
    name = hashlib.sha256(str(data).lower().encode()).hexdigest()[:16]
    program = tray(look_line(WELL, "en"), name=name)
    assert program.process.stdin is not None
    program.process.stdin.close()
    screen.until(lambda: shown(screen) == ["red"], "no red icon")
    started = on_desktop(
        desktop, screen, windows_path(desktop.folder / "cshis-bridge.exe"), "stop", "--data-dir", str(data)
    )
    screen.until(lambda: shown(screen) == [], "the icon stays", START)
    assert "no bridge runs" in started.text


def test_no_icon_where_none_is_wanted(desktop: Windows, screen: Screen, shell: Callable[..., int]) -> None:
    exe = windows_path(desktop.folder / "cshis-bridge.exe")
    serve = [exe, "serve", "--simulate", "--data-dir", r"C:\tray", *PORTS]
    hidden = {**screen.environment, "CSHIS_BRIDGE_TRAY__SHOWN": "false"}
    desktop.run("explorer", DESKTOP, *serve, env=hidden)
    running = desktop.drive / "tray" / "running.toml"
    running.unlink(missing_ok=True)
    screen.until(running.is_file, "it does not start", START)
    assert shell() == 0
    assert "has ended" in desktop.command("stop", "--data-dir", r"C:\tray")
