"""Step ``contamination``: texts that hold a piece of a benchmark leave, so that a model's tests stay tests."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from penstock.errors import RecipeError
from penstock.params import Params
from penstock.process.quality.bounded import BoundedStep
from penstock.process.quality.ngram_index import NgramIndex, build
from penstock.process.step import Context, Document, Drop
from penstock.process.worker_files import load

_COMPRESSED = (".gz", ".zst", ".bz2", ".xz")


class Benchmark(Params):
    """A file of examples: a URI, or a path from the lake's root.

    ``.jsonl`` and ``.parquet`` have ``fields``, whose texts are put together in this order (a question and its answer
    are one text); any other file has an example a line. It may be compressed.
    """

    name: str = Field(min_length=1)
    uri: str
    fields: tuple[str, ...] = ("text",)

    def examples(self, read: Callable[[str], bytes]) -> Iterator[str]:
        """Yield the texts.

        Raises:
            RecipeError: when the file is not there, or is not what its name says.
        """
        name = self.uri
        for suffix in _COMPRESSED:
            name = name.removesuffix(suffix)
        content = read(self.uri)
        try:
            if name.endswith(".parquet"):
                yield from self._from_parquet(content)
            elif name.endswith((".jsonl", ".ndjson", ".json")):
                yield from (self._joined(json.loads(line)) for line in content.splitlines() if line.strip())
            else:
                yield from content.decode("utf-8-sig").split("\n")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = (
                f"contamination: expected {self.uri} to hold examples with {', '.join(self.fields)}, got "
                f"{type(error).__name__}: {error}; name the fields of benchmark {self.name}"
            )
            raise RecipeError(message) from error

    def _joined(self, row: Mapping[str, object]) -> str:
        parts = (row[name] for name in self.fields)
        return " ".join(
            " ".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts if part
        )

    def _from_parquet(self, content: bytes) -> Iterator[str]:
        import pyarrow as pa

        from penstock.parquet_stream import ParquetStream

        try:
            table = ParquetStream(io.BytesIO(content)).read(columns=self.fields)
        except pa.ArrowException as error:
            raise ValueError(str(error)) from error
        for batch in table.to_batches():
            yield from map(self._joined, batch.to_pylist())


class Contamination(BoundedStep):
    """Drop (``contaminated``) a text that shares an n-gram of words with a benchmark; the detail names both.

    ``n`` is 13 and an example of 8 to 12 words is looked for as a whole, as for GPT-3 (Brown et al. 2020,
    arXiv:2005.14165, appendix C; datatrove's default is 12). Shorter examples are not looked for: too many innocent
    texts hold them. Case and punctuation do not count (`penstock.process.quality.ngram_index`). The value is the
    number of n-grams found; ``max`` allows for some, ``annotate`` keeps the number instead. The index is made once a
    run.
    """

    kind: Literal["contamination"] = "contamination"
    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)
    n: int = Field(default=13, ge=2, le=100)
    min_n: int = Field(default=8, ge=2)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [benchmark.name for benchmark in self.benchmarks]
        if len(set(names)) < len(names):
            message = f"expected a name for each benchmark, got {', '.join(names)}"
            raise ValueError(message)
        if self.min_n > self.n:
            message = f"expected min_n to be at most n ({self.n}), got {self.min_n}"
            raise ValueError(message)
        return self

    def published(self) -> tuple[float | None, float | None]:
        """Return that one n-gram is too many."""
        return None, 0

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the index."""
        index = build({b.name: b.examples(read) for b in self.benchmarks}, self.n, self.min_n)
        if not len(NgramIndex(index)):
            message = (
                f"contamination: expected examples of {self.min_n} words or more, got none in "
                f"{', '.join(b.uri for b in self.benchmarks)}; look at fields"
            )
            raise RecipeError(message)
        return {"index": index}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Look the n-grams up."""
        hit = load(self, "index", context, NgramIndex).find(document.text)
        if hit is None:
            return self.judge(document, 0, "contaminated")
        return self.judge(document, hit.found, "contaminated", f"{hit.benchmark}: {hit.ngram}")
