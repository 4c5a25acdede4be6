"""Kinds ``ip`` and ``mac``: addresses of machines."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from penstock.process.pii.pieces import Batch, View, compiled
from penstock.process.pii.recogniser import Candidate, Found, Recogniser

IPV4 = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
IPV6_RUN = r"[0-9A-Fa-f]*:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*"
MAX_IPV6_CHARS = 45
MIN_IPV6_GROUPS = 3
"""``a::b`` is more often code than an address."""

_VERSION_BEFORE = re.compile(
    r"(?:\bv|\bver|\bversions?|\brelease|\bbuild|\bfirmware|\bdriver|\bsection|\bchapter|§|版本|版)[\s.:=]*$",
    re.IGNORECASE,
)
_JOINED_BEFORE, _JOINED_AFTER = re.compile(r"[\w.\-+]$", re.ASCII), re.compile(r"\.?\w|[-+]\w", re.ASCII)


class Ip(Recogniser):
    """An IPv4 or IPv6 address; not the machine itself (127.0.0.1, ::1), not 0.0.0.0, no netmask, no version.

    ``public_only`` leaves addresses of private networks (10.0.0.0/8 and others) alone too.
    """

    kind: Literal["ip"] = "ip"
    rank: ClassVar[int] = 24
    public_only: bool = False

    def find(self, batch: Batch) -> Iterator[Found]:
        """Yield IPv4 addresses from the numbers of the texts, and IPv6 addresses from texts with colons."""
        yield from self._of(batch, View.NUMBERS, (b".",), IPV4)
        yield from self._of(batch, View.TEXTS, (b":",), IPV6_RUN)

    def _of(self, batch: Batch, view: View, needles: tuple[bytes, ...], pattern: str) -> Iterator[Found]:
        for document, start, end in batch.view(view, needles).find(compiled(pattern)):
            found = self.narrow(Candidate(batch.texts[document], start, end))
            value = self.value(found)
            if value is not None:
                yield Found(document, found.start, found.end, value)

    def narrow(self, found: Candidate) -> Candidate:
        """Leave out the sign that ends the sentence after an IPv6 address."""
        text = found.text
        if ":" not in text or text.endswith("::"):
            return found
        return found.cut(end=len(text) - len(text.rstrip(".:")))

    def value(self, found: Candidate) -> str | None:
        """Parse it, and look at what stands beside."""
        text = found.text
        is_v6 = ":" in text
        if is_v6 and (len(text) > MAX_IPV6_CHARS or sum(map(bool, text.split(":"))) < MIN_IPV6_GROUPS):
            return None
        before, after = found.before(20), found.after(2)
        if is_v6 and (re.search(r"[\w:.]$", before, re.ASCII) or re.match(r"[\w:]", after, re.ASCII)):
            return None
        if not is_v6 and (
            _JOINED_BEFORE.search(before) or _JOINED_AFTER.match(after) or _VERSION_BEFORE.search(before)
        ):
            return None
        return self._parsed(text)

    def _parsed(self, text: str) -> str | None:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        is_nobody = address.is_loopback or address.is_unspecified or address.packed[0] == 255
        if is_nobody and not (address.version == 6 and address.packed[0] == 255):
            return None
        return None if self.public_only and not address.is_global else address.compressed


class Mac(Recogniser):
    """The address of a network card (IEEE 802): six pairs of hexadecimal digits, or Cisco's three groups of four.

    One without any letter is left: it may be a time with a date.
    """

    kind: Literal["mac"] = "mac"
    pattern: ClassVar[str] = (
        r"\b[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:\.[0-9A-Fa-f]{4}){2})\b"
    )
    needles: ClassVar[tuple[bytes, ...]] = (b":", b"-", b".")
    rank: ClassVar[int] = 22

    def value(self, found: Candidate) -> str | None:
        """Refuse a part of a longer series (a fingerprint, a UUID), and what is the same digit throughout."""
        digits = "".join(char for char in found.text.lower() if char.isalnum())
        before, after = found.before(2), found.after(2)
        if re.search(r"\w[:.\-]$|[:.\-]$", before) or re.match(r"[:.\-]\w", after):
            return None
        return None if digits.isdigit() or digits.isalpha() or len(set(digits)) == 1 else digits
