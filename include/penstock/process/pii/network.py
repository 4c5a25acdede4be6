"""Kinds ``ip`` and ``mac``: addresses of machines."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from penstock.process.pii.pieces import Batch, View, compiled
from penstock.process.pii.recogniser import Candidate, Found, Recogniser

IPV4 = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
IPV6_RUN = r"[0-9A-Fa-f:]*[0-9A-Fa-f]:{1,2}[0-9A-Fa-f]{1,4}:{1,2}[0-9A-Fa-f][0-9A-Fa-f:.]*"
"""Three groups at least: ``a::b`` is more often code than an address."""
MAX_IPV6_CHARS = 45

_VERSION_BEFORE = re.compile(
    r"(?:\bv|\bver|\bversions?|\brelease|\bsince|\bbuild|\bfirmware|\bdriver|\bsec(?:tion)?|\bchapter|§|版本|版)[\s.:=\"']*$",
    re.IGNORECASE,
)
# "lz4>=1.7.4.2": what a requirement compares with is a version.
_COMPARED_BEFORE = re.compile(r"(?:[=<>~!^]=|>|\^|~)[\s\"'`]*$")
MAX_AMBIGUOUS = 60
"""Of all addresses 0.3 % have four numbers up to this, of versions and sections nearly all: these need evidence."""
_RESOLVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"})
_ADDRESS_WORD = re.compile(
    r"(?<![A-Za-z])(?:ip(?:v4)?s?|(?:ip|mon)?_?addr\w*|hosts?|hostname|servers?|clients?|gateway|router|dns|nameserver|ping|ssh"
    r"|subnet|network|proxy|peer|src|dst|dest|listen\w*|login from)(?![A-Za-z])|地址|адрес",
    re.IGNORECASE,
)
_LINK_BEFORE, _PORT_AFTER = re.compile(r"(?://|@)$"), re.compile(r"[:/]\d")
_JOINED_BEFORE, _JOINED_AFTER = re.compile(r"[\w.\-+]$", re.ASCII), re.compile(r"\.?\w|[-+]\w", re.ASCII)


class Ip(Recogniser):
    """An IPv4 or IPv6 address; none that is nobody's (127.0.0.1, 0.0.0.0, multicast, netmasks), no version.

    ``public_only`` leaves addresses of private networks (10.0.0.0/8 and others) alone too.
    """

    kind: Literal["ip"] = "ip"
    rank: ClassVar[int] = 24
    public_only: bool = False

    def find(self, batch: Batch) -> Iterator[Found]:
        """Yield IPv4 addresses, then IPv6 addresses."""
        for pattern in self.patterns():
            yield from self._of(batch, pattern)

    def patterns(self) -> tuple[str, ...]:
        """Return a pattern for each version."""
        return (IPV4, IPV6_RUN)

    def _of(self, batch: Batch, pattern: str) -> Iterator[Found]:
        for document, start, end in batch.view(View.TEXTS).find(compiled(pattern)):
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
        if is_v6 and (len(text) > MAX_IPV6_CHARS or ("::" not in text and text.count(":") < 6)):
            return None  # a time, most often
        before, after = found.before(20), found.after(2)
        if is_v6 and (re.search(r"[\w:.]$", before, re.ASCII) or re.match(r"[\w:]", after, re.ASCII)):
            return None
        if not is_v6 and (
            _JOINED_BEFORE.search(before) or _JOINED_AFTER.match(after) or _is_version(before, after)
        ):
            return None
        return None if not is_v6 and _is_ambiguous(found) else self._parsed(text)

    def _parsed(self, text: str) -> str | None:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        if (
            address.is_loopback
            or address.is_multicast
            or address.is_unspecified
            or _is_netmask(address.packed)
        ):
            return None
        return None if self.public_only and not address.is_global else address.compressed


def _is_version(before: str, after: str) -> bool:
    is_compared = _COMPARED_BEFORE.search(before) or (before.endswith("<") and not after.startswith(">"))
    return bool(is_compared or _VERSION_BEFORE.search(before))


def _is_ambiguous(found: Candidate) -> bool:
    """Return whether it may as well be a version or a section, and nothing beside it speaks for an address."""
    if found.text in _RESOLVERS or max(int(part) for part in found.text.split(".")) > MAX_AMBIGUOUS:
        return False
    is_linked = _LINK_BEFORE.search(found.before(2)) or _PORT_AFTER.match(found.after(2))
    line = found.before().rpartition("\n")[2]
    return not is_linked and not _ADDRESS_WORD.search(line)


def _is_netmask(packed: bytes) -> bool:
    return packed[0] == 255 and (len(packed) == 4 or packed[1] == 255)


class Mac(Recogniser):
    """The address of a network card (IEEE 802): six pairs of hexadecimal digits, or Cisco's three groups of four.

    One without any letter is left: it may be a time with a date.
    """

    kind: Literal["mac"] = "mac"
    pattern: ClassVar[str] = (
        r"\b[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:\.[0-9A-Fa-f]{4}){2})\b"
    )
    rank: ClassVar[int] = 22

    def value(self, found: Candidate) -> str | None:
        """Refuse a part of a longer series (a fingerprint, a UUID), and what is the same digit throughout."""
        digits = "".join(char for char in found.text.lower() if char.isalnum())
        before, after = found.before(2), found.after(2)
        if re.search(r"\w[:.\-]$|[:.\-]$", before) or re.match(r"[:.\-]\w", after):
            return None
        return None if digits.isdigit() or digits.isalpha() or len(set(digits)) == 1 else digits
