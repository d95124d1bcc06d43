"""Takes the pictures of docs/install anew: ``python -m tests.installer.pictures --msi FILE``.

The icon, its menu and messages, the PIN window, the doctor's window and the start menu, as Wine shows them on
a virtual screen; of the installer it shows nothing. People, cards and places are the simulator's. Out:
docs/install/pictures/*.png.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bridge.reader.pin.window import Question, write_question
from bridge.tray.lines import BYE, balloon_line, gone_line, look_line, menu_lines
from bridge.tray.look import Look
from bridge.tray.menu import Entry, Here, Step, menu
from tests.installer.screen import Picture, Screen, save, virtual_screen
from tests.installer.test_pin_window import SCRIPT
from tests.installer.test_tray import PROGRAM, on_desktop, place_of_icon, say, shown
from tests.installer.windows import Program, Windows
from tests.support.wine import windows_path

OUTPUT = Path(__file__).parents[2] / "docs" / "install" / "pictures"
MOST_BYTES = 40_000
FACES = ("Tahoma", "MS Shell Dlg", "MS Shell Dlg 2", "MS Sans Serif", "Microsoft JhengHei UI", "Segoe UI")
FONTS = r"HKCU\Software\Wine\Fonts\Replacements"
TASK_BAR = 24
A_PAGE = 50_000  # pixels that change when a text comes
PORTS = ("facade", "legacy-http", "channel", "console", "cloud")


def _use_chinese_fonts(windows: Windows) -> None:
    """Wine has no Chinese of its own."""
    for faces, kind in ((FACES, "sans"), (("Consolas",), "monospace")):
        asked = ["fc-match", "-f", "%{family[0]}", f"{kind}:lang=zh-tw"]
        family = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        for face in faces:
            windows.run("reg", "add", FONTS, "/v", face, "/d", family, "/f").wait(60)


class Album:
    """The screen, and where its pictures go."""

    def __init__(self, windows: Windows, screen: Screen, output: Path) -> None:
        self.windows, self.screen, self._output = windows, screen, output

    def keep(self, name: str, picture: Picture) -> None:
        file = self._output / f"{name}.png"
        save(picture, file)
        print(file, picture.width, picture.height, file.stat().st_size)
        if file.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{file} is too large")

    def clear(self) -> None:
        """Wait until nothing of what was shown is left."""
        self.screen.until(lambda: len(set(_above(self).pixels)) <= len("RGB"), "something is left")

    def what_came(self, before: Picture, *, bar: bool = False, edge: int = 0) -> Picture:
        """What is there now and was not; ``bar``: with the task bar below it; with some of what is around."""
        now = self.screen.picture()
        left, top, width, height = now.changed(before) or (0, 0, now.width, now.height)
        if bar:
            height = now.height - top
            width = now.width - left
        return now.part(left - edge, top - edge, width + 2 * edge, height + 2 * edge)

    def tray(self, look: Look, *further: bytes) -> Program:
        given = gone_line("zh-TW") + look_line(look, "zh-TW") + b"".join(further)
        program = windows_path(self.windows.folder / PROGRAM)
        started = on_desktop(self.windows, self.screen, program, "pictures", given=given)
        self.screen.until(lambda: shown(self.screen) == [look.colour], "no icon")
        return started


def take_menu(album: Album) -> None:
    here = Here(["x"], ["x"], ["serve"], Path("x"), Path("x"), Path("x"), "0.1.0")
    look = Look("green")
    program = album.tray(look, menu_lines(menu(here, "zh-TW", look.tip("zh-TW"))))
    before = album.screen.picture()
    album.screen.click(*place_of_icon())
    time.sleep(2)
    album.keep("tray-menu", album.what_came(before, bar=True, edge=12))
    album.screen.click(100, 100)
    time.sleep(1)
    say(program, BYE)


def take_message(album: Album) -> None:
    look = Look("red", ("console.answer",))
    program = album.tray(look)
    time.sleep(1)
    before = album.screen.picture()
    say(program, balloon_line(look, "zh-TW"))
    album.screen.until(lambda: _above(album).changed(_above(album, before)) is not None, "no message")
    time.sleep(1)
    album.keep("tray-red", album.what_came(before, bar=True, edge=12))
    say(program, BYE)


def take_pin_window(album: Album) -> None:
    question = Question("請輸入健保卡密碼", "PIN of the health card", 4, 6, 60)
    before = album.screen.picture()
    folder = album.windows.folder
    words = (windows_path(folder / "python.exe"), "-I", windows_path(folder / SCRIPT))
    window = on_desktop(album.windows, album.screen, *words, given=write_question(question))
    album.screen.type("PIN", "1", "2", "3", "4")
    time.sleep(1)
    album.keep("pin-window", _window(album, before))
    album.screen.do("key", "Escape")
    window.wait(30)


def take_doctor(album: Album) -> None:
    """What the menu's entry shows, of a bridge with simulators."""
    exe = windows_path(album.windows.folder / "cshis-bridge.exe")
    serve = ["serve", "--simulate", "--data-dir", r"C:\trial", *(f"--{name}-port=0" for name in PORTS)]
    hidden = {"CSHIS_BRIDGE_TRAY__SHOWN": "false"}
    bridge = album.windows.run(album.windows.folder / "cshis-bridge.exe", *serve, env=hidden)
    bridge.wait_for('"ready"', 180)
    step = Step("show", rf'"{exe}" doctor --config C:\trial\running.toml')
    program = album.tray(Look("green"), menu_lines([Entry("檢查（doctor）", (step,))]))
    before = album.screen.picture()
    x, y = place_of_icon()
    album.screen.click(x, y)
    time.sleep(1.5)
    album.screen.click(x - 30, y - 22)
    album.screen.wait_for("cshis-bridge")
    time.sleep(3)
    empty = _above(album)
    album.screen.until(lambda: _area(_above(album).changed(empty)) > A_PAGE, "the doctor says nothing", 240)
    album.keep("doctor", _window(album, before))
    album.screen.type("cshis-bridge", "Escape")
    say(program, BYE)
    album.windows.command("stop", "--data-dir", r"C:\trial")


def take_start_menu(album: Album) -> None:
    program = album.tray(Look("green"))
    before = album.screen.picture()
    album.screen.click(25, before.height - 10)
    time.sleep(1.5)
    _, top, _, _ = _above(album).changed(_above(album, before)) or (0, 0, 0, 0)
    album.screen.click(45, top + 14)  # Programs
    time.sleep(1.5)
    album.keep("start-menu", album.what_came(before))
    album.screen.click(400, 100)
    say(program, BYE)


def _window(album: Album, before: Picture) -> Picture:
    """A window that came, without its button in the task bar."""
    above = _above(album)
    left, top, width, height = above.changed(_above(album, before)) or (0, 0, 1, 1)
    return above.part(left, top, width, height)


def _above(album: Album, picture: Picture | None = None) -> Picture:
    """What is above the task bar, now or in a picture."""
    seen = picture or album.screen.picture()
    return seen.part(0, 0, seen.width, seen.height - TASK_BAR)


def _area(place: tuple[int, int, int, int] | None) -> int:
    return 0 if place is None else place[2] * place[3]


TAKEN: dict[str, Callable[[Album], None]] = {
    "menu": take_menu,
    "message": take_message,
    "pin": take_pin_window,
    "doctor": take_doctor,
    "start": take_start_menu,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.installer.pictures", description=__doc__)
    parser.add_argument("--msi", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--home", type=Path, help="an existing Windows, with the program installed")
    parser.add_argument("--only", choices=TAKEN, action="append")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, virtual_screen() as screen:
        windows = Windows(chosen.home or Path(folder, "home"))
        if chosen.home is None:
            windows.make()
            if windows.msiexec("/i", chosen.msi) != 0:
                raise SystemExit("it cannot be installed")
        _use_chinese_fonts(windows)
        windows.stop()
        album = Album(windows, screen, chosen.output)
        try:
            on_desktop(windows, screen)
            screen.wait_for("Wine desktop")
            time.sleep(3)
            for name in chosen.only or TAKEN:
                TAKEN[name](album)
                album.clear()
        finally:
            windows.stop()


if __name__ == "__main__":
    main()
