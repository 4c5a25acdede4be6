"""National ids of the ten countries with most people, each with its own check.

Where a country's number has strong check digits in a form of its own, it is taken as it stands; where any number of
that length could be one, a word for it must be near (``names``). Checks are python-stdnum's.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from penstock.process.pii.pieces import View
from penstock.process.pii.recogniser import Candidate, Recogniser


class NationalId(Recogniser):
    """What they share: `is_valid` for the digits, the form that is sure by itself, the names of the number."""

    view: ClassVar[View] = View.NUMBERS
    rank: ClassVar[int] = 36
    names: ClassVar[tuple[str, ...]] = ()
    sure: ClassVar[str | None] = None

    def is_valid(self, compact: str) -> bool:
        """Return whether the check digits, or the parts, are those of an id."""
        raise NotImplementedError

    def value(self, found: Candidate) -> str | None:
        """Check it, and look for a name where it is not sure."""
        text = found.text
        compact = "".join(char for char in text.upper() if char.isascii() and char.isalnum())
        if re.search(r"[0-9A-Za-z][.,\-/_]$|[.\-/_]$", found.before(2)) or re.match(
            r"[.,\-/_][0-9A-Za-z]", found.after(2)
        ):
            return None
        if len(set(compact)) < 3 or not self.is_valid(compact):
            return None
        is_sure = self.sure is not None and re.fullmatch(self.sure, text)
        return compact if is_sure or found.near(*self.names) else None


def _valid(module: Any, compact: str) -> bool:
    return bool(module.is_valid(compact))


class InAadhaar(NationalId):
    """India: Aadhaar, twelve digits, Verhoeff's check."""

    kind: Literal["in_aadhaar"] = "in_aadhaar"
    pattern: ClassVar[str] = r"\b[2-9][0-9]{3}[ \-]?[0-9]{4}[ \-]?[0-9]{4}\b"
    names: ClassVar[tuple[str, ...]] = ("a{1,2}dha{1,2}r", "uidai", "uid", "आधार")

    def is_valid(self, compact: str) -> bool:
        """Check it."""
        from stdnum.in_ import aadhaar

        return _valid(aadhaar, compact)


class InPan(NationalId):
    """India: the permanent account number of a taxpayer, five letters, four digits and a letter, beside its name."""

    kind: Literal["in_pan"] = "in_pan"
    view: ClassVar[View] = View.TEXTS
    pattern: ClassVar[str] = r"\b[A-Z]{5}[0-9]{4}[A-Z]\b"
    names: ClassVar[tuple[str, ...]] = ("pan", "permanent account", "income tax", "पैन")

    def is_valid(self, compact: str) -> bool:
        """Return true: of its letters only the fourth means something, and people get that wrong."""
        return len(compact) == 10


class CnResidentId(NationalId):
    """China: the resident id (GB 11643), 18 characters: a county, a date of birth, a check modulo 11."""

    kind: Literal["cn_resident_id"] = "cn_resident_id"
    pattern: ClassVar[str] = r"\b[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx]\b"
    sure: ClassVar[str | None] = r".*"

    def is_valid(self, compact: str) -> bool:
        """Check it."""
        from stdnum.cn import ric

        return _valid(ric, compact)


class UsSsn(NationalId):
    """United States: the social security number; in its form 3-2-4 by itself, else beside its name.

    A number that was never given out (an area of 000, 666 or 9xx) is taken beside its name too: it was meant as one.
    """

    kind: Literal["us_ssn"] = "us_ssn"
    pattern: ClassVar[str] = r"\b[0-9]{3}[ \-]?[0-9]{2}[ \-]?[0-9]{4}\b"
    rank: ClassVar[int] = 38
    names: ClassVar[tuple[str, ...]] = ("ssn", "ssns", "social[ -]security", "social sec", "itin")

    def is_valid(self, compact: str) -> bool:
        """Return true: what the areas say decides only where no name does."""
        return len(compact) == 9

    def value(self, found: Candidate) -> str | None:
        """Check it."""
        from stdnum.us import ssn

        is_bare = found.text.isdigit()
        if is_bare and not re.search(
            rf"(?:{'|'.join(self.names)})[^0-9]{{0,25}}$", found.before(), re.IGNORECASE
        ):
            return None
        named = super().value(found)
        if named is not None or not re.fullmatch(r"\d{3}-\d\d-\d{4}", found.text):
            return named
        is_alone = not re.search(r"[\w.\-/,]$", found.before(1)) and not re.match(
            r"[\-/]|[.,]\d", found.after(2)
        )
        return found.digits if is_alone and ssn.is_valid(found.text) else None


class IdNik(NationalId):
    """Indonesia: the NIK, sixteen digits: a district, a date of birth (women: day + 40), a serial."""

    kind: Literal["id_nik"] = "id_nik"
    pattern: ClassVar[str] = r"\b[1-9][0-9]{15}\b"
    rank: ClassVar[int] = 31
    names: ClassVar[tuple[str, ...]] = (
        "nik",
        "ktp",
        "e-ktp",
        "nomor induk",
        "kependudukan",
        "national id\\w*",
    )

    def is_valid(self, compact: str) -> bool:
        """Check it."""
        from stdnum.id import nik

        return _valid(nik, compact)


class PkCnic(NationalId):
    """Pakistan: the CNIC, thirteen digits, 5-7-1: a province, a serial, a digit for the sex."""

    kind: Literal["pk_cnic"] = "pk_cnic"
    pattern: ClassVar[str] = r"\b[1-7][0-9]{4}-?[0-9]{7}-?[1-9]\b"
    rank: ClassVar[int] = 31
    names: ClassVar[tuple[str, ...]] = ("cnic", "nicop", "nadra", "national identity", "شناختی")
    sure: ClassVar[str | None] = r"\d{5}-\d{7}-\d"

    def is_valid(self, compact: str) -> bool:
        """Check it."""
        from stdnum.pk import cnic

        return _valid(cnic, compact)


class NgNin(NationalId):
    """Nigeria: the NIN, eleven digits without a check, so only beside its name."""

    kind: Literal["ng_nin"] = "ng_nin"
    pattern: ClassVar[str] = r"\b[0-9]{4}[ \-]?[0-9]{3}[ \-]?[0-9]{4}\b"
    names: ClassVar[tuple[str, ...]] = ("nin", "nimc", "national identi\\w+ number")

    def is_valid(self, compact: str) -> bool:
        """Return true: it has no check."""
        return len(compact) == 11


class BrCpf(NationalId):
    """Brazil: the CPF, eleven digits, the last two a check; as 000.000.000-00 by itself."""

    kind: Literal["br_cpf"] = "br_cpf"
    pattern: ClassVar[str] = r"\b[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}\b"
    names: ClassVar[tuple[str, ...]] = ("cpf", "cadastro de pessoas?", "contribuinte")
    sure: ClassVar[str | None] = r"\d{3}\.\d{3}\.\d{3}-\d\d"

    def is_valid(self, compact: str) -> bool:
        """Check it."""
        from stdnum.br import cpf

        return _valid(cpf, compact)


class BdNid(NationalId):
    """Bangladesh: the NID of 10, 13 or 17 digits without a check, so only beside its name."""

    kind: Literal["bd_nid"] = "bd_nid"
    pattern: ClassVar[str] = r"\b(?:(?:19|20)[0-9]{15}|[0-9]{13}|[0-9]{10}|[0-9]{3} [0-9]{3} [0-9]{4})\b"
    names: ClassVar[tuple[str, ...]] = (
        "nid",
        "nid (?:card|no|number)",
        "জাতীয়",
        "এনআইডি",
        "bangladesh\\w* national id",
    )

    def is_valid(self, compact: str) -> bool:
        """Check the length."""
        return len(compact) in (10, 13, 17)


class RuSnils(NationalId):
    """Russia: the SNILS of the pension fund, eleven digits, the last two a check; as 000-000-000 00 by itself."""

    kind: Literal["ru_snils"] = "ru_snils"
    pattern: ClassVar[str] = r"\b[0-9]{3}-?[0-9]{3}-?[0-9]{3}[ \-]?[0-9]{2}\b"
    names: ClassVar[tuple[str, ...]] = ("снилс", "snils", "страхов\\w+ номер\\w*")
    sure: ClassVar[str | None] = r"\d{3}-\d{3}-\d{3}[ -]\d\d"

    def is_valid(self, compact: str) -> bool:
        """Compare the check: digits times 9 to 1, modulo 101 (100 counts as 0); numbers up to 001001998 have none."""
        body, check = compact[:9], int(compact[9:])
        if len(compact) != 11 or int(body) <= 1001998:
            return False
        total = sum(int(digit) * weight for digit, weight in zip(body, range(9, 0, -1), strict=True))
        return total % 101 % 100 == check


class RuInn(NationalId):
    """Russia: the taxpayer's INN, ten (firm) or twelve (person) digits with check digits, beside its name."""

    kind: Literal["ru_inn"] = "ru_inn"
    pattern: ClassVar[str] = r"\b(?:[0-9]{12}|[0-9]{10})\b"
    names: ClassVar[tuple[str, ...]] = ("инн", "inn", "налогоплательщик\\w*")

    def is_valid(self, compact: str) -> bool:
        """Check it."""
        from stdnum.ru import inn

        return _valid(inn, compact)


class MxCurp(NationalId):
    """Mexico: the CURP, eighteen characters: letters of the name, a date of birth, sex, state, a check digit."""

    kind: Literal["mx_curp"] = "mx_curp"
    view: ClassVar[View] = View.TEXTS
    pattern: ClassVar[str] = r"\b[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]\b"
    sure: ClassVar[str | None] = r".*"

    def is_valid(self, compact: str) -> bool:
        """Check it."""
        from stdnum.mx import curp

        return _valid(curp, compact)
