"""The layout of a fastText model file (``.bin``, ``.ftz``), walked to its last byte before the library may see it.

fastText trusts its input: a changed number ends the process (a segmentation fault, a division by zero), and a file that
was cut off is loaded with zeros for what is missing and answers wrongly. The layout, versions 11 and 12, is fastText's
own (commit 1142dc4: ``src/fasttext.cc``, ``args.cc``, ``dictionary.cc``, ``densematrix.cc``, ``quantmatrix.cc``,
``productquantizer.cc``), little-endian.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_MAGIC = 793712314
_VERSIONS = (11, 12)
_SUPERVISED = 3
_LOSSES = {1: "hs", 2: "ns", 3: "softmax", 4: "ova"}
_CENTROIDS = 256
_ENTRY = struct.Struct("<qB")
_MAX_COUNT = 10**15
"""What fastText's tree of labels takes for infinity."""


class _Arguments(NamedTuple):
    """What of the arguments of the training decides the layout, or whether a division is by zero."""

    dim: int
    loss: str
    bucket: int


class _Dictionary(NamedTuple):
    labels: tuple[str, ...]
    rows: int
    is_pruned: bool


class BrokenModelError(ValueError):
    """What is wrong with a file; the message goes on after "a file of so many bytes"."""


def labels_of(content: bytes) -> tuple[str, ...]:
    """Return the labels of a supervised model, with their prefix, in the order of the file.

    Raises:
        BrokenModelError: when the library would not load it, would end the process, or would answer nonsense.
    """
    walk = _Walk(content)
    magic, version = walk.take("ii", "the magic number and the version")
    if magic != _MAGIC or version not in _VERSIONS:
        message = "that does not begin as a model of fastText does"
        raise BrokenModelError(message)
    arguments = _arguments(walk, version)
    dictionary = _dictionary(walk, arguments)
    is_quantised = walk.flag("whether the words are quantised")
    walk.expect(
        is_quantised or not dictionary.is_pruned, "quantised words, for n-grams are pruned", "dense ones"
    )
    _matrix(walk, "words", dictionary.rows, arguments.dim, is_quantised=is_quantised)
    wants_labels_quantised = walk.flag("whether the labels are quantised")
    are_both = is_quantised and wants_labels_quantised
    _matrix(walk, "labels", len(dictionary.labels), arguments.dim, is_quantised=are_both)
    if walk.left:
        message = f"that goes on for {walk.left} bytes after its end"
        raise BrokenModelError(message)
    return dictionary.labels


class _Walk:
    """A place in the file; whatever is not there or not as it should be is an error."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    @property
    def left(self) -> int:
        return len(self._content) - self._at

    def expect(self, is_met: bool, expected: str, came: str) -> None:
        if not is_met:
            message = f"with {came} where {expected} should be"
            raise BrokenModelError(message)

    def take(self, layout: str, what: str) -> tuple[int, ...]:
        size = struct.calcsize(f"<{layout}")
        self.skip(size, what)
        return struct.unpack_from(f"<{layout}", self._content, self._at - size)

    def flag(self, what: str) -> bool:
        (value,) = self.take("B", what)
        self.expect(value in (0, 1), f"0 or 1 ({what})", str(value))
        return value == 1

    def skip(self, size: int, what: str) -> None:
        if size > self.left:
            message = (
                f"that ends too early, {self.left} bytes after the beginning of {what}, which takes {size}"
            )
            raise BrokenModelError(message)
        self._at += size

    def text(self, word: bytes) -> str:
        try:
            return word.decode()
        except UnicodeDecodeError:
            self.expect(False, "a label in UTF-8", repr(word[:80]))
            raise

    def entry(self) -> tuple[bytes, int, int]:
        """Return a word, its count and its kind; models have millions, so that no message is made in advance."""
        end = self._content.find(b"\0", self._at)
        if not 0 <= end < len(self._content) - _ENTRY.size:
            message = "that ends too early, within the dictionary"
            raise BrokenModelError(message)
        word, self._at = self._content[self._at : end], end + 1 + _ENTRY.size
        count, kind = _ENTRY.unpack_from(self._content, end + 1)
        return word, count, kind


def _arguments(walk: _Walk, version: int) -> _Arguments:
    dim, _, _, _, _, word_ngrams, loss, model, bucket, minn, maxn, _, _ = walk.take("12id", "the arguments")
    if model != _SUPERVISED:
        message = "that is of word vectors, without labels"
        raise BrokenModelError(message)
    walk.expect(loss in _LOSSES, f"a loss of 1 to {len(_LOSSES)}", str(loss))
    walk.expect(dim > 0, "vectors of one dimension or more", str(dim))
    are_lengths = min(word_ngrams, minn, maxn) >= 0
    walk.expect(are_lengths, "lengths of n-grams of 0 or more", f"{word_ngrams}, {minn} to {maxn}")
    has_ngrams = word_ngrams > 1 or (maxn > 0 and version > min(_VERSIONS))
    walk.expect(bucket >= int(has_ngrams), "buckets for the n-grams", str(bucket))
    return _Arguments(dim, _LOSSES[loss], bucket)


def _dictionary(walk: _Walk, arguments: _Arguments) -> _Dictionary:
    size, words, labels, _, pruned = walk.take("3i2q", "the head of the dictionary")
    is_sum = words >= 0 and labels > 0 and words + labels == size
    walk.expect(
        is_sum, "a dictionary of words and at least one label", f"{words} words, {labels} labels of {size}"
    )
    walk.expect(-1 <= pruned <= max(arguments.bucket, 0), "a number of pruned n-grams", str(pruned))
    names: list[str] = []
    counts: list[int] = []
    for number in range(size):
        word, count, is_label = walk.entry()
        if is_label != (number >= words):
            walk.expect(False, "the words first, then the labels", f"entry {number} of kind {is_label}")
        if is_label:
            names.append(walk.text(word))
            counts.append(count)
    walk.expect(all(0 <= count < _MAX_COUNT for count in counts), "counts of labels", str(counts[:10]))
    is_sorted = counts == sorted(counts, reverse=True)
    walk.expect(is_sorted or arguments.loss != "hs", "labels by falling counts", str(counts[:10]))
    if pruned > 0:
        places = walk.take(f"{2 * pruned}i", "the pruned n-grams")[1::2]
        walk.expect(min(places) >= 0 and max(places) < pruned, f"places of n-grams below {pruned}", "others")
    ngrams = arguments.bucket if pruned < 0 else pruned
    return _Dictionary(tuple(names), words + ngrams, pruned >= 0)


def _matrix(walk: _Walk, name: str, rows: int, dim: int, *, is_quantised: bool) -> None:
    has_norms = is_quantised and walk.flag(f"whether the norms of the {name} are quantised")
    shape = walk.take("2q", f"the shape of the {name}")
    walk.expect(
        shape == (rows, dim), f"vectors of {name} of shape {rows} x {dim}", " x ".join(map(str, shape))
    )
    if not is_quantised:
        walk.skip(4 * rows * dim, f"the vectors of the {name}")
        return
    (codes,) = walk.take("i", f"the number of codes of the {name}")
    walk.skip(max(codes, 0), f"the codes of the {name}")
    parts = _quantiser(walk, name, dim)
    walk.expect(codes == rows * parts, f"{rows * parts} codes of {name}", str(codes))
    if has_norms:
        walk.skip(rows, f"the norms of the {name}")
        _quantiser(walk, f"norms of the {name}", 1)


def _quantiser(walk: _Walk, name: str, dim: int) -> int:
    """Pass a product quantiser; return into how many parts it cuts a vector."""
    own_dim, parts, part_dim, last_dim = walk.take("4i", f"the quantiser of the {name}")
    walk.expect(
        own_dim == dim and 0 < part_dim <= dim, f"a quantiser of {dim} dimensions", f"{own_dim} by {part_dim}"
    )
    fits = (parts - 1) * part_dim + last_dim == dim and 0 < last_dim <= part_dim
    walk.expect(fits, f"parts that make {dim} dimensions", f"{parts} of {part_dim}, the last of {last_dim}")
    walk.skip(4 * dim * _CENTROIDS, f"the centroids of the {name}")
    return parts
