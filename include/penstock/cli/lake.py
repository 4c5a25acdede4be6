"""``penstock lake``: what lies in the lake, whether it is intact, and what may go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.output import JsonFlag, console, human_bytes, human_count, print_json, table_of
from penstock.cli.places import open_ledger
from penstock.days import parse_run_key
from penstock.errors import CorruptionError, PenstockError
from penstock.locations import locate

if TYPE_CHECKING:
    from penstock.lake import Lake
    from penstock.manifest import Manifest

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What lies in the lake: list, verify, clean up."
)

Dataset = Annotated[str | None, typer.Argument(help="Only this dataset.")]
RunKey = Annotated[str | None, typer.Argument(help="Only this day (YYYY-MM-DD).")]
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw]?)")
_UNITS = {"": "days", "s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@app.command("ls")
def list_lake(dataset: Dataset = None, run_key: RunKey = None, *, as_json: JsonFlag = False) -> None:
    r"""List what is published: zones of each dataset, or the files of one run.

    \b
    Example:  penstock lake ls
              penstock lake ls opinion_text 2026-11-16
    """
    lake = locate().lake()
    found = [
        manifest for manifest in _manifests(lake, dataset, run_key) if isinstance(manifest, _manifest_class())
    ]
    if run_key is not None:
        files = [(manifest, entry) for manifest in found for entry in manifest.files]
        if as_json:
            print_json([{**entry.model_dump(), "attempt": manifest.attempt} for manifest, entry in files])
            return
        rows = [(entry.path, human_count(entry.rows), human_bytes(entry.bytes)) for _, entry in files]
        console().print(table_of(lake.uri, ("file", "rows", "size"), rows, right=["rows", "size"]))
        return
    summary = _by_zone(found)
    if as_json:
        print_json(summary)
        return
    columns = ("dataset", "zone", "days", "from", "to", "files", "rows", "size")
    lines = [
        (
            s["dataset"],
            s["zone"],
            s["days"],
            s["from"],
            s["to"],
            s["files"],
            human_count(_int(s["rows"])),
            human_bytes(_int(s["bytes"])),
        )
        for s in summary
    ]
    console().print(table_of(lake.uri, columns, lines, right=("days", "files", "rows", "size")))


@app.command()
def verify(dataset: Dataset = None, run_key: RunKey = None, *, as_json: JsonFlag = False) -> None:
    r"""Read every published file and compare its size and sha256 (exit code 1 when one differs).

    \b
    Example:  penstock lake verify opinion_text 2026-11-16
    """
    lake = locate().lake()
    results: list[dict[str, object]] = []
    for manifest in _manifests(lake, dataset, run_key):
        if isinstance(manifest, CorruptionError):
            results.append({"manifest": None, "ok": False, "problem": str(manifest)})
            continue
        where = lake.manifest_path(manifest.zone, manifest.dataset, manifest.run_key)
        result: dict[str, object] = {
            "manifest": where,
            "ok": True,
            "files": len(manifest.files),
            "bytes": sum(entry.bytes for entry in manifest.files),
            "problem": None,
        }
        try:
            lake.verify(manifest)
        except CorruptionError as error:
            result |= {"ok": False, "problem": str(error)}
        results.append(result)
    bad = [result for result in results if not result["ok"]]
    if as_json:
        print_json(results)
    else:
        for result in bad:
            typer.echo(f"corrupt: {result['problem']}")
        read = human_bytes(sum(_int(r.get("bytes")) for r in results))
        typer.echo(
            f"{len(results) - len(bad)} of {len(results)} manifests intact, {read} read, {len(bad)} corrupt"
        )
    if bad:
        raise typer.Exit(1)


@app.command("gc")
def collect_garbage(
    *,
    older_than: Annotated[str, typer.Option(help="Keep what is younger: 30m, 12h, 7d, 2w.")] = "7d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: JsonFlag = False,
) -> None:
    r"""Remove attempts that no manifest names: failed, killed, or replaced by a newer one.

    Kept are running attempts and the evidence of the newest failed gate of each run.

    \b
    Example:  penstock lake gc --older-than 7d --dry-run
    """
    from penstock.cli.lake_gc import find_strays

    age = parse_age(older_than)
    locations = locate()
    lake = locations.lake()
    has_ledger = locations.ledger_file is None or locations.ledger_file.is_file()
    found = find_strays(lake, open_ledger(locations) if has_ledger else None, older_than=age)
    for stray in found.strays if not dry_run else ():
        lake.remove(stray.path)
    if as_json:
        print_json({"removed": not dry_run, "bytes": found.bytes, **found.model_dump(mode="json")})
    else:
        verb = "would remove" if dry_run else "removed"
        for stray in found.strays:
            typer.echo(f"{verb} {stray.path} ({stray.files} files, {human_bytes(stray.bytes)})")
        typer.echo(
            f"{verb} {len(found.strays)} attempts, {human_bytes(found.bytes)}; "
            f"{found.young} younger than {older_than} stay"
        )
        for problem in found.problems:
            typer.echo(f"left alone: {problem}")
    if found.problems:
        raise typer.Exit(1)


def parse_age(text: str) -> timedelta:
    """Return the duration that ``30m``, ``12h``, ``7d`` or ``2w`` names; a bare number means days.

    Raises:
        PenstockError: when it is none of these.
    """
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        message = f"--older-than: expected a number with s, m, h, d or w (7d, 12h), got {text!r}"
        raise PenstockError(message)
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


def _manifest_class() -> type[Manifest]:
    from penstock.manifest import Manifest

    return Manifest


def _manifests(lake: Lake, dataset: str | None, run_key: str | None) -> Iterator[Manifest | CorruptionError]:
    """Yield each manifest, or the error that says what is wrong with it."""
    from penstock.manifest import Zone

    if run_key is not None:
        parse_run_key(run_key)
    for zone in Zone:
        for name in [dataset] if dataset else lake.datasets(zone):
            for key in [run_key] if run_key else lake.run_keys(zone, name):
                try:
                    found = lake.find_manifest(zone, name, key)
                except CorruptionError as error:
                    yield error
                    continue
                if found is not None:
                    yield found


def _by_zone(manifests: list[Manifest]) -> list[dict[str, object]]:
    from penstock.manifest import Zone

    grouped: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in manifests:
        for zone in {manifest.zone.value, *(entry.zone for entry in manifest.files)}:
            grouped.setdefault((manifest.dataset, zone), []).append(manifest)
    order = [zone.value for zone in Zone]
    summary: list[dict[str, object]] = []
    for (dataset, zone), members in sorted(
        grouped.items(), key=lambda item: (item[0][0], order.index(item[0][1]))
    ):
        entries = [entry for manifest in members for entry in manifest.files if entry.zone == zone]
        days = sorted({manifest.run_key for manifest in members})
        rows = [entry.rows for entry in entries if entry.rows is not None]
        summary.append(
            {
                "dataset": dataset,
                "zone": zone,
                "days": len(days),
                "from": days[0],
                "to": days[-1],
                "files": len(entries),
                "rows": sum(rows),
                "bytes": sum(entry.bytes for entry in entries),
            }
        )
    return summary


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
