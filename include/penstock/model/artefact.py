"""What the training step leaves in its manifest for the store stage: a model that still has to pass the gate."""

from __future__ import annotations

from penstock.model.spec import Metrics
from penstock.params import Params

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
