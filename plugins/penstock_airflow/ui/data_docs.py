"""Serve the Data Docs of a run out of the lake, and nothing else out of it."""

from __future__ import annotations

import mimetypes
import posixpath
from pathlib import Path

from fastapi import HTTPException, Response, status
from fsspec.implementations.local import LocalFileSystem

from penstock.lake import Lake

# The documents hold text that came from outside. In a sandbox without an origin of its own, a script that slipped in
# cannot use the reader's Airflow session. https: are the stylesheets and scripts that Great Expectations links.
HEADERS = {
    "Content-Security-Policy": (
        "sandbox allow-scripts allow-popups; default-src 'self' https: data: 'unsafe-inline'; "
        "connect-src 'none'; form-action 'none'; frame-src 'none'; object-src 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
_INDEX = "index.html"


def entry_page(docs_uri: str) -> str:
    """Return the page, relative to `site_of`, that a person should see first."""
    site = site_of(docs_uri)
    return docs_uri.removeprefix(site).lstrip("/") or _INDEX


def site_of(docs_uri: str) -> str:
    """Return the folder of a Data Docs site, given that folder or any page in it."""
    if not docs_uri.endswith(".html"):
        return docs_uri.rstrip("/")
    site, found, _ = docs_uri.partition("/validations/")
    return site if found else docs_uri.rpartition("/")[0]


def read(lake: Lake, docs_uri: str, path: str) -> Response:
    """Return one file of the site that ``docs_uri`` names.

    Raises:
        HTTPException: 404 when ``path`` leaves the site, the site is not in the lake, or the file is not there.
    """
    site = _in_lake(lake, site_of(docs_uri))
    full = posixpath.normpath(posixpath.join(site, path or _INDEX))
    if not _is_below(full, site) or "\0" in path or "\\" in path or not _stays(lake, full, site):
        raise _not_found(path)
    try:
        content = lake.fs.cat_file(full)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise _not_found(path) from error
    kind = mimetypes.guess_type(full)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers=HEADERS)


def _in_lake(lake: Lake, uri: str) -> str:
    """Return the site's path for the lake's filesystem; what lies elsewhere is refused."""
    path = uri.removeprefix(lake.uri + "/")
    plain = path.removeprefix("file://")
    full = posixpath.normpath(plain if plain.startswith(lake.root) else lake.full(plain))
    if "://" in plain or (plain.startswith("/") and not plain.startswith(lake.root + "/")):
        raise _not_found(uri)
    if not _is_below(full, lake.root):
        raise _not_found(uri)
    return full


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _stays(lake: Lake, full: str, site: str) -> bool:
    """Return whether a local path is below ``site`` also once symbolic links are followed."""
    if not isinstance(lake.fs, LocalFileSystem):
        return True
    return Path(full).resolve().is_relative_to(Path(site).resolve())


def _not_found(path: str) -> HTTPException:
    detail = f"Data Docs: expected a page of this run's report, found none at {path!r}; open it from the run's panel"
    return HTTPException(status.HTTP_404_NOT_FOUND, detail)
