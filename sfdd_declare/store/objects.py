"""An object store by the few requests that a state needs: reading, creating what must not be there, replacing what must
not have changed, and sending files.

A request may be repeated by the library after an answer was lost. So whoever is told that somebody was quicker looks
whether that was itself: what is written under a condition is never the same bytes twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore import exceptions
from obstore.store import AzureStore, GCSStore, S3Store

from sfdd_declare.model.errors import StateError
from sfdd_declare.store.database import shown_place

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
_VARIABLES = {"s3": ("AWS_",), "gs": ("GOOGLE_",), "az": ("AZURE_",)}
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
_RETRIES: Any = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
_CHUNK = 8 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was read. `tag` names this content of it."""

    data: bytes
    tag: str


class Objects:
    """The objects below one address. Raises StateError for whatever the store refuses."""

    def __init__(self, url: str, environ: Mapping[str, str]) -> None:
        """`url` is `s3://BUCKET/PATH`, `gs://BUCKET/PATH` or `az://CONTAINER/PATH`; credentials are the environment's.

        Nothing is asked yet.
        """
        self.place = shown_place(url)
        with self._translated():
            self._store = _store(url, environ)

    def read(self, name: str) -> Found | None:
        with self._translated():
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                return None
            return Found(bytes(found.bytes()), found.meta["e_tag"] or "")

    def tag(self, name: str) -> str | None:
        """Which content an object has, without reading it; None without the object."""
        with self._translated():
            try:
                return obstore.head(self._store, name)["e_tag"] or ""
            except FileNotFoundError:
                return None

    def create(self, name: str, data: bytes) -> str | None:
        """Write an object that is not there yet; returns its tag, or None where somebody else's is."""
        with self._translated():
            try:
                return obstore.put(self._store, name, data, mode="create")["e_tag"] or ""
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
                return self._ours(name, data)

    def replace(self, name: str, data: bytes, tag: str) -> str | None:
        """Write an object anew if its content still is the one with this tag; returns the new tag, or None."""
        with self._translated():
            try:
                return obstore.put(self._store, name, data, mode={"e_tag": tag})["e_tag"] or ""
            except (exceptions.PreconditionError, FileNotFoundError):
                return self._ours(name, data)

    def send(self, name: str, path: Path) -> None:
        """Write a file as an object, in parts. The name must be nobody else's."""
        with self._translated():
            obstore.put(self._store, name, path, chunk_size=_CHUNK)

    def fetch(self, name: str, path: Path) -> str | None:
        """Read an object into a new file; returns the digest of its bytes, or None without the object."""
        digest = hashlib.sha256()
        with self._translated(), path.open("xb") as file:
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                return None
            for part in found.stream(min_chunk_size=_CHUNK):
                digest.update(part)
                file.write(part)
        return digest.hexdigest()

    def names(self, prefix: str) -> Iterator[str]:
        with self._translated():
            for batch in obstore.list(self._store, prefix):
                yield from (entry["path"] for entry in batch)

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects, whether they are there or not."""
        with self._translated():
            for name in names:
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue

    def _ours(self, name: str, data: bytes) -> str | None:
        found = self.read(name)
        return found.tag if found and found.data == data else None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The library's texts name buckets and keys and quote answers: none of it is shown but the kind."""
        try:
            yield
        except (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError) as error:
            raise StateError(
                "SFDD-E3022",
                "The object store of the state refuses the login, or does not let it do this.",
                where=self.place,
                hint=f"Check the credentials in the environment: {_ADVICE[urlsplit(self.place).scheme]}",
            ) from error
        except (exceptions.BaseError, FileNotFoundError, ValueError) as error:
            if isinstance(error, FileNotFoundError) or "404 Not Found" in str(error):
                raise StateError(
                    "SFDD-E3023",
                    "There is no such bucket or container.",
                    where=self.place,
                    hint="Check the key `state`.",
                ) from error
            raise StateError(
                "SFDD-E3024",
                f"The object store of the state does not answer as it should ({type(error).__name__}).",
                where=self.place,
                hint="Check the key `state`, and try again later.",
            ) from error


def name_in(url: str) -> str:
    """The name of the object that a URL ends with; raises StateError where it names a bucket or a folder only."""
    parts = urlsplit(url)
    name = parts.path.rpartition("/")[2]
    if not parts.netloc or "@" in parts.netloc or not name or parts.query or parts.fragment:
        raise StateError(
            "SFDD-E3025",
            "The place of the state names no object.",
            where=shown_place(url),
            hint=f"state: {parts.scheme}://{_CONTAINER[parts.scheme]}/sfdd/state.db",
        )
    return name


_CONTAINER = {"s3": "BUCKET", "gs": "BUCKET", "az": "CONTAINER"}
_ADVICE = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE; AWS_REGION.",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS.",
    "az": "AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or AZURE_CLIENT_ID, AZURE_TENANT_ID and a secret.",
}


def _store(url: str, environ: Mapping[str, str]) -> S3Store | GCSStore | AzureStore:
    environ = {**os.environ, **environ}  # the library looks at the former by itself
    parts = urlsplit(url)
    prefix = parts.path.strip("/").rpartition("/")[0] or None
    config: Any = _settings(parts.scheme, environ)
    insecure = any(urlsplit(environ.get(name, "")).hostname in _LOOPBACK for name in _ENDPOINTS)
    insecure = insecure or environ.get("AZURE_STORAGE_USE_EMULATOR", "").lower() == "true"
    client: Any = {"timeout": timedelta(seconds=60), **({"allow_http": True} if insecure else {})}
    kind: Any = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}[parts.scheme]
    made: S3Store | GCSStore | AzureStore = kind(
        parts.netloc, prefix=prefix, config=config, client_options=client, retry_config=_RETRIES
    )
    return made


def _settings(scheme: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What the environment says, under the library's own names; what it does not know is for other programs."""
    kind: Any = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}[scheme]
    found = {}
    for name, value in environ.items():
        if name.startswith(_VARIABLES[scheme]):
            try:
                kind("any", config={name.lower(): value})
            except exceptions.UnknownConfigurationKeyError:
                continue
            except exceptions.BaseError:  # known, and not enough by itself
                pass
            found[name.lower()] = value
    return found
