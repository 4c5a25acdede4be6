"""What the five operators share: gather the run, make one library call, report the receipt."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.exceptions import AirflowFailException
from airflow.sdk import BaseOperator

from penstock.errors import ContractError, RecipeError
from penstock.receipt import Receipt, Stage
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock_airflow.hooks.places import Places, find_connection, secret
from penstock_airflow.run_key import run_key_from
from penstock_airflow.schedule.deadlines import check_at_end

if TYPE_CHECKING:
    from airflow.sdk import Context


class StageOperator(BaseOperator):
    """Run one stage of a dataset's flow for the day that the run names.

    The task returns its receipt (counts and a manifest URI, never data). Errors decide what happens next: a wrong
    recipe and broken data fail at once, trouble of a source or a store is retried as the task's ``retries`` say.

    :param recipe: the dataset's recipe, or ``Recipe.only("name", ingest=...)`` when the operator is used alone.
    :param run_key: the day (``YYYY-MM-DD``); by default that of the run's logical date. Templated.
    :param allow_incomplete: accept a day that is not over yet.
    :param lake_conn_id: where the zones are; undefined: a folder below ``PENSTOCK_HOME``.
    :param ledger_conn_id: the ledger's database; undefined: SQLite below ``PENSTOCK_HOME``.
    :param spark_conn_id: a Spark Connect server; undefined: the local one, started when none is up.
    :param catalog_conn_id: the table catalog; undefined: Iceberg on SQLite below ``PENSTOCK_HOME``.
    """

    template_fields: Sequence[str] = ("run_key",)
    ui_color = "#e8f1fb"
    stage: ClassVar[Stage]

    def __init__(
        self,
        *,
        recipe: Recipe,
        run_key: str | None = None,
        allow_incomplete: bool = False,
        lake_conn_id: str = "penstock_lake",
        ledger_conn_id: str = "penstock_ledger",
        spark_conn_id: str = "penstock_spark",
        catalog_conn_id: str = "penstock_catalog",
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"task_id": self.stage.value, **kwargs})
        self.recipe = recipe
        self.run_key = run_key
        self.allow_incomplete = allow_incomplete
        self.lake_conn_id = lake_conn_id
        self.ledger_conn_id = ledger_conn_id
        self.spark_conn_id = spark_conn_id
        self.catalog_conn_id = catalog_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Run the stage and return its receipt as JSON values."""
        with _errors_by_what_to_do(), self._places() as places:
            run = self._run(context, places)
            try:
                receipt = self.work(run)
            finally:
                check_at_end(run, self.stage, context)
        self.log.info("receipt %s", receipt.model_dump_json(exclude={"details"}))
        self.report(receipt, context)
        return receipt.as_dict()

    @abstractmethod
    def work(self, run: Run) -> Receipt:
        """Make the one library call of this stage."""

    def report(self, receipt: Receipt, context: Context) -> None:
        """Tell Airflow more than the receipt; most stages have nothing to add."""

    def _places(self) -> Places:
        return Places(
            lake=self.lake_conn_id,
            ledger=self.ledger_conn_id,
            spark=self.spark_conn_id,
            catalog=self.catalog_conn_id,
        )

    def _run(self, context: Context, places: Places) -> Run:
        run_key = self.run_key or run_key_from(
            context, start=self.recipe.start, allow_incomplete=self.allow_incomplete
        )
        return Run(
            recipe=self.recipe,
            run_key=run_key,
            lake=places.lake(),
            ledger=places.ledger(),
            spark=places.spark,
            catalog=places.catalog(),
            origin=_origin(context),
            secrets=secret,
            connections=find_connection,
        )


def _origin(context: Context) -> dict[str, Any]:
    instance, dag_run = context["ti"], context["dag_run"]
    return {
        "dag_id": instance.dag_id,
        "task_id": instance.task_id,
        "run_id": dag_run.run_id,
        "run_type": str(getattr(dag_run.run_type, "value", dag_run.run_type)),
        "try_number": instance.try_number,
        "map_index": getattr(instance, "map_index", -1),
    }


@contextmanager
def _errors_by_what_to_do() -> Iterator[None]:
    """Turn what a retry cannot mend into a failure without retry; everything else goes up as it is."""
    try:
        yield
    except (RecipeError, ContractError) as error:
        message = f"{type(error).__name__}: {error}"
        raise AirflowFailException(message) from error
