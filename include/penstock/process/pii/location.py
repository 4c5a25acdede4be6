"""Kind ``gps``: where somebody is, as degrees of latitude and longitude."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from penstock.process.pii.recogniser import Candidate, Recogniser

_DEGREES = r"-?[0-9]{1,3}\.[0-9]{3,}"
_SEXAGESIMAL = r"[0-9]{1,3}(?:\.[0-9]+)? ?°[^A-Za-z\n]{0,16}"
_IS = r"[\"']?\s?[:=]?\s?"
_JOINED_BEFORE = re.compile(r"[\w.\-+]$|\d, ?$", re.ASCII)
_JOINED_AFTER = re.compile(r"\w|\.\d|, ?-?\d", re.ASCII)
_NAMES = (
    "gps",
    "latitude",
    "longitude",
    "lat",
    "lon",
    "lng",
    "geo",
    "geolocation",
    "坐标",
    "经纬度",
    "纬度",
    "координаты?",
)


class Gps(Recogniser):
    """A pair of degrees: with signs or directions (40°26′46″N 79°58′56″W), or decimals of three places and more.

    Decimals without a direction are taken beside a word for them only: any code has pairs of decimals.
    """

    kind: Literal["gps"] = "gps"
    pattern: ClassVar[str] = (
        rf"\b{_SEXAGESIMAL}[NS][, ;/]{{1,3}}{_SEXAGESIMAL}[EWO]\b"
        rf"|[NS] ?{_DEGREES}°?[, ;]{{1,3}}[EW] ?{_DEGREES}\b|{_DEGREES}°? ?[NS][, ;]{{1,3}}{_DEGREES}°? ?[EW]\b"
        rf"|(?i:\blat(?:itude)?){_IS}{_DEGREES}[,;&\s]{{1,3}}[\"']?(?i:lon(?:gitude)?|lng){_IS}{_DEGREES}"
        rf"|{_DEGREES}, ?{_DEGREES}"
    )
    rank: ClassVar[int] = 40

    def value(self, found: Candidate) -> str | None:
        """Check the ranges, and that a bare pair has a name."""
        text = found.text
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]
        is_bare = re.fullmatch(r"[-\d., ]+", text)
        if is_bare:
            is_within = abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180
            is_joined = _JOINED_BEFORE.search(found.before(3)) or _JOINED_AFTER.match(found.after(3))
            if not is_within or is_joined or not _names_it(found):
                return None
        return re.sub(r"\s", "", text).upper()


def _names_it(found: Candidate) -> bool:
    return found.near(*_NAMES) or bool(re.search(r"(?:geo:|[@?&]ll=|/@)$", found.before(8)))
