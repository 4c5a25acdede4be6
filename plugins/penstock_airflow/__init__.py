"""Everything of Penstock that imports Airflow: operators, hooks, triggers, schedules and the UI page."""

from __future__ import annotations
