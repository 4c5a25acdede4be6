"""Kind ``phone``: telephone numbers, valid by libphonenumber's metadata."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import field_validator

from penstock.process.pii.pieces import Batch, View
from penstock.process.pii.recogniser import Candidate, Found, Recogniser

REGIONS = ("US", "GB", "CN")
MIN_NATIONAL_DIGITS = 9
"""Digits of a number without + from which on it is masked: shorter ones are more often rooms, models and scores."""
MIN_NAMED_DIGITS, MAX_DIGITS = 8, 15
"""Digits that a number may have behind a word for a telephone, whoever's it is; ITU-T E.164 allows 15."""
BARE_CONTEXT_BYTES = 30
_CACHED_NUMBERS = 1 << 14

_DASH, _SPACE = rb"(?:-|\xe2\x80[\x90-\x95])", rb"(?: |\xc2\xa0)"
# Bounded repetitions of parts that begin with different bytes: at most 17 steps and an extension from any start.
_PHONE = re.compile(
    rb"(?<![A-Za-z0-9_.,:/#=%@\-])(\+?\(?[0-9](?:(?:" + _DASH + b"|" + _SPACE + rb"|[()./]){0,3}[0-9]){6,16}"
    rb"(?: ?(?:x|ext\.?) ?[0-9]{1,5})?)(?![A-Za-z0-9_%]|[.,:/\-][0-9])"
)
_MONEY_BEFORE = re.compile(
    r"(?:[$€£¥₹₽]|\b(?:USD|EUR|GBP|CNY|RMB|JPY|No\.?|ISBN|ISSN|ID)|stamp|time|size)[\s:]*$", re.IGNORECASE
)
_DATE_LIKE = re.compile(
    r"(?:1[5-9]|20|21)\d\d([\-/. ])\d{1,2}\1\d{1,2}(?:\D.*)?|\d{1,2}([\-/.])\d{1,2}\2(?:1[5-9]|20|21)\d\d(?:\D.*)?"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[\s\-].*)?"
    r"|(?:1[5-9]|20)\d\d ?[\-/\u2010-\u2015] ?(?:1[5-9]|20)\d\d"
)
_MORE_BEFORE = re.compile(r"\d\s-?$|\b[0-9A-Fa-f]{2}\s$")
_MORE_AFTER = re.compile(r"\s-?\d|\s[0-9A-Fa-f]{2}\b")
_DECIMAL = re.compile(r"\d+\.\d+|\d{1,3}(?:,\d{3})+")
_RANGE = re.compile(r"\d{4,6} ?[\-\u2010-\u2015] ?\d{4,6}|\d{1,2}/\d{5,}.*")
_DOTTED = re.compile(r"\(?\d+\)?(?:[. ]\d{2,})+")
_NAMES = (
    "tele?phone", "phone", "tel", "mobile", "cell", "fax", "whatsapp", "handy", "telefon", "teléfono", "téléphone",
    "telefone", "celular", "móvil", "电话", "電話", "手机", "手機", "传真", "тел", "телефон", "फ़ोन", "call me",
)  # fmt: skip
_VERBS = ("call(?:s|ed)?", "dial", "sms", "reach(?:ed)?", "contact", "联系", "拨打", "致电")
"""Beside these, too, a number that is written without any sign may be one; else it is an account, an order, an id."""
_BARE_MOBILE = re.compile(r"1[3-9]\d{9}")
"""China's mobile numbers are written without signs; few other things have eleven digits and begin so."""


_AMERICA = ([3, 3, 4], [3, 7], [6, 4], [10])
_ABROAD_AMERICA = ([1, 3, 3, 4], [2, 1, 3, 3, 4], [3, 3, 3, 4], [1, 10], [11])
"""Groups of digits in North America's numbers, without and with the country's 1 (and 00 or 011 before it)."""


class Phone(Recogniser):
    """A number that is valid in one of ``regions`` (ISO 3166; by default the step's), or anywhere with +.

    Behind a word for a telephone, one that is written in groups need not be valid: people mistype, and numbering plans
    change.
    """

    kind: Literal["phone"] = "phone"
    view: ClassVar[View] = View.NUMBERS
    rank: ClassVar[int] = 60
    regions: tuple[str, ...] | None = None

    @field_validator("regions")
    @classmethod
    def _check_regions(cls, regions: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return regions if regions is None else checked_regions(regions)

    def scanner(self) -> Any:
        """Return the pattern; it must look behind and ahead, which RE2 cannot."""
        return _PHONE

    def find(self, batch: Batch) -> Iterator[Found]:
        """Yield numbers; where another number stands beside one, each of the two is tried by itself."""
        for document, start, end in batch.view(self.view).find(self.scanner()):
            whole = Candidate(batch.texts[document], start, end)
            for found in (whole, *_unbroken(whole)):
                value = self.value(found)
                if value is not None:
                    yield Found(document, found.start, found.end, value)
                    if found is whole:
                        break

    def value(self, found: Candidate) -> str | None:
        """Return the number as E.164 has it."""
        number = re.split(r" ?(?:x|ext)", found.text, maxsplit=1)[0]
        digits = "".join(char for char in number if char.isdigit())
        is_international = number.startswith("+")
        if len(set(digits)) == 1 or number.count("(") != number.count(")") or _is_in_a_series(found, number):
            return None
        if not is_international and _looks_like_another_number(found.before(8), number):
            return None
        if number.isdigit() and not _BARE_MOBILE.fullmatch(number) and not _is_called_one(found):
            return None
        if is_international or len(digits) >= MIN_NATIONAL_DIGITS:
            regions = ("ZZ",) if is_international else (REGIONS if self.regions is None else self.regions)
            return _valid(number, regions) or _named(found, number, digits)
        return _named(found, number, digits)


def _unbroken(whole: Candidate) -> Iterator[Candidate]:
    """Yield the parts between blanks that are long enough for a number by themselves."""
    text = whole.text
    if " " in text and text.isascii():
        for part in re.finditer(r"[^ ]+", text):
            if sum(map(str.isdigit, part.group())) >= MIN_NATIONAL_DIGITS:
                yield whole.cut(part.start(), len(text) - part.end())


def checked_regions(regions: tuple[str, ...]) -> tuple[str, ...]:
    """Return ISO 3166 codes, or raise a `ValueError` that names those that are none."""
    wrong = [region for region in regions if not re.fullmatch("[A-Z]{2}", region)]
    if wrong:
        message = f"expected ISO 3166 codes of two capital letters, got {', '.join(wrong)}"
        raise ValueError(message)
    return regions


@functools.lru_cache(_CACHED_NUMBERS)
def _valid(number: str, regions: tuple[str, ...]) -> str | None:
    import phonenumbers

    for region in regions:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed) and (
            number.startswith("+") or _is_written_so(parsed, number)
        ):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return None


def _is_written_so(parsed: Any, number: str) -> bool:
    """Return whether people of its country write it so: the trunk prefix is there, North America's groups are its own.

    Without this, any ten digits in pairs are a number of somewhere.
    """
    import phonenumbers

    groups = re.findall(r"\d+", number)
    lengths, digits = [len(group) for group in groups], "".join(groups)
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    code, significant = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    is_abroad = digits.removeprefix("00").removeprefix("011") == f"{code}{significant}"
    if code == "1" and lengths == [3, 7] and re.fullmatch(r"\d+ \d+", number):
        return False  # two columns of a table
    if code == "1":
        return lengths in (_ABROAD_AMERICA if is_abroad else _AMERICA)
    return is_abroad or (lengths[0] > 1 and lengths[-1] > 1 and digits == re.sub(r"\D", "", national))


def _is_called_one(found: Candidate) -> bool:
    return found.near(*_NAMES, *_VERBS, within=BARE_CONTEXT_BYTES)


def _named(found: Candidate, number: str, digits: str) -> str | None:
    """Return the digits of a number in groups that a word calls a telephone."""
    is_grouped = len(digits) < len(number)
    if MIN_NAMED_DIGITS <= len(digits) <= MAX_DIGITS and is_grouped and found.near(*_NAMES):
        return digits
    return None


def _is_in_a_series(found: Candidate, number: str) -> bool:
    """Return whether it is a piece of a table or list of numbers: blanks part it from more of them."""
    if re.search(r"  |\d -\d", number) or len(re.findall(r"(?<!\d)\d(?!\d)", number)) > 2:
        return True
    is_parted = " " in number and not number.startswith(("+", "("))
    return is_parted and bool(_MORE_BEFORE.search(found.before(4)) or _MORE_AFTER.match(found.after(4)))


def _looks_like_another_number(before: str, number: str) -> bool:
    count = sum(char.isdigit() for char in number)
    return bool(
        count < MIN_NAMED_DIGITS
        or _MONEY_BEFORE.search(before)
        or _DATE_LIKE.fullmatch(number)
        or _DECIMAL.fullmatch(number)
        or (number.count(".") and not _DOTTED.fullmatch(number))
        or _RANGE.fullmatch(number)
    )
