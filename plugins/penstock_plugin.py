"""Tell Airflow of the Penstock page: the only file that Airflow's plugin loader runs.

Every Airflow process runs it, each worker too, so it imports nothing that is not loaded anyway; the page's server side
is imported when its first request comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

_Message = MutableMapping[str, Any]


class LazyPage:
    """An ASGI app that imports the real one at its first request.

    A page that cannot start then answers 500 and leaves a traceback; it does not keep the API server from starting.
    """

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        """Hand the request on."""
        from penstock_airflow.ui.app import page

        await page()(scope, receive, send)


class PenstockPlugin(AirflowPlugin):  # type: ignore[misc]
    """The page "Penstock" in Airflow's navigation, and its API below ``/penstock``."""

    name = "penstock"
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": LazyPage(), "url_prefix": "/penstock", "name": "Penstock"},
    ]
    # URLs are relative: Airflow resolves them against its own base URL, whatever prefix it is served below.
    react_apps: ClassVar[list[Any]] = [
        {
            "name": "Penstock",
            "bundle_url": "penstock/static/main.js",
            "destination": "nav",
            "url_route": "penstock",
            "icon": "penstock/static/icon.svg",
            "icon_dark_mode": "penstock/static/icon-dark.svg",
            "nav_top_level": True,
        },
    ]
