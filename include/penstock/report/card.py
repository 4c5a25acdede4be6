"""The dataset card of a published day: what is in it, what is not and why, and where it came from.

Built from the lake's own files, so that it says what readers get; the ledger adds the verdict's evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.errors import ContractError
from penstock.ledger import views
from penstock.ledger.answers import ExpectationView, VerdictView
from penstock.manifest import Manifest, Zone
from penstock.params import Params
from penstock.process.document import LANGUAGE_COLUMN
from penstock.receipt import Stage
from penstock.report.duplicates import Duplicates, Groups
from penstock.report.histogram import Histogram, histogram
from penstock.report.profile import CHARACTERS, URL_COLUMN, Counted, Profile, sorted_values
from penstock.report.quarantine import quarantined
from penstock.report.reasons import Example, Reason, Reasons, example_of
from penstock.report.sample import Sample, column_types, read_batches
from penstock.report.shown import show_counts, show_line
from penstock.report.steps import named_steps
from penstock.report.thresholds import for_column
from penstock.report.volume import Volume, estimate_volume, exact_volume

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake
    from penstock.ledger import Ledger
    from penstock.recipe import Recipe
    from penstock.store.format import Snapshot
    from penstock.validate.promises import Promises

KEPT_EXAMPLES, LEFT_EXAMPLES = 6, 3
LANGUAGES, DOMAINS = 15, 15
BROKEN_ROWS = 2_000
_ZONES = dict(zip(Stage, (Zone.LANDING, Zone.RAW, Zone.CLEAN, Zone.CHECKED, Zone.PUBLISHED), strict=True))
_LICENCE_KEYS = ("license", "licence", "license_expression")


class StageFlow(Params):
    """Rows through one stage, as its manifest counts them; ``bytes_out`` in bytes."""

    stage: Stage
    rows_in: int
    rows_out: int
    dropped: dict[str, int] = Field(default={})
    quarantined: dict[str, int] = Field(default={})
    bytes_out: int = 0
    notes: tuple[str, ...] = ()


class Source(Params):
    """A landing file: where it came from, and what its source says of it."""

    name: str
    origin_uri: str
    rows: int | None = None
    bytes: int = 0
    licence: str | None = None
    facts: dict[str, str] = Field(default={})


class Provenance(Params):
    """What made the rows: with the same recipe, code and sources, they can be made again."""

    fingerprint: str
    recipe_hash: str
    code_version: str
    attempt: str
    built_at: datetime
    snapshots: tuple[dict[str, Any], ...] = ()
    sources: tuple[Source, ...] = ()
    settings: str = ""


class Card(Params):
    """Everything that a dataset card shows."""

    dataset: str
    description: str = ""
    run_key: str
    made_at: datetime
    seed: int = 0
    documents: int
    has_text: bool = False
    sampled_rows: int = 0
    published_bytes: int = 0
    volume: Volume | None = None
    empty_texts: int = 0
    languages: Counted | None = None
    domains: Counted | None = None
    categories: dict[str, Counted] = Field(default={})
    nulls: dict[str, int] = Field(default={})
    missing: dict[str, int] = Field(default={})
    flow: tuple[StageFlow, ...] = ()
    reasons: tuple[Reason, ...] = ()
    quarantined: tuple[Reason, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    measured: tuple[Histogram, ...] = ()
    masked: dict[str, int] = Field(default={})
    duplicates: Duplicates | None = None
    verdict: str | None = None
    verdict_at: datetime | None = None
    promises: tuple[ExpectationView, ...] = ()
    kept: tuple[Example, ...] = ()
    provenance: Provenance
    notes: tuple[str, ...] = ()

    @property
    def rows_in(self) -> int:
        """Rows that came in at the first stage."""
        return self.flow[0].rows_in if self.flow else self.documents


@dataclass
class CardMaker:
    """Makes the card of one day.

    ``snapshots`` and ``attempt`` are given while the day is being published; by default they are those of the
    published manifest. ``exact`` counts every word and token.
    """

    lake: Lake
    dataset: str
    run_key: str
    recipe: Recipe | None = None
    promises: Promises | None = None
    ledger: Ledger | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    attempt: str = ""
    seed: int = 0
    exact: bool = False
    notes: list[str] = field(default_factory=list)

    def make(self) -> Card:
        """Return the card.

        Raises:
            ContractError: when the day has no checked rows, or nothing was published of it.
        """
        checked = self._manifest(Zone.CHECKED)
        if checked is None:
            raise ContractError(self._nothing())
        published = self._manifest(Zone.PUBLISHED)
        if published is None and self.snapshots is None:
            raise ContractError(self._nothing())
        self._compare_versions(checked, published)
        profile = self._profile(checked)
        sample = profile.sample.rows()
        reasons, groups, left_chars = self._left()
        flow = tuple(self._flow(checked))
        verdict = self._verdict(checked)
        duplicates = groups.found(rows_in=flow[0].rows_in if flow else profile.rows)
        return Card(
            dataset=self.dataset,
            description=self.recipe.description if self.recipe else "",
            run_key=self.run_key,
            made_at=datetime.now(UTC),
            seed=self.seed,
            documents=profile.rows,
            has_text=profile.has_text,
            sampled_rows=sample.num_rows if sample is not None else 0,
            published_bytes=checked.bytes,
            volume=self._volume(checked, profile, sample),
            empty_texts=profile.empty_texts,
            languages=profile.most(LANGUAGE_COLUMN, LANGUAGES),
            domains=profile.most(URL_COLUMN, DOMAINS),
            categories=profile.categories(),
            nulls={n: c for n, c in sorted(profile.nulls.items(), key=lambda p: (-p[1], p[0])) if c},
            missing=show_counts(dict(profile.missing.most_common())),
            flow=flow,
            reasons=reasons,
            quarantined=tuple(quarantined(self.lake, self._manifests(), self._text_column, self.seed)),
            histograms=tuple(self._histograms(checked, profile, sample, left_chars)),
            measured=tuple(_measured(reasons)),
            masked=self._masked(profile),
            duplicates=duplicates,
            verdict=verdict.verdict if verdict else str(checked.outcome.verdict or "") or None,
            verdict_at=verdict.at if verdict else checked.finished_at,
            promises=verdict.expectations if verdict else (),
            kept=tuple(self._kept(sample)),
            provenance=self._provenance(checked, published),
            notes=tuple(self.notes),
        )

    @property
    def _text_column(self) -> str:
        return self.recipe.process.text_column if self.recipe else "text"

    def _manifest(self, zone: Zone) -> Manifest | None:
        return self.lake.find_manifest(zone, self.dataset, self.run_key)

    def _manifests(self) -> dict[Stage, Manifest]:
        found = {stage: self._manifest(zone) for stage, zone in _ZONES.items()}
        return {stage: manifest for stage, manifest in found.items() if manifest is not None}

    def _nothing(self) -> str:
        days = ", ".join(self.lake.run_keys(Zone.PUBLISHED, self.dataset)[-5:]) or "none"
        return (
            f"card {self.dataset} {self.run_key}: expected a published day, found none (published days: {days}); "
            f"run it first: bin/airflow dags test {self.dataset} {self.run_key}"
        )

    def _compare_versions(self, checked: Manifest, published: Manifest | None) -> None:
        if self.snapshots is not None or published is None:
            return
        read = [parent.fingerprint for parent in published.parents if parent.zone == Zone.CHECKED]
        if read and checked.fingerprint not in read:
            self.notes.append(
                "the checked rows were made again since this day was published: the card shows the newer ones; run "
                "the store task to publish them"
            )

    def _profile(self, checked: Manifest) -> Profile:
        entries = checked.entries()
        profile = Profile(column_types(self.lake, entries), self._text_column, seed=self.seed)
        for table in read_batches(self.lake, entries, profile.columns()):
            profile.add(table)
        return profile

    def _volume(self, checked: Manifest, profile: Profile, sample: pa.Table | None) -> Volume | None:
        if not profile.has_text:
            return None
        facts = {
            "text_column": self._text_column,
            "documents": profile.rows,
            "text_bytes": profile.text_bytes,
            "characters": profile.characters,
        }
        if self.exact:
            columns = (self._text_column, LANGUAGE_COLUMN)
            return exact_volume(read_batches(self.lake, checked.entries(), columns), **facts)  # type: ignore[arg-type]
        return estimate_volume(sample, **facts)  # type: ignore[arg-type]

    def _left(self) -> tuple[tuple[Reason, ...], Groups, tuple[float, ...]]:
        """Return why rows left in the process stage, the duplicates among them, and how long their texts were."""
        import pyarrow.compute as pc

        clean = self._manifest(Zone.CLEAN)
        reasons = Reasons(text_column=self._text_column, examples=LEFT_EXAMPLES, seed=self.seed)
        groups, sample = Groups(), Sample(2000, seed=self.seed)
        entries = (*clean.entries(Zone.DROPPED), *clean.entries(Zone.QUARANTINE)) if clean else ()
        types = column_types(self.lake, entries)
        shown = [
            n
            for n, kind in types.items()
            if n == "provenance" or not str(kind).startswith(("list", "map", "struct"))
        ]
        for table in read_batches(self.lake, entries, shown):
            reasons.add(table)
            groups.add(table)
            if self._text_column in table.column_names:
                chars = pc.fill_null(pc.utf8_length(table[self._text_column]), 0)
                sample.add(table.select(["doc_id"]).append_column(CHARACTERS, chars))
        rows_in = clean.outcome.rows_in if clean else 0
        return reasons.found(self.recipe, rows_in=rows_in), groups, sorted_values(sample.rows(), CHARACTERS)

    def _flow(self, checked: Manifest) -> Iterator[StageFlow]:
        for stage, manifest in self._manifests().items():
            outcome = manifest.outcome
            if stage is Stage.STORE and checked.fingerprint not in {p.fingerprint for p in manifest.parents}:
                continue
            yield StageFlow(
                stage=stage,
                rows_in=outcome.rows_in,
                rows_out=outcome.rows_out,
                dropped=show_counts(outcome.dropped),
                quarantined=show_counts(outcome.quarantined),
                bytes_out=manifest.bytes,
                notes=outcome.notes,
            )

    def _histograms(
        self, checked: Manifest, profile: Profile, sample: pa.Table | None, left_chars: tuple[float, ...]
    ) -> Iterator[Histogram]:
        steps = named_steps(self.recipe.process.steps) if self.recipe else ()
        broken = self._broken(checked, profile)
        for column in profile.number_columns(sample):
            left = left_chars if column.name == CHARACTERS else sorted_values(broken, column.name)
            made = histogram(
                column.name,
                column.values,
                left,
                title="characters of a text" if column.name == CHARACTERS else column.name,
                limits=for_column(column.name, steps, self.promises),
                rows=column.rows,
                nulls=column.nulls,
                bounds=(column.least, column.greatest),
            )
            if made is not None:
                yield made

    def _broken(self, checked: Manifest, profile: Profile) -> pa.Table | None:
        """Return the numbers of a sample of the rows that the gate set apart: they are what the limits are about."""
        sample = Sample(BROKEN_ROWS, seed=self.seed)
        for table in read_batches(self.lake, checked.entries(Zone.QUARANTINE), ["doc_id", *profile.numbers]):
            sample.add(table)
        return sample.rows()

    def _masked(self, profile: Profile) -> dict[str, int]:
        """Return how many values of each kind were masked: in the rows of the card, or as process counted them."""
        if profile.masked or "masked" in profile.types:
            return show_counts(dict(profile.masked.most_common()))
        clean = self._manifest(Zone.CLEAN)
        return dict(clean.outcome.details.get("masked", {})) if clean else {}

    def _verdict(self, checked: Manifest) -> VerdictView | None:
        if self.ledger is None:
            self.notes.append("without the ledger: the promises of the gate are not listed")
            return None
        found = views.verdicts(self.ledger, dataset=self.dataset, run_key=self.run_key, limit=20)
        return next((verdict for verdict in found if verdict.fingerprint == checked.fingerprint), None)

    def _kept(self, sample: pa.Table | None) -> Iterator[Example]:
        rows = sample.slice(0, KEPT_EXAMPLES).to_pylist() if sample is not None else []
        for row in rows:
            row.pop(CHARACTERS, None)
            made = example_of(row, self._text_column)
            labels = [row.get(name) for name in (LANGUAGE_COLUMN, "source", "label") if row.get(name)]
            yield made.model_copy(update={"detail": show_line(" · ".join(map(str, labels)), 120)})

    def _provenance(self, checked: Manifest, published: Manifest | None) -> Provenance:
        built = published if published is not None and self.snapshots is None else checked
        snapshots = self.snapshots
        if snapshots is None:
            from penstock.store.format import read_snapshots

            snapshots = tuple(read_snapshots(built))
        landing = self._manifest(Zone.LANDING)
        return Provenance(
            fingerprint=built.fingerprint,
            recipe_hash=built.recipe_hash,
            code_version=built.code_version,
            attempt=self.attempt or built.attempt,
            built_at=built.finished_at,
            snapshots=tuple(_snapshot(snapshot) for snapshot in snapshots),
            sources=tuple(_sources(landing)) if landing else (),
            settings=self._settings(built),
        )

    def _settings(self, built: Manifest) -> str:
        """Return the process section as it is in the recipe, when that is still the recipe of the run."""
        if self.recipe is None:
            return ""
        import yaml

        if self.recipe.digest != built.recipe_hash:
            self.notes.append(
                f"the recipe has changed since (then {built.recipe_hash[:12]}, now {self.recipe.digest[:12]}): limits "
                "are those of today"
            )
        steps = self.recipe.model_dump(mode="json", by_alias=True, exclude_unset=True).get("process", {})
        steps.pop("deadline", None)
        return yaml.safe_dump({"process": steps}, sort_keys=False, allow_unicode=True, width=100)


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "table": snapshot.name,
        "format": snapshot.format,
        "snapshot_id": snapshot.snapshot_id,
        "rows": snapshot.rows,
    }


def _measured(reasons: tuple[Reason, ...]) -> Iterator[Histogram]:
    """Yield a histogram of what was measured for each reason of which a value is known."""
    for reason in reasons:
        made = histogram(
            f"{reason.step}: {reason.reason}",
            (),
            reason.values,
            limits=(reason.limit,) if reason.limit else (),
            rows=reason.rows,
        )
        if made is not None and len(reason.values) > 1:
            yield made


def _sources(landing: Manifest) -> Iterator[Source]:
    known: Mapping[str, Any] = landing.extra.get("files", {})
    for entry in landing.entries():
        name = entry.path.split("/attempt=", 1)[-1].partition("/")[2]
        about = known.get(name, {})
        facts = {
            str(k): show_line(v, 200) for k, v in dict(about.get("provenance", {})).items() if v is not None
        }
        licence = next((facts[key] for key in _LICENCE_KEYS if key in facts), None)
        yield Source(
            name=show_line(name, 200),
            origin_uri=show_line(about.get("origin_uri", ""), 400),
            rows=entry.rows,
            bytes=entry.bytes,
            licence=licence,
            facts=facts,
        )
