"""The interface of a step: a frozen parameter model with one method.

A step is found by its ``kind``. To add one, write a module here with one class (or register the module under the
entry point group ``penstock.steps``) and its test; nothing else is edited. Modules of steps are imported wherever a
recipe is read: heavy libraries belong inside of the methods.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, SecretStr

from penstock.errors import ContractError
from penstock.params import Params
from penstock.process.document import Document, Drop

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from penstock.lake import Attempt, Lake
    from penstock.process.texts import Texts
    from penstock.text.kernel.program import Rule

__all__ = [
    "CompareStep",
    "Context",
    "Document",
    "DocumentStep",
    "Drop",
    "FileRef",
    "FrameContext",
    "FrameStep",
    "ModelRef",
    "NativeStep",
    "Staged",
    "Step",
    "Verdicts",
]

SCRATCH = "scratch"
LAKE = "penstock_lake"
Verdicts = Sequence[Drop | Exception | None]


class ModelRef(Params):
    """A trained model that the stage chose from the ledger, the same for every document of the run."""

    name: str
    version: str
    uri: str
    sha256: str


class FileRef(Params):
    """A file that the stage left for the workers."""

    uri: str
    sha256: str


class Context(Params):
    """What every step of a run may know; it travels to the executors as JSON.

    ``models`` holds the models that steps asked for by `Step.needs`, without those of which there is none yet.
    ``secrets`` are the passwords that steps asked for by `Step.secrets`, and under `LAKE` what the lake's filesystem
    must know, as JSON: they are never in the JSON of the context and travel apart.

    ``files`` holds what steps made by `Step.prepare` (`penstock.process.worker_files` reads them).
    """

    dataset: str
    run_key: str
    text_column: str = "text"
    max_token_chars: int = 1_000_000
    models: dict[str, ModelRef] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict, exclude=True, repr=False)

    files: dict[str, FileRef] = Field(default_factory=dict)

    def lake_options(self) -> dict[str, Any]:
        """Return what the filesystem of the lake must know, to read models and `files`."""
        found = self.secrets.get(LAKE)
        return dict(json.loads(found.get_secret_value())) if found else {}


def lake_secrets(options: Mapping[str, Any]) -> dict[str, SecretStr]:
    """Return what workers must know to read models and files of the lake; nothing, for a lake that needs no key."""
    return {LAKE: SecretStr(json.dumps(dict(options)))} if options else {}


@dataclass(frozen=True)
class FrameContext:
    """What a frame step may use besides the frame, on the driver.

    ``attempt`` takes artefacts, ``extra`` goes into the manifest, ``notes`` and ``details`` into the receipt.
    ``state`` is what the step's own `FrameStep.state` returned when the stage began.
    """

    run: Context
    attempt: Attempt | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)

    def scratch(self, name: str) -> str:
        """Return a path, from the lake's root, for what the step writes on its way; the stage removes it at its end.

        Raises:
            ContractError: when the step runs without an attempt.
        """
        if self.attempt is None:
            message = (
                f"{self.run.dataset} {self.run.run_key}: expected an attempt to write {name} to, got none; run the "
                "step by the process stage"
            )
            raise ContractError(message)
        return self.attempt.path(f"{SCRATCH}/{name}")


class Step(Params):
    """Base of both kinds of steps."""

    def reads(self) -> tuple[str, ...]:
        """Return the columns that must be there, besides the text."""
        return ()

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns that the step sets, new or replaced, with their Arrow types."""
        return {}

    def removes(self) -> tuple[str, ...]:
        """Return the columns that are gone after the step."""
        return ()

    def needs(self) -> tuple[str, ...]:
        """Return the names of the trained models that the step uses."""
        return ()

    def secrets(self) -> tuple[str, ...]:
        """Return the connections whose passwords the step uses."""
        return ()

    def check(self, context: Context) -> None:
        """Raise a `RecipeError` when something is missing without which a run must not begin; called before any row."""

    def check_types(self, schema: pa.Schema) -> None:
        """Raise a `RecipeError` when a column of ``schema``, as it is before the step, is of a type it cannot use.

        Asked of document steps, before any row.
        """

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the files that each worker needs, by name: made once a run, before Spark starts.

        ``read`` returns the bytes at a URI, or at a path from the lake's root. Equal inputs must give equal bytes.

        Raises:
            RecipeError: when a file that the step names is not there or is not what it should be.
        """
        return {}

    @cached_property
    def identity(self) -> str:
        """The step's kind and a digest of its parameters."""
        digest = hashlib.sha256(
            self.model_dump_json(by_alias=True).encode("utf-8", "surrogatepass")
        ).hexdigest()
        return f"{getattr(self, 'kind', type(self).__name__)}-{digest[:12]}"


class DocumentStep(Step):
    """A step that looks at one document at a time; a member has a ``kind`` and `apply` (or `apply_batch`).

    Adjacent document steps run fused, in one pass over Arrow batches. Documents that left the flow are not shown to it.
    ``reads_text`` says that the text column must be there.
    """

    reads_text: ClassVar[bool] = True

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Set columns or a new text; return why the document leaves, or ``None`` to keep it."""
        raise NotImplementedError

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Do the same for a batch: a verdict a document, in their order; an exception sends its document to quarantine.

        Override this where a batch is faster than its documents (a model, a kernel): compute first, then set, and
        do not depend on which documents come together. When an override raises, the engine tries them one by one.
        """
        return [_apply_one(self, document, context) for document in documents]

    def might_match(self, texts: Texts) -> np.ndarray[Any, Any] | None:
        """Return which texts of a batch the step must see, ``None`` for all.

        Override it where a look at the bytes settles most of them: what no step needs never becomes a Python string.
        The columns of the others are `unmatched`.
        """
        return None

    def unmatched(self) -> Mapping[str, object]:
        """Return what stands in the step's columns for a text that `might_match` ruled out; null by default."""
        return {}


class NativeStep(DocumentStep):
    """A document step of machine code (`penstock.text.kernel`): it works on the bytes of a batch.

    A member has `rules`, or `compute`. Adjacent native steps with rules are one call, in which a text is cut into words
    once and a document that leaves is not looked at again.
    """

    def rules(self) -> Sequence[Rule]:
        """Return the rules, in the order in which they decide."""
        return ()

    def reason(self, code: int) -> str:
        """Return the word for a rule's code."""
        from penstock.text.kernel.codes import REASONS

        return REASONS[code]

    def metric_columns(self) -> Mapping[str, tuple[int, int]]:
        """Return the columns that keep metrics: the number of a rule, and a metric (`penstock.text.kernel.codes`)."""
        return {}

    def compute(self, texts: Texts, alive: np.ndarray[Any, Any]) -> Mapping[str, pa.Array]:
        """Return columns made from the texts as they are now; those of documents not alive are null."""
        return {}

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns of metrics."""
        import pyarrow as pa

        return {name: pa.float64() for name in self.metric_columns()}

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Do the same with documents that are Python objects already."""
        from penstock.process.native import apply_to_documents

        return apply_to_documents(self, documents)


class FrameStep(Step):
    """A step from frame to frame; a member has a ``kind`` and `transform`.

    Rows that left the flow are in the frame, tagged: no row may be lost, and those stay as they are
    (`penstock.process.audit` has the conditions).
    """

    def state(self, lake: Lake, run: Context) -> Mapping[str, Any]:
        """Return, as JSON values, what of the lake decides the rows besides the raw rows; it is in the fingerprint."""
        return {}

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Return the frame with rows tagged or columns set."""
        raise NotImplementedError


@dataclass(frozen=True)
class Staged:
    """What a step compares: files (from the lake's root) of the rows in the flow, with the columns of its `keys`.

    ``rows`` is how many there are; ``frame`` opens them as a frame, for a comparison that is too large for one process.
    """

    files: Sequence[str]
    rows: int
    frame: Callable[[], DataFrame]


class CompareStep(FrameStep):
    """A step that compares rows by a few columns of its own, then drops or marks some; a member has `keys`, `judge`.

    Rows stay where they are: `keys` runs there, `judge` on the driver with nothing but the keys, and its verdicts
    (`penstock.process.tag`) are looked up by ``doc_id``. ``reason`` is the word for what it drops. A row for which
    `keys` raises goes to quarantine, and the others of its batch are compared.
    """

    reason: ClassVar[str]

    def keys(self, rows: pa.RecordBatch, context: Context) -> Mapping[str, pa.Array]:
        """Return the columns by which these rows, all of them in the flow, are compared."""
        raise NotImplementedError

    def judge(self, staged: Staged, context: FrameContext) -> pa.Table:
        """Return a verdict (`penstock.process.tag.COLUMNS`, then what `adds` names) for some of the rows."""
        raise NotImplementedError

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Return the frame after the comparison."""
        from penstock.process.flow import FrameRows
        from penstock.process.plan import named_steps

        (named,) = named_steps([self])
        return FrameRows(frame).compare(named, context, ()).frame()


def _apply_one(step: DocumentStep, document: Document, context: Context) -> Drop | Exception | None:
    try:
        return step.apply(document, context)
    except Exception as error:
        return error
