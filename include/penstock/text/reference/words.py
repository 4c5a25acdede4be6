"""The words of an English text, as datatrove 0.10.1 makes them with spaCy's ``blank("en")``.

spaCy cuts a text at white space, and each chunk for itself: affixes are taken off at both ends, what is left is split
at infixes, a list of special cases has the last word twice. One thing is left out: spaCy looks for special cases over
single blanks too, finds that they do not fit there, and while at it forgets one that overlaps.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Set

from penstock.text import characters as sets
from penstock.text.special_cases import special_cases

_CHUNK = re.compile(r"\S+")


def words(text: str) -> list[str]:
    """Return the words, without white space."""
    return [word for chunk in _CHUNK.findall(text) for word in split_chunk(chunk)]


def split_chunk(chunk: str) -> list[str]:
    """Take apart a chunk that has no white space in it."""
    return _rejoin(_split(chunk, special_cases_once()))


@functools.cache
def special_cases_once() -> dict[str, tuple[str, ...]]:
    """Return the special cases, built once."""
    return special_cases()


def _split(chunk: str, specials: dict[str, tuple[str, ...]]) -> list[str]:
    prefixes, middle, suffixes = _take_affixes(chunk, specials)
    return [*prefixes, *_split_middle(middle, specials), *reversed(suffixes)]


def _take_affixes(text: str, specials: dict[str, tuple[str, ...]]) -> tuple[list[str], str, list[str]]:
    prefixes: list[str] = []
    suffixes: list[str] = []
    while text and text not in specials:
        start = _length(_prefix(), text)
        if start and text[start:] in specials:
            prefixes.append(text[:start])
            return prefixes, text[start:], suffixes
        end = len(text) - _length(_suffix(), text[start:])
        if end < len(text) and text[:end] in specials:
            suffixes.append(text[end:])
            return prefixes, text[:end], suffixes
        if not start and end == len(text):
            break
        prefixes += [text[:start]] if start else []
        suffixes += [text[end:]] if end < len(text) else []
        text = text[start:end]
    return prefixes, text, suffixes


def _split_middle(text: str, specials: dict[str, tuple[str, ...]]) -> list[str]:
    if text in specials:
        return list(specials[text])
    if _url().match(text):
        return [text]
    parts, start = [], 0
    for infix in _infix().finditer(text):
        if infix.start() == 0:
            continue
        parts += [text[start : infix.start()], infix.group()]
        start = infix.end()
    return [part for part in (*parts, text[start:]) if part]


def _rejoin(tokens: list[str]) -> list[str]:
    """Replace runs of tokens that spell a special case; the longest first, then the leftmost."""
    taken: set[int] = set()
    chosen: dict[int, int] = {}
    for length in range(_longest_pattern(), 0, -1):
        for start in range(len(tokens) - length + 1):
            run = tokens[start : start + length]
            if patterns().get("".join(run)) == run:
                if start not in taken and start + length - 1 not in taken:
                    chosen[start] = length
                taken.update(range(start, start + length))
    done: list[str] = []
    at = 0
    while at < len(tokens):
        length = chosen.get(at, 0)
        done += special_cases_once()["".join(tokens[at : at + length])] if length else [tokens[at]]
        at += max(length, 1)
    return done


@functools.cache
def patterns() -> dict[str, list[str]]:
    """Return the special cases that have affixes inside, with the tokens they would be without the list."""
    return {
        chunk: _split(chunk, {})
        for chunk in special_cases_once()
        if not chunk.isspace()
        and (_prefix().search(chunk) or _suffix().search(chunk) or _infix().search(chunk))
    }


@functools.cache
def _longest_pattern() -> int:
    return max(map(len, patterns().values()))


def _length(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return found.end() - found.start() if found else 0


def _any_of(points: Set[int], more: str = "") -> str:
    """Write a character class."""
    return "[" + "".join(f"\\U{point:08x}" for point in sorted(points)) + more + "]"


def _either(words: Iterator[str] | list[str]) -> str:
    return "|".join(map(re.escape, words))


@functools.cache
def _prefix() -> re.Pattern[str]:
    long = [currency for currency in sets.CURRENCIES if len(currency) > 1]
    return re.compile(rf"^(?:\+(?![0-9])|\.\.+|{_either(long)}|{_any_of(sets.PREFIXES)})")


@functools.cache
def _suffix() -> re.Pattern[str]:
    upper = _any_of(sets.ALPHA_UPPER)
    return re.compile(
        rf"(?:……|{_any_of(sets.SUFFIXES)}|\.\.+|['’][sS]|(?<=[0-9])(?:\+|{_either(sets.CURRENCIES)}|{_either(sets.UNITS)})"
        rf"|(?<=°[FfCcKk])\.|(?<={_any_of(sets.BEFORE_FULL_STOP)})\.|(?<={upper}{upper})\.)$"
    )


@functools.cache
def _infix() -> re.Pattern[str]:
    alpha, digits = _any_of(sets.ALPHA), "0-9"
    lower, upper = _any_of(sets.ALPHA_LOWER | sets.QUOTES), _any_of(sets.ALPHA_UPPER | sets.QUOTES)
    alnum = _any_of(sets.ALPHA, digits)
    return re.compile(
        rf"\.\.+|…|{_any_of(sets.ICONS)}|(?<=[0-9])[+\-*^](?=[0-9-])|(?<={lower})\.(?={upper})|(?<={alpha}),(?={alpha})"
        rf"|(?<={alnum})(?:-|–|—|--|---|——|~)(?={alpha})|(?<={alnum})[:<>=/](?={alpha})"
    )


@functools.cache
def _url() -> re.Pattern[str]:
    """Build Diego Perini's pattern for addresses (MIT licence) as spaCy changed it."""
    lower = _any_of(sets.ALPHA_LOWER)
    private = (
        r"(?!(?:10|127)(?:\.\d{1,3}){3})(?!(?:169\.254|192\.168)(?:\.\d{1,3}){2})"
        r"(?!172\.(?:1[6-9]|2\d|3[0-1])(?:\.\d{1,3}){2})"
    )
    octets = (
        r"(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3])(?:\.(?:1?\d{1,2}|2[0-4]\d|25[0-5])){2}"
        r"(?:\.(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-4]))"
    )
    edge, inner = r"[A-Za-z0-9\u00a1-\uffff]", r"[A-Za-z0-9\u00a1-\uffff_-]"
    host = rf"(?:(?:{edge}{inner}{{0,62}})?{edge}\.)+{lower}{{2,63}}"
    return re.compile(
        rf"^(?:[\w+\-.]{{2,}}://)?(?:\S+@)?(?:{private}{octets}|{host})(?::\d{{2,5}})?(?:[/?#]\S*)?$"
    )
