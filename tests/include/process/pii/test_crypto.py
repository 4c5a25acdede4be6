from __future__ import annotations

import pytest

CHECKED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # EIP-55's example
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"  # BIP 350's


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.", ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]),
        ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]),
        (TAPROOT, [TAPROOT]),
        (CHECKED, [CHECKED]),
        (f"wallet {CHECKED.lower()}", [CHECKED.lower()]),
        (f"commit {CHECKED.lower()}", []),
        (CHECKED.replace("aA", "AA"), []),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp", []),
        (TAPROOT[:-1] + "q", []),
        ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", ["3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"]),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709 sha256:1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf", []),
    ],
)
def test_finds_wallets_by_their_checksums(finds, text, found):
    assert finds(text, "crypto") == found
