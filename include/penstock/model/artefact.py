"""Model files: what the training step leaves in its manifest for the store stage, and how a file is read safely."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from penstock.errors import CorruptionError, SourceError
from penstock.model.spec import Metrics
from penstock.params import Params
from penstock.stores import open_filesystem

MODEL_FILE = "model.npz"
EXTRA_KEY = "model"
VERSION_CHARS = 12


class ModelArtefact(Params):
    """A model file of an attempt: its path from the lake's root, its digest, and what it is worth.

    The version is the beginning of the digest: the same training rows give the same version again.
    """

    path: str
    sha256: str
    metrics: Metrics

    @property
    def version(self) -> str:
        """The name that rows classified by this model carry."""
        return self.sha256[:VERSION_CHARS]


def read_checked(uri: str, sha256: str, options: Mapping[str, Any] | None = None) -> bytes:
    """Return the bytes of a published model; ``options`` are those of its lake's filesystem.

    Raises:
        CorruptionError: when they are not those that were published, or the file is gone.
        SourceError: when it cannot be read right now.
    """
    fs, path = open_filesystem(uri, options)
    try:
        with fs.open(path, "rb") as stream:
            content: bytes = stream.read()
    except FileNotFoundError as error:
        message = (
            f"model: expected the file {uri} that the ledger names, found none; run the flow that trains it"
        )
        raise CorruptionError(message, sample_uri=uri) from error
    except OSError as error:
        message = f"model: expected to read {uri}, got {type(error).__name__}: {error}; look at the lake's connection"
        raise SourceError(message) from error
    came = hashlib.sha256(content).hexdigest()
    if came != sha256:
        message = (
            f"model: expected sha256 {sha256} as the ledger has it, got {came} ({uri}); "
            "the file was changed after it was published: run the flow that trains it again"
        )
        raise CorruptionError(message, failed={"model_sha256": 1}, sample_uri=uri)
    return content
