"""Kinds ``secret`` and ``url_credentials``: what opens something.

The rules for keys of known services and for JSON Web Tokens are detect-secrets' own, read from its plugins and run by
RE2; its entropy measure judges values that follow a word for a secret. A value without such a word is left: a hash
looks as random as a key.
"""

from __future__ import annotations

import functools
import importlib
import math
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from penstock.errors import RecipeError
from penstock.process.pii.pieces import Batch, View, compiled
from penstock.process.pii.recogniser import Candidate, Found, Recogniser

MIN_KEY_CHARS = 40
"""Base64 characters from which on what stands below a header of a private key is one, and not an ellipsis."""
MIN_RANDOM_CHARS = 16
_BREAK = r"(?:\\[rn]|[\"'+,\\]|\s)"
"""What stands between the lines of a block, also where it is a string of a program."""
_KEY_BLOCK = (
    rf"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----{_BREAK}*(?:[A-Za-z\-]{{4,20}}: [^\n]{{0,200}}\n\s*)*"
    rf"(?:[A-Za-z0-9+/=]{{16,}}{_BREAK}+)*[A-Za-z0-9+/=]*(?:{_BREAK}*-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?"
)
_ASSIGNED = (
    r"(?i:(?:api|auth|access|account|service|client|secret|private|encryption|db|database)[_\- ]?key|secret|token"
    r"|passw(?:or)?d|passphrase|pwd|密码|密碼|пароль|contraseña)[A-Za-z0-9_]{0,20}"
    r"(?:[\"'\]]{0,2}[ \t]?(?::=|=>|={1,2}|:)[ \t]?| (?:is|was) | )[\"'`]?"
    r"([A-Za-z0-9!#$%&*+\-./=?@^_|~]{8,200})"
)
_NOT_RULES = {"BasicAuthDetector", "PrivateKeyDetector", "IPPublicDetector"}
"""Plugins whose findings are kinds of their own here, or whole blocks."""
# RE2 has no look-around; each of these stands at an edge, where a boundary of words says nearly the same.
_EDGES = re.compile(r"\(\?:\(\?<=\\W\)\|\(\?<=\^\)\)|\(\?!(?:\\w|\[[^\]]*\])\)")


_SIGNS = r"[!#$%&*+=?@^|~]"
_STAND_INS = (
    re.compile(r"\$[A-Z_][A-Z0-9_]*|%[A-Z_]+%|(?:\$[{(]|%\(|[{<]|\.\.\.).*|[xX]{3,}|\*+", re.DOTALL),
    re.compile(
        r"\W*(?:(?:your|my|the|some|example)[_\-]?)?(?:pass(?:word|wd|phrase)?|pwd?|secret|token|key|changeme)\W*",
        re.IGNORECASE,
    ),
    re.compile(r"(?:[A-Za-z]?[a-z]+)?(?:[A-Z][a-z]+)*(?:Key|Secret|Token|Pass|Password|I[Dd]|[SU]id)"),
    re.compile(r"[a-z]+(?:[_\-][a-z]+)*[_\-](?:key|secret|token|pass|password|id)", re.IGNORECASE),
)


class Secret(Recogniser):
    """A private key, a token of a service, a JSON Web Token, or a random value behind a word for a secret."""

    kind: Literal["secret"] = "secret"
    rank: ClassVar[int] = 10

    def find(self, batch: Batch) -> Iterator[Found]:
        """Yield blocks, tokens and assigned values, each document's in their order."""
        block, service, assigned = self.patterns()
        found = [
            *self._found(batch, block, _private_key),
            *self._found(batch, service, _service_token),
            *self._found(batch, assigned, _assigned),
        ]
        last = Found(-1, 0, 0, "")
        for item in sorted(found):
            if item.document != last.document or item.start >= last.end:
                yield item
                last = item

    @staticmethod
    def _found(batch: Batch, pattern: str, narrow: Any) -> Iterator[Found]:
        for document, start, end in batch.view(View.TEXTS).find(compiled(pattern)):
            found = narrow(Candidate(batch.texts[document], start, end))
            if found is not None:
                yield Found(document, found.start, found.end, found.text)

    def patterns(self) -> tuple[str, ...]:
        """Return what blocks, tokens and assignments look like."""
        return (_KEY_BLOCK, service_rules(), _ASSIGNED)

    def check(self) -> None:
        """Read the rules."""
        service_rules()


class UrlCredentials(Recogniser):
    """The part ``user:password`` of a URL; not where the password is the word for one, or a variable."""

    kind: Literal["url_credentials"] = "url_credentials"
    pattern: ClassVar[str] = r"://([^\s/?#:@\"'<>\x60]{0,100}:[^\s/?#@\"'<>\x60]{1,300})@[A-Za-z0-9\[]"
    rank: ClassVar[int] = 12

    def value(self, found: Candidate) -> str | None:
        """Refuse what stands for a password in documentation."""
        password = found.text.partition(":")[2]
        return None if _is_stand_in(password) or re.search(r"\$\{|\{\{|%\(", found.text) else found.text


@functools.cache
def service_rules() -> str:
    """Return detect-secrets' regular expressions for keys of services as one alternation in RE2's syntax.

    Raises:
        RecipeError: when the library has no rules where they used to be.
    """
    rules = [_bounded(rule) for rule in _denylists()]
    if not rules:
        message = (
            "mask_pii: expected detect-secrets to have rules in detect_secrets.plugins, found none; install the "
            "version of requirements.lock, or leave the kind secret out"
        )
        raise RecipeError(message)
    return "|".join(rules)


def _denylists() -> Iterator[re.Pattern[str]]:
    plugins = importlib.import_module("detect_secrets.plugins")
    base = importlib.import_module("detect_secrets.plugins.base").RegexBasedDetector
    for module in pkgutil.iter_modules(plugins.__path__, "detect_secrets.plugins."):
        for name, found in sorted(vars(importlib.import_module(module.name)).items()):
            is_rule = isinstance(found, type) and issubclass(found, base) and found is not base
            if is_rule and found.__module__ == module.name and name not in _NOT_RULES:
                yield from found.denylist


def _bounded(rule: re.Pattern[str]) -> str:
    """Return a rule without look-around and without groups of its own."""
    text = _EDGES.sub(r"\\b", rule.pattern)
    text = re.sub(r"(?<!\\)\((?!\?)", "(?:", text)
    text = re.sub(r"\{(\d+),\d{4,}\}", r"{\1,}", text)  # RE2 repeats at most a thousand times
    head = r"\b" if re.match(r"\w|\\d|\[\w|\(\?:\w", text) else ""
    return f"{'(?i:' if rule.flags & re.IGNORECASE else '(?:'}{head}{text})"


def _private_key(found: Candidate) -> Candidate | None:
    body = re.sub(r"-----[A-Z0-9 ]+-----|\s", "", found.text)
    return found if len(body) >= MIN_KEY_CHARS else None


def _service_token(found: Candidate) -> Candidate | None:
    """Leave out the quotes that some rules take along, and what is a word or a part of a longer token."""
    text = found.text
    found = found.cut(len(text) - len(text.lstrip("\"':=\n\t ")), len(text) - len(text.rstrip("\"' \n\t")))
    text = found.text
    if text.startswith("eyJ"):
        return _web_token(found)
    if re.search("[\"'=]", text):
        named = re.search(r"[A-Za-z0-9/+_=.\-]{16,}$", text)
        found = found.cut(named.start()) if named else found
        text = found.text
    if re.match(r"[A-Za-z0-9_]", found.after(1)) and re.search(r"[A-Za-z0-9_]$", text):
        return None
    digits = sum(map(str.isdigit, text))
    return found if digits >= 2 and digits < len(text) else None


def _web_token(found: Candidate) -> Candidate | None:
    from detect_secrets.plugins.jwt import JwtTokenDetector

    # The rule is not greedy about the signature: take what follows of it.
    rest = re.match(r"[A-Za-z0-9\-_.+/=]*", found.after(4096))
    found = found.cut(end=-len(rest.group()) if rest else 0)
    found = found.cut(end=len(found.text) - len(found.text.rstrip(".")))
    return found if JwtTokenDetector.is_formally_valid(found.text) else None


def _assigned(found: Candidate) -> Candidate | None:
    text = found.text.rstrip(".!?,;:")
    found = found.cut(end=len(found.text) - len(text))
    if _is_stand_in(text) or re.match(r"[(\[{<]", found.after(1)) or re.search(r"://\S*$", found.before()):
        return None
    return found if _is_random(text) or _is_password(found, text) else None


def _is_random(text: str) -> bool:
    """Return whether detect-secrets' entropy of a value is above its limits (4.5 for base64, 3 for hexadecimal)."""
    if (
        len(text) < MIN_RANDOM_CHARS
        or not any(map(str.isdigit, text))
        or not re.fullmatch(r"[A-Za-z0-9+/=_\-.]+", text)
    ):
        return False
    is_hex = re.fullmatch(r"[0-9A-Fa-f]+", text) is not None
    plugin = _entropy_plugins()[is_hex]
    # n characters have at most log2(n) bits each, random ones about 0.3 less: the limit is out of reach of short keys.
    limit = plugin.entropy_limit if is_hex else min(plugin.entropy_limit, math.log2(len(text)) - 0.5)
    return bool(plugin.calculate_shannon_entropy(text) > limit)


@functools.cache
def _entropy_plugins() -> tuple[Any, Any]:
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString, HexHighEntropyString

    return Base64HighEntropyString(), HexHighEntropyString()


def _is_password(found: Candidate, text: str) -> bool:
    """Return whether a value is assigned to a word for a password and looks like one; in prose, it has a sign in it."""
    before = found.before()
    if not re.search(r"(?:passw|passphrase|pwd|密|парол|contrase)[^\n]{0,30}$", before, re.IGNORECASE):
        return False
    is_prose = re.search(r"\w\s$", before) is not None
    return _is_mixed(text) and (not is_prose or re.search(_SIGNS, text) is not None)


def _is_mixed(text: str) -> bool:
    """Return whether a password has digits and, besides letters, capitals or signs: no word of a language has."""
    if re.match(r"https?:|\w+\.\w+|/|--|\d+[.\d]*$", text):
        return False
    classes = (r"[a-z]", r"[A-Z]", r"[0-9]", _SIGNS)
    return (
        bool(re.search(r"[0-9]|[!#$%&*?@^]$", text)) and sum(bool(re.search(c, text)) for c in classes) >= 3
    )


def _is_stand_in(text: str) -> bool:
    """Return whether it names a secret in place of one: ``your_password``, ``ApiKey``, ``${TOKEN}``, ``xxx``."""
    return any(pattern.fullmatch(text) for pattern in _STAND_INS)
