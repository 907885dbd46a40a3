"""A real browser, and what to look for in any page; see CONTRIBUTING.md for how it is run."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]
_LOOKS = Path(__file__).with_name("looks.js").read_text(encoding="utf-8")
SCHEMES, WIDTHS = ("light", "dark"), (1200, 390)


@contextmanager
def launched() -> Iterator[Any]:
    """Start Debian's chromium; the test is skipped where it or playwright is missing."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield browser
        browser.close()


class Tab:
    """A tab that notes what goes wrong in it.

    Attributes:
        page: The page of playwright.
        asked: The addresses that it asked for.
        errors: Errors of the page and of its console.
        alerts: Texts of its dialogs.
    """

    def __init__(self, browser: Any, scheme: str, width: int) -> None:
        size = {"width": width, "height": 800}
        self._context = browser.new_context(color_scheme=scheme, viewport=size, locale="en-GB")
        self._context.set_default_timeout(120_000)  # a busy machine takes its time
        self.page = page = self._context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.alerts: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        page.on("dialog", lambda box: (self.alerts.append(box.message), box.dismiss()))

    def close(self) -> None:
        """Close it."""
        self._context.close()


def look(page: Any, name: str, fallback: Path) -> None:
    """Check that all of a page can be read and reached, and take a picture of it.

    Args:
        page: The page of playwright.
        name: Name of the picture, without its end.
        fallback: Folder of the picture where HF_RECURRENT_SCREENSHOTS names none.
    """
    page.wait_for_timeout(500)  # what fades in
    folder = Path(os.environ.get("HF_RECURRENT_SCREENSHOTS") or fallback)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    wrong = page.evaluate(_LOOKS)
    assert wrong == [], f"{name}: {wrong}"
