"""Asks Windows for owners and access lists, and sets them: files that are private from their first moment on.

Everything here is Windows' own (advapi32, kernel32). All functions raise OSError.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.windows.rights import Entry, Rights, private_list

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _OWNER, _DACL, _PROTECTED = 0x1, 0x4, 0x8000_0000
    _FILE_OBJECT = 1
    _REVISION = 1
    _QUERY, _TOKEN_USER = 0x8, 1
    _LIMITED_INFORMATION = 0x1000
    _GENERIC_READ, _GENERIC_WRITE = 0x8000_0000, 0x4000_0000
    _SHARED = 0x1 | 0x2  # as Python's own open(): others may read and write, not delete
    _CREATE_NEW, _OPEN_ALWAYS = 1, 4
    _NORMAL, _NOT_FOLLOWED = 0x80, 0x0020_0000
    _REPARSE_POINT = 0x400
    _INVALID_HANDLE = ctypes.c_void_p(-1).value
    _BASIC_INFO = 0  # FileBasicInfo
    _DISK = 1
    _CANT_RESOLVE = 1921
    _ALLOWED, _DENIED = 0, 1

    class _SecurityAttributes(ctypes.Structure):
        _fields_ = (
            ("length", wintypes.DWORD),
            ("descriptor", ctypes.c_void_p),
            ("inherited", wintypes.BOOL),
        )

    class _Acl(ctypes.Structure):
        _fields_ = (
            ("revision", ctypes.c_ubyte),
            ("_pad", ctypes.c_ubyte),
            ("size", ctypes.c_ushort),
            ("count", ctypes.c_ushort),
            ("_pad2", ctypes.c_ushort),
        )

    class _Ace(ctypes.Structure):
        """ACCESS_ALLOWED_ACE and ACCESS_DENIED_ACE; the SID begins at ``sid``."""

        _fields_ = (
            ("kind", ctypes.c_ubyte),
            ("flags", ctypes.c_ubyte),
            ("size", ctypes.c_ushort),
            ("mask", wintypes.DWORD),
            ("sid", wintypes.DWORD),
        )

    class _BasicInfo(ctypes.Structure):
        _fields_ = (("times", ctypes.c_longlong * 4), ("attributes", wintypes.DWORD))

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    _pointer = ctypes.POINTER(ctypes.c_void_p)
    _kernel.GetCurrentProcess.restype = wintypes.HANDLE
    _kernel.OpenProcess.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD]
    _kernel.OpenProcess.restype = wintypes.HANDLE
    _kernel.CloseHandle.argtypes = [wintypes.HANDLE]
    _kernel.LocalFree.argtypes = [ctypes.c_void_p]
    _kernel.CreateFileW.argtypes = [
        wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD,
        wintypes.HANDLE,
    ]  # fmt: skip
    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.CreateDirectoryW.argtypes = [wintypes.LPCWSTR, ctypes.c_void_p]
    _kernel.GetFileType.argtypes = [wintypes.HANDLE]
    _kernel.GetFileInformationByHandleEx.argtypes = [
        wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD,
    ]  # fmt: skip
    _advapi.OpenProcessToken.argtypes = [wintypes.HANDLE, wintypes.DWORD, ctypes.POINTER(wintypes.HANDLE)]
    _advapi.GetTokenInformation.argtypes = [
        wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD),
    ]  # fmt: skip
    _advapi.ConvertSidToStringSidW.argtypes = [ctypes.c_void_p, _pointer]
    _advapi.ConvertStringSidToSidW.argtypes = [wintypes.LPCWSTR, _pointer]
    _advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = [
        wintypes.LPCWSTR, wintypes.DWORD, _pointer, ctypes.c_void_p,
    ]  # fmt: skip
    _advapi.GetSecurityDescriptorDacl.argtypes = [
        ctypes.c_void_p, ctypes.POINTER(wintypes.BOOL), _pointer, ctypes.POINTER(wintypes.BOOL),
    ]  # fmt: skip
    _advapi.GetNamedSecurityInfoW.argtypes = [
        wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD, _pointer, _pointer, _pointer, _pointer, _pointer,
    ]  # fmt: skip
    _advapi.GetSecurityInfo.argtypes = [
        wintypes.HANDLE, ctypes.c_int, wintypes.DWORD, _pointer, _pointer, _pointer, _pointer, _pointer,
    ]  # fmt: skip
    _advapi.SetNamedSecurityInfoW.argtypes = [
        wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
        ctypes.c_void_p,
    ]  # fmt: skip
    _advapi.SetFileSecurityW.argtypes = [wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p]
    _advapi.GetAce.argtypes = [ctypes.c_void_p, wintypes.DWORD, _pointer]
    _advapi.LookupAccountSidW.argtypes = [
        wintypes.LPCWSTR, ctypes.c_void_p, wintypes.LPWSTR, ctypes.POINTER(wintypes.DWORD), wintypes.LPWSTR,
        ctypes.POINTER(wintypes.DWORD), ctypes.POINTER(ctypes.c_int),
    ]  # fmt: skip
    _advapi.LookupAccountNameW.argtypes = [
        wintypes.LPCWSTR, wintypes.LPCWSTR, ctypes.c_void_p, ctypes.POINTER(wintypes.DWORD), wintypes.LPWSTR,
        ctypes.POINTER(wintypes.DWORD), ctypes.POINTER(ctypes.c_int),
    ]  # fmt: skip

    def user_sid(pid: int | None = None) -> str:
        """The user that this process runs as, or another one, which must be one that may be asked."""
        process = _kernel.GetCurrentProcess() if pid is None else _opened(pid)
        token = wintypes.HANDLE()
        try:
            if not _advapi.OpenProcessToken(process, _QUERY, ctypes.byref(token)):
                raise _fault()
        finally:
            if pid is not None:
                _kernel.CloseHandle(process)
        try:
            room, needed = ctypes.create_string_buffer(256), wintypes.DWORD()
            if not _advapi.GetTokenInformation(
                token, _TOKEN_USER, room, ctypes.sizeof(room), ctypes.byref(needed)
            ):
                raise _fault()
            return _text_of(ctypes.c_void_p.from_buffer(room).value)
        finally:
            _kernel.CloseHandle(token)

    def rights_of(file: Path | int) -> Rights:
        """Owner and access list of a file or folder, by its path or an open descriptor."""
        owner, dacl, descriptor = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        where = (
            ctypes.byref(owner), None, ctypes.byref(dacl), None, ctypes.byref(descriptor),
        )  # fmt: skip
        if isinstance(file, Path):
            code = _advapi.GetNamedSecurityInfoW(str(file), _FILE_OBJECT, _OWNER | _DACL, *where)
        else:
            handle = msvcrt.get_osfhandle(file)
            code = _advapi.GetSecurityInfo(handle, _FILE_OBJECT, _OWNER | _DACL, *where)
        if code:
            raise ctypes.WinError(code)
        try:
            return Rights(_text_of(owner.value), _entries(dacl.value))
        finally:
            _kernel.LocalFree(descriptor)

    def set_list(file: Path, sddl: str) -> None:
        """Give a file or folder an access list that takes nothing from the folder above. What lies in a
        folder loses what it had from there.
        """
        descriptor = _descriptor(sddl)
        try:
            present, dacl, usual = wintypes.BOOL(), ctypes.c_void_p(), wintypes.BOOL()
            if not _advapi.GetSecurityDescriptorDacl(
                descriptor, ctypes.byref(present), ctypes.byref(dacl), ctypes.byref(usual)
            ):
                raise _fault()
            code = _advapi.SetNamedSecurityInfoW(
                str(file), _FILE_OBJECT, _DACL | _PROTECTED, None, None, dacl, None
            )
            if code:
                raise ctypes.WinError(code)
            # and the list alone: Wine adds to the first way what the folder above has
            if not _advapi.SetFileSecurityW(str(file), _DACL | _PROTECTED, descriptor):
                raise _fault(file)
        finally:
            _kernel.LocalFree(descriptor)

    def make_folder(folder: Path, sddl: str) -> None:
        """Make a folder that has the access list from its first moment on. Raises FileExistsError."""
        descriptor = _descriptor(sddl)
        try:
            attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, False)
            if not _kernel.CreateDirectoryW(str(folder), ctypes.byref(attributes)):
                raise _fault(folder)
        finally:
            _kernel.LocalFree(descriptor)

    def open_file(file: Path, flags: int, sddl: str) -> int:
        """Open a file as :func:`os.open` does, and make it with the access list where there is none. A link
        is not followed. Out: a descriptor, which no program that is started inherits.
        """
        descriptor = _descriptor(sddl)
        try:
            attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, False)
            handle = _kernel.CreateFileW(
                str(file),
                _access(flags),
                _SHARED,
                ctypes.byref(attributes),
                _CREATE_NEW if flags & os.O_EXCL else _OPEN_ALWAYS,
                _NORMAL | _NOT_FOLLOWED,
                None,
            )
            if handle == _INVALID_HANDLE:
                raise _fault(file)
        finally:
            _kernel.LocalFree(descriptor)
        try:
            _check_no_link(handle, file)
            opened = msvcrt.open_osfhandle(handle, flags & os.O_APPEND | os.O_NOINHERIT)
        except BaseException:
            _kernel.CloseHandle(handle)
            raise
        if flags & os.O_TRUNC:
            os.ftruncate(opened, 0)
        return opened

    @contextmanager
    def own_attributes() -> Iterator[object]:
        """What makes an object the user's alone, for a call of Windows that makes one."""
        descriptor = _descriptor(own_list(folder=False).replace(";FA;", ";GA;"))
        try:
            yield ctypes.byref(_SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, False))
        finally:
            _kernel.LocalFree(descriptor)

    def is_disk_file(descriptor: int) -> bool:
        """Whether an open file is one of a disk, and not a device such as NUL."""
        return bool(_kernel.GetFileType(msvcrt.get_osfhandle(descriptor)) == _DISK)

    def name_of(sid: str) -> str:
        """How people know a user or group, such as ``BUILTIN\\Users``; the SID where it has no name."""
        made = ctypes.c_void_p()
        if not _advapi.ConvertStringSidToSidW(sid, ctypes.byref(made)):
            return sid
        try:
            name, domain = ctypes.create_unicode_buffer(256), ctypes.create_unicode_buffer(256)
            lengths, kind = (wintypes.DWORD(256), wintypes.DWORD(256)), ctypes.c_int()
            if not _advapi.LookupAccountSidW(
                None, made, name, ctypes.byref(lengths[0]), domain, ctypes.byref(lengths[1]),
                ctypes.byref(kind),
            ):  # fmt: skip
                return sid
            return f"{domain.value}\\{name.value}" if domain.value else name.value
        finally:
            _kernel.LocalFree(made)

    def sid_of(name: str) -> str:
        """The SID of a user or group that this machine, or its domain, knows by name."""
        room, domain = ctypes.create_string_buffer(256), ctypes.create_unicode_buffer(256)
        lengths, kind = (wintypes.DWORD(256), wintypes.DWORD(256)), ctypes.c_int()
        if not _advapi.LookupAccountNameW(
            None, name, room, ctypes.byref(lengths[0]), domain, ctypes.byref(lengths[1]), ctypes.byref(kind)
        ):
            raise _fault()
        return _text_of(ctypes.addressof(room))

    def own_list(*, folder: bool) -> str:
        """The access list of what only the user of this process may use."""
        return private_list(user_sid(), folder=folder)

    def _opened(pid: int) -> int:
        process = _kernel.OpenProcess(_LIMITED_INFORMATION, False, pid)
        if not process:
            raise _fault()
        return int(process)

    def _entries(dacl: int | None) -> tuple[Entry, ...] | None:
        if dacl is None:
            return None
        found = []
        for index in range(_Acl.from_address(dacl).count):
            place = ctypes.c_void_p()
            if not _advapi.GetAce(dacl, index, ctypes.byref(place)) or place.value is None:
                raise _fault()
            ace = _Ace.from_address(place.value)
            if ace.kind in (_ALLOWED, _DENIED):
                sid = _text_of(place.value + _Ace.sid.offset)
                found.append(Entry(sid, ace.mask, ace.kind == _ALLOWED))
        return tuple(found)

    def _text_of(sid: int | None) -> str:
        text = ctypes.c_void_p()
        if not _advapi.ConvertSidToStringSidW(sid, ctypes.byref(text)) or text.value is None:
            raise _fault()
        try:
            return ctypes.wstring_at(text.value)
        finally:
            _kernel.LocalFree(text)

    def _descriptor(sddl: str) -> ctypes.c_void_p:
        """To be freed by LocalFree."""
        made = ctypes.c_void_p()
        if not _advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW(
            sddl, _REVISION, ctypes.byref(made), None
        ):
            raise _fault()
        return made

    def _access(flags: int) -> int:
        if flags & os.O_RDWR:
            return _GENERIC_READ | _GENERIC_WRITE
        # also to write alone the list must be read, which GENERIC_WRITE allows as well
        return _GENERIC_WRITE if flags & os.O_WRONLY else _GENERIC_READ

    def _check_no_link(handle: int, file: Path) -> None:
        info = _BasicInfo()
        told = _kernel.GetFileInformationByHandleEx(
            handle, _BASIC_INFO, ctypes.byref(info), ctypes.sizeof(info)
        )
        if told and info.attributes & _REPARSE_POINT:  # of a device nothing is told
            raise OSError(0, "it is a link, which is not followed", str(file), _CANT_RESOLVE)

    def _fault(file: Path | None = None) -> OSError:
        error = ctypes.WinError(ctypes.get_last_error())
        if file is None:
            return error
        return OSError(0, error.strerror, str(file), error.winerror)
