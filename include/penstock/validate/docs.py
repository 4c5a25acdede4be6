"""Data Docs: one HTML page a validation, by Great Expectations' own renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.lake import Lake

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult


def write_docs(
    lake: Lake, report: ExpectationSuiteValidationResult, *, dataset: str, run_key: str, attempt_id: str
) -> str:
    """Write the page of one validation and return where it lies.

    The page is rendered from the report alone: a whole site with its indexes would be built anew at every run.
    """
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    page = DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(report))
    path = f"docs/{dataset}/{run_key}/attempt={attempt_id}/index.html"
    lake.write_atomically(path, page.encode())
    return lake.full(path)
