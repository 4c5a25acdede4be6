from __future__ import annotations

from pathlib import Path

import pytest

from penstock.jobs.sample import FEATURE_BUCKETS, preprocess_data, process_dataflow

RAW = (
    "3.0\tA truly good film\n"
    "1.0\tA truly good film\n"
    "-2.5\tbad \"bad\" film\n"
    "0.1\tneither, nor\n"
    "\t质量很好\n"
    "garbage\tno rating here\n"
    "nan\tnot a number\n"
    "2.0\t\n"
    "no tab at all\n"
    "\n"
    "1.5\t\U0001f600 !\n"
    "1.5\tnul\x00 inside\ttab\n"
)  # fmt: skip


@pytest.fixture
def raw(tmp_path: Path) -> str:
    path = tmp_path / "raw.tsv"
    path.write_bytes(RAW.encode())
    return str(path)


def table(spark, path):
    return {row.text: row.asDict() for row in spark.read.parquet(path).collect()}


def test_words_of_a_text_file(spark, tmp_path):
    source, target = tmp_path / "in.txt", str(tmp_path / "words")
    source.write_text("one two two\n\n  \nDon't stop!\n我爱北京\n\U0001f600\n", encoding="utf-8")
    assert preprocess_data(spark, str(source), target) == 8
    rows = [tuple(row) for row in spark.read.parquet(target).collect()]
    assert sorted(rows) == sorted(
        [("one two two", "one"), ("one two two", "two"), ("one two two", "two"), ("Don't stop!", "Don't"),
         ("Don't stop!", "stop"), ("我爱北京", "我"), ("我爱北京", "爱"), ("我爱北京", "北京")]
    )  # fmt: skip
    assert preprocess_data(spark, str(source), target) == 8, "a second run replaces the first"


def test_an_empty_file_has_no_words(spark, tmp_path):
    (tmp_path / "in.txt").write_text("")
    assert preprocess_data(spark, str(tmp_path / "in.txt"), str(tmp_path / "words")) == 0


def test_two_tables_from_raw_rows(spark, raw, tmp_path):
    assert process_dataflow(spark, raw, str(tmp_path / "out")) == {"labeled_table": 8, "feature_table": 8}
    labeled = table(spark, str(tmp_path / "out/labeled_table"))
    assert {text: row["label"] for text, row in labeled.items()} == {
        "A truly good film": "positive", 'bad "bad" film': "negative", "neither, nor": "neutral", "质量很好": None,
        "no rating here": None, "not a number": None, "\U0001f600 !": "positive", "nul inside\ttab": "positive",
    }  # fmt: skip
    film = labeled["A truly good film"]
    assert (film["rating"], film["min_word"], film["max_word"], film["word_count"]) == (2.0, "A", "truly", 4)
    nothing = labeled["\U0001f600 !"]
    assert (nothing["min_word"], nothing["max_word"], nothing["word_count"]) == (None, None, 0)
    features = {
        text: row["features"] for text, row in table(spark, str(tmp_path / "out/feature_table")).items()
    }
    assert sorted(features['bad "bad" film'].values()) == [1, 2]
    assert features["\U0001f600 !"] == {}
    assert all(0 <= bucket < FEATURE_BUCKETS for counts in features.values() for bucket in counts)


def test_a_second_run_gives_the_same_tables(spark, raw, tmp_path):
    found = []
    for _ in range(2):
        process_dataflow(spark, raw, str(tmp_path / "out"))
        found.append(
            [table(spark, str(tmp_path / f"out/{name}")) for name in ("labeled_table", "feature_table")]
        )
    assert found[0] == found[1]
