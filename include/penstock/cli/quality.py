"""``penstock quality``: train a quality model on your own labels."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.output import JsonFlag, console, print_json, table_of
from penstock.days import parse_run_key
from penstock.locations import locate

if TYPE_CHECKING:
    from penstock.model.flow import TrainingRun

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Quality models: train one on your labels."
)


@app.callback()
def quality() -> None:
    """Keep ``train`` a word of its own: a group of one command would swallow it."""


@app.command()
def train(
    labels: Annotated[Path, typer.Argument(help='JSON lines of {"text": ..., "label": ...} (and "lang").')],
    *,
    name: Annotated[str, typer.Option(help="What the step quality_classifier calls it.")] = "quality",
    first_day: Annotated[
        str | None, typer.Option("--from", help="The first day whose runs use it (default: today).")
    ] = None,
    held_back: Annotated[
        float, typer.Option(help="The share of the texts for the test.", min=0.01, max=0.9)
    ] = 0.2,
    bert: Annotated[bool, typer.Option("--bert", help="Sentence vectors too (English; slower).")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the numbers, publish nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    r"""Train a linear model on hashed n-grams, print what it is worth on held-back texts, publish it.

    \b
    Example:  penstock quality train labels.jsonl --name my_quality
              penstock quality train labels.jsonl --dry-run --bert
    """
    from penstock.model.spec import TrainingParams
    from penstock.process.quality import training

    run = training.train(training.read_labels(labels), TrainingParams(held_back_share=held_back), bert=bert)
    day = parse_run_key(first_day) if first_day else datetime.now(UTC).date()
    version = None
    if not dry_run:
        locations = locate()
        version = training.publish(
            run, name=name, first_day=day, lake=locations.lake(), ledger=locations.ledger(), labels=labels
        )
    if as_json:
        classes = [score.__dict__ for score in training.scores_by_class(run)]
        metrics = run.classifier.card.metrics.model_dump(mode="json")
        print_json({"name": name, "version": version, "from": day, "metrics": metrics, "classes": classes})
        return
    _print(run)
    if version:
        typer.echo(
            f"published {name} {version}: runs of {day} and later use it (kind: quality_classifier, model: {name})"
        )


def _print(run: TrainingRun) -> None:
    from penstock.process.quality.training import scores_by_class

    metrics = run.classifier.card.metrics
    rows = [
        (s.name, s.rows, s.right / s.said if s.said else None, s.right / s.rows if s.rows else None)
        for s in scores_by_class(run)
    ]
    cells = [
        (name, count, *(f"{x:.3f}" if x is not None else "" for x in shares)) for name, count, *shares in rows
    ]
    right = ("held back", "precision", "recall")
    console().print(table_of("", ("class", *right), cells, right=right))
    typer.echo(
        f"trained on {metrics.train_rows} texts; right on {metrics.held_back.accuracy:.1%} of "
        f"{metrics.held_back.rows} held back (always {run.classifier.card.majority_class}: "
        f"{metrics.held_back.majority:.1%})"
    )
