"""Kinds ``credit_card`` and ``iban``."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from penstock.process.pii.pieces import View
from penstock.process.pii.recogniser import Candidate, Recogniser

# First digits and lengths of the issuers, as ISO/IEC 7812 assigns them and the networks publish them.
_ISSUERS = re.compile(
    r"4\d{12}|4\d{15}|4\d{18}"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-59]|[689]\d)\d{11,16}"  # Diners Club
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}(?:\d{3})?"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?"  # JCB
    r"|62\d{14}(?:\d{3})?"  # UnionPay
    r"|220[0-4]\d{12}"  # Mir
    r"|(?:508[5-9]|60[0-9]{2}|81\d\d|82\d\d)\d{12}"  # RuPay
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"  # Maestro
)
_OTHER_BEFORE = re.compile(
    r"(?:[$€£¥₹₽]|\b(?:USD|EUR|GBP|CNY|RMB|ISBN|EAN|UPC|GTIN|IMEI)(?:-?1[03])?:?) ?$", re.IGNORECASE
)
MIN_SURE_DIGITS, MAX_SURE_DIGITS = 14, 16
"""Bare numbers of 13 digits are bar codes more often than cards (EAN-13 of Germany and Japan begin with 4), those of
17 to 19 fingerprints; only UnionPay gives out many cards of 19."""
_CARD_NAMES = (
    "card",
    "visa",
    "mastercard",
    "amex",
    "american express",
    "carte",
    "karte",
    "tarjeta",
    "cartão",
    "卡号",
    "信用卡",
    "银行卡",
    "карт\\w*",
)
MIN_IBAN_CHARS, MAX_IBAN_CHARS = 15, 34


class CreditCard(Recogniser):
    """The number of a payment card: 13 to 19 digits with the prefix of an issuer, in groups or bare, Luhn's check."""

    kind: Literal["credit_card"] = "credit_card"
    view: ClassVar[View] = View.NUMBERS
    pattern: ClassVar[str] = (
        r"\b(?:3[47][0-9]{2}[ \-]?[0-9]{6}[ \-]?[0-9]{5}|3[0689][0-9]{2}[ \-]?[0-9]{6}[ \-]?[0-9]{4}"
        r"|[2-8][0-9]{3}(?:[ \-]?[0-9]{4}){3}(?:[ \-]?[0-9]{3})?|4[0-9]{12}|[56][0-9]{11,18})\b"
    )
    rank: ClassVar[int] = 32

    def value(self, found: Candidate) -> str | None:
        """Check issuer, Luhn and neighbours."""
        from stdnum import luhn

        digits, text = found.digits, found.text
        if not _ISSUERS.fullmatch(digits) or len(set(digits)) < 2 or not luhn.is_valid(digits):
            return None
        if _is_part_of_a_number(found) or _OTHER_BEFORE.search(found.before(12)):
            return None
        if " " in text and "-" in text:
            return None
        is_usual = MIN_SURE_DIGITS <= len(digits) <= MAX_SURE_DIGITS or digits.startswith("62")
        is_sure = is_usual or len(digits) < len(text)
        return digits if is_sure or found.near(*_CARD_NAMES) else None


class Iban(Recogniser):
    """An international bank account number (ISO 13616): a country's length and form, check digits modulo 97.

    One whose check digits are wrong is taken only right behind the word IBAN.
    """

    kind: Literal["iban"] = "iban"
    pattern: ClassVar[str] = r"\b[A-Z]{2}[0-9]{2}(?:[ \-]?[A-Z0-9]{4}){2,7}(?:[ \-]?[A-Z0-9]{1,3})?\b"
    rank: ClassVar[int] = 30

    def narrow(self, found: Candidate) -> Candidate:
        """Leave out words in capitals that follow a number in groups."""
        from stdnum import iban

        whole = found
        while not (_has_check(found.text) and iban.is_valid(found.text, check_country=False)):
            cut = max(found.text.rfind(" "), found.text.rfind("-"))
            if cut < MIN_IBAN_CHARS:
                return whole
            found = found.cut(end=len(found.text) - cut)
        return found

    def value(self, found: Candidate) -> str | None:
        """Check the digits, or the word in front."""
        from stdnum import iban

        compact = re.sub("[ -]", "", found.text)
        if _has_check(compact) and iban.is_valid(compact, check_country=False):
            return compact
        is_named = re.search(r"\bIBAN\b[^A-Za-z0-9]{0,12}$", found.before(20), re.IGNORECASE)
        is_long = MIN_IBAN_CHARS <= len(compact) <= MAX_IBAN_CHARS and sum(map(str.isdigit, compact)) >= 8
        return compact if is_named and is_long else None


def _has_check(text: str) -> bool:
    """Return whether the check digits hold: ISO 7064, modulo 97, with letters as 10 to 35; it costs nearly nothing."""
    compact = re.sub("[ -]", "", text)
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _is_part_of_a_number(found: Candidate) -> bool:
    """Return whether more digits belong to it, before or behind a sign: a decimal, a longer series."""
    return bool(
        re.search(r"[0-9][.,:/]$|[0-9] $|[.\-_/=+]$", found.before(4))
        or re.match(r"[.,:][0-9]|[\-_/+][0-9A-Za-z]| [0-9]{4}\b", found.after(6))
    )
