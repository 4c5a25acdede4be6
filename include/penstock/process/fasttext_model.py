"""Models of fastText that others trained: checked before a run, then loaded by each worker from the run's own copy.

The library (fasttext-predict) ends the process at a file that was cut off, or loads it and answers nonsense. So the
file is first walked from end to end, as ``FastText::saveModel`` of fastText 0.9.2 writes it (versions 11 and 12).
"""

from __future__ import annotations

import difflib
import hashlib
import struct
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, cast

from penstock.errors import RecipeError

Predict: TypeAlias = Callable[[str, int, float, str], list[tuple[float, str]]]
"""The library's own method, as each layer above it costs a tenth.

From a line of text that ends with a line feed, a number of answers (`ALL`), the least probability and how to decode
labels (``strict``) to the likeliest labels, with their prefix, each after its probability (a little above 1 at times).
"""

ALL = -1
"""The number of answers that stands for all labels."""

PREFIX = "__label__"
_MAGIC, _VERSIONS = 793712314, (11, 12)
_SUPERVISED = 3
_CENTROIDS = 256
_LABEL = 1


def read_model(
    read: Callable[[str], bytes], uri: str, sha256: str | None, *, step: str
) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of a model and its labels, without their prefix.

    ``read`` is that of `penstock.process.step.Step.prepare`, ``step`` the kind of the step that asks.

    Raises:
        RecipeError: when the file is not of this sha256, or not a whole classifier of fastText.
    """
    content = read(uri)
    came = hashlib.sha256(content).hexdigest()
    if sha256 not in (None, came):
        message = f"{step}: expected sha256 {sha256} of the model {uri}, got {came}; see what changed, mend the recipe"
        raise RecipeError(message)
    try:
        labels = _Walk(content).labels()
    except _BrokenError as error:
        message = (
            f"{step}: expected a fastText classifier (.bin or .ftz, supervised) at {uri}, got a file of "
            f"{len(content)} bytes {error}; put the whole file there or mend the recipe"
        )
        raise RecipeError(message) from error
    return content, tuple(label.removeprefix(PREFIX) for label in labels)


def check_labels(named: Iterable[str], labels: Sequence[str], uri: str, *, step: str) -> None:
    """Compare the labels that a recipe names with those of the model.

    Raises:
        RecipeError: naming the first one that the model does not have, and the ones like it.
    """
    known = set(labels)
    for label in named:
        if label not in known:
            near = difflib.get_close_matches(label, labels, n=3) or labels[:5]
            message = (
                f"{step}: expected labels of the model {uri}, got {label!r}; it has {len(labels)}, among them "
                f"{', '.join(near)}: mend the recipe"
            )
            raise RecipeError(message)


def predictor(content: bytes) -> Predict:
    """Load a model that was checked."""
    import fasttext_pybind

    model = fasttext_pybind.fasttext()
    with tempfile.NamedTemporaryFile(
        prefix="penstock-", suffix=".bin"
    ) as file:  # the library reads paths only
        file.write(content)
        file.flush()
        model.loadModel(file.name)
    return cast("Predict", model.predict)


def scores(predict: Predict, line: str) -> Mapping[str, float]:
    """Return the probability of every label, without its prefix; the likeliest comes first.

    Of a lone surrogate, which has no UTF-8 form, the model sees a question mark.
    """
    text = line if line.isascii() else line.encode("utf-8", "replace").decode()
    found = predict(text + "\n", ALL, 0.0, "strict")
    return {label.removeprefix(PREFIX): min(score, 1.0) for score, label in found}


class _BrokenError(ValueError):
    """What is wrong with a file."""


class _Walk:
    """A file of a model from its beginning to its end."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def labels(self) -> list[str]:
        """Return the labels of a whole classifier."""
        magic, version = self._take("<ii")
        if magic != _MAGIC or version not in _VERSIONS:
            message = "that does not begin as a model of fastText does"
            raise _BrokenError(message)
        dim, *_, model, _bucket, _minn, _maxn, _rate = self._take("<12i")
        self._skip(8)
        if model != _SUPERVISED:
            message = "that is of word vectors, without labels"
            raise _BrokenError(message)
        labels = self._dictionary()
        (is_quantised,) = self._take("<?")
        _, columns = self._quantised() if is_quantised else self._dense()
        (is_output_quantised,) = self._take("<?")
        shape = self._quantised() if is_quantised and is_output_quantised else self._dense()
        if columns != dim or shape != (len(labels), dim):
            message = f"whose matrices do not fit {len(labels)} labels and {dim} dimensions"
            raise _BrokenError(message)
        if self._at != len(self._content):
            message = f"that goes on for {len(self._content) - self._at} bytes after its end"
            raise _BrokenError(message)
        return labels

    def _dictionary(self) -> list[str]:
        size, _words, count, _tokens, pruned = self._take("<iiiqq")
        labels: list[str] = []
        for _ in range(size):
            stop = self._content.find(b"\0", self._at)
            word = self._content[self._at : stop]
            self._at = stop + 1 if stop >= 0 else len(self._content) + 1
            _, kind = self._take("<qb")
            if kind == _LABEL:
                labels.append(word.decode("utf-8", "replace"))
        self._skip(8 * max(pruned, 0))
        if not labels or len(labels) != count:
            message = f"with {len(labels)} labels, where it says that there are {count}"
            raise _BrokenError(message)
        return labels

    def _dense(self) -> tuple[int, int]:
        rows, columns = self._take("<qq")
        self._skip(4 * rows * columns)
        return rows, columns

    def _quantised(self) -> tuple[int, int]:
        has_norms, rows, columns, size = self._take("<?qqi")
        self._skip(size)
        self._quantiser()
        if has_norms:
            self._skip(rows)
            self._quantiser()
        return rows, columns

    def _quantiser(self) -> None:
        dim, *_ = self._take("<4i")
        self._skip(4 * dim * _CENTROIDS)

    def _take(self, form: str) -> tuple[int, ...]:
        start = self._at
        self._skip(struct.calcsize(form))
        return struct.unpack_from(form, self._content, start)

    def _skip(self, count: int) -> None:
        self._at += count
        if count < 0 or self._at > len(self._content):
            message = "that ends too early"
            raise _BrokenError(message)
