"""The texts of a batch as bytes in one buffer, the way the kernel reads them and Arrow keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Array = np.ndarray[Any, Any]


class Texts:
    """Texts ``data[starts[i] : stops[i]]``, UTF-8; a null is an empty one of which ``is_null`` says so.

    As long as nothing is replaced, ``data`` is the memory of the Arrow array: it must not be written to. After that the
    texts lie in it one after the other.
    """

    def __init__(self, array: pa.Array) -> None:
        import numpy as np
        import pyarrow as pa

        self._kept_alive = array
        count = len(array)
        self.is_changed = False
        self.is_null: Array = np.asarray(array.is_null())
        self.starts: Array = np.zeros(count, dtype=np.int64)
        self.stops: Array = np.zeros(count, dtype=np.int64)
        self.data: Array = np.zeros(1, dtype=np.uint8)
        wide = pa.types.is_large_string(array.type)
        if (wide or pa.types.is_string(array.type)) and count and array.buffers()[2] is not None:
            _, offset_buffer, data_buffer = array.buffers()
            offsets: Array = np.frombuffer(offset_buffer, dtype=np.int64 if wide else np.int32)
            offsets = offsets[array.offset : array.offset + count + 1].astype(np.int64)
            self.starts, self.stops = offsets[:-1].copy(), offsets[1:].copy()
            self.data = _memory(data_buffer)
        self.stops[self.is_null] = self.starts[self.is_null]

    def text(self, index: int) -> str | None:
        """Return one text as Python has it."""
        if self.is_null[index]:
            return None
        return self.data[self.starts[index] : self.stops[index]].tobytes().decode()

    def replace(self, data: Array, starts: Array, stops: Array) -> None:
        """Take other texts from another buffer, where ``starts`` is not negative."""
        import numpy as np

        changed = starts >= 0
        if not changed.any():
            return
        starts, stops = np.where(changed, starts, self.starts), np.where(changed, stops, self.stops)
        self.data = _in_a_row((self.data, data), changed, starts, stops)
        self.stops = np.cumsum(stops - starts)
        self.starts = self.stops - (stops - starts)
        self.is_null = self.is_null & ~changed
        self.is_changed = True

    def replace_strings(self, strings: Mapping[int, bytes]) -> None:
        """Take other texts from Python."""
        import numpy as np

        starts, stops = np.full(len(self.starts), -1, np.int64), np.zeros(len(self.starts), np.int64)
        end = 0
        for index, content in strings.items():
            starts[index], stops[index] = end, end + len(content)
            end += len(content)
        data = np.frombuffer(b"".join(strings.values()) + b" ", dtype=np.uint8).copy()
        self.replace(data, starts, stops)

    def to_arrow(self, kind: pa.DataType) -> pa.Array:
        """Return the texts, some of which were replaced, as a column of the type."""
        import numpy as np
        import pyarrow as pa

        offsets = np.concatenate([np.zeros(1, np.int64), self.stops])
        valid = pa.array(~self.is_null).buffers()[1]
        buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(self.data)]
        return pa.Array.from_buffers(pa.large_string(), len(self.starts), buffers).cast(kind)

    def is_within(self, most_bytes: int) -> Array:
        """Return which texts are not longer."""
        within: Array = self.stops - self.starts <= most_bytes
        return within


def encodable(text: str) -> str:
    """Return the text with a question mark for each lone surrogate, which has no UTF-8 form."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def valid_texts(array: pa.Array) -> tuple[pa.Array, dict[int, UnicodeDecodeError]]:
    """Return a string array that is UTF-8, and the rows in which bytes had to be replaced, with the error."""
    import pyarrow as pa

    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return array, {}
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        pass
    else:
        return array, {}
    errors: dict[int, UnicodeDecodeError] = {}
    values: list[str | None] = []
    for index, content in enumerate(array.view(_binary_of(array.type)).to_pylist()):
        try:
            values.append(None if content is None else content.decode())
        except UnicodeDecodeError as error:
            errors[index] = error
            values.append(content.decode("utf-8", "replace"))
    return pa.array(values, type=array.type), errors


def _binary_of(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return pa.large_binary() if pa.types.is_large_string(kind) else pa.binary()


def _in_a_row(sources: tuple[Array, Array], which: Array, starts: Array, stops: Array) -> Array:
    """Return texts one after the other, and a byte; neighbours in one of the two sources are copied together."""
    import numpy as np

    is_first = np.ones(len(starts), dtype=np.bool_)
    is_first[1:] = (which[1:] != which[:-1]) | (starts[1:] != stops[:-1])
    first = np.flatnonzero(is_first)
    last = np.append(first[1:], len(starts)) - 1
    runs = zip(which[first].tolist(), starts[first].tolist(), stops[last].tolist(), strict=True)
    return np.concatenate(
        [*(sources[source][start:stop] for source, start, stop in runs), np.zeros(1, np.uint8)]
    )


def _memory(buffer: pa.Buffer) -> Array:
    """Return a buffer's memory as an array that numba takes for a writable one: it has one type of array then."""
    import ctypes

    import numpy as np

    if buffer.size == 0:
        return np.zeros(1, dtype=np.uint8)
    view: Array = np.ctypeslib.as_array((ctypes.c_uint8 * buffer.size).from_address(buffer.address))
    return view
