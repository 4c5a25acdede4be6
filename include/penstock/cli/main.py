"""The command ``penstock``: its sub-commands, and how errors leave it.

Exit codes: 0 fine; 1 problems were found (they are printed); 2 wrong use, or an error of ours, as one clear line.
Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from penstock.cli import (
    card,
    compare,
    dataset,
    demo,
    doctor,
    index,
    lake,
    ledger,
    pii,
    quality,
    recipe,
    services,
    trial,
    why,
)
from penstock.errors import PenstockError

INTERRUPTED = 130


class Guarded(TyperGroup):
    """A group whose commands end with one clear line instead of a traceback (``--debug`` shows it)."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PenstockError as error:
            text = str(error)
            failure: Exception = error
        except KeyboardInterrupt:
            typer.echo("penstock: interrupted; run the command again to go on", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader (head, less) has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except (
            OSError,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            ImportError,
            RuntimeError,
        ) as error:
            if type(error).__module__.startswith("typer"):
                raise
            text = f"unexpected {type(error).__name__}: {error} (penstock --debug ... shows where)"
            failure = error
        if ctx.params.get("debug"):
            raise failure
        typer.echo(f"penstock: {text}", err=True)
        raise typer.Exit(2) from failure


app = typer.Typer(
    name="penstock",
    cls=Guarded,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(ledger.app, name="ledger")
app.add_typer(recipe.app, name="recipe")
app.add_typer(lake.app, name="lake")
app.add_typer(pii.app, name="pii")
app.add_typer(quality.app, name="quality")
app.add_typer(index.app, name="index")
app.command("doctor")(doctor.doctor)
app.command("why")(why.why)
app.command("card")(card.card)
app.command("compare")(compare.compare)
app.command("try")(trial.try_recipe)
app.command("demo")(demo.demo)
app.command("new-dataset")(dataset.new_dataset)
app.command("up")(services.up)
app.command("down")(services.down)
app.command("status")(services.status)
app.command("logs")(services.logs)


def _print_version(wanted: bool) -> None:
    if wanted:
        from penstock.version import code_version

        typer.echo(code_version())
        raise typer.Exit


@app.callback()
def penstock(
    *,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="PENSTOCK_DEBUG", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    r"""Penstock feeds large models: ingest, transfer, process, validate, store.

    \b
    Start with:  penstock doctor
                 penstock demo
                 penstock why DOC_ID
    """
