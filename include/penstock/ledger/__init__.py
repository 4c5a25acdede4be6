"""The ledger: what happened, provably. Receipts, verdicts, drops, snapshots, models, deadlines, events."""

from __future__ import annotations

from penstock.ledger.ledger import Ledger

__all__ = ["Ledger"]
