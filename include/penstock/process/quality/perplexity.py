"""Step ``perplexity``: how surprised an n-gram model is by a text (KenLM)."""

from __future__ import annotations

import functools
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import field_validator

from penstock.errors import RecipeError, SourceError
from penstock.process.quality.bounded import BoundedStep
from penstock.process.step import Context, Document, Drop
from penstock.process.texts import encodable

_DIGIT = re.compile(r"\d")


class Perplexity(BoundedStep):
    """Measure 10 to the power of minus the mean log10 probability of a word; outside of the bounds a text leaves.

    Reason: ``perplexity``. As in CCNet (Wenzek et al. 2020, arXiv:1911.00359): each line is a sentence, its end
    counts as a word. ``model`` is an ARPA file or a binary of KenLM: a URI or an absolute path. Words are split at
    blanks; ``lowercase`` and ``digits_to_zero`` do to the text what was done to the model's. A text without words has
    no number. Nothing is published for the bounds: they depend on the model. Needs ``pip install kenlm``, which needs
    a C++ compiler.
    """

    kind: Literal["perplexity"] = "perplexity"
    model: str
    lowercase: bool = True
    digits_to_zero: bool = True

    @field_validator("model")
    @classmethod
    def _check_model(cls, model: str) -> str:
        if "://" not in model and not model.startswith("/"):
            message = f"expected a URI or an absolute path, got {model!r}"
            raise ValueError(message)
        return model

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Refuse to begin without the package or the model; the model itself is mapped where it lies."""
        import fsspec

        if find_spec("kenlm") is None:
            message = (
                "perplexity: expected the package kenlm, found none; pip install kenlm where the stage and Spark's "
                "Python run (it compiles: cmake and a C++ compiler are needed), or take the step out of the recipe"
            )
            raise RecipeError(message)
        files, path = fsspec.core.url_to_fs(self.model)
        if not files.exists(path):
            message = (
                f"perplexity: expected a model at {self.model}, found none; put it there or mend the recipe"
            )
            raise RecipeError(message)
        return {}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Score line by line."""
        text = document.text[: context.max_token_chars]
        text = text.lower() if self.lowercase else text
        text = _DIGIT.sub("0", text) if self.digits_to_zero else text
        lines = [line for line in text.replace("\0", " ").split("\n") if line and not line.isspace()]
        if not lines:
            return self.judge(document, None, "perplexity")
        model = _load(self.model)
        total = sum(model.score(encodable(line)) for line in lines)
        words = sum(len(line.split()) + 1 for line in lines)
        return self.judge(document, 10.0 ** min(-total / words, 300.0), "perplexity")


@functools.lru_cache(maxsize=2)
def _load(uri: str) -> Any:
    """Return the model, mapped into memory; a remote one is fetched once a machine."""
    try:
        import kenlm  # type: ignore[import-not-found]
    except ImportError as error:
        message = (
            "perplexity: expected the package kenlm, found none; pip install kenlm where Spark's Python runs"
        )
        raise RecipeError(message) from error
    path = uri.removeprefix("file://")
    return kenlm.Model(_fetch(uri) if "://" in path else path)


def _fetch(uri: str) -> str:
    """Return where a remote model lies on this machine, in a folder that nobody else may write."""
    import fsspec

    folder = Path(tempfile.gettempdir()) / f"penstock-models-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        message = f"perplexity: expected {folder} to be a folder of this user, found another's; remove it"
        raise SourceError(message)
    return str(fsspec.open_local(f"filecache::{uri}", filecache={"cache_storage": str(folder)}))
