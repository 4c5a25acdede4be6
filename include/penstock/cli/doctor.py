"""``penstock doctor``: what is missing on this machine, and how to get it."""

from __future__ import annotations

import typer

from penstock.cli.output import JsonFlag, console, print_json, table_of
from penstock.locations import locate


def doctor(*, as_json: JsonFlag = False) -> None:
    r"""Look at this machine: what is there, what is missing and how to get it (exit code 1 when something is missing).

    \b
    Example:  penstock doctor
              penstock doctor --json
    """
    from penstock.cli.checks import run_checks

    checks = run_checks(locate())
    if as_json:
        print_json(checks)
    else:
        rows = [(check.state, check.name, check.found, check.todo) for check in checks]
        console().print(table_of("", ("state", "what", "found", "to do"), rows))
    if any(check.state == "missing" for check in checks):
        raise typer.Exit(1)
