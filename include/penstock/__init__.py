"""Penstock, the pure library: ingest, transfer, process, validate, store.

Five stages, always in this order. ``ingest`` brings bytes into the landing zone, ``transfer`` turns them into raw
Parquet with provenance, ``process`` cleans them on Spark, ``validate`` stops them at the gate when they are bad, and
``store`` publishes them as table snapshots. Nothing here imports Airflow, so everything here runs on an executor.
"""

from __future__ import annotations

__version__ = "0.1.0"
