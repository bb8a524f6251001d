"""Sealing with a passphrase: AES-GCM under a key that scrypt derives from it, so a wrong one is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_COST = 2**14
_SALT, _NONCE, _LENGTH = 16, 12, 4
#: Bytes of one sealed piece at most; whoever claims more has not written it.
_PIECE = 16_000_000

Random = Callable[[int], bytes]


class WrongKeyError(Exception):
    """The passphrase is another one, or what was sealed was altered."""


def seal(plain: bytes, passphrase: str, context: bytes, random: Random) -> dict[str, str]:
    """What `unseal` takes. `context` says what for: a seal of one thing does not open as another."""
    salt, nonce = random(_SALT), random(_NONCE)
    sealed = AESGCM(_derived(passphrase, salt)).encrypt(nonce, plain, context)
    return {"salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}


def unseal(parts: Mapping[str, str], passphrase: str, context: bytes) -> bytes | None:
    """None when the passphrase is another one, or the text was altered."""
    salt, nonce, sealed = (bytes.fromhex(parts[name]) for name in ("salt", "nonce", "sealed"))
    try:
        return AESGCM(_derived(passphrase, salt)).decrypt(nonce, sealed, context)
    except InvalidTag:
        return None


def seal_pieces(pieces: Iterable[bytes], passphrase: str, context: bytes, random: Random) -> Iterator[bytes]:
    """The same of something long, piece by piece: none can be left out, put elsewhere or cut off at the end."""
    salt = random(_SALT)
    cipher = AESGCM(_derived(passphrase, salt))
    yield salt
    number = 0
    for number, piece in enumerate(pieces, 1):
        yield _sealed(cipher, piece, context, number, random)
    yield _sealed(cipher, b"", context, number + 1, random)


def unseal_pieces(sealed: IO[bytes], passphrase: str, context: bytes) -> Iterator[bytes]:
    """Raises WrongKeyError, possibly after some pieces."""
    cipher = AESGCM(_derived(passphrase, sealed.read(_SALT)))
    number = 0
    while True:
        number += 1
        nonce, length = sealed.read(_NONCE), int.from_bytes(sealed.read(_LENGTH), "big")
        if length > _PIECE:
            raise WrongKeyError
        try:
            piece = cipher.decrypt(nonce, sealed.read(length), _numbered(context, number))
        except (InvalidTag, ValueError):
            raise WrongKeyError from None
        if not piece:
            return
        yield piece


def _sealed(cipher: AESGCM, piece: bytes, context: bytes, number: int, random: Random) -> bytes:
    nonce = random(_NONCE)
    text = cipher.encrypt(nonce, piece, _numbered(context, number))
    return nonce + len(text).to_bytes(_LENGTH, "big") + text


def _numbered(context: bytes, number: int) -> bytes:
    return context + number.to_bytes(8, "big")


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
