"""Who may see what: Airflow's own login and its permissions on DAGs, which carry the names of the datasets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, HTTPException, status

User = Annotated[BaseUser, Depends(get_user)]


def readable(user: BaseUser, datasets: Iterable[str]) -> list[str]:
    """Return those of ``datasets`` whose DAG ``user`` may read, in their order."""
    names = list(datasets)
    allowed = get_auth_manager().filter_authorized_dag_ids(dag_ids=set(names), user=user, method="GET")
    return [name for name in names if name in allowed]


def may_read(dataset: str, user: User) -> str:
    """Return ``dataset`` when the user may read its DAG.

    Raises:
        HTTPException: 401 without a login (by `get_user`), 403 when the DAG is not the user's to read.
    """
    if not readable(user, [dataset]):
        detail = f"expected permission to read the DAG {dataset}, you have none; ask an Airflow administrator"
        raise HTTPException(status.HTTP_403_FORBIDDEN, detail)
    return dataset


ReadableDataset = Annotated[str, Depends(may_read)]
