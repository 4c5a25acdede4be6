"""What rows look like, counted table by table."""

from __future__ import annotations

import pyarrow as pa

from penstock.report import profile as profiles
from penstock.report.profile import CHARACTERS, NOBODY, Profile, domains_of


def profiled(*tables: pa.Table, text_column: str = "text") -> Profile:
    schema = tables[0].schema
    made = Profile(dict(zip(schema.names, schema.types, strict=True)), text_column)
    for table in tables:
        made.add(table.select(made.columns()))
    return made


def test_measures_texts_with_nulls_and_empty_ones():
    made = profiled(pa.table({"doc_id": ["1", "2", "3"], "text": pa.array(["añ", None, ""], pa.string())}))
    assert (made.rows, made.text_bytes, made.characters, made.empty_texts, made.nulls["text"]) == (
        3,
        3,
        2,
        2,
        1,
    )


def test_counts_languages_labels_and_domains_over_tables():
    table = pa.table(
        {
            "doc_id": ["1", "2", "3"],
            "lang": pa.array(["en", "en", None], pa.string()),
            "label": ["a", "b", "a"],
            "url": ["https://www.Example.org/x", "http://user:pw@example.org:80/?q=1", "no url"],
        }
    )
    made = profiled(table, table)
    languages, domains = made.most("lang", 1), made.most("url", 5)
    assert languages is not None
    assert (languages.values, languages.others, languages.distinct) == ({"en": 4}, 2, 2)
    assert domains is not None
    assert domains.values == {"example.org": 4, NOBODY: 2}
    assert list(made.categories()) == ["label"]


def test_a_column_of_many_words_is_no_category():
    made = profiled(
        pa.table({"doc_id": list("abcdefghijklmnopqrstuvwxyz"), "title": [f"t{n}" for n in range(26)]})
    )
    assert made.categories() == {}


def test_numbers_have_bounds_of_all_rows_and_values_of_the_sample():
    table = pa.table({"doc_id": ["1", "2", "3"], "n": pa.array([1.5, None, float("nan")], pa.float32())})
    made = profiled(table, pa.table({"doc_id": ["4"], "n": pa.array([float("inf")], pa.float32())}))
    (column,) = made.number_columns(made.sample.rows())
    assert (column.least, column.greatest, column.nulls, column.values) == (1.5, 1.5, 1, (1.5,))


def test_the_characters_of_a_text_come_first():
    made = profiled(pa.table({"doc_id": ["1"], "n": [1], "text": ["abc"]}))
    assert [c.name for c in made.number_columns(made.sample.rows())] == [CHARACTERS, "n"]


def test_masked_and_missing_are_counted_and_vectors_are_not_read():
    table = pa.table(
        {
            "doc_id": ["1", "2"],
            "masked": pa.array([[("email", 2)], None], pa.map_(pa.string(), pa.int32())),
            "missing_readings": [["gust"], []],
            "bert": [[0.5], [0.25]],
            "provenance": [{"line": 1}, {"line": 2}],
        }
    )
    made = profiled(table)
    assert dict(made.masked) == {"email": 2}
    assert dict(made.missing) == {"gust": 1}
    assert set(made.columns()) == {"doc_id", "masked", "missing_readings"}


def test_the_sample_holds_the_beginning_of_a_huge_text():
    made = profiled(pa.table({"doc_id": ["1"], "text": ["x" * 100_000]}))
    rows = made.sample.rows()
    assert rows is not None
    assert len(rows["text"][0].as_py()) == profiles.SAMPLE_TEXT_CHARS
    assert rows[CHARACTERS][0].as_py() == 100_000


def test_hosts_are_in_small_letters_without_www():
    urls = pa.chunked_array([["HTTPS://WWW.A.org", "ftp://b.org/x", "//c.org", None, ""]])
    assert domains_of(urls).to_pylist() == ["a.org", "b.org", None, None, None]
