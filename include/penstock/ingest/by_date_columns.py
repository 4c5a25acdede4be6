"""A feed for dated rows: each record names its own day."""

from __future__ import annotations

import csv
import functools
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import Field

from penstock.errors import ContractError
from penstock.ingest.feed import Feed, NoDayError

ColumnRef = Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1)]


class ByDateColumns(Feed):
    """Take the records whose date columns name the day.

    ``columns`` are three (year, month, day) or one with an ISO 8601 date or time (a time with a zone counts by its day
    in UTC), each a name of the header or a position from 0. A record without a readable date fails the run, or with
    ``undated: skip`` is left out of every day and counted.
    """

    kind: Literal["by_date_columns"] = "by_date_columns"
    columns: tuple[ColumnRef, ColumnRef, ColumnRef] | tuple[ColumnRef]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    undated: Literal["fail", "skip"] = "fail"

    def belongs(self, record: bytes, header: bytes | None, run_key: str) -> bool:
        """Return whether the record's date is ``run_key``."""
        places = _places(self.columns, header, self.delimiter)
        try:
            fields = _split(record, self.delimiter)
            return _day_of([fields[place] for place in places]).isoformat() == run_key
        except (IndexError, ValueError, OverflowError, csv.Error) as error:
            if self.undated == "skip":
                raise NoDayError from error
            names = ", ".join(map(str, self.columns))
            message = (
                f"feed by_date_columns: expected a date in {names}, got {record[:200]!r} ({error}); "
                "correct ingest.feed.columns and delimiter, or leave such records out with undated: skip"
            )
            raise ContractError(message, failed={"undated_records": 1}) from error


def _day_of(texts: list[str]) -> date:
    if len(texts) == 3:
        year, month, day = (int(text) for text in texts)
        return date(year, month, day)
    moment = datetime.fromisoformat(texts[0].strip())
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _split(record: bytes, delimiter: str) -> list[str]:
    text = record.decode("utf-8", "surrogateescape").rstrip("\r\n")
    return next(csv.reader([text], delimiter=delimiter), []) if '"' in text else text.split(delimiter)


@functools.lru_cache(maxsize=64)
def _places(columns: tuple[ColumnRef, ...], header: bytes | None, delimiter: str) -> tuple[int, ...]:
    names = _split((header or b"").removeprefix(b"\xef\xbb\xbf"), delimiter)
    missing = [column for column in columns if isinstance(column, str) and column not in names]
    if missing:
        came = f"the header {', '.join(names)}" if header is not None else "a file without a header"
        message = (
            f"feed by_date_columns: expected the columns {', '.join(map(str, missing))}, got {came}; correct "
            "ingest.feed.columns, say ingest.header: true if the first line is a header, or give positions from 0"
        )
        raise ContractError(message, failed={"missing_columns": len(missing)})
    return tuple(names.index(column) if isinstance(column, str) else column for column in columns)
