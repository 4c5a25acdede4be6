"""Rules as rows of numbers, and their run over many texts in one buffer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from penstock.text.kernel import codes
from penstock.text.kernel.api import Tokeniser, tokeniser
from penstock.text.kernel.chain import ALL_DONE, NEEDS_TABLE, NEEDS_TEXT, NEEDS_WORDS, run_rules
from penstock.text.kernel.compiled import Bytes
from penstock.text.kernel.hashing import polynomial
from penstock.text.kernel.layout import PLACES

Array = np.ndarray[Any, Any]
FIRST_SLOTS = 1 << 14
KEPT_SLOTS = 1 << 20
MIN_STRING_SLOTS = 32
DECIDED_BY_METRICS = {
    codes.REPETITION: (codes.TOP, codes.WORD_COUNT),  # a limit says which n-grams are counted
    codes.QUALITY: (0, 0),
    codes.FINEWEB: (codes.SHORT_CHARS, codes.SHORT_CHARS + 1),
}
"""The rules that need no more than metrics, and which of their limits a metric depends on (from, to)."""


@dataclass(frozen=True)
class Rule:
    """One rule: its kind and limits (`penstock.text.kernel.codes`); a limit that is not given is none.

    ``decides`` lets documents leave; ``exhaustive`` computes all metrics, also behind the one that decides.
    ``strings`` are the stop words of the quality rule, or the ends of lines that FineWeb's rule takes for marks.
    """

    kind: int
    limits: Mapping[int, float]
    decides: bool = True
    exhaustive: bool = False
    strings: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Outcome:
    """What the rules found.

    ``step`` is the rule that let a document leave, -1 where none did, ``reason`` its code and ``value`` the measured
    number. ``metrics[document, rule]`` is a row of metrics, NaN where one was not computed. Changed texts are
    ``text[new_starts[i] : new_stops[i]]``; ``new_starts[i]`` is -1 where the text is as it was.
    """

    step: Array
    reason: Array
    value: Array
    metrics: Array
    text: Bytes
    new_starts: Array
    new_stops: Array


class Program:
    """Rules, ready to run in this process."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.known: Tokeniser = tokeniser()
        count = len(self.rules)
        self.kinds = np.array([rule.kind for rule in self.rules], dtype=np.int64)
        self.limits = np.full((count, codes.PARAMETERS), np.nan)
        for row, rule in zip(self.limits, self.rules, strict=True):
            row[list(rule.limits)] = list(rule.limits.values())
        self.decides = np.array([rule.decides for rule in self.rules], dtype=np.bool_)
        self.exhaustive = np.array([rule.exhaustive for rule in self.rules], dtype=np.bool_)
        self.taken_by = self._taken_by()
        self.strings = self._strings()
        self.keys, self.places = np.empty(FIRST_SLOTS, np.uint64), np.empty(FIRST_SLOTS, PLACES)

    def run(self, data: Bytes, starts: Array, stops: Array, alive: Array) -> Outcome:
        """Run the rules over the texts ``data[starts[i] : stops[i]]`` that are alive; the data must be UTF-8."""
        texts, count = len(starts), len(self.rules)
        step, reason = np.full(texts, -1, dtype=np.int64), np.zeros(texts, dtype=np.int64)
        metrics = np.full((texts, count, codes.METRICS), np.nan)
        new_starts, new_stops = np.full(texts, -1, dtype=np.int64), np.zeros(texts, dtype=np.int64)
        changing = sum(rule.kind == codes.C4 for rule in self.rules)
        size = int((stops - starts).sum()) + texts + 1
        out = np.empty(changing * size + 1, dtype=np.uint8)
        self._shrink()
        document, needs, end = 0, NEEDS_WORDS, 0
        while needs != ALL_DONE:
            document, needs, end = run_rules(
                self.known.rules, self.known.memo, self.known.words, self.keys, self.places, self.kinds, self.limits,
                self.decides, self.exhaustive, self.taken_by, self.strings, data, starts, stops, alive, document,
                out, end, new_starts, new_stops, step, reason, metrics,
            )  # fmt: skip
            out = self._grow(needs, out, end)
        return Outcome(step, reason, _values(step, reason, metrics), metrics, out, new_starts, new_stops)

    def _grow(self, needs: int, out: Bytes, end: int) -> Bytes:
        if needs == NEEDS_WORDS:
            self.known.grow()
        elif needs == NEEDS_TABLE:
            size = 2 * len(self.keys)
            self.keys, self.places = np.empty(size, np.uint64), np.empty(size, PLACES)
        elif needs == NEEDS_TEXT:
            larger = np.empty(2 * len(out), dtype=np.uint8)
            larger[:end] = out[:end]
            return larger
        return out

    def _shrink(self) -> None:
        self.known.shrink()
        if len(self.keys) > KEPT_SLOTS:
            self.keys, self.places = np.empty(KEPT_SLOTS, np.uint64), np.empty(KEPT_SLOTS, PLACES)

    def _taken_by(self) -> Array:
        """Return for each rule an earlier one that takes its metrics of the same text; -1: it takes them itself."""
        found = np.full(len(self.rules), -1, dtype=np.int64)
        for at in range(len(self.rules)):
            for before in range(at):
                if self._takes(before, at):
                    found[at] = before
                elif self.rules[before].kind == codes.C4 and self.limits[before, codes.CHANGES_TEXT] > 0:
                    found[at] = -1
        return found

    def _takes(self, before: int, at: int) -> bool:
        earlier, rule = self.rules[before], self.rules[at]
        if earlier.kind != rule.kind or not earlier.exhaustive or rule.kind not in DECIDED_BY_METRICS:
            return False
        shaped = slice(*DECIDED_BY_METRICS[rule.kind])
        theirs, mine = self.limits[before, shaped], self.limits[at, shaped]
        same = np.isnan(mine) | (~np.isnan(theirs) if rule.kind == codes.REPETITION else theirs == mine)
        return bool(same.all()) and set(earlier.strings) == set(rule.strings)

    def _strings(self) -> Array:
        """Return a table of hashes for each rule; all are as long as the largest needs."""
        longest = max((len(rule.strings) for rule in self.rules), default=0)
        size = max(MIN_STRING_SLOTS, 1 << (4 * longest).bit_length())
        tables = np.zeros((len(self.rules), size), dtype=np.uint64)
        for table, rule in zip(tables, self.rules, strict=True):
            for word in sorted(set(rule.strings)):
                self._add_word(table, word)
        return tables

    def _add_word(self, table: Array, word: str) -> None:
        data = np.frombuffer(word.encode(), dtype=np.uint8).copy()
        key = int(polynomial(data, 0, len(data), self.known.memo["word_base"]))
        slot = key % len(table)
        while table[slot]:
            slot = (slot + 1) % len(table)
        table[slot] = key


def _values(step: Array, reason: Array, metrics: Array) -> Array:
    deciding = np.array(
        [codes.DECIDING.get(code, 0) for code in range(max(codes.DECIDING) + 1)], dtype=np.int64
    )
    left = np.flatnonzero(step >= 0)
    values = np.full(len(step), np.nan)
    values[left] = metrics[left, step[left], deciding[reason[left]]]
    return values
