"""Find attempts in the lake that nothing names any more, and remove them.

An attempt is kept while a manifest mentions it, while it runs, while it is the evidence of a run's newest failed gate,
and while it is younger than the age that was asked for (a reader may still be in it). Published data that is newer than
the manifest of its run is kept too: a run that was killed between its commits may have pointed a table to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from penstock.errors import CorruptionError
from penstock.lake import Lake
from penstock.manifest import Manifest, Zone
from penstock.params import Params

if TYPE_CHECKING:
    from penstock.ledger import Ledger

_ATTEMPT = "attempt="
_ATTEMPT_ID = re.compile(r"attempt=([^/\"\\]+)")
_ALL_RUNS = 100_000


class Stray(Params):
    """An attempt, or a draft of a manifest, that nothing names: its path from the lake's root and its size."""

    path: str
    files: int
    bytes: int
    newest: datetime | None


class Cleaning(Params):
    """What may go, what stays for now because it is too young, and the runs that could not be judged."""

    strays: tuple[Stray, ...]
    young: int
    problems: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Bytes of all that may go."""
        return sum(stray.bytes for stray in self.strays)


def find_strays(
    lake: Lake, ledger: Ledger | None, *, older_than: timedelta, now: datetime | None = None
) -> Cleaning:
    """Return what may be removed from ``lake``.

    A run whose manifest is damaged is left alone: which attempt it named cannot be known.
    """
    before = (now or datetime.now(UTC)) - older_than
    used = _still_used(ledger)
    strays: list[Stray] = []
    problems: list[str] = []
    young = 0
    for dataset, run_key, paths in _runs(lake):
        try:
            manifests = _manifests_of(lake, dataset, run_key)
        except CorruptionError as error:
            problems.append(str(error))
            continue
        keep = used | {attempt for manifest in manifests for attempt in _mentioned(manifest)}
        published = [m.finished_at for m in manifests if m.zone == Zone.PUBLISHED]
        for path in paths:
            if _attempt_of(path) in keep:
                continue
            stray = _weigh(lake, path)
            settled = min([before, *published] if path.startswith(Zone.PUBLISHED) else [before])
            if stray.newest is None or stray.newest > settled or _may_be_in_a_table(path, published):
                young += 1
            else:
                strays.append(stray)
    return Cleaning(strays=tuple(strays), young=young, problems=tuple(problems))


def _attempt_of(path: str) -> str | None:
    """Return the id of the attempt that a path belongs to; a table's files lie in ``attempt=<id>-data``."""
    found = _ATTEMPT_ID.search(path)
    return found[1].removesuffix("-data") if found else None


def _mentioned(manifest: Manifest) -> set[str]:
    """Return every attempt that a manifest speaks of: its own, those of its files, those that its tables point to."""
    text = manifest.model_dump_json()
    return {manifest.attempt, *(name.removesuffix("-data") for name in _ATTEMPT_ID.findall(text))}


def _may_be_in_a_table(path: str, published: list[datetime]) -> bool:
    return not published and path.startswith(Zone.PUBLISHED) and path.endswith("-data")


def _still_used(ledger: Ledger | None) -> set[str]:
    """Return the attempts that run, and those that are the evidence of a run's newest verdict."""
    if ledger is None:
        return set()
    from penstock.ledger import views

    days = views.days(ledger, limit=_ALL_RUNS)
    runs = [run for cell in views.grid(ledger, run_keys=days) for run in cell.stages]
    newest: dict[tuple[str, str], str] = {}
    for verdict in views.verdicts(ledger, limit=_ALL_RUNS):
        newest.setdefault((verdict.dataset, verdict.run_key), verdict.attempt)
    return {run.attempt for run in runs if run.state == "running"} | set(newest.values())


def _runs(lake: Lake) -> Iterator[tuple[str, str, list[str]]]:
    """Yield every run that has attempts or drafts in any zone: dataset, run key and their paths."""
    found: dict[tuple[str, str], list[str]] = {}
    for zone in Zone:
        for pattern in (f"{_ATTEMPT}*", "manifest.json.*.tmp"):
            for full in lake.fs.glob(lake.full(f"{zone}/*/*/{pattern}")):
                path = full.removeprefix(f"{lake.root}/")
                _, dataset, run_key, _ = path.split("/")
                found.setdefault((dataset, run_key), []).append(path)
    for (dataset, run_key), paths in sorted(found.items()):
        yield dataset, run_key, sorted(paths)


def _manifests_of(lake: Lake, dataset: str, run_key: str) -> list[Manifest]:
    found = [lake.find_manifest(zone, dataset, run_key) for zone in Zone]
    return [manifest for manifest in found if manifest is not None]


def _weigh(lake: Lake, path: str) -> Stray:
    full = lake.full(path)
    files = [name for name in lake.fs.find(full) if not lake.fs.isdir(name)] or [full]
    size = sum(lake.fs.size(name) or 0 for name in files if not lake.fs.isdir(name))
    times = [_modified(lake, name) for name in files]
    newest = max((time for time in times if time is not None), default=None)
    return Stray(path=path, files=len(files), bytes=size, newest=newest)


def _modified(lake: Lake, full: str) -> datetime | None:
    try:
        modified: datetime = lake.fs.modified(full)
    except (NotImplementedError, FileNotFoundError):
        return datetime.now(UTC)
    return modified if modified.tzinfo else modified.replace(tzinfo=UTC)
