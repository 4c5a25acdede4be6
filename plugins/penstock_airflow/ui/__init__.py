"""The Penstock page inside the Airflow UI: a FastAPI app behind Airflow's login, and React modules without a build."""

from __future__ import annotations
