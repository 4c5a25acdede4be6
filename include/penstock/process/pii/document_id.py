"""Kinds ``passport`` and ``vehicle``: numbers of papers, which only the words before them tell from any other."""

from __future__ import annotations

from typing import ClassVar, Literal

from penstock.process.pii.recogniser import Candidate, Recogniser

_PASSPORT_NAMES = (
    "passports?|passeport|reisepass|pasaporte|passaporte|паспорт[а-я]*|护照|護照|旅券|여권|جواز السفر|पासपोर्ट"
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))


class Passport(Recogniser):
    """The number of a passport (ICAO 9303: up to nine letters and digits) within 40 characters behind the word."""

    kind: Literal["passport"] = "passport"
    pattern: ClassVar[str] = (
        rf"(?i:{_PASSPORT_NAMES})[^0-9\n]{{0,40}}?"
        r"\b([A-Z]{0,3}[0-9]{6,9}[A-Z]?|[0-9]{2} ?[0-9]{2} [0-9]{6})\b"
    )
    rank: ClassVar[int] = 34

    def value(self, found: Candidate) -> str | None:
        """Refuse dates and what is longer than a number may be."""
        compact = found.text.replace(" ", "")
        if len(compact) > 10 or found.after(1) in {"-", "/"} or len(set(compact)) < 3:
            return None
        return compact


class Vehicle(Recogniser):
    """A vehicle identification number (ISO 3779), 17 characters with a check digit, behind a word for it."""

    kind: Literal["vehicle"] = "vehicle"
    pattern: ClassVar[str] = (
        r"(?i:\b(?:vin|vehicle|chassis|fahrgestellnummer)\b|车架号)[^\n]{0,40}?\b([A-HJ-NPR-Z0-9]{17})\b"
    )
    rank: ClassVar[int] = 33

    def value(self, found: Candidate) -> str | None:
        """Compare the ninth character with the weighted sum modulo 11."""
        text = found.text
        total = sum(
            weight * (int(char) if char.isdigit() else _VIN_VALUES[char])
            for weight, char in zip(_VIN_WEIGHTS, text, strict=True)
        )
        return text if text[8] == "0123456789X"[total % 11] and not text.isdigit() else None
