"""The report is read in a real browser: nothing is asked for, nothing fails, nothing overflows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netmend.audit import page
from tests.audit.pages import PAGES

CHROMIUM = shutil.which("chromium") or ""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = (
    "of every outcome",
    "of hostile records",
    "of a broken chain",
    "of a live account",
    "of trials",
)
WIDTHS = (1280, 390)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium here - apt-get install chromium")
each_page = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{number}.html" for number, name in enumerate(NAMES)}
    for name, path in found.items():
        path.write_text(page.html(PAGES[name]), encoding="utf-8")
    return found


def seen(browser: Any, path: Path, **options: Any) -> dict[str, Any]:
    """What a visitor gets: text, widths and colours, and what the browser said and asked for."""
    context = browser.new_context(**options)
    tab = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: said.append(f"error: {error}"))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(path.as_uri())
    found = {
        "text": tab.locator("body").inner_text(),
        "width": tab.locator("html").bounding_box()["width"],
        "said": said,
        "asked": asked,
    }
    if options.get("java_script_enabled", True):
        found |= tab.evaluate(MEASURED)
    context.close()
    return found


MEASURED = """() => ({
  overflow: document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth,
  paper: getComputedStyle(document.body).backgroundColor,
  wide: getComputedStyle(document.querySelector('svg.wide')).display,
  narrow: getComputedStyle(document.querySelector('svg.narrow')).display,
  headless: [...document.querySelectorAll('h1, h2, h3')].filter((h) => !h.innerText.trim()).length,
})"""


@each_page
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_its_window_and_asks_for_nothing(
    width: int, name: str, browser: Any, files: dict[str, Path]
) -> None:
    found = seen(browser, files[name], viewport={"width": width, "height": 900})
    assert found["said"] == []
    assert found["asked"] == [files[name].as_uri()]
    assert found["overflow"] <= 0
    assert {found["wide"], found["narrow"]} == {"block", "none"}
    assert (found["wide"] == "block") == (width > 700)
    assert found["headless"] == 0


@each_page
def test_every_drift_is_seen(name: str, browser: Any, files: dict[str, Path]) -> None:
    text = seen(browser, files[name])["text"]
    for drift in PAGES[name].drifts:
        assert drift.state.word in text
        assert drift.resource[:20] in text


@each_page
def test_without_javascript_it_says_the_same(
    name: str, browser: Any, files: dict[str, Path]
) -> None:
    without = seen(browser, files[name], java_script_enabled=False)
    assert without["text"] == seen(browser, files[name])["text"]


def test_a_dark_room_gets_a_dark_page(browser: Any, files: dict[str, Path]) -> None:
    papers = [
        seen(browser, files[NAMES[0]], color_scheme=scheme)["paper"] for scheme in ("light", "dark")
    ]
    assert papers == ["rgb(251, 250, 248)", "rgb(19, 23, 26)"]


@each_page
def test_it_prints_with_everything_unfolded(
    name: str, browser: Any, files: dict[str, Path]
) -> None:
    tab = browser.new_page()
    tab.goto(files[name].as_uri())
    tab.emulate_media(media="print")
    folded = tab.locator("details dl.proof dd")
    assert folded.count()
    assert all(box.bounding_box()["height"] > 0 for box in folded.all()[:20])
    printed = tab.pdf(prefer_css_page_size=True)
    tab.close()
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 1


def test_the_keyboard_reaches_the_content_first(browser: Any, files: dict[str, Path]) -> None:
    tab = browser.new_page()
    tab.goto(files[NAMES[0]].as_uri())
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.innerText") == "Skip to what needs a person"
    assert tab.locator(".skip").bounding_box()["x"] >= 0
    tab.keyboard.press("Enter")
    assert tab.evaluate("location.hash") == "#main"
    tab.close()
