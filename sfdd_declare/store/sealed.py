"""Sealing with a passphrase: AES-GCM under a key that scrypt derives from it, so a wrong one is noticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_COST = 2**14


def seal(plain: bytes, passphrase: str, context: bytes, random: Callable[[int], bytes]) -> dict[str, str]:
    """What `unseal` takes. `context` says what for: a seal of one thing does not open as another."""
    salt, nonce = random(16), random(12)
    sealed = AESGCM(_derived(passphrase, salt)).encrypt(nonce, plain, context)
    return {"salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}


def unseal(parts: Mapping[str, str], passphrase: str, context: bytes) -> bytes | None:
    """None when the passphrase is another one, or the text was altered."""
    salt, nonce, sealed = (bytes.fromhex(parts[name]) for name in ("salt", "nonce", "sealed"))
    try:
        return AESGCM(_derived(passphrase, salt)).decrypt(nonce, sealed, context)
    except InvalidTag:
        return None


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
