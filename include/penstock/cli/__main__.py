"""``python -m penstock.cli`` is ``penstock``."""

from __future__ import annotations

from penstock.cli.main import app

app()
