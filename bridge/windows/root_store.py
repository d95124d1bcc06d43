"""Windows' stores of trusted authorities: whether one is there, putting it there, taking it away.

Browsers and programs of Windows believe an authority that stands in the store "Root" of their user, which
shows that of the machine as well. A change of a user's own store is asked of that user in a window of
Windows'.
"""

from __future__ import annotations

import sys
from typing import Literal

Whose = Literal["user", "machine"]
"""The user that this process runs as, or the machine."""

if sys.platform == "win32":
    import ctypes
    import winreg
    from collections.abc import Iterator
    from contextlib import contextmanager
    from ctypes import wintypes

    _SYSTEM, _REGISTRY = 10, 13  # CERT_STORE_PROV_SYSTEM_W, _SYSTEM_REGISTRY_W: without what it inherits
    PLACES = {"user": 0x0001_0000, "machine": 0x0002_0000}  # CERT_SYSTEM_STORE_CURRENT_USER, LOCAL_MACHINE
    _READ = 0x8000
    _X509 = 0x0001_0001
    _BY_SHA1 = 0x0001_0000  # CERT_FIND_SHA1_HASH
    _NEW = 1  # CERT_STORE_ADD_NEW
    _CERTIFICATES = r"Software\Microsoft\SystemCertificates\Root\Certificates"
    _PEOPLE = ("S-1-5-21-", "S-1-12-1-")  # of this machine or a domain, of the cloud
    _EXISTS = -2146885627  # CRYPT_E_EXISTS

    class _Blob(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("data", ctypes.c_char_p))

    def has(sha1: bytes, whose: Whose = "user") -> bool:
        """Whether an authority is trusted by a user, or by the machine. Raises OSError."""
        with _store(whose, _SYSTEM, _READ) as (api, store):
            found = _find(api, store, sha1)
            if found:
                api.CertFreeCertificateContext(found)
            return bool(found)

    def add(certificate: bytes, whose: Whose = "user") -> None:
        """Trust an authority. In: its certificate (DER). Windows asks a user, who may say no.

        Raises OSError, also for a no; nothing where it is there already.
        """
        with _store(whose, _SYSTEM, 0) as (api, store):
            added = api.CertAddEncodedCertificateToStore(
                store, _X509, certificate, len(certificate), _NEW, None
            )
            if not added and ctypes.get_last_error() != _EXISTS:
                raise ctypes.WinError(ctypes.get_last_error())

    def remove(sha1: bytes, whose: Whose = "user") -> bool:
        """Trust it no more. Out: whether it stood in that store. Raises OSError."""
        with _store(whose, _REGISTRY, 0) as (api, store):
            found = _find(api, store, sha1)
            if not found:
                return False
            if not api.CertDeleteCertificateFromStore(found):  # which frees it, too
                raise ctypes.WinError(ctypes.get_last_error())
            return True

    def remove_from_all(sha1: bytes, name: str) -> int:
        """Trust it no more: in the machine's store and in those of whoever is logged on; only Windows itself
        and administrators may do this for others.

        In: ``name``, which has to stand in the certificate: the number may come from somebody's own file.
        Out: in how many stores it stood.
        """
        places = [(winreg.HKEY_LOCAL_MACHINE, _CERTIFICATES)]
        places += [(winreg.HKEY_USERS, rf"{user}\{_CERTIFICATES}") for user in _users()]
        return sum(_delete(root, rf"{key}\{sha1.hex().upper()}", name.encode()) for root, key in places)

    def _delete(root: int, key: str, part: bytes) -> bool:
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(root, key, 0, access) as certificate:
                content, _ = winreg.QueryValueEx(certificate, "Blob")
            if part not in content:
                return False
            winreg.DeleteKeyEx(root, key, winreg.KEY_WOW64_64KEY, 0)
        except OSError:
            return False
        return True

    def _users() -> Iterator[str]:
        """The SIDs of people whose part of the registry is there."""
        for number in range(winreg.QueryInfoKey(winreg.HKEY_USERS)[0]):
            name = winreg.EnumKey(winreg.HKEY_USERS, number)
            if name.startswith(_PEOPLE) and not name.endswith("_Classes"):
                yield name

    def _find(api: ctypes.WinDLL, store: int, sha1: bytes) -> int | None:
        value = ctypes.byref(_Blob(len(sha1), sha1))
        found: int | None = api.CertFindCertificateInStore(store, _X509, 0, _BY_SHA1, value, None)
        return found

    @contextmanager
    def _store(whose: Whose, provider: int, access: int) -> Iterator[tuple[ctypes.WinDLL, int]]:
        api = _api()
        store = api.CertOpenStore(provider, 0, None, access | PLACES[whose], "Root")
        if not store:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            yield api, store
        finally:
            api.CertCloseStore(store, 0)

    def _api() -> ctypes.WinDLL:
        api = ctypes.WinDLL("crypt32", use_last_error=True)
        handle, number = ctypes.c_void_p, wintypes.DWORD
        api.CertOpenStore.restype = api.CertFindCertificateInStore.restype = handle
        api.CertOpenStore.argtypes = [handle, number, handle, number, wintypes.LPCWSTR]
        api.CertCloseStore.argtypes = [handle, number]
        api.CertFindCertificateInStore.argtypes = [handle, number, number, number, handle, handle]
        api.CertFreeCertificateContext.argtypes = api.CertDeleteCertificateFromStore.argtypes = [handle]
        api.CertAddEncodedCertificateToStore.argtypes = [
            handle, number, ctypes.c_char_p, number, number, handle,
        ]  # fmt: skip
        return api

else:

    def has(sha1: bytes, whose: Whose = "user") -> bool:
        """Only Windows has such stores."""
        raise OSError("only Windows has such stores")

    def add(certificate: bytes, whose: Whose = "user") -> None:
        """Only Windows has such stores."""
        raise OSError("only Windows has such stores")

    def remove(sha1: bytes, whose: Whose = "user") -> bool:
        """Only Windows has such stores."""
        raise OSError("only Windows has such stores")

    def remove_from_all(sha1: bytes, name: str) -> int:
        """None: only Windows has such stores."""
        return 0
