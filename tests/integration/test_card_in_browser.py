"""A card of a real tiny day in a real browser: every text is text, at two widths, light and dark."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.include.conftest import Flow
from tests.include.report.conftest import HEAD, HOSTILE

from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.recipe import parse
from penstock.report import card_html
from penstock.report.card import CardMaker

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--hide-scrollbars",
)
DAY = "2026-11-16"
SCHEMES = {"dark": "0", "light": "1"}
"""What Chromium's setting ``preferredColorScheme`` calls them."""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The card of a day of harmless and hostile texts, through real stages of the library."""
    flow = Flow(Lake(f"file://{tmp_path}/lake"), Ledger(f"sqlite:///{tmp_path}/ledger.db"), tmp_path)
    texts = [*HOSTILE, *(f"A harmless text of {n} words." + " word" * n for n in range(40))]
    flow.ingest(texts)
    flow.transfer(texts)
    kept = [flow.clean_row(n, text) for n, text in enumerate(texts)]
    dropped = [
        flow.dropped_row(100 + n, text, reason, drop_step="length", drop_value=float(n), drop_detail=text)
        for n, text in enumerate(texts)
        for reason in ([f"hostile_{n}"] if n < len(HOSTILE) else ["too_short"])
    ]
    flow.process(kept, dropped)
    flow.validate(kept)
    flow.store(kept)
    recipe = parse(f"{HEAD}process: {{steps: [{{kind: length, min_chars: 60}}]}}\n", where="test")
    card = CardMaker(flow.lake, "notes", DAY, recipe=recipe, ledger=flow.ledger).make()
    path = tmp_path / "card.html"
    path.write_text(card_html.render(card), encoding="utf-8")
    return path


def browse(page: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed (apt-get install chromium)")
    command = [program, *FLAGS, f"--user-data-dir={page.parent}/profile", *words, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def test_the_browser_finds_nothing_to_complain_of_and_runs_nothing(page: Path):
    done = browse(page, "--dump-dom", "--window-size=1200,900")
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert "<title>notes 2026-11-16 · dataset card</title>" in done.stdout
    assert "<script" not in done.stdout
    assert "<img" not in done.stdout
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in done.stdout
    assert done.stdout.count('<svg class="plot"') >= 3
    assert "min_chars 60" in done.stdout


@pytest.mark.parametrize("width", [1200, 500])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_has_the_colour_scheme_of_its_reader(page: Path, width: int, scheme: str):
    from matplotlib.image import imread

    picture = page.parent / f"{scheme}-{width}.png"
    browse(
        page,
        f"--window-size={width},1200",
        f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        f"--screenshot={picture}",
    )
    pixels = imread(picture)
    assert pixels.shape[1] == width
    brightness = float(pixels[:, :, :3].mean())
    assert brightness > 0.8 if scheme == "light" else brightness < 0.3
