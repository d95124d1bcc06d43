"""The window that asks for a PIN: a program of its own, so that a window never blocks the bridge.

In, on stdin: one line of JSON (ASCII) with ``chinese`` and ``english`` (what is asked for), ``least`` and
``most`` (number of digits) and ``seconds`` (after which the window closes by itself). Out, on stdout: the
digits and nothing else, together with exit code 0; any other exit code is one of those below and nothing is
written. The answer never stands in an argument, in the environment or in a file. The end of stdin means that
the bridge does not want the answer any more, and closes the window.

It needs nothing but the standard library and tkinter, so that it can be started as a file.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter

ANSWERED, CANCELLED, TIMED_OUT, NO_DISPLAY, NO_TKINTER, BAD_QUESTION = 0, 10, 11, 12, 13, 14
TICK_MS = 200
MASK = "●"
TITLE = "健保讀卡 PIN 碼 - Card PIN"


@dataclass(frozen=True, slots=True)
class Question:
    """What the window asks: a text in both languages, the least and most digits, the seconds it stays."""

    chinese: str
    english: str
    least: int
    most: int
    seconds: float


def write_question(question: Question) -> bytes:
    """The line of JSON that ``read_question`` takes apart again."""
    return json.dumps(asdict(question)).encode("ascii") + b"\n"


def read_question(line: bytes) -> Question:
    """Take the question out of its line of JSON. Raises ValueError for anything else."""
    try:
        given = json.loads(line)
        question = Question(
            str(given["chinese"]),
            str(given["english"]),
            int(given["least"]),
            int(given["most"]),
            float(given["seconds"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the question lacks {error}") from error
    if not 0 < question.least <= question.most or question.seconds <= 0:
        raise ValueError("the question cannot be answered")
    return question


def digits_of(text: str, most: int) -> str:
    """The digits among what was typed, at most so many; full-width ones of an input method count as well."""
    return "".join(str(int(each)) for each in text if each.isdecimal())[:most]


def _count(question: Question) -> str:
    least, most = question.least, question.most
    return f"{least if least == most else f'{least} - {most}'} 位數字 / digits"


class PinWindow:
    """The window. Its outcome is ``answer`` (the digits, or nothing) and ``code`` (the exit code)."""

    def __init__(self, root: tkinter.Tk, question: Question, unwanted: threading.Event) -> None:
        import tkinter

        self.answer = ""
        self.code = CANCELLED
        self._root = root
        self._question = question
        self._unwanted = unwanted
        self._ends = time.monotonic() + question.seconds
        self._typed = tkinter.StringVar(root)
        self._remaining = tkinter.StringVar(root)
        self._entry, self._ok, self._no = self._build()
        self._typed.trace_add("write", self._keep_digits)
        self._keep_digits()
        self._bind()
        self._show()
        self._tick()

    def _build(self) -> tuple[tkinter.Entry, tkinter.Button, tkinter.Button]:
        import tkinter

        frame = tkinter.Frame(self._root, padx=28, pady=20)
        frame.pack()
        tkinter.Label(frame, text=self._question.chinese, font=("", 15, "bold")).pack()
        tkinter.Label(frame, text=self._question.english, font=("", 11)).pack(pady=(2, 12))
        entry = tkinter.Entry(
            frame, textvariable=self._typed, show=MASK, font=("", 20), width=12, justify="center"
        )
        entry.pack()
        tkinter.Label(frame, text=_count(self._question), font=("", 10)).pack(pady=(2, 12))
        buttons = tkinter.Frame(frame)
        buttons.pack()
        ok = tkinter.Button(buttons, text="確定 OK", width=12, command=self._accept)
        ok.pack(side="left", padx=6)
        no = tkinter.Button(buttons, text="取消 Cancel", width=12, command=self._cancel)
        no.pack(side="left", padx=6)
        tkinter.Label(frame, textvariable=self._remaining, font=("", 9)).pack(pady=(12, 0))
        return entry, ok, no

    def _bind(self) -> None:
        for key in ("<Return>", "<KP_Enter>"):
            for widget in (self._entry, self._ok):
                widget.bind(key, lambda event: self._accept())
            self._no.bind(key, lambda event: self._cancel())
        self._root.bind("<Escape>", lambda event: self._cancel())
        self._root.protocol("WM_DELETE_WINDOW", self._cancel)

    def _show(self) -> None:
        """Put the window into the middle of the screen, above all others, ready to type."""
        root = self._root
        root.title(TITLE)
        root.resizable(False, False)
        root.update_idletasks()
        left = (root.winfo_screenwidth() - root.winfo_reqwidth()) // 2
        top = (root.winfo_screenheight() - root.winfo_reqheight()) // 3
        root.geometry(f"+{left}+{top}")
        root.attributes("-topmost", True)
        root.deiconify()
        root.lift()
        root.focus_force()
        self._entry.focus_set()

    def _keep_digits(self, *_: object) -> None:
        digits = digits_of(self._typed.get(), self._question.most)
        if digits != self._typed.get():
            self._typed.set(digits)
            self._entry.icursor("end")
        self._ok.configure(state="normal" if len(digits) >= self._question.least else "disabled")

    def _accept(self) -> None:
        digits = self._typed.get()
        if len(digits) < self._question.least:
            self._root.bell()
            return
        self.answer = digits
        self._end(ANSWERED)

    def _cancel(self) -> None:
        self._end(CANCELLED)

    def _tick(self) -> None:
        remaining = self._ends - time.monotonic()
        if self._unwanted.is_set():
            self._end(CANCELLED)
        elif remaining <= 0:
            self._end(TIMED_OUT)
        else:
            self._remaining.set(f"{int(remaining) + 1} 秒後關閉 / closes in {int(remaining) + 1} s")
            self._root.after(TICK_MS, self._tick)

    def _end(self, code: int) -> None:
        self.code = code
        self._root.destroy()


def _watch_stdin(unwanted: threading.Event) -> None:
    """Wait for the end of stdin in the background, without Python's buffers: their locks would outlive us."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        unwanted.set()

    threading.Thread(target=wait, daemon=True).start()


if sys.platform == "win32":

    def _ask_by_windows_own(question: Question) -> int:
        """Ask with Windows' own parts. Out: the exit code."""
        from bridge.reader.pin import window_win32

        unwanted = threading.Event()
        _watch_stdin(unwanted)
        texts = (question.chinese, question.english, _count(question))
        digits, codes = (question.least, question.most), (ANSWERED, CANCELLED, TIMED_OUT)
        try:
            window = window_win32.Window(TITLE, texts, digits, question.seconds, unwanted, codes)
        except OSError as error:
            print(error, file=sys.stderr)
            return NO_DISPLAY
        window.run()
        sys.stdout.write(window.answer)
        sys.stdout.flush()
        return int(window.code)


def main() -> int:
    """Ask one question. Out: the exit code."""
    try:
        question = read_question(sys.stdin.buffer.readline())
    except ValueError as error:
        print(error, file=sys.stderr)
        return BAD_QUESTION
    try:
        import tkinter
    except ImportError as error:
        if sys.platform == "win32":
            return _ask_by_windows_own(question)
        print(error, file=sys.stderr)
        return NO_TKINTER
    try:
        root = tkinter.Tk()
    except tkinter.TclError as error:
        print(error, file=sys.stderr)
        return NO_DISPLAY
    unwanted = threading.Event()
    _watch_stdin(unwanted)
    window = PinWindow(root, question, unwanted)
    root.mainloop()
    sys.stdout.write(window.answer)
    sys.stdout.flush()
    return window.code


if __name__ == "__main__":
    sys.exit(main())
