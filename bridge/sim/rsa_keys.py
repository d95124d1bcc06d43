"""RSA keys as the real services have them. Loaded where one is made: the library takes its time, and most
simulators in one process with a bridge do without.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class Rsa:
    """A key of so many bits; a signature has an eighth as many bytes."""

    def __init__(self, bits: int) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self._public = self._key.public_key()

    def sign(self, text: str) -> bytes:
        """The signature of a text."""
        return sign(self._key, text)

    def is_signed(self, signature: bytes, text: str) -> bool:
        """Whether ``signature`` is that of the text."""
        return is_signed(self._public, signature, text)


def sign(key: rsa.RSAPrivateKey, text: str) -> bytes:
    """Sign the UTF-8 text with RSA PKCS#1 v1.5 and SHA-256."""
    return key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())


def is_signed(key: rsa.RSAPublicKey, signature: bytes, text: str) -> bool:
    """Tell whether ``signature`` is that of the UTF-8 text."""
    try:
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
