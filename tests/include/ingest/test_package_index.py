"""Files in packages: from a real index over HTTP, on this machine and (integration) the public one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.include.ingest.conftest import WebServer, sha256
from tests.include.ingest.test_archive import tar_of, zip_of

from penstock.errors import ContractError, SourceError
from penstock.ingest.package_index import PackageIndexSource
from penstock.lake import Lake

SDIST = tar_of(
    {"demo-1.0/data/a.txt": b"a\n", "demo-1.0/data/in.tgz": tar_of({"x/b.txt": b"b\n", "x/c.txt": b"c\n"})}
)
WHEEL = zip_of({"demo/a.txt": b"wheel\n"})


@pytest.fixture(autouse=True)
def index(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> WebServer:
    """An index with one project, in the JSON form of the simple repository API."""
    for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", web.url + "/simple/")
    serve(web, {"demo-1.0.tar.gz": SDIST, "demo-1.0-py3-none-any.whl": WHEEL})
    return web


def serve(web: WebServer, files: dict[str, bytes], **digests: str) -> None:
    listed = [
        {"filename": name, "url": f"/files/{name}", "hashes": {"sha256": digests.get("sha256", sha256(body))}}
        for name, body in files.items()
    ]
    page = {"meta": {"api-version": "1.0"}, "name": "demo", "files": listed}
    web.send("/simple/demo/", json.dumps(page).encode(), Content_Type="application/vnd.pypi.simple.v1+json")
    for name, body in files.items():
        web.send(f"/files/{name}", body)


def source(*members: dict[str, str], **keys: Any) -> PackageIndexSource:
    package = {"package": "demo", "version": "1.0", "sha256": sha256(SDIST), "members": list(members), **keys}
    return PackageIndexSource.model_validate({"packages": [package], "network": {"attempts": 1}})


def read(given: PackageIndexSource, lake: Lake) -> list[tuple[str, bytes]]:
    found = []
    for item in given.items("2026-11-16", lake):
        with item.open() as stream:
            found.append((item.name, stream.read()))
    return found


def test_yields_members_and_nested_members_under_their_names(lake: Lake) -> None:
    given = source({"path": "data/a.txt", "name": "first.txt"}, {"path": "data/in.tgz!x/*.txt"})
    assert read(given, lake) == [("first.txt", b"a\n"), ("b.txt", b"b\n"), ("c.txt", b"c\n")]


def test_reads_a_wheel(lake: Lake) -> None:
    given = source({"path": "demo/*"}, kind="wheel", sha256=sha256(WHEEL))
    assert read(given, lake) == [("a.txt", b"wheel\n")]


def test_says_where_a_member_came_from(lake: Lake) -> None:
    (item,) = source({"path": "data/in.tgz!x/b.txt"}).items("2026-11-16", lake)
    assert item.origin_uri == "pkg:pypi/demo@1.0#demo-1.0/data/in.tgz!x/b.txt"
    assert item.provenance["package_sha256"] == sha256(SDIST)
    assert item.provenance["sha256"] == sha256(b"b\n")


def test_a_second_day_needs_no_network(index: WebServer, lake: Lake) -> None:
    given = source({"path": "data/a.txt"})
    first = read(given, lake)
    asked = len(index.seen)
    index.answers.clear()
    assert read(given, lake) == first
    assert len(index.seen) == asked == 2


def test_the_login_of_the_index_is_used_for_its_files(
    index: WebServer, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("//", "//me:passw0rd@") + "/simple/")
    assert read(source({"path": "data/a.txt"}), lake) == [("a.txt", b"a\n")]
    assert all(request["authorization"].startswith("Basic ") for request in index.seen)


def test_a_package_that_is_not_there_is_named(lake: Lake) -> None:
    with pytest.raises(ContractError, match="expected the package other on http"):
        read(source({"path": "x"}, package="other"), lake)


@pytest.mark.parametrize("keys", [{"version": "9"}, {"filename": "other.whl"}])
def test_a_release_that_is_not_there_is_named_with_what_there_is(lake: Lake, keys: dict[str, str]) -> None:
    with pytest.raises(ContractError, match=r"got 2 files of the versions 1\.0"):
        read(source({"path": "x"}, **keys), lake)


def test_a_digest_that_the_index_does_not_know_is_refused_before_anything_is_fetched(
    index: WebServer, lake: Lake
) -> None:
    with pytest.raises(ContractError, match=f"with sha256 {'0' * 64} .*demo-1.0.tar.gz with {sha256(SDIST)}"):
        read(source({"path": "x"}, sha256="0" * 64), lake)
    assert len(index.seen) == 1


def test_a_file_that_is_not_what_the_index_says_is_refused(index: WebServer, lake: Lake) -> None:
    index.send("/files/demo-1.0.tar.gz", SDIST + b"!")
    with pytest.raises(ContractError, match="expected sha256"):
        read(source({"path": "data/a.txt"}), lake)


def test_one_name_for_two_members_is_refused(lake: Lake) -> None:
    with pytest.raises(ContractError, match=r"to be named x\.txt, got 2"):
        read(source({"path": "data/in.tgz!x/*", "name": "x.txt"}), lake)


def test_an_index_in_trouble_is_tried_again_and_no_password_shown(
    index: WebServer, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("//", "//me:passw0rd@") + "/simple/")
    index.send("/simple/demo/", b"", 503)
    with pytest.raises(SourceError, match="expected the list of files of demo") as caught:
        read(source({"path": "x"}), lake)
    assert "passw0rd" not in str(caught.value)


def test_an_index_that_answers_nonsense_is_tried_again(index: WebServer, lake: Lake) -> None:
    index.send("/simple/demo/", b"{}", Content_Type="image/png")
    with pytest.raises(SourceError, match="UnsupportedContentType"):
        read(source({"path": "x"}), lake)


def test_no_network_and_nothing_cached_is_tried_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    with pytest.raises(SourceError, match="ConnectionError"):
        read(source({"path": "x"}), lake)


def test_an_index_with_an_own_certificate_is_known_by_one_variable(
    tls_web: tuple[WebServer, Path], lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    web, certificate = tls_web
    serve(web, {"demo-1.0.tar.gz": SDIST})
    monkeypatch.setenv("PIP_INDEX_URL", web.url + "/simple/")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    given = source({"path": "data/a.txt"})
    with pytest.raises(SourceError, match="CERTIFICATE_VERIFY_FAILED"):
        read(given, lake)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert read(given, lake) == [("a.txt", b"a\n")]


def test_a_bomb_in_a_package_is_refused(index: WebServer, lake: Lake) -> None:
    bomb = tar_of({"demo-1.0/z": bytes(3 << 20)})
    serve(index, {"demo-1.0.tar.gz": bomb})
    given = source({"path": "z"}, sha256=sha256(bomb)).model_copy(update={"max_unpacked_mb": 1})
    with pytest.raises(ContractError, match="more than 1048576 bytes when it is unpacked"):
        read(given, lake)


@pytest.mark.parametrize("keys", [{"sha256": "abc"}, {"members": []}, {"kind": "egg"}, {"version": 1.0}])
def test_refuses_a_package_that_is_not_pinned(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source({"path": "x"}, **keys)
