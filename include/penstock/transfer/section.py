"""The ``transfer`` section of a recipe."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, field_validator, model_validator

from penstock.params import Params, one_of
from penstock.section import StageSection
from penstock.transfer.column import Column
from penstock.transfer.decoder import Decoder
from penstock.transfer.lines import Lines

if TYPE_CHECKING:
    type_of_decoder = Decoder
else:
    type_of_decoder = one_of(Decoder, package="penstock.transfer", group="penstock.decoders")

_MAX_LEVEL = {"zstd": 22, "gzip": 9, "snappy": 0, "none": 0}


def _check_encoding(name: str) -> str:
    try:
        keeps_lines = '\n\r\t,"'.encode(codecs.lookup(name).name) == b'\n\r\t,"'
    except (LookupError, UnicodeError):
        keeps_lines = False
    if not keeps_lines:
        message = (
            f"expected a codec in which a line feed is one byte (utf-8, latin-1, gb18030 ...), got {name!r}"
        )
        raise ValueError(message)
    return name


class FileRule(Params):
    """How the landing files whose name fits the pattern ``files`` (``*``, ``?``, ``[...]``) are decoded.

    ``constants`` become string columns that have the same value in each row. ``encoding`` by default is the section's.
    """

    files: str = Field(min_length=1)
    decoder: type_of_decoder
    constants: dict[str, str] = Field(default={})
    encoding: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.encoding is not None:
            _check_encoding(self.encoding)
        own = {column.name for column in self.decoder.fields()}
        for name in self.constants:
            Column(name=name)
            if name in own:
                message = f"constants: {name} is also a column of the decoder; rename one of them"
                raise ValueError(message)
        return self

    def columns(self) -> tuple[Column, ...]:
        """Return the constants, then the decoder's columns."""
        return (*(Column(name=name) for name in self.constants), *self.decoder.fields())


class TransferSection(StageSection):
    """How landing files become raw Parquet.

    The first of ``decoders`` whose pattern fits a file's name decodes it; without ``decoders``, ``decoder`` does
    for all. All files share one schema, the union of all columns; a column that a file has not is null there.

    ``compression`` with ``compression_level`` (the codec's own default if left out), ``shard_rows`` and ``shard_mb``
    (megabytes of decoded records) bound a shard. A record that cannot be decoded goes to quarantine with a reason, or
    with ``on_bad_record: fail`` stops the run.
    """

    decoder: type_of_decoder = Lines()
    decoders: tuple[FileRule, ...] = ()
    encoding: str = "utf-8"
    compression: Literal["zstd", "gzip", "snappy", "none"] = "zstd"
    compression_level: int | None = None
    shard_rows: int = Field(default=1_000_000, ge=1)
    shard_mb: int = Field(default=128, ge=1, le=1024)
    on_bad_record: Literal["quarantine", "fail"] = "quarantine"

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, name: str) -> str:
        return _check_encoding(name)

    @model_validator(mode="after")
    def _check(self) -> Self:
        highest = _MAX_LEVEL[self.compression]
        if self.compression_level is not None and not 1 <= self.compression_level <= highest:
            allowed = f"1 to {highest}" if highest else "none"
            message = (
                f"compression_level of {self.compression}: expected {allowed}, got {self.compression_level}"
            )
            raise ValueError(message)
        if self.decoders and "decoder" in self.model_fields_set:
            message = (
                "decoder and decoders are both given; move decoder into decoders as the last, with files: '*'"
            )
            raise ValueError(message)
        self.columns()
        return self

    def rules(self) -> tuple[FileRule, ...]:
        """Return the rules in their order; the plain ``decoder`` is a rule for every file."""
        return self.decoders or (FileRule(files="*", decoder=self.decoder),)

    def columns(self) -> tuple[Column, ...]:
        """Return the union of all rules' columns, in the order in which they are first named.

        Raises:
            ValueError: a name has two types.
        """
        found: dict[str, Column] = {}
        for rule in self.rules():
            for column in rule.columns():
                known = found.setdefault(column.name, column)
                if known.type != column.type:
                    message = (
                        f"column {column.name}: expected one type in all files, got {known.type} and {column.type}; "
                        "rename it in one of the decoders"
                    )
                    raise ValueError(message)
        return tuple(found.values())
