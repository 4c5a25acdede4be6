"""Members of archives; bombs and paths that lead out are refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from penstock.errors import ContractError
from penstock.ingest.archive import Unpacked, unpack
from penstock.ingest.cache import Cache
from penstock.lake import Lake

FILES = {"top-1/a.txt": b"a", "top-1/data/b.txt": b"bb", "top-1/data/c.csv": b""}


def tar_of(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def cache(lake: Lake) -> Cache:
    return Cache(lake)


def find(cache: Cache, archive: bytes, pattern: str, max_bytes: int = 1 << 20) -> list[Unpacked]:
    digest, _ = cache.put(io.BytesIO(archive))
    return unpack(cache, digest, pattern, max_bytes=max_bytes, where="the archive")


def contents(cache: Cache, found: list[Unpacked]) -> dict[str, bytes]:
    read = {}
    for item in found:
        with cache.open(item.sha256) as stream:
            read[item.path] = stream.read()
    return read


PACKED = [
    tar_of(FILES, "w"),
    tar_of(FILES),
    tar_of(FILES, "w:bz2"),
    tar_of(FILES, "w:xz"),
    zip_of(FILES),
]


@pytest.mark.parametrize("archive", PACKED, ids=["tar", "gz", "bz2", "xz", "zip"])
def test_finds_members_by_pattern_from_the_root_or_the_top_folder(cache: Cache, archive: bytes) -> None:
    assert contents(cache, find(cache, archive, "data/*")) == {
        "top-1/data/b.txt": b"bb",
        "top-1/data/c.csv": b"",
    }
    assert contents(cache, find(cache, archive, "top-1/a.txt")) == {"top-1/a.txt": b"a"}


@pytest.mark.parametrize("outer", [tar_of, zip_of])
@pytest.mark.parametrize("inner", [tar_of, zip_of])
def test_reaches_into_an_archive_inside(cache: Cache, outer: object, inner: object) -> None:
    archive = outer({"p-1/x.arc": inner(FILES)})  # type: ignore[operator]
    assert contents(cache, find(cache, archive, "x.arc!data/*.txt")) == {"p-1/x.arc!top-1/data/b.txt": b"bb"}


def test_unpacks_once(cache: Cache) -> None:
    first = find(cache, PACKED[1], "data/*")
    archive = next(
        Path(cache.lake.full("01_landing/_cache/blobs")).rglob(cache.put(io.BytesIO(PACKED[1]))[0])
    )
    archive.unlink()  # what was unpacked is enough
    assert unpack(cache, archive.name, "data/*", max_bytes=1, where="x") == first


def test_unpacks_again_what_was_damaged(cache: Cache) -> None:
    (first,) = find(cache, PACKED[1], "a.txt")
    Path(cache.lake.full(f"01_landing/_cache/blobs/{first.sha256[:2]}/{first.sha256}")).write_bytes(b"?")
    assert contents(cache, find(cache, PACKED[1], "a.txt")) == {"top-1/a.txt": b"a"}


def test_a_member_that_is_not_there_is_an_error(cache: Cache) -> None:
    with pytest.raises(ContractError, match="expected members like nothing in the archive, found none"):
        find(cache, PACKED[1], "nothing")


ZEROS = bytes(3_000_000)
BOMBS = [
    tar_of({"z": ZEROS}),
    zip_of({"z": ZEROS}),
    tar_of({"before": ZEROS, "z": b"x"}),
    gzip.compress(ZEROS),
    bz2.compress(ZEROS),
    lzma.compress(ZEROS),
    tar_of({"z": tar_of({"z": ZEROS})}),
]


@pytest.mark.parametrize("bomb", BOMBS, ids=["tar", "zip", "before", "gz", "bz2", "xz", "nested"])
def test_a_bomb_is_stopped_at_the_bound(cache: Cache, bomb: bytes) -> None:
    pattern = "z!z" if bomb is BOMBS[-1] else "z"
    with pytest.raises(ContractError, match=r"expected a .* archive at the archive, got"):
        find(cache, bomb, pattern, max_bytes=100_000)
    assert list(cache.folder.glob("tmp*")) == []


def test_what_is_too_much_is_said(cache: Cache) -> None:
    with pytest.raises(ContractError, match="more than 100000 bytes when it is unpacked"):
        find(cache, BOMBS[1], "z", max_bytes=100_000)


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "top/../../evil.txt", "top\\..\\evil.txt"])
@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_a_path_that_leads_out_is_refused(cache: Cache, pack: object, name: str) -> None:
    with pytest.raises(ContractError, match="which is no plain file inside of it"):
        find(cache, pack({name: b"x"}), "*evil.txt")  # type: ignore[operator]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_link_or_a_device_is_refused(cache: Cache, kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(ContractError, match="'link', which is no plain file"):
        find(cache, out.getvalue(), "link")


@pytest.mark.parametrize("archive", PACKED, ids=["tar", "gz", "bz2", "xz", "zip"])
def test_an_archive_that_was_cut_is_named(cache: Cache, archive: bytes) -> None:
    cut = archive[: len(archive) // 2] if archive is not PACKED[0] else archive[:700]
    with pytest.raises(ContractError, match=r"the archive"):
        find(cache, cut, "data/*")


@pytest.mark.parametrize(
    "garbage", [b"", b"hello", b"PK\x03\x04 no", b"\x1f\x8b no", b"BZh no", b"\xfd7zXZ\0 no", bytes(99)]
)
def test_what_is_no_archive_is_named(cache: Cache, garbage: bytes) -> None:
    with pytest.raises(ContractError, match=r"the archive"):
        find(cache, garbage, "*")


def test_a_zip_that_lies_about_sizes_is_stopped_or_named(cache: Cache) -> None:
    honest = zip_of({"z": ZEROS})
    lying = honest.replace(len(ZEROS).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    with pytest.raises(ContractError, match="the archive"):
        find(cache, lying, "z", max_bytes=100_000)
