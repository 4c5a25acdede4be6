from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from penstock.errors import CorruptionError, SourceError
from penstock.model.artefact import ModelArtefact, read_checked
from penstock.model.spec import Metrics, Score

SHA256 = hashlib.sha256(b"weights").hexdigest()


def test_the_version_is_the_beginning_of_the_digest() -> None:
    metrics = Metrics(train_rows=1, held_back=Score(rows=1, accuracy=1, majority=1))
    artefact = ModelArtefact(path="artefacts/m/d/attempt=1/model.npz", sha256=SHA256, metrics=metrics)
    assert artefact.version == SHA256[:12]
    assert ModelArtefact.model_validate(artefact.model_dump(mode="json")) == artefact


def test_reads_what_was_published(tmp_path: Path) -> None:
    (tmp_path / "m.npz").write_bytes(b"weights")
    assert read_checked(f"file://{tmp_path}/m.npz", SHA256) == b"weights"


@pytest.mark.parametrize("content", [b"", b"Weights", b"weights "])
def test_refuses_other_bytes(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(CorruptionError, match=f"expected sha256 {SHA256} as the ledger has it, got"):
        read_checked(f"file://{tmp_path}/m.npz", SHA256)


def test_says_that_a_file_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CorruptionError, match="found none; run the flow that trains it"):
        read_checked(f"file://{tmp_path}/m.npz", SHA256)


def test_a_file_that_cannot_be_read_now_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"expected to read .*IsADirectoryError"):
        read_checked(f"file://{tmp_path}", SHA256)
