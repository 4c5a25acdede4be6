"""Landing files read record by record: decoded values or a reason, with identity and provenance."""

from __future__ import annotations

import fnmatch
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NamedTuple

from penstock.archive.frames import Frame, read_frames
from penstock.archive.rows import PayloadError, SkippedError, row_of
from penstock.errors import ContractError, RecipeError
from penstock.ingest.records import Records, content_of, is_blank, read_records
from penstock.transfer.archive_records import ArchiveRecords
from penstock.transfer.column import Value
from penstock.transfer.decoder import BadRecord, Decode

if TYPE_CHECKING:
    from penstock.ingest.section import IngestSection
    from penstock.transfer.section import FileRule, TransferSection

_BOM = "\ufeff"


@dataclass(frozen=True)
class LandingFile:
    """A landing file by its name, where it came from, and the rule that decodes it."""

    name: str
    origin_uri: str
    rule: FileRule
    encoding: str


class Record(NamedTuple):
    """One record: ``content`` without its line end, and ``values``, or ``bad``, or why it is ``skipped``.

    Of an archive's record ``line`` is its number in the file, and ``content`` the payload.
    """

    doc_id: str
    line: int
    sha256: str
    content: bytes
    values: Sequence[Value] = ()
    bad: BadRecord | None = None
    skipped: str = ""


def rule_for(section: TransferSection, name: str, where: str) -> FileRule:
    """Return the first rule whose pattern fits the file name.

    Raises:
        ContractError: none fits.
    """
    for rule in section.rules():
        if fnmatch.fnmatchcase(name, rule.files):
            return rule
    patterns = ", ".join(rule.files for rule in section.rules())
    message = (
        f"transfer: expected landing files named as {patterns}, got {name} ({where}); add its pattern to "
        "transfer.decoders, or keep the file out in ingest.source"
    )
    raise ContractError(message, failed={"files_without_decoder": 1}, sample_uri=where)


class Reader:
    """Reads landing files of one dataset; ``counts`` has what was noticed on the way."""

    def __init__(self, dataset: str, ingest: IngestSection) -> None:
        self.dataset, self.ingest = dataset, ingest
        self.counts: Counter[str] = Counter()

    def read(self, stream: IO[bytes], file: LandingFile) -> Iterator[Record]:
        """Yield every record of ``file``.

        ``doc_id`` is a hash of dataset, file name, content and how many equal records came before it in the file, so
        that it is the same in every run. Memory: some 70 bytes for each record of one file, to count equal ones.
        """
        bound = self.ingest.max_record_mb << 20
        identity = _Identity(self.dataset, file.name)
        if self.ingest.records == "archive":
            yield from self._archive(stream, file, identity, bound)
            return
        decode: Decode | None = None if self.ingest.header else file.rule.decoder.reader(None)
        records: Records = self.ingest.records
        for line, raw in read_records(stream, records, max_bytes=bound, where=file.origin_uri):
            if self.ingest.header and line == 1:
                decode = file.rule.decoder.reader(_header(raw, file))
            elif self.ingest.records == "file" or not is_blank(raw):
                yield self._record(raw, line, file, decode, identity)

    def _archive(
        self, stream: IO[bytes], file: LandingFile, identity: _Identity, bound: int
    ) -> Iterator[Record]:
        rules = file.rule.decoder
        if not isinstance(rules, ArchiveRecords):
            message = (
                f"transfer: expected the decoder archive for {file.name} (ingest.records is archive), got "
                f"{getattr(rules, 'kind', '?')}; write transfer.decoder: {{kind: archive}}"
            )
            raise RecipeError(message)
        frames = read_frames(stream, max_bytes=bound, wanted=frozenset(rules.types))
        for number, frame in enumerate(frames, start=1):
            yield _archived(frame, number, rules, identity, bound)

    def _record(
        self, raw: bytes, line: int, file: LandingFile, decode: Decode | None, identity: _Identity
    ) -> Record:
        content = raw if self.ingest.records == "file" else content_of(raw)
        self.counts["nul"] += b"\0" in content
        doc_id, digest = identity.of(content)
        try:
            text = _text(content, file.encoding, first=line == 1)
            values = decode(text) if decode else ()
        except BadRecord as bad:
            return Record(doc_id, line, digest, content, bad=bad)
        return Record(doc_id, line, digest, content, values)


def _archived(frame: Frame, number: int, rules: ArchiveRecords, identity: _Identity, bound: int) -> Record:
    """Return the record of a frame: a row, a bad record, or one that the rules do not want."""
    bad = BadRecord(reason=frame.bad, detail=frame.detail) if frame.bad else None
    if bad is None:
        try:
            row = row_of(frame, rules, max_bytes=bound)
        except SkippedError as skipped:
            return Record("", number, "", b"", skipped=skipped.reason)
        except PayloadError as error:
            bad = BadRecord(reason=error.reason, detail=error.detail)
        else:
            doc_id, digest = identity.of(row.payload)
            return Record(doc_id, number, digest, row.payload, row)
    doc_id, digest = identity.of(frame.block)
    url = frame.headers.get("warc-target-uri", "")
    where = f"at byte {frame.offset}+{frame.inner_offset}" + (f" of {url[:500]}" if url else "")
    bad = BadRecord(reason=bad.reason, detail=f"{bad.detail} ({where})")
    return Record(doc_id, number, digest, frame.block, bad=bad)


class _Identity:
    """Gives equal records of a file different ids."""

    def __init__(self, dataset: str, name: str) -> None:
        self._prefix = f"{dataset}\0{name}\0".encode()
        self._seen: set[bytes] = set()
        self._again: Counter[bytes] = Counter()

    def of(self, content: bytes) -> tuple[str, str]:
        """Return the document id (32 hex digits) and the sha256 of the content."""
        digest = hashlib.sha256(content)
        key = digest.digest()[:12]
        occurrence = 0
        if key in self._seen:
            self._again[key] += 1
            occurrence = self._again[key]
        self._seen.add(key)
        identity = hashlib.blake2b(self._prefix, digest_size=16)
        identity.update(b"%d\0" % occurrence)
        identity.update(content)
        return identity.hexdigest(), digest.hexdigest()


def _header(raw: bytes, file: LandingFile) -> str:
    try:
        return _text(content_of(raw), file.encoding, first=True)
    except BadRecord as bad:
        message = f"transfer: expected a header line in {file.encoding}, got {raw[:100]!r} ({file.origin_uri}); {bad}"
        raise ContractError(message, failed={"wrong_header": 1}, sample_uri=file.origin_uri) from bad


def _text(content: bytes, encoding: str, *, first: bool) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"byte {content[error.start]:#04x} at {error.start} ({error.reason})"
        raise BadRecord(reason="invalid_encoding", detail=f"expected {encoding}, got {found}") from error
    return text.removeprefix(_BOM) if first else text


def provenance(record: Record, file: LandingFile) -> tuple[str, str, int, str]:
    """Return the value of the column ``provenance``: origin_uri, landing_file, line, sha256."""
    return file.origin_uri, file.name, record.line, record.sha256
