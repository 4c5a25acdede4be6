"""What is done with what was found: a mask, a typed placeholder, a keyed pseudonym, or the document leaves."""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from enum import StrEnum

from penstock.errors import RecipeError

MIN_SECRET_CHARS = 32
"""Characters of a key: 32 hexadecimal digits are 128 bits."""
_KEY_ID_CHARS, _TOKEN_CHARS = 8, 16
"""64 bits of the HMAC: two of a billion people share a token with a chance of 3 %."""

PLACEHOLDER = r"<[A-Z][A-Z0-9_]{1,39}(?::[0-9a-f]{8}:[0-9a-f]{16})?>"
"""What `placeholder` and `PseudonymKey.token` leave behind; nothing is looked for in it."""


class Action(StrEnum):
    """What is done with one kind."""

    MASK = "mask"
    PLACEHOLDER = "placeholder"
    PSEUDONYM = "pseudonym"
    DROP = "drop"


class PseudonymKey:
    """A secret that makes tokens: the same for the same thing, and worthless to who does not have it."""

    def __init__(self, secret: str, *, where: str = "key") -> None:
        """Take a secret of at least `MIN_SECRET_CHARS` characters; ``where`` names its connection.

        Raises:
            RecipeError: when it is shorter; it is not repeated.
        """
        if len(secret) < MIN_SECRET_CHARS:
            message = (
                f"connection {where}: expected a password of at least {MIN_SECRET_CHARS} characters, got "
                f"{len(secret)}; make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
            )
            raise RecipeError(message)
        self._secret = secret.encode()
        self.id = self._digest(b"key id")[:_KEY_ID_CHARS]

    def __repr__(self) -> str:
        return f"PseudonymKey({self.id})"

    def _digest(self, message: bytes) -> str:
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def token(self, kind: str, value: str) -> str:
        """Return the token of a canonical value: ``<KIND:key id:16 hexadecimal digits of the HMAC-SHA256>``.

        The id is made from the secret, so that a rotated key shows in every token and nobody can forget to change it.
        """
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return f"<{kind.upper()}:{self.id}:{self._digest(message)[:_TOKEN_CHARS]}>"


@functools.lru_cache(8)
def key_of(secret: str, where: str) -> PseudonymKey:
    """Return the key of a secret, made once in a process."""
    return PseudonymKey(secret, where=where)


def replacement(action: Action, kind: str, text: str, value: str, key: PseudonymKey | None) -> str:
    """Return what stands in the place of ``text``; a document that leaves has placeholders."""
    if action is Action.MASK:
        return re.sub(r"[^\W_]", "*", text)
    if action is Action.PSEUDONYM and key is not None:
        return key.token(kind, value)
    return f"<{kind.upper()}>"
