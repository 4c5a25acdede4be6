"""The documents of a batch on their way through a pass: as bytes for native steps, as Python values for the others.

What no Python step needs never becomes a Python value, and a column in which nothing was set passes as it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.process import audit
from penstock.process.document import LANGUAGE_COLUMN, Document, Drop
from penstock.process.native import NativeSegment
from penstock.process.step import Context, DocumentStep, NativeStep, Verdicts
from penstock.process.texts import Texts, encodable, valid_texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from penstock.process.plan import DocumentPass

MAX_DETAIL_CHARS = 1000
READ_STEP = "read"

Leave = tuple[str, str, float | None, str | None]
Named = tuple[str, DocumentStep]


class Rows:
    """The documents of a batch, and which of them left."""

    def __init__(self, document_pass: DocumentPass, batch: pa.RecordBatch) -> None:
        self.context: Context = document_pass.context
        self.batch = batch
        self.size = batch.num_rows
        self.leaves: dict[int, Leave] = {}
        self._audits = {name: batch.column(name).to_pylist() for name in audit.COLUMNS}
        self._owners, self.names = _declared(document_pass, batch.schema.names)
        self._documents: dict[int, Document] = {}
        self._came: dict[int, Mapping[str, Any]] = {}
        self._native: dict[str, pa.Array] = {}
        self._fills: dict[str, dict[int, object]] = {}
        self._columns: dict[str, pa.Array] = {}
        self._texts: Texts | None = None

    def _live(self) -> list[int]:
        tagged = self._audits[audit.STEP]
        return [i for i in range(self.size) if tagged[i] is None and i not in self.leaves]

    # Native steps.

    def run_native(self, segment: NativeSegment) -> None:
        """Run adjacent native steps; when they raise for the batch, one document at a time."""
        import numpy as np

        texts = self._bytes()
        alive: np.ndarray[Any, Any] = np.zeros(self.size, dtype=np.bool_)
        alive[self._live()] = True
        for leaving in segment.run(texts, alive, self._native):
            if isinstance(leaving.verdict, Drop):
                self._drop(leaving.row, leaving.step, leaving.verdict)
            else:
                self._fail(leaving.row, leaving.step, leaving.verdict)

    def _bytes(self) -> Texts:
        """Return the texts as bytes, with what Python steps set."""
        name = self.context.text_column
        if self._texts is None:
            self._texts = Texts(self._column(name))
        changed: dict[int, bytes] = {}
        for index, document in self._documents.items():
            came = self._came[index]
            if name in came and document[name] is not came[name]:
                changed[index] = self._encoded(index, document.text)
                self._came[index] = {**came, name: document[name]}
        if changed:
            self._texts.replace_strings(changed)
        return self._texts

    def _encoded(self, index: int, text: str) -> bytes:
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            self._fail(index, READ_STEP, error)
            return text.encode("utf-8", "replace")

    # Python steps.

    def run_python(self, steps: Sequence[Named]) -> None:
        """Show the documents that are in the flow to steps, built for those that a step wants to see."""
        live = self._live()
        wanted = {name: self._wanted(step, live) for name, step in steps}
        self._build(sorted(set().union(*wanted.values())))
        for name, step in steps:
            self._run_step(name, step, wanted[name])

    def _wanted(self, step: DocumentStep, live: Sequence[int]) -> set[int]:
        if type(step).might_match is DocumentStep.might_match:
            return set(live)
        mask = step.might_match(self._bytes())
        return set(live) if mask is None else {index for index in live if mask[index]}

    def _build(self, indices: Sequence[int]) -> None:
        """Make documents, and bring those that are there up to date with native steps."""
        options = {"text_column": self.context.text_column, "max_token_chars": self.context.max_token_chars}
        new = [index for index in indices if index not in self._documents]
        columns = {name: self._values(name, new) for name in sorted(self.names)}
        for at, index in enumerate(new):
            values = {name: column[at] for name, column in columns.items()}
            self._came[index] = values
            self._documents[index] = Document(values, **options)  # type: ignore[arg-type]
        self._refresh([index for index in indices if index not in set(new)])

    def _refresh(self, indices: Sequence[int]) -> None:
        if self._texts is not None and self._texts.is_changed and self.context.text_column in self.names:
            for index in indices:
                text = self._texts.text(index)
                if text != self._documents[index][self.context.text_column]:
                    self._documents[index][self.context.text_column] = text
                    self._came[index] = {**self._came[index], self.context.text_column: text}
        for name in self.names & self._native.keys():
            for index in indices:
                self._documents[index][name] = self._native[name][index].as_py()

    def _values(self, name: str, indices: Sequence[int]) -> Sequence[Any]:
        """Return a column's Python values for some rows."""
        if name == self.context.text_column and self._texts is not None:
            return [self._texts.text(index) for index in indices]
        if name in self._native:
            return [self._native[name][index].as_py() for index in indices]
        if name not in self.batch.schema.names:
            return [None] * len(indices)
        array = self._column(name)
        if len(indices) < self.size:
            array = array.take(list(indices)) if indices else array.slice(0, 0)
        return list(array.to_pylist())

    def _column(self, name: str) -> pa.Array:
        """Return a column as it came, nulls for the text that a step is to make.

        Text in it that is not UTF-8 is replaced, and its document goes to quarantine.
        """
        if name not in self._columns and name not in self.batch.schema.names:
            import pyarrow as pa

            self._columns[name] = pa.nulls(self.size, pa.string())
        if name not in self._columns:
            array, errors = valid_texts(self.batch.column(name))
            for index, error in errors.items():
                self._fail(index, READ_STEP, error)
            self._columns[name] = array
        return self._columns[name]

    def _run_step(self, name: str, step: DocumentStep, wanted: set[int]) -> None:
        live = self._live()
        shown = [i for i in live if i in wanted or (i in self._documents and self._is_changed(i))]
        unseen = set(live) - set(shown)
        for column, value in step.unmatched().items() if unseen else ():
            for index in unseen:
                if index in self._documents:
                    self._documents[index][column] = value
                else:
                    self._fills.setdefault(column, {})[index] = value
        if not shown:
            return
        verdicts = _verdicts(step, [self._documents[i] for i in shown], self.context)
        for index, verdict in zip(shown, verdicts, strict=True):
            if isinstance(verdict, Drop):
                self._drop(index, name, verdict)
            elif verdict is not None:
                self._fail(index, name, verdict)

    def _is_changed(self, index: int) -> bool:
        """Whether a step changed the text since it was last compared with the bytes."""
        name = self.context.text_column
        return name in self.names and self._documents[index][name] is not self._came[index][name]

    def _drop(self, index: int, step: str, drop: Drop) -> None:
        self.leaves[index] = (step, drop.reason, drop.value, drop.detail)

    def _fail(self, index: int, step: str, error: BaseException) -> None:
        self.leaves.setdefault(index, failure(step, error))

    # Back to Arrow.

    def arrays(self, schema: pa.Schema) -> list[pa.Array]:
        """Return the columns of the batch after the pass."""
        columns = {
            field.name: self._finished(field) for field in schema if field.name not in audit.TYPES
        }  # values that do not fit send documents away: the audit columns come last
        columns |= self._audit_columns(schema)
        return [columns[field.name] for field in schema]

    def _finished(self, field: pa.Field) -> pa.Array:
        import pyarrow as pa

        if field.name == self.context.text_column and self._texts is not None:
            texts = self._bytes()
            return texts.to_arrow(field.type) if texts.is_changed else self._column(field.name)
        if field.name in self._native:
            return self._native[field.name]
        is_there = field.name in self.batch.schema.names
        if field.name in self.names and (not is_there or self._is_set(field.name, field.type)):
            return self._rebuilt(field)
        if is_there:
            return self._columns.get(field.name, self.batch.column(field.name))
        return pa.nulls(self.size, field.type)

    def _is_set(self, name: str, kind: pa.DataType) -> bool:
        """Whether a step set a value, or the column's type."""
        if kind != self.batch.column(name).type or name in self._fills:
            return True
        return any(document[name] is not self._came[i][name] for i, document in self._documents.items())

    def _rebuilt(self, field: pa.Field) -> pa.Array:
        """Return a column's values; one that does not fit its type becomes null and its document goes to quarantine."""
        import pyarrow as pa

        owner = self._owners.get(field.name, READ_STEP)
        if len(self._documents) == self.size:
            values = [self._documents[index][field.name] for index in range(self.size)]
        else:
            values = list(self._values(field.name, range(self.size)))
            for index, value in self._fills.get(field.name, {}).items():
                values[index] = value
            for index, document in self._documents.items():
                values[index] = document[field.name]
        try:
            return pa.array(values, type=field.type)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            cells = [self._fitting(index, value, field.type, owner) for index, value in enumerate(values)]
            return pa.array(cells, type=field.type)

    def _fitting(self, index: int, value: Any, kind: pa.DataType, owner: str) -> Any:
        import pyarrow as pa

        try:
            pa.array([value], type=kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            self._fail(index, owner, error)
            is_text = isinstance(value, str) and (pa.types.is_string(kind) or pa.types.is_large_string(kind))
            return encodable(value) if is_text else None
        return value

    def _audit_columns(self, schema: pa.Schema) -> dict[str, pa.Array]:
        import pyarrow as pa

        for index, leave in self.leaves.items():
            for name, value in zip(audit.COLUMNS, leave, strict=True):
                self._audits[name][index] = value
        return {name: pa.array(values, type=schema.field(name).type) for name, values in self._audits.items()}


def failure(step: str, error: BaseException) -> Leave:
    """Return what the columns of the audit say of a row on which a step raised."""
    reason = f"{audit.ERROR_PREFIX}{step}:{type(error).__name__}"
    return step, reason, None, encodable(str(error)[:MAX_DETAIL_CHARS])


def _declared(document_pass: DocumentPass, there: Sequence[str]) -> tuple[dict[str, str], set[str]]:
    """Return which step sets a column, and the columns that Python steps read or set; any may ask for the language."""
    owners: dict[str, str] = {}
    names: set[str] = set()
    for name, step in document_pass.document_steps:
        owners |= dict.fromkeys(step.adds(), name)
        if not isinstance(step, NativeStep):
            names |= {document_pass.context.text_column, LANGUAGE_COLUMN, *step.reads(), *step.adds()}
    owners.setdefault(document_pass.context.text_column, READ_STEP)
    return owners, names & {*there, *document_pass.adds()}


def _verdicts(step: DocumentStep, documents: Sequence[Document], context: Context) -> Verdicts:
    """Ask for the whole batch; when that raises, one by one, so that only the documents at fault leave."""
    try:
        return _checked(step.apply_batch(documents, context), len(documents))
    except Exception:
        return [_verdict_alone(step, document, context) for document in documents]


def _verdict_alone(step: DocumentStep, document: Document, context: Context) -> Drop | Exception | None:
    try:
        return _checked(step.apply_batch([document], context), 1)[0]
    except Exception as error:
        return error


def _checked(verdicts: Verdicts, expected: int) -> Verdicts:
    if len(verdicts) != expected:
        message = f"apply_batch: expected a verdict for each of {expected} documents, got {len(verdicts)}"
        raise ValueError(message)
    return verdicts
