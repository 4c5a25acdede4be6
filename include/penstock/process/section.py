"""The ``process`` section of a recipe: a list of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.params import one_of
from penstock.process.step import Step
from penstock.process.tokenizer import MAX_CHARS
from penstock.section import StageSection

STEP_PACKAGE, STEP_GROUP = "penstock.process", "penstock.steps"

if TYPE_CHECKING:
    AnyStep = Step
else:
    AnyStep = one_of(Step, package=STEP_PACKAGE, group=STEP_GROUP)


class ProcessSection(StageSection):
    """What is done with the raw rows, in order; without steps, clean rows are the raw ones.

    ``text_column`` is what text steps read. Of a text of more than ``max_token_chars`` characters, words are found in
    its first part only, and the receipt says how many texts that were. ``output_files`` bounds the Parquet files of
    the clean zone (by default as many as Spark has partitions).
    """

    steps: tuple[AnyStep, ...] = ()
    text_column: str = "text"
    max_token_chars: int = Field(default=MAX_CHARS, ge=1)
    output_files: int | None = Field(default=None, ge=1, le=10_000)
