"""Models of fastText that others trained: checked before a run, then loaded by each worker from the run's own copy.

The library (fasttext-predict) may only see a file that `penstock.process.fasttext_file` walked from end to end.
"""

from __future__ import annotations

import difflib
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, cast

from penstock.errors import RecipeError
from penstock.process.fasttext_file import BrokenModelError, labels_of
from penstock.process.texts import encodable

Predict: TypeAlias = Callable[[str, int, float, str], list[tuple[float, str]]]
"""The library's own method, as each layer above it costs a tenth.

From a line of text that ends with a line feed, a number of answers (`ALL`), the least probability and how to decode
labels (``strict``) to the likeliest labels, with their prefix, each after its probability (a little above 1 at times).
"""

ALL = -1
"""The number of answers that stands for all labels."""

PREFIX = "__label__"


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
        labels = labels_of(content)
    except BrokenModelError as error:
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
    found = predict(encodable(line) + "\n", ALL, 0.0, "strict")
    return {label.removeprefix(PREFIX): min(score, 1.0) for score, label in found}
