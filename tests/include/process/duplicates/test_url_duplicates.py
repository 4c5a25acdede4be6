from __future__ import annotations

import pytest

from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates.url_duplicates import UrlDuplicates, normalise_url
from penstock.process.step import FrameContext


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, None),
        ("", ""),
        ("not an address", "not an address"),
        ("http://[::1", "http://[::1"),
        ("http://a.example:99999/", "http://a.example:99999/"),
        ("HTTP://www.A.example:80/x/", "https://a.example/x"),
        ("https://a.example:443?b=2&a=1#top", "https://a.example?a=1&b=2"),
        ("https://a.example/x;jsessionid=1F?utm_source=y&id=3", "https://a.example/x?id=3"),
        ("https://a.example:8080/\u8d28", "https://a.example:8080/%E8%B4%A8"),
    ],
)
def test_addresses_are_compared_without_what_does_not_name_the_page(url, expected):
    assert normalise_url(url) == expected


def test_of_the_same_address_the_least_id_stays(spark, context, lake):
    rows = [
        ("b", "http://a.example/x"), ("a", "https://www.a.example/x/"), ("c", None), ("d", None), ("e", "https://b.example"),
    ]  # fmt: skip
    frame = audit.with_audit(spark.createDataFrame(rows, "doc_id string, url string"))
    attempt = lake.attempt(Zone.CLEAN, "notes", context.run_key, "a1")
    done = UrlDuplicates().transform(frame, FrameContext(run=context, attempt=attempt)).collect()
    assert {row.doc_id: row.drop_detail for row in done if row.drop_step} == {"b": "a"}
    assert {row.drop_reason for row in done} == {None, "url_duplicate"}
    assert len(done) == len(rows)
