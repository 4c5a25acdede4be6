"""What store lets in: a checked manifest that passed its gate, of the clean rows that are published now."""

from __future__ import annotations

from penstock.errors import ContractError
from penstock.manifest import Manifest, Zone
from penstock.receipt import Verdict
from penstock.stage import Run


def admit(run: Run, checked: Manifest) -> Verdict:
    """Return the verdict of the gate on ``checked``, from the ledger.

    Raises:
        ContractError: when the ledger has no verdict on these rows, another one than the manifest says, or a
            failure; or when the clean rows were made anew since they were checked.
    """
    where = f"{checked.dataset} {checked.run_key} store"
    verdict = run.ledger.verdict_of(
        dataset=checked.dataset, run_key=checked.run_key, fingerprint=checked.fingerprint
    )
    if verdict is None:
        message = (
            f"{where}: expected the gate's verdict on the checked rows in the ledger, found none for fingerprint "
            f"{checked.fingerprint[:12]}; nothing was published: clear the validate task of that day, it judges them"
        )
        raise ContractError(message)
    if verdict is Verdict.FAIL or checked.outcome.verdict != verdict:
        said = checked.outcome.verdict or "none"
        message = (
            f"{where}: expected checked rows that passed the gate, but the ledger's verdict on them is {verdict} "
            f"(their manifest says {said}); nothing was published: look at penstock ledger, mend the data or "
            "the promises, and clear the validate task"
        )
        raise ContractError(message)
    _refuse_stale(run, checked, where)
    return verdict


def _refuse_stale(run: Run, checked: Manifest, where: str) -> None:
    clean = run.upstream(Zone.CLEAN)
    judged = next((parent.fingerprint for parent in checked.parents if parent.zone is Zone.CLEAN), None)
    if judged != clean.fingerprint:
        message = (
            f"{where}: expected the checked rows to be those of the clean zone, but clean was made anew since "
            f"({str(judged)[:12]} was judged, {clean.fingerprint[:12]} is published); nothing was published: "
            "run validate again for that day, then store"
        )
        raise ContractError(message)
