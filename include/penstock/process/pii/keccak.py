"""Keccak-256 as Ethereum uses it (the submission's padding, not FIPS 202's, which `hashlib` has)."""

from __future__ import annotations

import functools

_LANE = (1 << 64) - 1
_RATE_BYTES, _ROUNDS = 136, 24


def keccak256(message: bytes) -> bytes:
    """Return the digest of a short message; slow, for addresses."""
    padding = bytearray(_RATE_BYTES - len(message) % _RATE_BYTES)
    padding[0] |= 0x01
    padding[-1] |= 0x80
    padded = message + bytes(padding)
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), _RATE_BYTES):
        for lane in range(_RATE_BYTES // 8):
            word = padded[start + 8 * lane : start + 8 * lane + 8]
            lanes[lane % 5][lane // 5] ^= int.from_bytes(word, "little")
        lanes = _permute(lanes)
    return b"".join(lanes[x][0].to_bytes(8, "little") for x in range(4))


def _permute(a: list[list[int]]) -> list[list[int]]:
    """Apply Keccak-f[1600]: the steps theta, rho and pi, chi, iota of the reference."""
    for constant in _round_constants():
        column = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        mixed = [column[(x - 1) % 5] ^ _rotate(column[(x + 1) % 5], 1) for x in range(5)]
        a = [[a[x][y] ^ mixed[x] for y in range(5)] for x in range(5)]
        x, y, current = 1, 0, a[1][0]
        for step in range(_ROUNDS):
            x, y = y, (2 * x + 3 * y) % 5
            current, a[x][y] = a[x][y], _rotate(current, (step + 1) * (step + 2) // 2)
        a = [[a[x][y] ^ (~a[(x + 1) % 5][y] & a[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return a


def _rotate(lane: int, count: int) -> int:
    count %= 64
    return (lane << count | lane >> (64 - count)) & _LANE


@functools.cache
def _round_constants() -> tuple[int, ...]:
    """Return the constants of iota, from their linear feedback shift register."""
    state, constants = 1, []
    for _ in range(_ROUNDS):
        constant = 0
        for bit in range(7):
            constant |= (state & 1) << ((1 << bit) - 1)
            state = state << 1 ^ (0x171 if state & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)
