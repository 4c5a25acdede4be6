"""Manifests: one small file per run and zone that makes an attempt visible, whole, or not at all."""

from __future__ import annotations

import builtins
import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from penstock.errors import CorruptionError
from penstock.params import Params
from penstock.receipt import Outcome


class Zone(StrEnum):
    """Where a dataset's bytes lie, in the order in which they get there.

    ``quarantine`` and ``dropped`` hold the rows that left the flow, ``artefacts`` files that are no rows (a model).
    """

    LANDING = "01_landing"
    RAW = "02_raw"
    CLEAN = "03_clean"
    CHECKED = "04_checked"
    PUBLISHED = "05_published"
    QUARANTINE = "quarantine"
    DROPPED = "dropped"
    ARTEFACT = "artefacts"


class FileEntry(Params):
    """One file of an attempt: its path from the lake's root, bytes, sha256 and, if it holds rows, their number."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None

    @property
    def zone(self) -> str:
        """The zone that the file lies in: the first word of its path."""
        return self.path.split("/", 1)[0]


class ParentRef(Params):
    """The manifest that a stage read: its zone, and the fingerprint that names its rows."""

    zone: Zone
    manifest_sha256: str
    fingerprint: str


class Manifest(Params):
    """What one run of one stage published.

    ``fingerprint`` names the rows by what made them (parents, parameters, code): equal fingerprints mean equal rows.
    """

    zone: Zone
    dataset: str
    run_key: str
    attempt: str
    fingerprint: str
    parents: tuple[ParentRef, ...] = ()
    files: tuple[FileEntry, ...]
    recipe_hash: str
    code_version: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    extra: dict[str, Any] = Field(default_factory=dict)

    def entries(self, zone: Zone | None = None) -> tuple[FileEntry, ...]:
        """Return the files in ``zone``; by default the manifest's own, without dropped and quarantined rows."""
        wanted = zone or self.zone
        return tuple(entry for entry in self.files if entry.zone == wanted)

    @property
    def bytes(self) -> int:
        """Bytes of the manifest's own zone."""
        return sum(entry.bytes for entry in self.entries())

    def to_bytes(self) -> builtins.bytes:
        """Return the JSON text, with the sha256 of its own body inside."""
        body = self.model_dump(mode="json")
        return json.dumps({"sha256": _digest(body), "body": body}, indent=1, ensure_ascii=False).encode()

    @property
    def sha256(self) -> str:
        """The digest that a receipt names."""
        return _digest(self.model_dump(mode="json"))

    @classmethod
    def from_bytes(cls, content: builtins.bytes, *, where: str) -> Manifest:
        """Parse and check a manifest.

        Raises:
            CorruptionError: when the bytes are not those that were published.
        """
        try:
            document = json.loads(content)
            if document["sha256"] == _digest(document["body"]):
                return cls.model_validate(document["body"])
            problem = "its checksum does not fit its body"
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            problem = f"it does not parse ({type(error).__name__})"
        message = (
            f"manifest: expected the bytes that were published, but {problem}: {where}; "
            "delete that file and run the stage again: its attempt is rebuilt"
        )
        raise CorruptionError(message)


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
