"""What the engine gives to planning: the settings that rows may name, and the cipher."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.config import UploadSettings, VpnSettings


def row_settings(upload: UploadSettings, vpn: VpnSettings | None = None) -> Mapping[str, str]:
    """The settings that rows may name, by section and key (table/model/names.py lists them and their values).
    ``vpn``: by default as nobody has set it.
    """
    guess = vpn or VpnSettings()
    return {
        "upload.format": upload.format,
        "upload.type": upload.type,
        "vpn.guess_card_type": str(guess.guess_card_type),
        "vpn.guess_service_code": guess.guess_service_code,
    }


def decrypt(key: bytes, vector: bytes, data: bytes) -> bytes:
    """Undo AES-256 in CBC mode. In: key of 32 bytes, initial vector of 16, whole blocks. Out: as many bytes.

    Raises ValueError for sizes that do not fit.
    """
    # Rarely needed, and large: most bridges never load it for this.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(data) + decryptor.finalize()
