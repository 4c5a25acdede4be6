"""``penstock up``, ``down``, ``status`` and ``logs``: the services of this machine (see `penstock.services.stack`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.output import JsonFlag, print_json
from penstock.locations import locate

if TYPE_CHECKING:
    from penstock.services.environment import Places


def up(
    *,
    port: Annotated[int | None, typer.Option(help="Port of the web page (default 8080).")] = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Start Airflow and the warm Spark server, and wait until all of it is healthy.

    \b
    Example:  penstock up --port 8081
    """
    from penstock.services import stack

    url = stack.up(port, places=_places(), say=_say(quiet=as_json))
    if as_json:
        print_json({"url": url})


def down(*, as_json: JsonFlag = False) -> None:
    r"""Stop everything that was started here; nothing stays behind.

    \b
    Example:  penstock down
    """
    from penstock.services import stack

    strays = stack.down(places=_places(), say=_say(quiet=as_json))
    if as_json:
        print_json({"ended_by_hand": strays})


def status(*, as_json: JsonFlag = False) -> None:
    r"""Say which services run and whether they are well (exit code 1 when they are not).

    \b
    Example:  penstock status --json
    """
    from penstock.services import stack

    found = stack.status(places=_places())
    if as_json:
        print_json({**asdict(found), "healthy": found.is_healthy})
    else:
        typer.echo(stack.render_status(found))
    if not found.is_healthy:
        raise typer.Exit(1)


def logs(
    service: Annotated[str | None, typer.Argument(help="scheduler, spark ... (default: all).")] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    r"""Follow the logs of one service or of all, until interrupted; with --json only say where they lie.

    \b
    Example:  penstock logs scheduler
    """
    from penstock.services import stack

    if as_json:
        print_json([str(path) for path in stack.find_logs(_places(), service)])
        return
    stack.logs(service, places=_places())


def _places() -> Places:
    from penstock.services.environment import Places

    locations = locate()
    return Places(locations.root, locations.home)


def _say(*, quiet: bool) -> Callable[[str], None]:
    return (lambda line: typer.echo(line, err=True)) if quiet else typer.echo
