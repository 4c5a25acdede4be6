"""Filesystems behind URIs and connections: local folders, S3 and what speaks it, everything else that fsspec knows.

Every filesystem of the lake and of the sources is opened here, so that what a store must be told is told once.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

from fsspec.implementations.local import LocalFileSystem

from penstock.errors import PenstockError, RecipeError, SourceError

if TYPE_CHECKING:
    from penstock.locations import ConnLike

S3_KINDS = {"s3", "s3a", "aws"}
_S3_EXTRAS = {"endpoint_url", "region_name", "verify", "aws_session_token"}
_OTHER_EXTRAS = {"uri", "options"}
_SECRETS = ("key", "secret", "token", "password")
_WORDS = {"true": True, "false": False}
# Checksums beyond the signature are refused by many stores (Ceph answers 411 over TLS): sent only where S3 wants them.
_S3_CONFIG: dict[str, Any] = {
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
    "connect_timeout": 10,
    "read_timeout": 60,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}
# Another process publishes while this one lists; and not every store obeys If-Match, so each answer's tag is compared.
_S3_DEFAULTS: dict[str, Any] = {"use_listings_cache": False, "local_expiry_check": True}


class ChangedError(SourceError):
    """A file became another one while it was read: what was read of it must not be used; a retry begins anew."""


def options_of(conn: ConnLike, where: str) -> dict[str, Any]:
    """Return what a connection tells its filesystem; ``where`` names it in errors.

    Of the types ``aws`` and ``s3``, login and password are the key and its secret, and the extras ``endpoint_url``,
    ``region_name``, ``verify`` (a CA file, or false) and ``aws_session_token`` mean what they mean to Airflow. The
    extra ``options`` of any type goes to the filesystem as it is, and wins.

    Raises:
        RecipeError: an extra is unknown, or ``options`` is no mapping.
    """
    extra = conn.extra_dejson
    given = mapping_of(extra.get("options"), f"{where}: extra options")
    if (conn.conn_type or "") not in S3_KINDS:
        return given
    unknown = sorted(set(extra) - _S3_EXTRAS - _OTHER_EXTRAS)
    if unknown:
        message = (
            f"{where}: expected the extras {', '.join(sorted(_S3_EXTRAS | _OTHER_EXTRAS))}, got {', '.join(unknown)}; "
            "leave it out, or give what the filesystem (s3fs) calls it in options"
        )
        raise RecipeError(message)
    found: dict[str, Any] = {"key": conn.login, "secret": conn.password} if conn.login else {}
    client = {name: _plain(extra[name]) for name in ("region_name", "verify") if name in extra}
    named = {
        "endpoint_url": extra.get("endpoint_url"),
        "token": extra.get("aws_session_token"),
        "client_kwargs": client,
    }
    return {**found, **{name: value for name, value in named.items() if value}, **given}


def mapping_of(value: Any, where: str) -> dict[str, Any]:
    """Return a mapping that was given as one, or as JSON.

    Raises:
        RecipeError: naming ``where``; the value itself is not repeated.
    """
    if value in (None, ""):
        return {}
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        parsed = value
    if not isinstance(parsed, dict):
        message = f'{where}: expected a JSON object like {{"anon": true}}, got {type(parsed).__name__}'
        raise RecipeError(message)
    return cast("dict[str, Any]", parsed)


def open_filesystem(uri: str, options: Mapping[str, Any] | None = None) -> tuple[Any, str]:
    """Return the filesystem of fsspec for ``uri``, and the path in it."""
    import fsspec

    given = dict(options or {})
    if urlsplit(uri).scheme in {"s3", "s3a"}:
        given = {**_S3_DEFAULTS, **given, "config_kwargs": {**_S3_CONFIG, **given.get("config_kwargs", {})}}
    fs, path = fsspec.core.url_to_fs(uri, **given)
    return fs, str(path)


def hadoop_settings(uri: str, options: Mapping[str, Any]) -> dict[str, str]:
    """Return what Hadoop's S3 filesystem must be told to open ``uri`` as fsspec does with ``options``; else nothing.

    They hold for the bucket alone. A CA file is not among them: Java has a trust store of its own.
    """
    parts = urlsplit(uri)
    if parts.scheme not in {"s3", "s3a"}:
        return {}
    endpoint = options.get("endpoint_url") or options.get("client_kwargs", {}).get("endpoint_url")
    known = {
        "access.key": options.get("key"),
        "secret.key": options.get("secret"),
        "session.token": options.get("token"),
        "endpoint": endpoint,
        "endpoint.region": options.get("client_kwargs", {}).get("region_name"),
        "path.style.access": "true" if endpoint else None,
    }
    return {f"fs.s3a.bucket.{parts.hostname}.{name}": str(value) for name, value in known.items() if value}


class Store:
    """The filesystem behind a URI, and how its troubles are told."""

    def __init__(
        self, uri: str, options: Mapping[str, Any] | None = None, connection: str | None = None
    ) -> None:
        self.uri, self.connection = uri, connection
        self.fs, self.path = open_filesystem(uri, options)
        self._secrets = [str(value) for name in _SECRETS if (value := (options or {}).get(name))]

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return isinstance(self.fs, LocalFileSystem)

    @property
    def is_s3(self) -> bool:
        """Whether it is S3 or speaks it."""
        return "s3" in self.fs.protocol

    def named(self, uri: str) -> str:
        """Return a URI of the store with the connection that opens it, for people."""
        return f"{uri} (connection {self.connection})" if self.connection else uri

    def check(self) -> None:
        """Ask an object store for one name of its bucket: only this tells a bad bucket or key from an empty folder.

        Raises:
            RecipeError: there is no such bucket, or the key is refused.
            SourceError: nobody answers.
        """
        if not self.is_s3:
            return
        bucket, _, key = self.path.partition("/")
        prefix = key[: min((key.index(mark) for mark in "*?[" if mark in key), default=len(key))]
        with self.errors(self.uri):
            try:
                self.fs.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, MaxKeys=1)
            except FileNotFoundError:
                message = (
                    f"store: expected the bucket {bucket} of {self.named(self.uri)}, there is none; correct the path, "
                    "or the endpoint_url of the connection"
                )
                raise RecipeError(message) from None

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading: from a remote filesystem by ranges, so that a cut connection is no loss.

        Raises:
            FileNotFoundError: there is no such file.
            PenstockError: as `errors` sorts what goes wrong, now or while it is read.
        """
        from penstock.ranges import RangeReader

        if self.is_local:
            return cast("IO[bytes]", self.fs.open(path, "rb"))
        return cast("IO[bytes]", RangeReader(self, path))

    @contextmanager
    def errors(self, uri: str) -> Iterator[None]:
        """Sort what the filesystem raises at ``uri`` by what to do; a missing file stays a `FileNotFoundError`.

        Raises:
            RecipeError: the store refuses the key, or was asked for what no store can give.
            ChangedError: the file became another one.
            SourceError: the store, or the way to it, is in trouble.
        """
        where = self.named(uri)
        kinds = _LOCAL_KINDS if self.is_local else _remote_kinds()
        try:
            yield
        except PenstockError:
            raise
        except kinds.changed:
            raise changed(where, "another entity tag") from None
        except FileNotFoundError as error:
            # Of HTTP every trouble is a missing file to fsspec; its cause says which it is.
            cause = error.__cause__
            if not isinstance(cause, kinds.trouble) or getattr(cause, "status", None) in (None, 404, 410):
                raise
            raise self._trouble(where, cause) from None
        except kinds.refused as error:
            message = (
                f"store: expected to read {where}, it was refused ({self._told(error)}); correct the key and secret "
                "of its connection, the rights of that key, or the path"
            )
            raise RecipeError(message) from None
        except kinds.trouble as error:
            raise self._trouble(where, error) from None

    def _trouble(self, where: str, error: Exception) -> SourceError:
        message = (
            f"store: expected an answer for {where}, got {type(error).__name__}: {self._told(error)}; is it up, "
            "mounted and readable, and the endpoint_url of its connection right?"
        )
        return SourceError(message)

    def _told(self, error: Exception) -> str:
        """Return what an error says, without the key and the secret of the connection."""
        text = str(error)
        text = type(error).__name__ if text in ("", "None") else text
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def changed(where: str, came: str) -> ChangedError:
    """Return the error of a file that became another one."""
    message = (
        f"store: expected {where} to stay the same while it is read, got {came}; nothing of it was used: "
        "let its sender finish, then run the task again"
    )
    return ChangedError(message)


class _Kinds(NamedTuple):
    """What a filesystem raises, by what to do."""

    changed: tuple[type[Exception], ...]
    refused: tuple[type[Exception], ...]
    trouble: tuple[type[Exception], ...]


_LOCAL_KINDS = _Kinds((), (), (OSError,))


@functools.cache
def _remote_kinds() -> _Kinds:
    import aiohttp
    from botocore import exceptions as s3
    from s3fs.utils import FileExpired

    refused = (PermissionError, s3.NoCredentialsError, s3.PartialCredentialsError, s3.ParamValidationError)
    trouble = (OSError, EOFError, s3.BotoCoreError, s3.ClientError, aiohttp.ClientError)
    return _Kinds((FileExpired,), refused, trouble)


def _plain(value: Any) -> Any:
    """Return a truth value that a connection's URI could only spell."""
    return _WORDS.get(value.lower(), value) if isinstance(value, str) else value
