"""Run fused document steps over Arrow batches; this is what an executor does.

Only the columns that the steps declare become Python values; all others pass through as they came. Whatever a step
does, each row that comes in goes out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from penstock.process import audit
from penstock.process.document import Document, Drop
from penstock.process.plan import DocumentPass
from penstock.process.step import Context, DocumentStep, Verdicts

if TYPE_CHECKING:
    import pyarrow as pa
    from pydantic import SecretStr

MAX_DETAIL_CHARS = 1000
READ_STEP = "read"

Leave = tuple[str, str, float | None, str | None]


def batch_runner(
    document_pass: DocumentPass,
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return the function for ``mapInArrow``: it pickles as a name, a JSON text and, apart from it, the secrets."""
    return partial(run_batches, document_pass.to_json(), secrets=document_pass.context.secrets)


def run_batches(
    plan_json: str, batches: Iterable[pa.RecordBatch], *, secrets: Mapping[str, SecretStr] | None = None
) -> Iterator[pa.RecordBatch]:
    """Build the steps, then run every batch through them."""
    document_pass = DocumentPass.from_json(plan_json, secrets)
    for batch in batches:
        yield run_batch(document_pass, batch)


def output_schema(document_pass: DocumentPass, schema: pa.Schema) -> pa.Schema:
    """Return the schema after the pass: replaced columns keep their place, new ones come last."""
    import pyarrow as pa

    for name, kind in document_pass.adds().items():
        index = schema.get_field_index(name)
        field = pa.field(name, kind)
        schema = schema.append(field) if index < 0 else schema.set(index, field)
    return schema


def run_batch(document_pass: DocumentPass, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Run the steps over one batch whose schema has the audit columns."""
    import pyarrow as pa

    schema = output_schema(document_pass, batch.schema)
    rows = _Rows(document_pass, batch)
    for name, step in document_pass.document_steps:
        rows.run(name, step)
    owners = {column: name for name, step in document_pass.document_steps for column in step.adds()}
    owners.setdefault(document_pass.context.text_column, READ_STEP)
    columns = {
        field.name: rows.column(field, owners.get(field.name, READ_STEP))
        for field in schema
        if field.name in rows.names
    }
    audits = rows.audit_columns(schema)
    arrays = [
        audits.get(f.name, columns.get(f.name))
        if f.name in audits or f.name in columns
        else batch.column(f.name)
        for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Rows:
    """The documents of a batch, and which of them left."""

    def __init__(self, document_pass: DocumentPass, batch: pa.RecordBatch) -> None:
        self.context: Context = document_pass.context
        self.size = batch.num_rows
        self.leaves: dict[int, Leave] = {}
        self._audits = {name: batch.column(name).to_pylist() for name in audit.COLUMNS}
        added = document_pass.adds()
        self.names = document_pass.reads() & {*batch.schema.names, *added}
        values = {
            name: self._read(batch.column(name)) if name in batch.schema.names else [None] * self.size
            for name in sorted(self.names)
        }
        options = {"text_column": self.context.text_column, "max_token_chars": self.context.max_token_chars}
        self.documents = [
            Document(dict(zip(values, row, strict=True)), **options)  # type: ignore[arg-type]
            for row in (zip(*values.values(), strict=True) if values else [()] * self.size)
        ]

    def _read(self, array: pa.Array) -> list[Any]:
        """Return Python values; text that is not UTF-8 is replaced and its document goes to quarantine."""
        try:
            return list(array.to_pylist())
        except UnicodeDecodeError:
            return [self._read_cell(index, array[index]) for index in range(len(array))]

    def _read_cell(self, index: int, cell: pa.Scalar) -> Any:
        import pyarrow as pa

        try:
            return cell.as_py()
        except UnicodeDecodeError as error:
            self._fail(index, READ_STEP, error)
            is_text = pa.types.is_string(cell.type) or pa.types.is_large_string(cell.type)
            return bytes(cell.as_buffer()).decode("utf-8", "replace") if is_text else None

    def run(self, name: str, step: DocumentStep) -> None:
        """Show the documents that are in the flow to a step."""
        tagged = self._audits[audit.STEP]
        live = [i for i in range(self.size) if tagged[i] is None and i not in self.leaves]
        if not live:
            return
        verdicts = _verdicts(step, [self.documents[i] for i in live], self.context)
        for index, verdict in zip(live, verdicts, strict=True):
            if isinstance(verdict, Drop):
                self.leaves[index] = (name, verdict.reason, verdict.value, verdict.detail)
            elif verdict is not None:
                self._fail(index, name, verdict)

    def _fail(self, index: int, step: str, error: BaseException) -> None:
        reason = f"{audit.ERROR_PREFIX}{step}:{type(error).__name__}"
        detail = str(error)[:MAX_DETAIL_CHARS].encode("utf-8", "replace").decode()
        self.leaves.setdefault(index, (step, reason, None, detail))

    def column(self, field: pa.Field, owner: str) -> pa.Array:
        """Return a column's values; one that does not fit its type becomes null and its document goes to quarantine."""
        import pyarrow as pa

        values = [document[field.name] for document in self.documents]
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
            is_text = isinstance(value, str) and pa.types.is_string(kind)
            return value.encode("utf-8", "replace").decode() if is_text else None
        return value

    def audit_columns(self, schema: pa.Schema) -> dict[str, pa.Array]:
        """Return the audit columns with the rows that left in this pass."""
        import pyarrow as pa

        for index, leave in self.leaves.items():
            for name, value in zip(audit.COLUMNS, leave, strict=True):
                self._audits[name][index] = value
        return {name: pa.array(values, type=schema.field(name).type) for name, values in self._audits.items()}


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
