"""Kind ``email``: addresses of electronic mail."""

from __future__ import annotations

from typing import ClassVar, Literal

from penstock.process.pii.recogniser import Candidate, Recogniser

MAX_LOCAL_CHARS, MAX_LABEL_CHARS = 64, 63
"""RFC 5321 4.5.3.1.1 and RFC 1035 2.3.4."""
# Names of files ("icon@2x.png") have an ending where an address has a top-level domain.
_FILE_ENDINGS = frozenset(
    {"png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "css", "js", "html", "htm", "php", "json"}
)
# "git@host:path" and the like name a service of a host, nobody's mailbox.
_SERVICES = frozenset({"git", "hg", "svn"})


class Email(Recogniser):
    """An address as RFC 5321 has it without quotes, ASCII only, with a top-level domain of letters.

    ASCII letters bound it, so that one inside of Chinese text, which has no spaces, is found.
    """

    kind: Literal["email"] = "email"
    pattern: ClassVar[str] = (
        r"[A-Za-z0-9][A-Za-z0-9._%+'\-]*@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
    )
    needle: ClassVar[bytes | None] = b"@"
    rank: ClassVar[int] = 20

    def value(self, found: Candidate) -> str | None:
        """Check the lengths, and that neither a file nor a service is meant."""
        local, _, domain = found.text.lower().rpartition("@")
        after = found.after(1)
        labels = domain.split(".")
        if (
            (after and ((after.isascii() and after.isalnum()) or after in "-_@"))
            or len(local) > MAX_LOCAL_CHARS
            or max(map(len, labels)) > MAX_LABEL_CHARS
            or labels[-1] in _FILE_ENDINGS
            or local in _SERVICES
        ):
            return None
        return f"{local}@{domain}"
