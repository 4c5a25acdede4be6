"""Step ``near_duplicates``: of documents that are nearly the same, in the run or published before, keep one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, model_validator

from penstock.errors import RecipeError
from penstock.index.catalog import DEFAULT_NAME, DuplicateIndex, history_digest
from penstock.index.compare import REPRESENTATIVES, Clusters, find_clusters
from penstock.index.documents import Documents, gather
from penstock.index.scheme import Scheme
from penstock.process import audit
from penstock.process.duplicates.artefact import EXTRA_KEY, leave_artefact
from penstock.process.duplicates.staging import (
    concatenated,
    first_in_order,
    join_verdicts,
    keep_frame,
    live_tables,
    string_array,
)
from penstock.process.duplicates.verdicts import (
    CLUSTER,
    IS_DROPPED,
    KEPT_ID,
    Keep,
    choose_kept,
    verdicts_of,
)
from penstock.process.step import CompareStep, Context, FrameContext, Staged

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from penstock.lake import Lake

SIGNATURE, SHINGLES = "minhash", "minhash_shingles"
_SIGNED, _SIZE, _WORTH = "__signed", "__size", "__worth"


class NearDuplicates(CompareStep):
    """Drop (``near_duplicate``, value: the similarity, detail: the kept ``doc_id``) all but one of each cluster.

    Documents that share a band of their MinHash signatures are compared, and those with a Jaccard similarity of at
    least ``threshold`` (0.8: Lee et al. 2022, arXiv:2107.06499, appendix A) are linked; a cluster is what is linked,
    also by a chain, so ``value``, the similarity with the kept document, may be below the threshold. ``verify`` says
    by which evidence (`penstock.index.scheme.Scheme`). The 112 hashes of a signature are cut into 16 ``bands`` of 7
    ``rows``; without evidence into 14 of 8, as datatrove 0.10.1 does. In a bucket a document is compared with at most
    ``representatives`` others. ``keep`` chooses within the run: the ``oldest`` (least ``doc_id``), the ``longest``
    text, the ``best_score`` (greatest ``score_column``).

    With ``index`` (null: only within the run) documents are compared with everything that days *before* this one have
    published, and a published document is always the one that is kept. What this run keeps goes into the index when
    the day is published. An earlier day that is published later changes nothing here until this day is run again;
    ``penstock index stats`` names such days.

    Up to ``local_documents`` rows are compared in the stage's own process (about 300 bytes of memory and
    up to 4 kB of a temporary file each); more are compared with the
    history file by file, and with each other by Spark, component by component. Then a chain through a document that
    has a published near-duplicate is not followed; all else is the same.

    Columns: reads ``doc_id`` and the text; if they are there also ``minhash`` and ``minhash_shingles``, which a step
    before may have made in its own pass, and removes them; adds ``duplicate_cluster`` (the kept ``doc_id``; null for a
    document without near-duplicates). A text with fewer words than a shingle has is not compared.
    """

    reason: ClassVar[str] = "near_duplicate"
    kind: Literal["near_duplicates"] = "near_duplicates"
    threshold: float = Field(default=0.8, gt=0, le=1)
    bands: int | None = Field(default=None, ge=1, le=256)
    rows: int | None = Field(default=None, ge=1, le=256)
    verify: Literal["shingles", "signature", "none"] = "shingles"
    sketch: int = Field(default=1024, ge=16, le=1_000_000)
    representatives: int = Field(default=REPRESENTATIVES, ge=2, le=10_000)
    keep: Keep = Keep.OLDEST
    local_documents: int = Field(default=2_000_000, ge=0)
    score_column: str | None = None
    index: str | None = Field(default=DEFAULT_NAME, pattern=r"^[a-z][a-z0-9_]*$")

    @model_validator(mode="after")
    def _check_bands(self) -> NearDuplicates:
        if (self.bands is None) != (self.rows is None):
            message = f"expected both of bands and rows, or none, got bands {self.bands} and rows {self.rows}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _check_score(self) -> NearDuplicates:
        if (self.keep is Keep.BEST_SCORE) != (self.score_column is not None):
            message = (
                f"expected score_column with keep: best_score and only then, got keep: {self.keep.value}"
            )
            raise ValueError(message)
        return self

    @property
    def scheme(self) -> Scheme:
        """How documents are compared."""
        bands, rows = (14, 8) if self.verify == "none" else (16, 7)
        return Scheme(
            bands=self.bands or bands, rows=self.rows or rows, verify=self.verify, sketch=self.sketch
        )

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id", *([self.score_column] if self.score_column else []))

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column of the cluster."""
        import pyarrow as pa

        return {CLUSTER: pa.string()}

    def removes(self) -> tuple[str, ...]:
        """Return the signature: no reader of the clean zone needs it."""
        return (SIGNATURE, SHINGLES)

    def state(self, lake: Lake, run: Context) -> Mapping[str, Any]:
        """Return the published days that this run is compared with."""
        if self.index is None:
            return {}
        days = DuplicateIndex(lake, run.dataset, self.index).history(self.scheme, before=run.run_key)
        return {"index": self.index, "days": days}

    def keys(self, rows: pa.RecordBatch, context: Context) -> Mapping[str, pa.Array]:
        """Return signature and evidence, and what decides who is kept."""
        import pyarrow as pa
        import pyarrow.compute as pc

        text = rows.column(context.text_column)
        if SIGNATURE in rows.schema.names:
            size = pc.binary_length(rows.column(SIGNATURE)).cast(pa.int32())
        else:
            size = pa.array([self.scheme.signature_bytes] * rows.num_rows, type=pa.int32())
        found = {_SIGNED: self._signed(rows, text), _SIZE: size}
        if self.keep is Keep.LONGEST:
            found[_WORTH] = pc.utf8_length(text).cast(pa.float64())
        elif self.keep is Keep.BEST_SCORE:
            found[_WORTH] = rows.column(str(self.score_column)).cast(pa.float64())
        return found

    def judge(self, staged: Staged, context: FrameContext) -> pa.Table:
        """Compare what was staged; of each cluster say what is kept."""
        is_small = staged.rows <= self.local_documents
        return (self._judge_here if is_small else self._judge_by_spark)(staged, context)

    def _judge_here(self, staged: Staged, context: FrameContext) -> pa.Table:
        """Return the verdicts, found in this process."""
        import numpy as np

        day, worth = self._read(staged.files, context)
        clusters = self._compare(day, context)
        kept = choose_kept(clusters, worth)
        self._leave(day.take(np.flatnonzero(kept == np.arange(len(kept)) + clusters.history)), context)
        return verdicts_of(clusters, kept, self.scheme)

    def _judge_by_spark(self, staged: Staged, context: FrameContext) -> pa.Table:
        """Do the same in pieces: first each file against the history, then components of what is left."""
        from pyspark.sql import functions as F  # noqa: N812

        from penstock.process.duplicates.distributed import Judge, judge, link

        old = self._published_before(staged.files, context)
        keep = partial(keep_frame, context, f"{self.kind}_large")
        compared = ["doc_id", _SIGNED, *([_WORTH] if self.keep is not Keep.OLDEST else [])]
        live = staged.frame().where(audit.is_live()).select(*compared)
        known = join_verdicts(live, old, context, f"{self.kind}_history")
        live = known.where(F.col(_SIGNED).isNotNull() & F.col(KEPT_ID).isNull())
        worth = F.col(_WORTH) if self.keep is not Keep.OLDEST else F.lit(None).cast("double")
        chosen = live.select("doc_id", F.col(_SIGNED).alias("value"), worth.alias("worth"))
        signed = keep(chosen.dropDuplicates(["doc_id"]), "signed")
        how = Judge(
            scheme=self.scheme,
            threshold=self.threshold,
            representatives=self.representatives,
            has_worth=self.keep is not Keep.OLDEST,
        )
        found = keep(judge(signed, link(signed, self.scheme, keep), how, staged.rows), "verdicts")
        verdicts = concatenated(found.toArrow(), old)
        self._leave(self._kept_documents(staged.files, verdicts, context), context)
        return verdicts

    def _published_before(self, files: Sequence[str], context: FrameContext) -> pa.Table:
        """Return the verdicts on documents that have a published near-duplicate, file by file."""
        import pyarrow.compute as pc

        tables = []
        for file in files:
            day, _ = self._read([file], context)
            clusters = self._compare(day, context)
            verdicts = verdicts_of(clusters, clusters.cluster, self.scheme)
            published = pc.is_in(verdicts[KEPT_ID], value_set=string_array(clusters.history_ids))
            tables.append(verdicts.filter(published))
        return concatenated(*tables)

    def _kept_documents(self, files: Sequence[str], verdicts: pa.Table, context: FrameContext) -> Documents:
        import numpy as np
        import pyarrow.compute as pc

        gone = verdicts.filter(verdicts[IS_DROPPED])["doc_id"].combine_chunks()
        day, _ = self._read(files, context)
        is_gone = pc.is_in(string_array(day.ids), value_set=gone).to_numpy(zero_copy_only=False)
        return day.take(np.flatnonzero(~is_gone))

    def _read(
        self, files: Sequence[str], context: FrameContext
    ) -> tuple[Documents, NDArray[np.float64] | None]:
        """Return the documents of staged files, sorted by id, and what decides who of them is kept."""
        import pyarrow as pa

        wanted = ["doc_id", _SIGNED, _SIZE, *([_WORTH] if self.keep is not Keep.OLDEST else [])]
        worth: list[pa.Table] = []

        def parts() -> Iterator[Documents]:
            for table in live_tables(context, files, wanted, not_null=_SIGNED):
                if self.keep is not Keep.OLDEST:
                    worth.append(table.select(["doc_id", _WORTH]))
                yield self._documents(table, context)

        found = gather(parts(), self.scheme.bands)
        day = found.take(first_in_order(pa.chunked_array([string_array(found.ids)])))
        return day, self._worth(worth, day)

    def _signed(self, rows: pa.RecordBatch, text: pa.Array) -> pa.Array:
        """Return signature and evidence (`penstock.index.signing`), of the columns that are there or of the text."""
        import pyarrow.compute as pc

        from penstock.index.signing import evidence_of, sign

        if SIGNATURE not in rows.schema.names:
            return sign(text, self.scheme)
        signature = rows.column(SIGNATURE)
        if self.verify == "none":
            return signature
        if self.verify == "signature":
            evidence = signature
        elif SHINGLES in rows.schema.names:
            evidence = rows.column(SHINGLES)
        else:
            evidence = evidence_of(text, self.scheme)
        return pc.binary_join_element_wise(signature, evidence, b"")

    def _documents(self, table: pa.Table, context: FrameContext) -> Documents:
        import pyarrow.compute as pc

        from penstock.index.signing import documents_of

        wrong = set(pc.unique(table[_SIZE]).to_pylist()) - {self.scheme.signature_bytes}
        if wrong:
            message = (
                f"recipe {context.run.dataset}: process step {self.kind}: expected signatures of "
                f"{self.scheme.bands} x {self.scheme.rows} hashes ({self.scheme.signature_bytes} bytes) in "
                f"{SIGNATURE}, got {min(wrong)} bytes; give the steps minhash and {self.kind} the same number of hashes"
            )
            raise RecipeError(message)
        return documents_of(table["doc_id"], table[_SIGNED], self.scheme)

    def _compare(self, day: Documents, context: FrameContext) -> Clusters:
        days: Mapping[str, str] = context.state.get("days", {})
        history = []
        if self.index is not None and days and context.attempt is not None:
            history = DuplicateIndex(context.attempt.lake, context.run.dataset, self.index).segments(days)
        found = find_clusters(
            day, self.scheme, self.threshold, history=history, representatives=self.representatives
        )
        details = context.details.setdefault(self.kind, {"history_days": len(days)})
        for name, count in {
            "documents": len(day),
            "history_documents": found.history,
            "compared_pairs": found.compared,
            "similar_pairs": found.accepted,
        }.items():
            details[name] = details.get(name, 0) + count
        return found

    def _leave(self, kept: Documents, context: FrameContext) -> None:
        """Leave what is kept as an artefact, for the store stage to publish."""
        if self.index is None or context.attempt is None:
            return
        artefact = leave_artefact(
            context.attempt,
            self.index,
            kept,
            self.scheme,
            history=history_digest(context.state.get("days", {})),
        )
        context.extra.setdefault(EXTRA_KEY, {})[self.index] = artefact.model_dump(mode="json")

    def _worth(self, tables: Sequence[pa.Table], day: Documents) -> NDArray[np.float64] | None:
        """Return what decides who of the day is kept; nothing, when that is the oldest."""
        if self.keep is Keep.OLDEST:
            return None
        import pyarrow as pa
        import pyarrow.compute as pc

        table = pa.concat_tables(tables)
        places = pc.index_in(string_array(day.ids), value_set=table["doc_id"].combine_chunks())
        found: NDArray[np.float64] = table[_WORTH].take(places).to_numpy()
        return found
