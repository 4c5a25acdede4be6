from __future__ import annotations

import pytest

from penstock.index.catalog import DuplicateIndex, history_digest
from penstock.index.scheme import Scheme
from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates import distributed
from penstock.process.duplicates.near_duplicates import NearDuplicates
from penstock.process.step import FrameContext
from support.near_duplicates import documents_of, planted, real_documents


@pytest.mark.parametrize("local_edges", [distributed.LOCAL_EDGES, 0])
def test_a_large_run_has_the_answer_of_a_small_one(spark, context, lake, monkeypatch, local_edges):
    """Published documents, a rule that needs a worth, and components by Spark.

    No document of the day is like both a published one and another of the day: such chains alone are not followed.
    """
    monkeypatch.setattr(distributed, "LOCAL_EDGES", local_edges)
    texts, published = planted(60), real_documents(80)[60:]
    index, key = DuplicateIndex(lake, "notes"), "2026-11-01"
    entry = index.publish(
        key, documents_of(published, first=900), Scheme(), source="s", history=history_digest({})
    )
    rows = [(f"{n:032x}", text) for n, text in enumerate([*texts, *published[10:], None, "", texts[30]])]
    frame = audit.with_audit(spark.createDataFrame(rows, "doc_id string, text string"))
    answers = []
    for name, limit in (("small", 1_000), ("large", 0)):
        attempt = lake.attempt(Zone.CLEAN, "notes", context.run_key, name)
        frames = FrameContext(run=context, attempt=attempt, state={"days": {key: entry.digest}})
        step = NearDuplicates(keep="longest", local_documents=limit)
        found = step.transform(frame, frames).collect()
        assert len(found) == len(rows)
        answers.append(
            (
                sorted(
                    (r.doc_id, r.drop_detail or "", r.drop_value or 0, r.duplicate_cluster or "")
                    for r in found
                ),
                frames.extra["duplicate_index"]["near_duplicates"]["digest"],
            )
        )
    assert answers[0] == answers[1]
    assert sum(detail != "" for _, detail, _, _ in answers[0][0]) > 20
