"""The same window made of Windows' own parts, for a Python without tkinter, as the installer brings it.

It is loaded by window.py and needs nothing but Python's own library.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    import threading
    import time
    from ctypes import wintypes

    from bridge.reader.pin.window import digits_of

    WS_CAPTION, WS_SYSMENU, WS_VISIBLE, WS_CHILD = 0x00C0_0000, 0x0008_0000, 0x1000_0000, 0x4000_0000
    WS_TABSTOP, WS_DISABLED, WS_EX_TOPMOST, WS_EX_CLIENTEDGE = 0x0001_0000, 0x0800_0000, 0x0008, 0x0200
    WS_EX_DIALOGMODALFRAME, WS_EX_CONTROLPARENT = 0x0001, 0x0001_0000
    ES_CENTER, ES_PASSWORD, ES_NUMBER, ES_AUTOHSCROLL = 0x0001, 0x0020, 0x2000, 0x0080
    SS_CENTER, BS_DEFPUSHBUTTON = 0x0001, 0x0001
    WM_CLOSE, WM_COMMAND, WM_TIMER, WM_SETFONT, WM_DESTROY = 0x0010, 0x0111, 0x0113, 0x0030, 0x0002
    EM_SETLIMITTEXT, EM_SETPASSWORDCHAR = 0x00C5, 0x00CC
    EN_CHANGE = 0x0300
    IDOK, IDCANCEL, ENTRY, REMAINING = 1, 2, 100, 101
    TICK_MS, TIMER = 200, 1
    WIDTH, HEIGHT, MARGIN = 380, 250, 20
    COLOR_BTNFACE, IDC_ARROW, CP_UTF8_CHARSET = 15, 32512, 1
    EM_SETSEL = 0x00B1
    UOI_FLAGS, WSF_VISIBLE = 1, 1
    LONGEST_TEXT = 64  # what is pasted may have blanks and hyphens between its digits
    FONT = "Microsoft JhengHei UI"
    LRESULT = ctypes.c_ssize_t
    PROCEDURE = ctypes.WINFUNCTYPE(LRESULT, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)

    class _Class(ctypes.Structure):
        _fields_ = (
            ("style", wintypes.UINT), ("procedure", PROCEDURE), ("class_extra", ctypes.c_int),
            ("window_extra", ctypes.c_int), ("instance", wintypes.HINSTANCE), ("icon", wintypes.HICON),
            ("cursor", wintypes.HANDLE), ("background", wintypes.HBRUSH), ("menu", wintypes.LPCWSTR),
            ("class_name", wintypes.LPCWSTR),
        )  # fmt: skip

    class _StationFlags(ctypes.Structure):
        _fields_ = (("inherits", wintypes.BOOL), ("reserved", wintypes.BOOL), ("flags", wintypes.DWORD))

    class _MouseInput(ctypes.Structure):
        _fields_ = (
            ("x", wintypes.LONG), ("y", wintypes.LONG), ("data", wintypes.DWORD), ("flags", wintypes.DWORD),
            ("time", wintypes.DWORD), ("extra", ctypes.c_size_t),
        )  # fmt: skip

    class _Input(ctypes.Structure):
        _fields_ = (("kind", wintypes.DWORD), ("mouse", _MouseInput))

    def _libraries() -> tuple[ctypes.WinDLL, ctypes.WinDLL]:
        user, gdi = ctypes.WinDLL("user32", use_last_error=True), ctypes.WinDLL("gdi32")
        handle, number = wintypes.HWND, ctypes.c_int
        user.CreateWindowExW.restype = handle
        user.CreateWindowExW.argtypes = [
            wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD, *[number] * 4,
            handle, wintypes.HMENU, wintypes.HINSTANCE, wintypes.LPVOID,
        ]  # fmt: skip
        user.DefWindowProcW.restype = user.SendMessageW.restype = LRESULT
        user.DefWindowProcW.argtypes = [handle, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM]
        user.SendMessageW.argtypes = user.DefWindowProcW.argtypes
        user.LoadCursorW.restype, user.LoadCursorW.argtypes = (
            wintypes.HANDLE,
            [wintypes.HINSTANCE, wintypes.LPVOID],
        )
        for name in ("DestroyWindow", "SetForegroundWindow", "SetFocus", "UpdateWindow"):
            getattr(user, name).argtypes = [handle]
        user.SetWindowTextW.argtypes = [handle, wintypes.LPCWSTR]
        user.GetWindowTextW.argtypes = [handle, wintypes.LPWSTR, number]
        user.EnableWindow.argtypes = [handle, wintypes.BOOL]
        user.SetTimer.argtypes = [handle, ctypes.c_size_t, wintypes.UINT, wintypes.LPVOID]
        user.IsDialogMessageW.argtypes = [handle, wintypes.LPMSG]
        user.GetProcessWindowStation.restype = wintypes.HANDLE
        user.GetUserObjectInformationW.argtypes = [
            wintypes.HANDLE, number, wintypes.LPVOID, wintypes.DWORD, wintypes.LPVOID,
        ]  # fmt: skip
        user.SendInput.argtypes = [wintypes.UINT, wintypes.LPVOID, number]
        gdi.CreateFontW.restype = wintypes.HANDLE
        return user, gdi

    def _check_desktop(user: ctypes.WinDLL) -> None:
        """Windows also makes windows where nobody sees them, such as those of services. Raises OSError."""
        found = _StationFlags()
        told = user.GetUserObjectInformationW(
            user.GetProcessWindowStation(), UOI_FLAGS, ctypes.byref(found), ctypes.sizeof(found), None
        )
        if told and not found.flags & WSF_VISIBLE:
            raise OSError("nobody sees the windows of this process")

    class Window:
        """One question. Outcome: ``answer``, the digits or nothing, and ``code``, the exit code.

        In: the texts in Chinese and English, least and most digits, seconds; an event that says that nobody
        wants the answer any more; the exit codes answered, cancelled, timed out. Raises OSError where there
        is no desktop to show it on.
        """

        def __init__(
            self, title: str, texts: tuple[str, ...], digits: tuple[int, int], seconds: float,
            unwanted: threading.Event, codes: tuple[int, int, int],
        ) -> None:  # fmt: skip
            self.answer = ""
            self._answered, self._cancelled, self._timed_out = codes
            self.code = self._cancelled
            self._least, self._most = digits
            self._unwanted, self._ends = unwanted, time.monotonic() + seconds
            self._user, self._gdi = _libraries()
            _check_desktop(self._user)
            self._procedure = PROCEDURE(self._on_message)  # Windows keeps no reference to it
            self._window = self._create(title)
            self._entry, self._ok, self._remaining = self._fill(texts)
            self._tick()

        def run(self) -> None:
            """Show it until it is answered or closed."""
            user = self._user
            user.SetTimer(self._window, TIMER, TICK_MS, None)
            # Windows lets only who had the last input come to the front: a move of the mouse by nothing
            nothing = _Input()
            user.SendInput(1, ctypes.byref(nothing), ctypes.sizeof(nothing))
            user.SetForegroundWindow(self._window)
            user.SetFocus(self._entry)
            message = wintypes.MSG()
            while user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
                if not user.IsDialogMessageW(self._window, ctypes.byref(message)):  # Tab, Enter, Esc
                    user.TranslateMessage(ctypes.byref(message))
                    user.DispatchMessageW(ctypes.byref(message))

        def _create(self, title: str) -> int:
            user = self._user
            cursor = user.LoadCursorW(None, IDC_ARROW)
            kind = _Class(0, self._procedure, 0, 0, None, None, cursor, COLOR_BTNFACE + 1, None, "cshis-pin")
            user.RegisterClassW(ctypes.byref(kind))
            left = (user.GetSystemMetrics(0) - WIDTH) // 2
            top = (user.GetSystemMetrics(1) - HEIGHT) // 3
            return self._part(
                "cshis-pin", title, WS_CAPTION | WS_SYSMENU | WS_VISIBLE, (left, top, WIDTH, HEIGHT),
                extended=WS_EX_TOPMOST | WS_EX_DIALOGMODALFRAME | WS_EX_CONTROLPARENT,
            )  # fmt: skip

        def _fill(self, texts: tuple[str, ...]) -> tuple[int, int, int]:
            chinese, english, count = texts
            inner, half = WIDTH - 2 * MARGIN - 8, (WIDTH - 3 * MARGIN - 8) // 2
            child = WS_CHILD | WS_VISIBLE
            self._label(chinese, 12, 26, 20)
            self._label(english, 40, 20, 15)
            kind = ES_CENTER | ES_PASSWORD | ES_NUMBER
            kind |= ES_AUTOHSCROLL  # else the field takes no more than there is room for to be seen
            entry = self._part(
                "EDIT", "", child | WS_TABSTOP | kind,
                (WIDTH // 2 - 84, 66, 160, 34), ENTRY, WS_EX_CLIENTEDGE,
            )  # fmt: skip
            self._font(entry, 24)
            self._user.SendMessageW(entry, EM_SETLIMITTEXT, LONGEST_TEXT, 0)
            self._user.SendMessageW(entry, EM_SETPASSWORDCHAR, ord("●"), 0)
            self._label(count, 106, 18, 14)
            buttons = child | WS_TABSTOP
            ok = self._part(
                "BUTTON", "確定 OK", buttons | BS_DEFPUSHBUTTON | WS_DISABLED, (MARGIN, 132, half, 34), IDOK
            )
            no = self._part("BUTTON", "取消 Cancel", buttons, (2 * MARGIN + half, 132, half, 34), IDCANCEL)
            for button in (ok, no):
                self._font(button, 16)
            remaining = self._part("STATIC", "", child | SS_CENTER, (MARGIN, 180, inner, 18), REMAINING)
            self._font(remaining, 13)
            return entry, ok, remaining

        def _label(self, text: str, top: int, height: int, size: int) -> None:
            place = (MARGIN, top, WIDTH - 2 * MARGIN - 8, height)
            self._font(self._part("STATIC", text, WS_CHILD | WS_VISIBLE | SS_CENTER, place), size)

        def _part(
            self,
            kind: str,
            text: str,
            style: int,
            place: tuple[int, int, int, int],
            number: int = 0,
            extended: int = 0,
        ) -> int:
            parent = self._window if style & WS_CHILD else None
            made = self._user.CreateWindowExW(
                extended, kind, text, style, *place, parent, number or None, None, None
            )
            if not made:
                raise ctypes.WinError(ctypes.get_last_error())
            return int(made)

        def _font(self, part: int, height: int) -> None:
            font = self._gdi.CreateFontW(-height, 0, 0, 0, 400, 0, 0, 0, CP_UTF8_CHARSET, 0, 0, 5, 0, FONT)
            self._user.SendMessageW(part, WM_SETFONT, font, True)

        def _on_message(self, window: int, message: int, first: int, second: int) -> int:
            if message == WM_COMMAND:
                self._on_command(first & 0xFFFF, first >> 16)
                return 0
            if message == WM_TIMER:
                self._tick()
                return 0
            if message == WM_CLOSE:
                self._end(self._cancelled)
                return 0
            if message == WM_DESTROY:
                self._user.PostQuitMessage(0)
                return 0
            return int(self._user.DefWindowProcW(window, message, first, second))

        def _on_command(self, number: int, event: int) -> None:
            if number == ENTRY and event == EN_CHANGE:
                self._keep_digits()
            elif number == IDOK:
                self._accept()
            elif number == IDCANCEL:
                self._end(self._cancelled)

        def _typed(self) -> str:
            """All that stands in the field."""
            room = ctypes.create_unicode_buffer(LONGEST_TEXT + 1)
            self._user.GetWindowTextW(self._entry, room, LONGEST_TEXT + 1)
            text = room.value
            ctypes.memset(room, 0, ctypes.sizeof(room))
            return text

        def _keep_digits(self) -> None:
            """What is pasted may be anything: what the field shows is what it answers."""
            typed = self._typed()
            digits = digits_of(typed, self._most)
            if digits != typed:
                self._user.SetWindowTextW(self._entry, digits)  # which is a change, too
                self._user.SendMessageW(self._entry, EM_SETSEL, self._most, self._most)
                return
            self._user.EnableWindow(self._ok, len(digits) >= self._least)

        def _accept(self) -> None:
            digits = self._typed()
            if len(digits) < self._least:
                self._user.MessageBeep(0xFFFF_FFFF)
                return
            self.answer = digits
            self._end(self._answered)

        def _tick(self) -> None:
            remaining = self._ends - time.monotonic()
            if self._unwanted.is_set():
                self._end(self._cancelled)
            elif remaining <= 0:
                self._end(self._timed_out)
            else:
                text = f"{int(remaining) + 1} 秒後關閉 / closes in {int(remaining) + 1} s"
                self._user.SetWindowTextW(self._remaining, text)

        def _end(self, code: int) -> None:
            """Nothing of what was typed stays in Windows' own memory of the field, whatever the end."""
            self.code = code
            for text in ("0" * LONGEST_TEXT, ""):
                self._user.SetWindowTextW(self._entry, text)
            self._user.DestroyWindow(self._window)
