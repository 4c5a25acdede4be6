"""Step ``mask_pii``: e-mail addresses, telephone numbers and IP addresses become typed placeholders.

Recognisers are patterns with a check behind them (phonenumbers' metadata, `ipaddress`), and refuse what only looks
alike: versions, dates, prices, decimals, hashes. A number that is too ambiguous is left: masking data that is no PII
damages it, and the gate looks for what is left.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import field_validator

from penstock.process.step import Context, Document, DocumentStep

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["email", "phone", "ip"]
Span = tuple[int, int]
_ORDER: tuple[Kind, ...] = ("email", "ip", "phone")
"""The surest first: what is masked cannot be a part of a longer number."""

MIN_NATIONAL_DIGITS = 9
"""Digits of a number without + from which on it is masked: shorter ones are more often rooms, models and scores."""

# RFC 5321 4.5.3.1: at most 64 octets before the @; RFC 1035 2.3.4: labels of at most 63. ASCII bounds, so that an
# address inside of Chinese text, which has no spaces, is found.
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+'\-]{0,63}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9\-])"
)
_IPV4 = re.compile(r"(?<![\w.\-+])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w|[-+]\w)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])", re.ASCII)
_VERSION_BEFORE = re.compile(
    r"(?:\bv|\bver|\bversion|\brelease|\bbuild|\bfirmware|\bdriver|\bsection|\bchapter|§|版本|版)[\s.:=]*$",
    re.IGNORECASE,
)
# Seven digits or more in one run of digits and the signs that people write inside of telephone numbers.
_PHONE_LIKE = re.compile(
    r"(?<![A-Za-z0-9_.,:/#=\-])(?P<number>\+?\(?\d(?:[ ()./\-\u2010-\u2015]{0,3}\d){6,16})(?![A-Za-z0-9_%]|[.,:/\-]\d)"
)
_MONEY_BEFORE = re.compile(r"(?:[$€£¥₹₽]|\b(?:USD|EUR|GBP|CNY|RMB|JPY|No\.?|ISBN|ID))[\s:]*$", re.IGNORECASE)
_DATE_LIKE = re.compile(
    r"(?:1[5-9]|20|21)\d\d([\-/. ])\d{1,2}\1\d{1,2}(?:\D.*)?|\d{1,2}([\-/.])\d{1,2}\2(?:1[5-9]|20|21)\d\d(?:\D.*)?"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[\s\-].*)?"
    r"|(?:1[5-9]|20)\d\d ?[\-/\u2010-\u2015] ?(?:1[5-9]|20)\d\d"
)
_DECIMAL = re.compile(r"\d+\.\d+|\d{1,3}(?:,\d{3})+")


class MaskPii(DocumentStep):
    """Replace what is found by ``<EMAIL>``, ``<PHONE>`` and ``<IP>``, and count it by kind in ``masked``.

    Columns: adds ``masked`` (map of kind to count; empty when nothing was found). ``phone_regions`` (ISO 3166 codes)
    say whose national numbers, of nine digits or more, are recognised; international ones (``+44 …``) always are.
    """

    kind: Literal["mask_pii"] = "mask_pii"
    kinds: tuple[Kind, ...] = ("email", "phone", "ip")
    phone_regions: tuple[str, ...] = ("US", "GB", "CN")

    @field_validator("phone_regions")
    @classmethod
    def _check_regions(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [region for region in regions if not re.fullmatch("[A-Z]{2}", region)]
        if wrong:
            message = f"expected ISO 3166 codes of two capital letters, got {', '.join(wrong)}"
            raise ValueError(message)
        return regions

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column."""
        import pyarrow as pa

        return {"masked": pa.map_(pa.string(), pa.int32())}

    def apply(self, document: Document, context: Context) -> None:
        """Mask the text."""
        text, counts = document.text, {}
        for kind in _ORDER:
            spans = list(self._finder(kind)(text)) if kind in self.kinds else []
            if spans:
                counts[kind] = len(spans)
                text = _replace(text, spans, f"<{kind.upper()}>")
        if counts:
            document.text = text
        document["masked"] = list(counts.items())

    def _finder(self, kind: Kind) -> Callable[[str], Iterator[Span]]:
        finders: dict[Kind, Callable[[str], Iterator[Span]]] = {
            "email": find_emails,
            "phone": lambda text: find_phones(text, self.phone_regions),
            "ip": find_ips,
        }
        return finders[kind]


def find_emails(text: str) -> Iterator[Span]:
    """Yield where e-mail addresses are."""
    if "@" in text:
        yield from (found.span() for found in _EMAIL.finditer(text))


def find_ips(text: str) -> Iterator[Span]:
    """Yield where IPv4 and IPv6 addresses are, in their order; a number after a word for a version is none."""
    spans = [found.span() for found in _IPV4.finditer(text) if _is_ipv4(text, found)]
    if text.count(":") > 1:
        spans += [found.span() for found in _IPV6.finditer(text) if _is_ipv6(found.group())]
    yield from sorted(spans)


def find_phones(text: str, regions: tuple[str, ...]) -> Iterator[Span]:
    """Yield where telephone numbers are that are valid in one of ``regions``, or anywhere when they begin with +."""
    for found in _PHONE_LIKE.finditer(text):
        if _is_phone(text, found, regions):
            yield found.span("number")


def _is_ipv4(text: str, found: re.Match[str]) -> bool:
    if _VERSION_BEFORE.search(text, max(0, found.start() - 20), found.start()):
        return False
    return _parses(ipaddress.IPv4Address, found.group())


def _is_ipv6(text: str) -> bool:
    """Return whether it is an address of three groups or more: ``a::b`` is more often code."""
    groups = [group for group in text.split(":") if group]
    return len(groups) >= 3 and _parses(ipaddress.IPv6Address, text)


def _parses(address: Callable[[str], object], text: str) -> bool:
    try:
        address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str, found: re.Match[str], regions: tuple[str, ...]) -> bool:
    import phonenumbers

    number = found.group("number")
    if number.startswith("+"):
        regions = ("ZZ",)
    elif _looks_like_another_number(text, found.start(), number):
        return False
    for region in regions:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return True
    return False


def _looks_like_another_number(text: str, start: int, number: str) -> bool:
    before = text[max(0, start - 8) : start]
    digits = [char for char in number if char.isdigit()]
    return bool(
        len(digits) < MIN_NATIONAL_DIGITS
        or len(set(digits)) == 1
        or _MONEY_BEFORE.search(before)
        or _DATE_LIKE.fullmatch(number)
        or _DECIMAL.fullmatch(number)
        or (number.count(".") and not re.fullmatch(r"\(?\d+\)?(?:[. ]\d{2,})+", number))
    )


def _replace(text: str, spans: list[Span], placeholder: str) -> str:
    parts: list[str] = []
    end = 0
    for start, stop in spans:
        parts += (text[end:start], placeholder)
        end = stop
    return "".join((*parts, text[end:]))
