"""The page in a real browser, inside a real Airflow, below a URL prefix; and that Airflow's login guards it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.plugins.ui.airflow_server import api_server
from tests.plugins.ui.ledger_fixture import fill

from penstock.report.write import card_path

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
]
GUARDED = (
    "penstock/api/grid",
    "penstock/api/runs/opinion_text/2026-11-18",
    "penstock/api/runs/opinion_text/2026-11-18/quarantine",
    "penstock/docs/opinion_text/2026-11-18/index.html",
    "penstock/card/opinion_text/2026-11-18",
)


@pytest.fixture(scope="module")
def penstock_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("penstock")
    fill(home).lake.write_atomically(card_path("opinion_text", "2026-11-18"), b"<!doctype html><p>a card</p>")
    return home


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, penstock_home: Path) -> Iterator[str]:
    with api_server(tmp_path_factory.mktemp("airflow"), penstock_home, "/airflow") as url:
        yield url


@pytest.fixture(scope="module")
def empty_airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("empty")
    with api_server(tmp_path_factory.mktemp("airflow"), home) as url:
        yield url


class Browser:
    """Chromium: opens an address and returns what a person would have, and what the console said."""

    def __init__(self, program: str, profile: Path) -> None:
        self.program, self.profile = program, profile

    def dom(self, url: str, *, width: int = 1440) -> str:
        command = [
            self.program,
            *FLAGS,
            f"--user-data-dir={self.profile}",
            f"--window-size={width},900",
            "--dump-dom",
            url,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert said == []
        return done.stdout


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed (apt-get install chromium)")
    return Browser(program, tmp_path / "profile")


@pytest.mark.parametrize("width", [1440, 768, 500])
def test_the_page_shows_every_run_without_a_word_on_the_console(
    airflow: str, browser: Browser, width: int
) -> None:
    dom = browser.dom(f"{airflow}/plugin/penstock", width=width)
    assert dom.count('class="pk-run ') + dom.count('class="pk-run"') == 13
    assert (
        "opinion_text 2026-11-18: ingest done, transfer done, process done, validate done, store done, gate warning"
        in dom
    )
    assert "opinion_text 2026-11-21: ingest done, transfer done, process killed" in dom


def test_an_address_opens_the_panel_with_the_evidence_and_shows_hostile_text_as_text(
    airflow: str, browser: Browser
) -> None:
    dom = browser.dom(f"{airflow}/plugin/penstock?run=opinion_text/2026-11-20")
    for expected in ('role="dialog"', "duplicate_text", "doc_id_is_unique", "412 of 7,854 rows", "Data Docs"):
        assert expected in dom
    assert "&lt;img src=x onerror=" in dom
    assert "<title>Airflow</title>" in dom
    assert "/airflow/penstock/docs/opinion_text/2026-11-20/" in dom
    assert "/airflow/dags/opinion_text/runs/scheduled__2026-11-20" in dom


def test_filters_in_the_address_are_applied(airflow: str, browser: Browser) -> None:
    dom = browser.dom(f"{airflow}/plugin/penstock?dataset=opinion_text&since=2026-11-17&until=2026-11-18")
    assert dom.count('class="pk-run ') == 2


def test_an_empty_ledger_says_what_to_do(empty_airflow: str, browser: Browser) -> None:
    dom = browser.dom(f"{empty_airflow}/plugin/penstock")
    assert "No runs yet" in dom
    assert "airflow dags test opinion_text 2026-11-16" in dom


def test_nobody_reads_without_a_token_and_a_user_with_one_does(tmp_path: Path, penstock_home: Path) -> None:
    home = tmp_path / "airflow"
    with api_server(home, penstock_home, everyone=False) as url:
        for path in GUARDED:
            assert httpx.get(f"{url}/{path}").status_code == 401
            assert httpx.get(f"{url}/{path}", headers={"Authorization": "Bearer x.y.z"}).status_code in (
                401,
                403,
            )
        passwords = json.loads((home / "simple_auth_manager_passwords.json.generated").read_text())
        [(user, password)] = passwords.items()
        login = httpx.post(
            f"{url}/auth/token", json={"username": user, "password": password}
        ).raise_for_status()
        token = {"Authorization": f"Bearer {login.json()['access_token']}"}
        for path in GUARDED:
            assert httpx.get(f"{url}/{path}", headers=token).status_code == 200
        assert httpx.get(f"{url}/penstock/static/main.js").status_code == 200
