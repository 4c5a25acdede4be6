"""Two recipes on the same rows, or two days of a dataset, side by side: what each keeps, what each drops, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from penstock.params import Params
from penstock.process import audit
from penstock.report.histogram import Histogram, histogram, quantiles
from penstock.report.profile import CHARACTERS
from penstock.report.reasons import Example, Reason, example_of
from penstock.report.shown import show_line
from penstock.report.trial import StepRun

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.report.trial import Tried

EXAMPLES = 4
MAX_KEYS = 1_000_000
"""Kept rows of a side whose keys are held; of more, the share that a hash chooses, the same on both sides."""


class Side(Params):
    """One of the two: its name, what made it, and its rows."""

    name: str
    dataset: str
    run_key: str
    recipe_hash: str = ""
    settings: tuple[str, ...] = ()
    rows_in: int
    rows_out: int
    dropped: int
    quarantined: int
    seconds: float | None = None


class Pair(Params):
    """A count of both sides, of the rows that left at a step (``reason`` empty) or for one reason."""

    step: str
    reason: str = ""
    rows: tuple[int, int]
    shares: tuple[float, float]


class Metric(Params):
    """A number of the kept rows of both sides: its 5 %, 50 % and 95 % quantiles, over the same bins."""

    name: str
    quantiles: tuple[tuple[float, ...], tuple[float, ...]]
    first: Histogram | None = None
    second: Histogram | None = None


class Overlap(Params):
    """Kept rows of both sides by what makes them the same: ``document`` (one id) or ``text`` (one text).

    ``is_estimate`` says that the counts were made of a share of the rows.
    """

    by: Literal["document", "text"]
    both: int
    only_first: int
    only_second: int
    is_estimate: bool = False
    first_examples: tuple[Example, ...] = ()
    second_examples: tuple[Example, ...] = ()

    @property
    def agreement(self) -> float:
        """Return which share of all rows that either side keeps both keep (Jaccard)."""
        total = self.both + self.only_first + self.only_second
        return self.both / total if total else 1.0


class Comparison(Params):
    """Two sides, and every number of the two beside each other."""

    kind: Literal["recipes", "days"]
    first: Side
    second: Side
    steps: tuple[Pair, ...] = ()
    reasons: tuple[Pair, ...] = ()
    metrics: tuple[Metric, ...] = ()
    overlap: Overlap
    notes: tuple[str, ...] = ()


@dataclass
class Observed:
    """What was seen of one side: ``kept`` maps keys to nothing but their being there, ``sample`` is of kept rows."""

    side: Side
    reasons: tuple[Reason, ...]
    steps: Mapping[str, int]
    numbers: Mapping[str, tuple[float, ...]]
    kept: set[int]
    one_of: int = 1
    sample: list[dict[str, Any]] = field(default_factory=list)
    text_column: str = "text"


def compare_trials(first: Tried, second: Tried, names: tuple[str, str], text_column: str) -> Comparison:
    """Compare two recipes that were tried on the same rows."""
    sides = [_observed(tried, name, text_column) for tried, name in zip((first, second), names, strict=True)]
    overlap = _overlap_of_trials(first, second, text_column)
    notes = dict.fromkeys([*first.trial.notes, *second.trial.notes, *_skipped(first, second)])
    return _comparison("recipes", sides[0], sides[1], overlap, tuple(notes))


def compare_days(first: Observed, second: Observed, *, by: Literal["document", "text"]) -> Comparison:
    """Compare two published days."""
    factor = max(first.one_of, second.one_of)
    a = {key for key in first.kept if key % factor == 0}
    b = {key for key in second.kept if key % factor == 0}
    overlap = Overlap(
        by=by,
        both=len(a & b) * factor,
        only_first=len(a - b) * factor,
        only_second=len(b - a) * factor,
        is_estimate=factor > 1,
        first_examples=tuple(_strangers(first, b, by, factor)),
        second_examples=tuple(_strangers(second, a, by, factor)),
    )
    return _comparison("days", first, second, overlap, ())


def keys_of(rows: pa.Table, column: str) -> list[int]:
    """Return a number for each row that is the same for the same value of ``column``; nulls are left out."""
    return [key_of(value) for value in rows[column].to_pylist() if value is not None]


def key_of(value: object) -> int:
    """Return 63 bits of the hash of a value."""
    digest = hashlib.blake2b(str(value).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def _observed(tried: Tried, name: str, text_column: str) -> Observed:
    import pyarrow.compute as pc

    trial = tried.trial
    kept = tried.rows.filter(pc.is_null(tried.rows[audit.STEP]))
    side = Side(
        name=name,
        dataset=trial.dataset,
        run_key=trial.run_key,
        recipe_hash=trial.recipe_hash,
        settings=trial.settings,
        rows_in=trial.rows_in,
        rows_out=trial.rows_out,
        dropped=trial.dropped,
        quarantined=trial.failed,
        seconds=trial.seconds - trial.load_seconds,
    )
    steps = {step.step: step.dropped + step.failed for step in trial.steps}
    return Observed(side, trial.reasons, steps, numbers_of(kept, text_column), set(), text_column=text_column)


def numbers_of(rows: pa.Table, text_column: str) -> dict[str, tuple[float, ...]]:
    """Return the finite values of every column of numbers, and of the characters of the text, each in order."""
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    from penstock.report.profile import sorted_values

    if text_column in rows.column_names and kinds.is_string(rows[text_column].type):
        rows = rows.append_column(CHARACTERS, pc.fill_null(pc.utf8_length(rows[text_column]), 0))
    names = [
        f.name
        for f in rows.schema
        if (kinds.is_integer(f.type) or kinds.is_floating(f.type)) and f.name not in audit.COLUMNS
    ]
    return {name: sorted_values(rows, name) for name in sorted(names, key=lambda name: name != CHARACTERS)}


def _overlap_of_trials(first: Tried, second: Tried, text_column: str) -> Overlap:
    """Compare what both kept of the same rows; a row that one alone keeps says why the other dropped it."""
    fates = [_fates(tried.rows) for tried in (first, second)]
    ids = list(fates[0])
    kept = [{i for i in ids if fate.get(i) is None} for fate in fates]
    rows = {str(row["doc_id"]): row for row in first.rows.select(_shown(first.rows)).to_pylist()}
    only = [kept[0] - kept[1], kept[1] - kept[0]]
    examples = []
    for mine, other in ((only[0], fates[1]), (only[1], fates[0])):
        chosen = [i for i in ids if i in mine][:EXAMPLES]
        examples.append(tuple(_with_why(example_of(rows[i], text_column), other.get(i)) for i in chosen))
    return Overlap(
        by="document",
        both=len(kept[0] & kept[1]),
        only_first=len(only[0]),
        only_second=len(only[1]),
        first_examples=examples[0],
        second_examples=examples[1],
    )


def _fates(rows: pa.Table) -> dict[str, str | None]:
    """Return why each document left, by id; ``None`` for one that stays."""
    columns = (rows["doc_id"], rows[audit.STEP], rows[audit.REASON])
    found: dict[str, str | None] = {}
    for doc_id, step, reason in zip(*(column.to_pylist() for column in columns), strict=True):
        found[str(doc_id)] = None if step is None else f"{step}: {reason}"
    return found


def _shown(rows: pa.Table) -> list[str]:
    import pyarrow.types as kinds

    return [f.name for f in rows.schema if not kinds.is_nested(f.type) and f.name not in audit.COLUMNS]


def _with_why(example: Example, why: str | None) -> Example:
    return example.model_copy(
        update={"detail": f"dropped by the other: {show_line(why, 100)}" if why else ""}
    )


def _strangers(
    observed: Observed, others: set[int], by: Literal["document", "text"], factor: int
) -> Iterable[Example]:
    column = observed.text_column if by == "text" else "doc_id"
    keyed = ((row, key_of(row.get(column))) for row in observed.sample if row.get(column) is not None)
    chosen = [row for row, key in keyed if key % factor == 0 and key not in others]
    return [example_of(row, observed.text_column) for row in chosen[:EXAMPLES]]


def _comparison(
    kind: Literal["recipes", "days"],
    first: Observed,
    second: Observed,
    overlap: Overlap,
    notes: tuple[str, ...],
) -> Comparison:
    a, b = first.side.rows_in, second.side.rows_in
    steps = dict.fromkeys([*first.steps, *second.steps])
    reasons = {(r.step, r.reason): r.rows for r in first.reasons}
    others = {(r.step, r.reason): r.rows for r in second.reasons}
    return Comparison(
        kind=kind,
        first=first.side,
        second=second.side,
        steps=tuple(_pair(s, "", first.steps.get(s, 0), second.steps.get(s, 0), a, b) for s in steps),
        reasons=tuple(
            _pair(step, reason, reasons.get((step, reason), 0), others.get((step, reason), 0), a, b)
            for step, reason in dict.fromkeys([*reasons, *others])
        ),
        metrics=tuple(_metrics(first, second)),
        overlap=overlap,
        notes=notes,
    )


def _pair(step: str, reason: str, first: int, second: int, a: int, b: int) -> Pair:
    shares = (first / a if a else 0.0, second / b if b else 0.0)
    return Pair(step=step, reason=reason, rows=(first, second), shares=shares)


def _metrics(first: Observed, second: Observed) -> Iterable[Metric]:
    for name in dict.fromkeys([*first.numbers, *second.numbers]):
        a, b = first.numbers.get(name, ()), second.numbers.get(name, ())
        if not a and not b:
            continue
        together = histogram(
            name, sorted([*a, *b]), title="characters of a text" if name == CHARACTERS else name
        )
        drawn = [together.refill(values) for values in (a, b)] if together else [None, None]
        found = tuple(tuple(quantiles(values)) if values else () for values in (a, b))
        yield Metric(name=name, quantiles=(found[0], found[1]), first=drawn[0], second=drawn[1])


def _skipped(*trials: Tried) -> Iterable[str]:
    runs: list[StepRun] = [step for tried in trials for step in tried.trial.steps if step.skipped]
    return dict.fromkeys(f"{run.step} was skipped: {run.skipped}" for run in runs)
