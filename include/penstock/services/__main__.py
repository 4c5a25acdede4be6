"""``python -m penstock.services up|down|status|logs``: what the Makefile calls."""

from __future__ import annotations

import argparse
import sys

from penstock.errors import PenstockError
from penstock.services import stack


def main(arguments: list[str] | None = None) -> int:
    """Do one thing to the stack; the exit code says whether it is well."""
    options = _parse(arguments)
    try:
        return _run(options)
    except PenstockError as error:
        sys.stderr.write(f"{error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; `make up` goes on from here, `make down` stops what runs\n")
    return 1


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m penstock.services", description="Airflow and Spark on this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up").add_argument("--port", type=int, help="of the web page (default 8080)")
    commands.add_parser("down")
    commands.add_parser("status")
    commands.add_parser("logs").add_argument("component", nargs="?")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> int:
    if options.command == "up":
        stack.up(options.port)
    elif options.command == "down":
        stack.down()
    elif options.command == "logs":
        stack.logs(options.component)
    else:
        found = stack.status()
        sys.stdout.write(f"{stack.render_status(found)}\n")
        return 0 if found.is_healthy else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
