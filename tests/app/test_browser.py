"""The page in a real browser: run by hand with `pytest -m browser`.

It needs Debian's chromium and the extra `browser`; screenshots go to the folder that
HF_RECURRENT_SCREENSHOTS names, else to a temporary one.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hf_recurrent.app import WordSet, open_classifiers, sets_of_models, start

from .samples import save_bag, save_recurrent, vectors

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with the models that HF_RECURRENT_MODELS names, else with small ones."""
    named = os.environ.get("HF_RECURRENT_MODELS", "").split(os.pathsep)
    models = [name for name in named if name]
    sets = [WordSet("small", vectors())]
    if models:
        from hf_recurrent.vectors import load_vectors

        sets = [WordSet("glove", load_vectors("glove"))]
    else:
        folder = tmp_path_factory.mktemp("models")
        models = [
            str(save_recurrent(folder / "attention", pooling="attention")),
            str(save_bag(folder / "bag")),
        ]
    classifiers = open_classifiers(models)
    page = start(classifiers, [*sets, *sets_of_models(classifiers)])
    yield page.local_url
    page.close(verbose=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = os.environ.get("HF_RECURRENT_SCREENSHOTS")
    return Path(named) if named else tmp_path_factory.mktemp("screenshots")


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[1100, 390], ids=["wide", "narrow"])
def width(request: pytest.FixtureRequest) -> int:
    return request.param


def test_a_visitor_types_and_reads(
    scheme: str, width: int, page_url: str, browser: Any, screenshots: Path
) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, locale="en-GB"
    )
    context.set_default_timeout(120_000)  # a busy machine takes its time
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    alerts: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.goto(page_url)

    sentence = os.environ.get("HF_RECURRENT_SENTENCE", "A warm film, never dulll.")
    page.get_by_label("Sentence").fill(sentence)
    page.get_by_role("button", name="Answer").click()
    cards = page.locator(".hfr-card")
    page.locator(".hfr-text", has_text=sentence).nth(1).wait_for()  # an example was answered before
    assert page.locator(".hfr-text").first.inner_text() == sentence
    assert "ms from text to label" in cards.first.inner_text()
    shades = page.locator(".hfr-text span[style]").evaluate_all(
        "spans => spans.map(s => Number(s.style.getPropertyValue('--w')))"
    )
    assert max(shades) == 1
    assert page.locator(".hfr-unknown", has_text="dulll").first.is_visible()
    page.wait_for_timeout(500)  # it fades in
    page.screenshot(path=screenshots / f"texts-{scheme}-{width}.png", full_page=True)
    overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(overflow)

    script = "<script>alert(1)</script><img src=x onerror=alert(2)> ${alert(3)} {{value}}"
    page.get_by_label("Sentence").fill(script)
    page.get_by_role("button", name="Answer").click()
    page.locator(".hfr-text", has_text="onerror").first.wait_for()
    assert page.locator(".hfr-text").first.inner_text() == script

    page.get_by_role("tab", name="Words").click()
    page.get_by_label("Word", exact=True).fill("King")
    page.get_by_role("button", name="Find neighbours").click()
    near = page.locator(".hfr-card", has_text="by cosine")
    near.filter(has=page.get_by_role("heading", name="king", exact=True)).wait_for()
    for label, word in (("This", "man"), ("is to", "king"), ("as", "woman")):
        page.get_by_label(label, exact=True).fill(word)
    page.get_by_label("as", exact=True).press("Enter")
    near.nth(1).wait_for()
    assert re.search("man : king = woman : ?\\W+.*\\W+queen", near.nth(1).inner_text())
    page.wait_for_timeout(500)  # it fades in
    page.get_by_text("processing").first.wait_for(state="hidden")
    page.screenshot(path=screenshots / f"words-{scheme}-{width}.png", full_page=True)
    assert not page.evaluate(overflow)

    page.get_by_label("Word", exact=True).fill("qwrtz")
    page.get_by_label("Word", exact=True).press("Enter")
    page.get_by_role("alert").filter(has_text="has no vector").wait_for()

    elsewhere = [url for url in asked if not url.startswith((page_url, "data:", "blob:"))]
    print(f"asked elsewhere: {sorted(set(elsewhere))}")
    assert elsewhere == []
    assert errors == []
    assert alerts == []
    context.close()
