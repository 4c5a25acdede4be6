"""Notices to people: the log always; e-mail, Slack, a webhook … by the connection ``penstock_notify`` (Apprise)."""

from __future__ import annotations

import logging

from penstock_airflow.hooks.places import find_connection

logger = logging.getLogger(__name__)


def notify(*, title: str, body: str, conn_id: str = "penstock_notify") -> str:
    """Send a notice and return where it went, for the ledger.

    The connection's extra holds ``{"urls": ["mailto://…", "slack://…", "json://…"]}``: any Apprise URL. A notice that
    cannot be sent is logged and never fails the work it is about.
    """
    logger.warning("%s: %s", title, body)
    connection = find_connection(conn_id)
    urls = list(connection.extra_dejson.get("urls", [])) if connection else []
    if not urls:
        return "log"
    import apprise

    sender = apprise.Apprise()
    accepted = [url for url in urls if sender.add(url)]
    sent = bool(accepted) and bool(sender.notify(title=title, body=body))
    if not sent or len(accepted) < len(urls):
        logger.error(
            "%s: expected %d notices to go out, %d URLs are valid, sent: %s; check the extra of connection %s",
            title, len(urls), len(accepted), sent, conn_id,
        )  # fmt: skip
    schemes = ", ".join(sorted({url.split(":", 1)[0] for url in accepted}))
    return f"log, {schemes}" if sent else f"log, failed: {schemes or 'no valid URL'}"
