"""One tree of errors, sorted by what the caller should do.

Every message says what was expected, what came, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping


class PenstockError(Exception):
    """Base of every error that Penstock raises on purpose."""


class RecipeError(PenstockError):
    """The recipe or the expectations are wrong: fix the YAML; a retry cannot help."""


class SourceError(PenstockError):
    """A source, a store or a service is in trouble for now: retry with backoff."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StorageError(SourceError):
    """The lake cannot take or give bytes right now (disk full, quota, connection): retry once it is mended."""


class ContractError(PenstockError):
    """The data breaks a promise: stop, do not retry, look at the evidence.

    ``failed`` maps a promise to the number of rows that break it; ``sample_uri`` is where some of them lie.
    """

    def __init__(
        self, message: str, *, failed: Mapping[str, int] | None = None, sample_uri: str | None = None
    ) -> None:
        super().__init__(message)
        self.failed = dict(failed or {})
        self.sample_uri = sample_uri

    def __reduce__(self) -> tuple[object, ...]:
        """Survive pickling between executor and driver with the evidence attached."""
        return (_contract_error, (str(self), self.failed, self.sample_uri))


class ConservationError(ContractError):
    """Rows in do not equal rows out plus dropped plus quarantined: rows were lost or doubled."""


class CorruptionError(ContractError):
    """Bytes in the lake are not the bytes that were published (checksum, size or a missing file)."""


def _contract_error(message: str, failed: Mapping[str, int], sample_uri: str | None) -> ContractError:
    return ContractError(message, failed=failed, sample_uri=sample_uri)
