"""Kind ``crypto``: addresses of Bitcoin and Ethereum wallets, with their checksums."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from penstock.process.pii.keccak import keccak256
from penstock.process.pii.recogniser import Candidate, Recogniser

BECH32M = 0x2BC830A3
"""The constant of BIP 350: what the checksum of an address of witness version 1 and above leaves."""


class Crypto(Recogniser):
    """A wallet: Base58Check (BIP 13), Bech32 and Bech32m (BIP 173, 350), or Ethereum's 0x and 40 digits.

    An Ethereum address in mixed case must keep EIP-55's checksum; one in a single case has none and is taken beside a
    word for it.
    """

    kind: Literal["crypto"] = "crypto"
    pattern: ClassVar[str] = (
        r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|BC1)[02-9A-Za-z]{11,71}|0x[0-9A-Fa-f]{40})\b"
    )
    rank: ClassVar[int] = 14

    def value(self, found: Candidate) -> str | None:
        """Check the checksum."""
        text = found.text
        if re.search(r"[/+_=\-]$", found.before(1)) or re.match(r"[/+_=]", found.after(1)):
            return None
        if text.startswith("0x"):
            return self._ethereum(found)
        from stdnum import bitcoin

        if text[:3].lower() == "bc1" and text not in (text.lower(), text.upper()):
            return None
        if text[:4].lower() == "bc1p":
            return text.lower() if _is_bech32m(text.lower()) else None
        return bitcoin.compact(text) if bitcoin.is_valid(text) else None

    @staticmethod
    def _ethereum(found: Candidate) -> str | None:
        digits = found.text[2:]
        if digits in (digits.lower(), digits.upper()):
            is_named = found.near(
                "eth", "ethereum", "ether", "wallet", "erc-?20", "0x address", "以太坊", "钱包\\S*"
            )
            return found.text.lower() if is_named and len(set(digits)) > 4 else None
        mask = keccak256(digits.lower().encode()).hex()
        keeps = all(
            char.isdigit() or char.isupper() == (int(bit, 16) >= 8)
            for char, bit in zip(digits, mask, strict=False)
        )
        return found.text.lower() if keeps else None


def _is_bech32m(address: str) -> bool:
    from stdnum.bitcoin import _bech32_alphabet, _expand_hrp, bech32_checksum

    if any(char not in _bech32_alphabet for char in address[3:]):
        return False
    values = [_bech32_alphabet.index(char) for char in address[3:]]
    return bool(bech32_checksum([*_expand_hrp("bc"), *values]) == BECH32M)
