"""The whole machine trusts the facade of a service, which has no desktop for Windows' question.

Certificate and authority are made here, by an administrator or the installer, and not by the service: what
the machine is to believe must not come from where somebody else could have kept its key.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import os
    import secrets
    import shutil
    import ssl
    import stat
    import tempfile
    from collections.abc import Iterator
    from contextlib import contextmanager, suppress
    from pathlib import Path

    from bridge.serving.certificate import AUTHORITY, Files, ensure_certificate, facade_files, is_usable
    from bridge.serving.trust import fingerprint, note_trust, untrust
    from bridge.windows import root_store
    from bridge.windows.rights import private_list
    from bridge.windows.security import make_folder, open_file, own_list, set_list

    def trust_for_machine(directory: Path, account: str) -> bool:
        """Give a service a certificate whose authority the machine trusts, unless it has one.

        In: the directory of its certificate, made if need be; the SID of its account. Out: whether it is a
        new one. Raises OSError, and ConfigError where no certificate can be made.
        """
        if _is_believed(directory):
            return False
        with _own_folder() as made:
            files = ensure_certificate(made)
            authority = ssl.PEM_cert_to_DER_cert(files[2].read_text(encoding="ascii"))
            untrust(directory / AUTHORITY)
            _place(files, directory, account)
            root_store.add(authority, "machine")
        note_trust(directory / AUTHORITY)
        return True

    def _is_believed(directory: Path) -> bool:
        try:
            known = root_store.has(fingerprint(directory / AUTHORITY), "machine")
        except (OSError, ValueError):
            return False
        return known and is_usable(directory)

    @contextmanager
    def _own_folder() -> Iterator[Path]:
        """One that nobody but this user can enter, until the end of the with statement."""
        folder = Path(tempfile.gettempdir(), f"cshis-bridge-{secrets.token_hex(8)}")
        make_folder(folder, own_list(folder=True))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _place(files: Files, directory: Path, account: str) -> None:
        folder_list, file_list = (private_list(account, folder=folder) for folder in (True, False))
        try:
            make_folder(directory, folder_list)
        except FileExistsError:
            if directory.lstat().st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:
                raise
            set_list(directory, folder_list)
        for file, target in zip(files, facade_files(directory), strict=True):
            new = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
            try:
                with os.fdopen(open_file(new, os.O_WRONLY | os.O_EXCL, file_list), "wb") as stream:
                    stream.write(file.read_bytes())
                new.replace(target)
            finally:
                with suppress(OSError):
                    new.unlink(missing_ok=True)
