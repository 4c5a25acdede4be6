"""The interface of a decoder."""

from __future__ import annotations

import pytest

from penstock.transfer.decoder import BadRecord, Decoder


def test_a_decoder_without_columns_or_reader_says_so() -> None:
    with pytest.raises(NotImplementedError):
        Decoder().fields()
    with pytest.raises(NotImplementedError):
        Decoder().reader(None)


def test_a_bad_record_says_why() -> None:
    assert (
        str(BadRecord(reason="wrong_type", detail="expected long, got 'x'"))
        == "wrong_type: expected long, got 'x'"
    )
