"""What a connection tells a filesystem, and how a store's troubles are told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import fsspec
import pytest

from penstock.errors import PenstockError, RecipeError, SourceError
from penstock.locations import Connection, parse_connection
from penstock.ranges import RangeReader
from penstock.stores import ChangedError, Store, hadoop_settings, mapping_of, open_filesystem, options_of

SECRET = "hunter2/hunter2"
MY_STORE = {
    "conn_type": "aws",
    "login": "key",
    "password": SECRET,
    "extra": {"endpoint_url": "https://store.example", "region_name": "eu-1", "verify": "/etc/ca.pem"},
}


def options(text: str) -> dict[str, object]:
    return options_of(parse_connection(text, where="X"), "connection my_store")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws://", {}),
        ("s3://k:a%2Fb@bucket", {"key": "k", "secret": "a/b"}),
        ("aws://k:s@/?endpoint_url=http%3A%2F%2Fx", {"key": "k", "secret": "s", "endpoint_url": "http://x"}),
        ("aws://?region_name=eu-1&verify=false", {"client_kwargs": {"region_name": "eu-1", "verify": False}}),
        ("aws://k:s@/?verify=%2Fca.pem", {"key": "k", "secret": "s", "client_kwargs": {"verify": "/ca.pem"}}),
        ("aws://k:s@/?aws_session_token=t", {"key": "k", "secret": "s", "token": "t"}),
        (
            'aws://k:s@/?options={"key": "other", "anon": false}',
            {"key": "other", "secret": "s", "anon": False},
        ),
        ('generic://k:s@host?options={"user": "u"}', {"user": "u"}),
    ],
)
def test_a_connection_becomes_the_options_of_a_filesystem(text: str, expected: dict[str, object]) -> None:
    assert options(text) == expected


def test_an_extra_that_nobody_would_obey_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"connection my_store: expected the extras .*, got role_arn; "):
        options(f"aws://k:{SECRET.replace('/', '%2F')}@/?role_arn=arn")


def test_options_that_are_no_mapping_are_not_repeated() -> None:
    with pytest.raises(RecipeError, match="X: expected a JSON object") as caught:
        mapping_of(f"[{SECRET}]", "X")
    assert SECRET not in str(caught.value)


def test_every_s3_filesystem_is_told_what_stores_must_be_told() -> None:
    fs, path = open_filesystem(
        "s3://bucket/a/*.gz", {"key": "k", "secret": "s", "config_kwargs": {"read_timeout": 5}}
    )
    config = fs.config_kwargs
    assert path == "bucket/a/*.gz"
    assert (config["request_checksum_calculation"], config["response_checksum_validation"]) == (
        "when_required",
    ) * 2
    assert config["read_timeout"] == 5
    assert fs.local_expiry_check
    assert not fs.dircache.use_listings_cache


def test_spark_is_told_what_fsspec_is_told_for_the_bucket_alone() -> None:
    told = options(json.dumps(MY_STORE))
    assert hadoop_settings("s3://bucket/lake", told) == {
        "fs.s3a.bucket.bucket.access.key": "key",
        "fs.s3a.bucket.bucket.secret.key": SECRET,
        "fs.s3a.bucket.bucket.endpoint": "https://store.example",
        "fs.s3a.bucket.bucket.endpoint.region": "eu-1",
        "fs.s3a.bucket.bucket.path.style.access": "true",
    }
    assert hadoop_settings("s3://bucket/lake", {}) == {}
    assert hadoop_settings("file:///lake", told) == {}


def test_a_local_store_needs_no_client_of_s3(tmp_path: Path) -> None:
    before = set(sys.modules)
    (tmp_path / "a").write_bytes(b"a")
    store = Store(str(tmp_path))
    with store.errors(store.uri), store.open(str(tmp_path / "a")) as stream:
        assert stream.read() == b"a"
    assert not {name for name in set(sys.modules) - before if name.startswith("botocore")}


def test_a_file_of_a_remote_filesystem_is_read_by_ranges() -> None:
    fsspec.filesystem("memory").pipe_file("/stores-test/a", b"abc")
    try:
        store = Store("memory://stores-test")
        with store.open("/stores-test/a") as stream:
            assert isinstance(stream, RangeReader)
            assert stream.read() == b"abc"
        with pytest.raises(FileNotFoundError):
            store.open("/stores-test/b")
    finally:
        fsspec.filesystem("memory").rm("/stores-test", recursive=True)


@pytest.mark.parametrize(
    ("raised", "kind", "told"),
    [
        (PermissionError("403"), RecipeError, r"it was refused \(403\); correct the key"),
        (ConnectionResetError("cut"), SourceError, r"got ConnectionResetError: cut; is it up"),
        (TimeoutError("late"), SourceError, r"got TimeoutError: late"),
        (SourceError("mine"), SourceError, "^mine$"),
    ],
)
def test_trouble_is_sorted_by_what_to_do(raised: Exception, kind: type[PenstockError], told: str) -> None:
    store = Store("memory://bucket", connection="my_store")
    with pytest.raises(kind, match=told) as caught, store.errors("memory://bucket/a"):
        raise raised
    assert kind is not SourceError or "(connection my_store)" in str(caught.value) or str(raised) == "mine"


def test_the_client_of_s3_is_understood() -> None:
    from botocore.exceptions import EndpointConnectionError, NoCredentialsError
    from s3fs.utils import FileExpired

    store = Store("memory://bucket")
    cases = (
        (EndpointConnectionError(endpoint_url="http://x"), SourceError),
        (NoCredentialsError(), RecipeError),
        (FileExpired("a", "b"), ChangedError),
    )
    for raised, kind in cases:
        with pytest.raises(kind), store.errors("memory://bucket/a"):
            raise raised


def test_no_error_shows_the_secret() -> None:
    text = f'{{"conn_type": "aws", "login": "key", "password": "{SECRET}"}}'
    store = Store("s3://bucket", options(text), "my_store")
    with pytest.raises(SourceError, match=r"signed with \*\*\*") as caught, store.errors("s3://bucket/a"):
        message = f"signed with {SECRET}"
        raise OSError(message)
    assert caught.value.__cause__ is None
    assert SECRET not in repr(Connection(conn_type="aws", login="key", password=SECRET))
