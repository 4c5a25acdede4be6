"""Make the rules record from the sets of characters, and keep it beside the machine code for the next process."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from penstock.text.kernel import code_points as bits
from penstock.text.kernel import layout
from penstock.text.kernel.compiled import Record, cache_folder

FNV_OFFSET, FNV_PRIME, MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1
SURROGATES = range(0xD800, 0xE000)


def load_rules() -> Record:
    """Return the rules, made once for each version of the kernel and of Unicode's data."""
    path = cache_folder() / f"rules-{unicodedata.unidata_version}.npy"
    return kept(path, make_rules)[0]


def kept(path: Path, make: Callable[[], np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return an array from its file, which is made when it is not there or not whole."""
    try:
        found: np.ndarray[Any, Any] = np.load(path, mmap_mode="c")
        return found
    except (OSError, ValueError, EOFError):
        made = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as file:
            np.save(file, made)
        draft.replace(path)
    except OSError:  # a read-only machine makes it each time
        pass
    return made


def make_rules() -> np.ndarray[Any, Any]:
    """Build the record."""
    from penstock.text.reference.words import patterns
    from penstock.text.special_cases import special_cases

    rules = np.zeros(1, dtype=layout.RULES)
    _fill_pages(rules[0], code_point_bits())
    cases = {chunk: pieces for chunk, pieces in special_cases().items() if not chunk.isspace()}
    spelt = patterns()
    for number, (chunk, pieces) in enumerate(sorted(cases.items())):
        _add_special(rules[0], number, chunk.encode(), [len(piece.encode()) for piece in pieces])
        if chunk in spelt:
            _add_pattern(rules[0], number, [piece.encode() for piece in spelt[chunk]])
    _add_tails(rules[0])
    return rules


def code_point_bits() -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Return the bits of each code point."""
    from penstock.text import characters as sets

    table = np.zeros(sets.CODE_POINTS, dtype=np.uint32)
    for point in range(sets.CODE_POINTS):
        char = chr(point)
        category = unicodedata.category(char)
        if category in ("Cn", "Cs", "Co"):
            continue
        table[point] = (
            bits.LETTER * char.isalpha()
            | bits.PUNCT * (category[0] == "P")
            | bits.DECIMAL * (category == "Nd")
            | bits.WORD * (char.isalnum() or char == "_")
        )
    named = {
        bits.SYMBOL: sets.SYMBOLS,
        bits.SENTENCE_END: sets.SENTENCE_END,
        bits.TERMINAL: sets.TERMINAL,
        bits.ALPHA: sets.ALPHA,
        bits.ALPHA_LOWER: sets.ALPHA_LOWER,
        bits.ALPHA_UPPER: sets.ALPHA_UPPER,
        bits.QUOTE: sets.QUOTES,
        bits.ICON: sets.ICONS,
        bits.PREFIX: sets.PREFIXES,
        bits.SUFFIX: sets.SUFFIXES,
        bits.BEFORE_STOP: sets.BEFORE_FULL_STOP,
    }
    for bit, points in named.items():
        table[np.fromiter(points, dtype=np.int64)] |= bit
    return table


def _fill_pages(rules: Record, table: np.ndarray[Any, Any]) -> None:
    seen: dict[bytes, int] = {}
    for page in range(bits.PAGES):
        content = table[page * bits.PAGE_SIZE : (page + 1) * bits.PAGE_SIZE]
        number = seen.setdefault(content.tobytes(), len(seen))
        rules["pages"][page] = number
        rules["bits"][number * bits.PAGE_SIZE : (number + 1) * bits.PAGE_SIZE] = content


def _add_special(rules: Record, number: int, chunk: bytes, sizes: list[int]) -> None:
    rules["special_bytes"][number, : len(chunk)] = np.frombuffer(chunk, dtype=np.uint8)
    rules["special_size"][number] = len(chunk)
    rules["pieces"][number, : len(sizes)] = sizes
    rules["piece_count"][number] = len(sizes)
    _take_slot(rules["special_slots"], chunk, number)


def _add_pattern(rules: Record, number: int, pieces: list[bytes]) -> None:
    start, cuts = 0, 0
    for piece in pieces:
        cuts |= 1 << start
        start += len(piece)
    rules["pattern"][number] = cuts
    rules["pattern_first"][pieces[0][0]] = 1
    rules["longest_pattern"] = max(int(rules["longest_pattern"]), len(pieces))


def _add_tails(rules: Record) -> None:
    from penstock.text import characters as sets

    for number, tail in enumerate(dict.fromkeys(("+", *sets.CURRENCIES, *sets.UNITS))):
        content = tail.encode()
        rules["tail_bytes"][number, : len(content)] = np.frombuffer(content, dtype=np.uint8)
        rules["tail_size"][number] = len(content)
        _take_slot(rules["tail_slots"], content, number)


def _take_slot(slots: np.ndarray[Any, Any], content: bytes, number: int) -> None:
    key = FNV_OFFSET
    for byte in content:
        key = (key ^ byte) * FNV_PRIME & MASK
    slot = key % len(slots)
    while slots[slot]:
        slot = (slot + 1) % len(slots)
    slots[slot] = number + 1
