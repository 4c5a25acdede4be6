"""The reference sample, corrected: two functions from a text file to tables, as the simplest use of the platform.

``docs/sample_job.md`` explains them line by line, and says what was wrong in the sample that they come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.process import tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from pyspark.sql import Column, DataFrame, SparkSession

LABELED_TABLE, FEATURE_TABLE = "labeled_table", "feature_table"
FEATURE_BUCKETS = 1 << 12
_WORDS_SCHEMA = "text string, word string"

# Hutto and Gilbert (ICWSM 2014) class a mean rating of -4..4 by +-0.05 of its share of 4.
_THRESHOLD = 0.05 * 4


def preprocess_data(spark: SparkSession, input_path: str, output_path: str) -> int:
    """Turn a text file into words: one row of ``text`` and ``word`` for each word, in Parquet; return their number.

    Each line of ``input_path`` is one text; a line without words gives no row. ``output_path`` is replaced.
    """
    lines = spark.read.text(input_path).select(_printable("value").alias("text"))
    words = lines.where("text <> ''").mapInArrow(split_into_words, _WORDS_SCHEMA)
    words.write.mode("overwrite").parquet(output_path)
    return int(spark.read.parquet(output_path).count())


def process_dataflow(spark: SparkSession, input_path: str, output_path: str) -> dict[str, int]:
    """Turn raw rows into the tables ``labeled_table`` and ``feature_table`` below ``output_path``.

    ``input_path`` is tab-separated: a mean rating (-4 to 4; empty when nobody rated) and a text, without a header. A
    text that is there more than once counts once, with the mean of its ratings. Both tables are replaced; the rows of
    each are returned.
    """
    raw_data = read_raw(spark, input_path)
    preprocessed_data = preprocess(raw_data)
    transformed_data = transform(preprocessed_data)
    labeled_data = label(transformed_data)
    tables = {LABELED_TABLE: labeled_data.drop("words"), FEATURE_TABLE: extract_features(labeled_data)}
    for name, frame in tables.items():
        frame.write.mode("overwrite").parquet(f"{output_path}/{name}")
    return {name: int(spark.read.parquet(f"{output_path}/{name}").count()) for name in tables}


def read_raw(spark: SparkSession, input_path: str) -> DataFrame:
    """Return ``rating`` (null when it is no number) and ``text``.

    A line is split at its first tab alone: a text may hold quotes, which a CSV reader would swallow.
    """
    from pyspark.sql import functions as F  # noqa: N812

    parts = F.split("value", "\t", 2)
    rows = spark.read.text(input_path).where(F.col("value").contains("\t"))
    rating = F.get(parts, F.lit(0)).try_cast("double")
    return rows.select(
        F.nanvl(rating, F.lit(None)).alias("rating"), _printable(F.get(parts, F.lit(1))).alias("text")
    )


def preprocess(raw_data: DataFrame) -> DataFrame:
    """Return MIN, MAX and COUNT of the words of each text.

    Columns: reads ``rating``, ``text``; gives ``text``, ``rating`` (mean), ``min_word``, ``max_word``, ``word_count``.
    """
    from pyspark.sql import functions as F  # noqa: N812

    texts = raw_data.where("text <> ''").groupBy("text").agg(F.avg("rating").alias("rating"))
    words = texts.select("text").mapInArrow(split_into_words, _WORDS_SCHEMA)
    counted = words.groupBy("text").agg(
        F.min("word").alias("min_word"), F.max("word").alias("max_word"), F.count("word").alias("word_count")
    )
    return texts.join(counted, on="text", how="left").na.fill(0, ["word_count"])


def transform(preprocessed_data: DataFrame) -> DataFrame:
    """Add ``words``, the lowercased words between single spaces, and ``rating_share`` (rating / 4, -1 to 1)."""
    from pyspark.sql import functions as F  # noqa: N812

    cleaned = F.trim(F.regexp_replace(F.lower("text"), r"[^\p{L}\p{N}]+", " "))
    return preprocessed_data.withColumns({"words": cleaned, "rating_share": F.col("rating") / 4})


def label(transformed_data: DataFrame) -> DataFrame:
    """Add ``label``: positive, neutral or negative; null without a rating."""
    from pyspark.sql import functions as F  # noqa: N812

    rating = F.col("rating")
    named = F.when(rating >= _THRESHOLD, "positive").when(rating <= -_THRESHOLD, "negative")
    return transformed_data.withColumn("label", named.when(rating.isNotNull(), "neutral"))


def extract_features(labeled_data: DataFrame) -> DataFrame:
    """Return ``text``, ``label`` and ``features``: a map of hashed word (0 to 4,095) to how often it is in the text."""
    from pyspark.sql import functions as F  # noqa: N812

    buckets = F.filter(F.split("words", " "), lambda word: word != "")
    hashed = F.transform(buckets, lambda word: F.pmod(F.xxhash64(word), F.lit(FEATURE_BUCKETS)).cast("int"))
    counts = F.map_from_arrays(
        F.array_distinct(hashed),
        F.transform(F.array_distinct(hashed), lambda bucket: F.size(F.filter(hashed, lambda x: x == bucket))),
    )
    return labeled_data.select("text", "label", counts.alias("features"))


def split_into_words(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return a row for each word of each ``text``: what an executor does."""
    import pyarrow as pa

    for batch in batches:
        pairs = [(t, w) for t in batch.column("text").to_pylist() if t for w in tokenizer.tokenize(t)]
        texts, words = zip(*pairs, strict=True) if pairs else ((), ())
        columns = [pa.array(texts, type=pa.string()), pa.array(words, type=pa.string())]
        yield pa.RecordBatch.from_arrays(columns, names=["text", "word"])


def _printable(column: str | Column) -> Column:
    """Return a text without NUL and other control characters, and without white space around it."""
    from pyspark.sql import functions as F  # noqa: N812

    return F.trim(F.regexp_replace(column, r"[\x00-\x08\x0b-\x1f\x7f]+", ""))
