"""Numbers as text: how feature vectors travel through stages that carry records of plain values.

Little-endian float32 or int32 in base64: exact, a third longer than the bytes, and free of any float formatting.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np

from penstock.errors import ContractError

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["<f4", "<i4"]


def pack(numbers: pa.Array) -> list[str | None]:
    """Return the rows of a list column as texts; a null row stays ``None``, which is not the empty vector.

    Raises:
        ContractError: when the column is not of lists of numbers, a number in a list is null, or an integer does not
            fit into 32 bits.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_list_of_numbers(numbers.type):
        raise _not_numbers(numbers.type, "not lists of numbers")
    flat = pc.list_flatten(numbers)
    if flat.null_count:
        raise _not_numbers(numbers.type, "nulls in lists")
    kind = "<i4" if pa.types.is_integer(numbers.type.value_type) else "<f4"
    try:
        content = flat.cast(pa.int32() if kind == "<i4" else pa.float32()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        raise _not_numbers(numbers.type, str(error)) from error
    lengths = pc.list_value_length(numbers)
    ends = np.cumsum(pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False))
    return [
        None
        if length is None
        else base64.b64encode(content[end - length : end].astype(kind).tobytes()).decode()
        for length, end in zip(lengths.to_pylist(), ends.tolist(), strict=True)
    ]


def unpack(texts: Iterable[str | None], kind: Kind) -> pa.Array:
    """Return an Arrow list column of what `pack` made.

    Raises:
        ContractError: when a text is not of `pack`.
    """
    import pyarrow as pa

    offsets: list[int | None] = []
    parts: list[bytes] = []
    size = 0
    for text in texts:
        offsets.append(None if text is None else size)
        if text is not None:
            parts.append(_decode(text))
            size += len(parts[-1]) // 4
    flat = np.frombuffer(b"".join(parts), dtype=kind)
    positions = pa.array([*offsets, size], type=pa.int32())
    return pa.ListArray.from_arrays(positions, pa.array(flat))


def _decode(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _not_packed(text) from error
    if len(content) % 4:
        raise _not_packed(text)
    return content


def _is_list_of_numbers(kind: pa.DataType) -> bool:
    import pyarrow as pa

    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return bool(is_list and (pa.types.is_integer(kind.value_type) or pa.types.is_floating(kind.value_type)))


def _not_numbers(kind: pa.DataType, problem: str) -> ContractError:
    message = (
        f"features: expected a column of lists of 32-bit numbers without nulls, got {kind} ({problem}); "
        "leave the column out, or publish it as numbers"
    )
    return ContractError(message, failed={"not_numbers": 1})


def _not_packed(text: str) -> ContractError:
    message = (
        f"features: expected base64 of 4-byte numbers, got {text[:40]!r}; "
        "run the ingest stage of the model's flow again: it packs them"
    )
    return ContractError(message, failed={"not_packed": 1})
