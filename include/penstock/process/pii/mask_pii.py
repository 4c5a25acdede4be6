"""Step ``mask_pii``: personal data in the text is masked, replaced by a placeholder or pseudonym, or the text leaves.

Recognisers are patterns with a check behind them (check digits, numbering plans, a word nearby), and refuse what only
looks alike: versions, dates, prices, decimals, hashes. A number that is too ambiguous is left: masking data that is
no PII damages it, and the gate looks for what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from penstock.params import members
from penstock.process.pii import datatrove, sample
from penstock.process.pii.action import Action, PseudonymKey, key_of, replacement
from penstock.process.pii.email import Email
from penstock.process.pii.layer import Span, find_spans, replace
from penstock.process.pii.network import Ip
from penstock.process.pii.phone import REGIONS, Phone, checked_regions
from penstock.process.pii.recogniser import GROUP, PACKAGE, Recogniser, any_recogniser
from penstock.process.step import Context, Document, DocumentStep, Drop, Verdicts

if TYPE_CHECKING:
    import pyarrow as pa

    AnyRecogniser = Recogniser
else:
    AnyRecogniser = any_recogniser()

ALL = "all"
DEFAULT_KINDS = ("email", "phone", "ip")
KEY = "penstock_pii"


class MaskPii(DocumentStep):
    """Act on personal data, and count what was found by kind in ``masked``.

    Columns: adds ``masked`` (map of kind to count; empty when nothing was found) and, with ``sample``, ``pii_sample``
    for the audit sample of the run. ``kinds`` are names, or mappings with a kind's own parameters; ``all`` is every
    kind that needs no model. ``action`` is for all kinds but those in ``actions``; a document with a kind whose
    action is ``drop`` leaves (``pii``, value: finds of such kinds, detail: the kinds). A pseudonym's key is the
    password of the connection ``key``. ``phone_regions`` (ISO 3166 codes) say whose national telephone numbers are
    recognised; international ones (``+44 …``) always are.

    ``definition: datatrove`` does what datatrove 0.10.1 does instead: e-mail and public IPv4 addresses, its own
    replacements; ``kinds`` and ``action`` must then be left out.
    """

    kind: Literal["mask_pii"] = "mask_pii"
    definition: Literal["penstock", "datatrove"] = "penstock"
    kinds: tuple[AnyRecogniser, ...] = Field(default=DEFAULT_KINDS, validate_default=True)
    action: Action = Action.PLACEHOLDER
    actions: dict[str, Action] = Field(default={})
    key: str = Field(default=KEY, pattern="^[a-z][a-z0-9_]*$")
    phone_regions: tuple[str, ...] = REGIONS
    sample: bool = True

    @field_validator("kinds", mode="before", json_schema_input_type=str | list[str | AnyRecogniser])
    @classmethod
    def _named(cls, kinds: Any) -> Any:
        """Turn names into recognisers with their defaults."""
        listed = [kinds] if isinstance(kinds, str) else kinds
        if not isinstance(listed, list | tuple):
            return kinds
        spread = [name for kind in listed for name in (every_kind() if kind == ALL else [kind])]
        return tuple({"kind": kind} if isinstance(kind, str) else kind for kind in spread)

    @field_validator("phone_regions")
    @classmethod
    def _check_regions(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        return checked_regions(regions)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [recogniser.name for recogniser in self.kinds]
        if twice := sorted(name for name, count in Counter(names).items() if count > 1):
            message = f"kinds: expected each kind once, got {', '.join(twice)} more than once"
            raise ValueError(message)
        if unknown := sorted(set(self.actions) - set(names)):
            message = f"actions: expected kinds among {', '.join(names)}, got {', '.join(unknown)}; add them to kinds"
            raise ValueError(message)
        chosen = (self.kinds, self.action, self.actions)
        is_default = chosen == ((Email(), Phone(), Ip()), Action.PLACEHOLDER, {})
        if self.definition == "datatrove" and not is_default:
            message = (
                "definition datatrove: expected no kinds, action or actions: it has its own; leave them out"
            )
            raise ValueError(message)
        return self

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns."""
        import pyarrow as pa

        counts = {"masked": pa.map_(pa.string(), pa.int32())}
        is_sampled = self.sample and self.definition == "penstock"
        return {**counts, sample.COLUMN: sample.column_type()} if is_sampled else counts

    def secrets(self) -> tuple[str, ...]:
        """Return the connection whose password is the key, when a kind becomes a pseudonym."""
        wanted = Action.PSEUDONYM in (self.action, *self.actions.values())
        return (self.key,) if wanted and self.definition == "penstock" else ()

    def check(self, context: Context) -> None:
        """Have each kind say what it misses."""
        for recogniser in self.kinds:
            recogniser.check()

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Do it for one text."""
        (verdict,) = self.apply_batch([document], context)
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Find everything in all texts, then replace it."""
        texts = [document.text for document in documents]
        if self.definition == "datatrove":
            for document, (text, counts) in zip(documents, datatrove.replace_all(texts), strict=True):
                _count(document, counts)
                if counts:
                    document.text = text
            return [None] * len(documents)
        found = list(find_spans(texts, list(self._recognisers())))
        key = self._key(context)
        return [
            self._act(document, content, spans, key)
            for document, (content, spans) in zip(documents, found, strict=True)
        ]

    def _recognisers(self) -> Iterator[Recogniser]:
        for recogniser in self.kinds:
            if isinstance(recogniser, Phone) and recogniser.regions is None:
                yield recogniser.model_copy(update={"regions": self.phone_regions})
            else:
                yield recogniser

    def _key(self, context: Context) -> PseudonymKey | None:
        if not self.secrets():
            return None
        return key_of(context.secrets[self.key].get_secret_value(), self.key)

    def _act(
        self, document: Document, content: bytes, spans: Sequence[Span], key: PseudonymKey | None
    ) -> Drop | None:
        counts = Counter(span.kind for span in spans) if spans else {}
        _count(document, counts)
        if not spans:
            return None
        lengths: list[int] = []

        def substitute(span: Span, found: str) -> str:
            new = replacement(self._action(span.kind), span.kind, found, span.value, key)
            lengths.append(len(new))
            return new

        document.text = text = replace(content, spans, substitute)
        if self.sample:
            noted = document[sample.COLUMN]
            notes = sample.notes_of(content, text, spans, lengths)
            document[sample.COLUMN] = [*noted, *notes] if isinstance(noted, list) else notes
        leaving = sorted(kind for kind in counts if self._action(kind) is Action.DROP)
        return Drop("pii", sum(counts[kind] for kind in leaving), ", ".join(leaving)) if leaving else None

    def _action(self, kind: str) -> Action:
        return self.actions.get(kind, self.action)


def _count(document: Document, counts: Mapping[str, int]) -> None:
    """Add to what an earlier step of the kind has counted."""
    before = document["masked"]
    if isinstance(before, list) and before:
        counts = Counter(dict(before)) + Counter(counts)
    document["masked"] = list(counts.items())


def every_kind() -> list[str]:
    """Return the names of all kinds that need no model, by name."""
    return [name for name, cls in members(Recogniser, package=PACKAGE, group=GROUP).items() if cls.default]  # type: ignore[attr-defined]
