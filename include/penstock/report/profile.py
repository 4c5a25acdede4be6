"""What rows look like: volume, languages, domains, columns, and a sample, in one pass and bounded memory.

Counts, sums, least and greatest values are of all rows; distributions and estimates are of a sample.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.params import Params
from penstock.process.document import LANGUAGE_COLUMN
from penstock.report.sample import Sample
from penstock.report.shown import show_counts

if TYPE_CHECKING:
    import pyarrow as pa

URL_COLUMN, MISSING_COLUMN, MASKED_COLUMN = "url", "missing_readings", "masked"
SAMPLE_ROWS = 5_000
SAMPLE_TEXT_CHARS = 20_000
MAX_CATEGORIES, MAX_DISTINCT = 20, 50_000
NOBODY = "(none)"
_OWN = {"doc_id", "run_key", "provenance", "drop_step", "drop_reason", "drop_value", "drop_detail"}


class Counted(Params):
    """How often each value occurs, most first; ``others`` are the rows of all values that are not listed."""

    values: dict[str, int] = Field(default={})
    others: int = 0
    distinct: int = 0


class NumberColumn(Params):
    """A column of numbers: nulls and bounds of all rows, ``values`` of a sample, in order."""

    name: str
    rows: int
    nulls: int
    least: float | None = None
    greatest: float | None = None
    values: tuple[float, ...] = ()

    def quantile(self, share: float) -> float | None:
        """Return the value below which ``share`` of the sample is."""
        return self.values[min(len(self.values) - 1, int(share * len(self.values)))] if self.values else None


@dataclass
class Profile:
    """Takes rows in, table by table. ``types`` are their columns with Arrow types."""

    types: Mapping[str, Any]
    text_column: str
    seed: int = 0
    rows: int = 0
    text_bytes: int = 0
    characters: int = 0
    empty_texts: int = 0
    nulls: Counter[str] = field(default_factory=Counter)
    least: dict[str, float] = field(default_factory=dict)
    greatest: dict[str, float] = field(default_factory=dict)
    counted: dict[str, Counter[str]] = field(default_factory=dict)
    masked: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        import pyarrow.types as kinds

        self.has_text = self.text_column in self.types and kinds.is_string(self.types[self.text_column])
        own = {*_OWN, self.text_column, URL_COLUMN}
        self.numbers = [n for n, kind in self.types.items() if n not in own and _is_number(kind)]
        self.labels = [n for n, kind in self.types.items() if n not in own and kinds.is_string(kind)]
        self.lists = [n for n in (MASKED_COLUMN, MISSING_COLUMN) if n in self.types]
        self.sample = Sample(SAMPLE_ROWS, seed=self.seed)
        self._dropped_labels: set[str] = set()

    def columns(self) -> list[str]:
        """Return the columns that are looked at; vectors and other lists are not."""
        shown = [n for n, kind in self.types.items() if not _is_nested(kind)]
        return [*dict.fromkeys([*shown, *self.lists])]

    def add(self, table: pa.Table) -> None:
        """Take rows in."""
        self.rows += table.num_rows
        if self.has_text:
            table = self._measure_text(table)
        for name in table.column_names:
            self.nulls[name] += table[name].null_count
        for name in self.numbers:
            self._bounds(name, table)
        for name in self.labels:
            self._count(name, table)
        if URL_COLUMN in table.column_names:
            self._count_values(URL_COLUMN, domains_of(table[URL_COLUMN]))
        for pairs in table[MASKED_COLUMN].to_pylist() if MASKED_COLUMN in table.column_names else ():
            self.masked.update(dict(pairs or ()))
        for names in table[MISSING_COLUMN].to_pylist() if MISSING_COLUMN in table.column_names else ():
            self.missing.update(names or ())
        self.sample.add(table.drop_columns([n for n in self.lists if n in table.column_names]))

    def _measure_text(self, table: pa.Table) -> pa.Table:
        """Measure the texts, and cut those that the sample would hold."""
        import pyarrow.compute as pc

        text = table[self.text_column]
        chars = pc.fill_null(pc.utf8_length(text), 0)
        self.text_bytes += pc.sum(pc.binary_length(text)).as_py() or 0
        self.characters += pc.sum(chars).as_py() or 0
        self.empty_texts += pc.sum(pc.equal(chars, 0)).as_py() or 0
        cut = pc.utf8_slice_codeunits(text, 0, SAMPLE_TEXT_CHARS)
        place = table.schema.get_field_index(self.text_column)
        return table.set_column(place, self.text_column, cut).append_column(CHARACTERS, chars)

    def _bounds(self, name: str, table: pa.Table) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        column = pc.cast(table[name], pa.float64(), safe=False)
        found = pc.min_max(column.filter(pc.fill_null(pc.is_finite(column), False))).as_py()
        if found["min"] is not None:
            self.least[name] = min(self.least.get(name, math.inf), found["min"])
            self.greatest[name] = max(self.greatest.get(name, -math.inf), found["max"])

    def _count(self, name: str, table: pa.Table) -> None:
        """Count the values of a column until it turns out not to be one of categories; languages always."""
        if name in self._dropped_labels:
            return
        self._count_values(name, table[name])
        if len(self.counted[name]) > MAX_CATEGORIES and name != LANGUAGE_COLUMN:
            self._dropped_labels.add(name)
            del self.counted[name]

    def _count_values(self, name: str, column: pa.ChunkedArray | pa.Array) -> None:
        counter = self.counted.setdefault(name, Counter())
        for pair in column.value_counts().to_pylist():
            counter[NOBODY if pair["values"] is None else str(pair["values"])[:200]] += pair["counts"]
        if (
            len(counter) > MAX_DISTINCT
        ):  # the tail cannot be counted in bounded memory: the most frequent stay
            self.counted[name] = Counter(dict(counter.most_common(MAX_DISTINCT // 2)))

    def most(self, name: str, count: int) -> Counted | None:
        """Return the most frequent values of a column, or ``None`` when it was not counted."""
        if not self.counted.get(name):
            return None
        found = self.counted[name]
        listed = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:count]
        others = sum(found.values()) - sum(rows for _, rows in listed)
        return Counted(values=show_counts(dict(listed)), others=others, distinct=len(found))

    def categories(self) -> dict[str, Counted]:
        """Return the columns of few different words, without the language."""
        names = [name for name in self.labels if name in self.counted and name != LANGUAGE_COLUMN]
        found = {name: self.most(name, MAX_CATEGORIES) for name in names}
        return {
            n: c for n, c in found.items() if c and set(c.values) != {NOBODY} and self.rows > len(c.values)
        }

    def number_columns(self, sample: pa.Table | None) -> tuple[NumberColumn, ...]:
        """Return the columns of numbers, with the characters of the text first."""
        names = [*([CHARACTERS] if self.has_text else []), *self.numbers]
        made = []
        for name in names:
            values = sorted_values(sample, name)
            least, greatest = self.least.get(name), self.greatest.get(name)
            if name == CHARACTERS and values:
                least, greatest = values[0], values[-1]
            nulls = self.nulls[name]
            made.append(
                NumberColumn(
                    name=name, rows=self.rows, nulls=nulls, least=least, greatest=greatest, values=values
                )
            )
        return tuple(made)


CHARACTERS = "characters"


def sorted_values(sample: pa.Table | None, name: str) -> tuple[float, ...]:
    """Return the finite values of a column of numbers, in order."""
    if sample is None or name not in sample.column_names:
        return ()
    found = [float(v) for v in sample[name].to_pylist() if v is not None and math.isfinite(v)]
    return tuple(sorted(found))


def domains_of(urls: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the host of each address in small letters, without ``www.``; null where there is none."""
    import pyarrow.compute as pc

    found = pc.extract_regex(urls, r"^[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/?#@]*@)?(?P<host>[^/?#:]+)")
    hosts = pc.utf8_lower(pc.struct_field(found, "host"))
    return pc.replace_substring_regex(hosts, r"^www\.", "")


def _is_number(kind: Any) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_integer(kind) or kinds.is_floating(kind))


def _is_nested(kind: Any) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_nested(kind) or kinds.is_binary(kind) or kinds.is_large_binary(kind))
