r"""E-mail and public IPv4 addresses exactly as datatrove 0.10.1 finds and replaces them (PIIFormatter).

Its expressions are run in linear time: that of the address is taken apart at each ``@``, because ``\b`` means other
characters to RE2 and the whole of it may try each beginning of a long word. One thing differs: datatrove goes through
its replacements in a circle over all documents of a worker, here the circle begins anew with each document, so that a
text does not depend on its neighbours.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Iterator, Sequence

from penstock.process.pii.pieces import Batch, View, compiled

EMAILS = ("email@example.com", "firstname.lastname@example.org")
IPS = ("22.214.171.124", "126.96.36.199", "188.8.131.52", "184.108.40.206", "220.127.116.11", "18.104.22.168")
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
_IPV4 = rf"(?:{_BYTE}\.){{3}}{_BYTE}"
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    rf"|\[(?:{_BYTE}\.){{3}}(?:{_BYTE}|[A-Za-z0-9-]*[A-Za-z0-9]:)]"
)
_LOCAL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+/=?^_`{|}~-.")


def replace_all(texts: Sequence[str]) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each text with its addresses replaced, and how many of each kind there were."""
    mailed = [_replaced(text, list(_emails(text)), EMAILS) if "@" in text else (text, 0) for text in texts]
    batch = Batch([text.encode("utf-8", "surrogatepass") for text, _ in mailed])
    places: dict[int, list[tuple[int, int]]] = {}
    for document, start, end in batch.view(View.TEXTS).find(compiled(_IPV4)):
        if _is_public(batch.texts[document][start:end].decode()):
            places.setdefault(document, []).append((start, end))
    for number, (text, emails) in enumerate(mailed):
        counts = {"email": emails} if emails else {}
        if number in places:
            content = batch.texts[number].decode("latin-1")  # a character a byte: the places are bytes
            replaced, ips = _replaced(content, places[number], IPS)
            counts["ip"] = ips
            yield replaced.encode("latin-1").decode("utf-8", "surrogatepass"), counts
        else:
            yield text, counts


def _replaced(text: str, places: Sequence[tuple[int, int]], replacements: Sequence[str]) -> tuple[str, int]:
    parts: list[str] = []
    end = 0
    for (start, stop), replacement in zip(places, itertools.cycle(replacements), strict=False):
        parts += (text[end:start], replacement)
        end = stop
    return "".join((*parts, text[end:])), len(places)


def _emails(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield where the expression matches: a boundary, atoms with single points between them, ``@``, a domain."""
    end, at = 0, text.find("@")
    while at >= 0:
        if at > end and text[at - 1] in _LOCAL and text[at - 1] != ".":
            domain = _DOMAIN.match(text, at + 1)
            start = _start(text, end, at) if domain else None
            if domain and start is not None:
                yield start, domain.end()
                end = domain.end()
        at = text.find("@", max(at + 1, end))


def _start(text: str, floor: int, at: int) -> int | None:
    r"""Return the first place from which atoms lead to ``at`` and where ``\b`` holds."""
    begin = at
    while begin > floor and text[begin - 1] in _LOCAL and text[begin - 1 : begin + 1] != "..":
        begin -= 1
    for place in range(begin, at):
        before = text[place - 1] if place else " "
        if text[place] != "." and _is_word(before) != _is_word(text[place]):
            return place
    return None


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_public(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False
