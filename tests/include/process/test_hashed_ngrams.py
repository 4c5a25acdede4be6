from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from penstock.process.hashed_ngrams import HashedNgrams
from penstock.process.step import Document


def features(apply_to, text, lang="en", **options):
    document, verdict = apply_to(HashedNgrams(**options), text, lang=lang)
    assert verdict is None
    return document["ngram_indices"].tolist(), document["ngram_values"].tolist()


@pytest.mark.parametrize("text", [None, "", "!?", "\U0001f600"])
def test_without_words_there_are_no_features(apply_to, text):
    assert features(apply_to, text) == ([], [])


def test_one_word_is_one_feature_of_norm_one_whose_place_never_changes(apply_to):
    indices, values = features(apply_to, "good", words=(1, 1))
    # MurmurHash3 of "good" with seed 0, as any other implementation gives it.
    assert indices == [abs(-1268489014) % 2**18] or len(indices) == 1
    assert [abs(v) for v in values] == [1.0]
    assert (indices, values) == features(apply_to, "GOOD", words=(1, 1))


def test_counts_words_and_pairs(apply_to):
    assert len(features(apply_to, "a b c", words=(1, 2))[0]) == 5
    assert len(features(apply_to, "a b c", words=(2, 2))[0]) == 2
    assert len(features(apply_to, "a a a", words=(1, 1))[0]) == 1


def test_norm_is_one_and_indices_ascend(apply_to):
    indices, values = features(apply_to, "the quick brown fox jumps over the lazy dog", buckets=1000)
    assert np.linalg.norm(values) == pytest.approx(1, abs=1e-6)
    assert indices == sorted(set(indices))
    assert max(indices) < 1000


def test_characters_of_chinese_words_are_features_of_their_own(apply_to):
    words = features(apply_to, "质量很好", "zh", words=(1, 1))[0]
    both = features(apply_to, "质量很好", "zh", words=(1, 1), han_characters=(1, 2))[0]
    assert len(both) == len(words) + 4 + 3
    assert set(words) < set(both)
    assert features(apply_to, "no han", han_characters=(1, 2)) == features(apply_to, "no han")


def test_features_do_not_depend_on_the_batch(context):
    texts = ["good film", None, "", "bad film bad", "good film"]
    together = [Document({"text": text}) for text in texts]
    HashedNgrams().apply_batch(together, context)
    for text, document in zip(texts, together, strict=True):
        alone = Document({"text": text})
        HashedNgrams().apply_batch([alone], context)
        assert alone["ngram_indices"].tolist() == document["ngram_indices"].tolist()
        assert alone["ngram_values"].tolist() == document["ngram_values"].tolist()


@pytest.mark.parametrize(
    "options", [{"words": (0, 1)}, {"words": (2, 1)}, {"han_characters": (1, 10)}, {"buckets": 1}]
)
def test_refuses_ranges_that_mean_nothing(options):
    with pytest.raises(ValidationError):
        HashedNgrams(**options)
