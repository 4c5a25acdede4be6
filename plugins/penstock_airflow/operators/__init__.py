"""The five operators, one a stage: ingest, transfer, process, validate, store."""

from __future__ import annotations

from penstock_airflow.operators.ingest import IngestOperator
from penstock_airflow.operators.process import ProcessOperator
from penstock_airflow.operators.store import StoreOperator
from penstock_airflow.operators.transfer import TransferOperator
from penstock_airflow.operators.validate import ValidateOperator

__all__ = ["IngestOperator", "ProcessOperator", "StoreOperator", "TransferOperator", "ValidateOperator"]
