"""The page in a real browser: run by hand with `pytest -m browser`.

It needs Debian's chromium and the extra `browser`; pictures go to the folder that
HF_RECURRENT_SCREENSHOTS names, else to a temporary one.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hf_recurrent.app import ContextSet, WordSet, open_classifiers, sets_of_models, start
from hf_recurrent.vectors.contextual import ContextualVectors
from tests.common.browser import SCHEMES, WIDTHS, Tab, launched, look
from tests.tasks.pretrained import save_elmo

from .samples import save_bag, save_recurrent, save_tagger, vectors

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with the models that HF_RECURRENT_MODELS names, else with small ones."""
    named = os.environ.get("HF_RECURRENT_MODELS", "").split(os.pathsep)
    models = [name for name in named if name]
    sets = [WordSet("small", vectors())]
    contexts = []
    if models:
        from hf_recurrent.vectors import load_vectors

        sets = [WordSet("glove", load_vectors("glove"))]
    else:
        folder = tmp_path_factory.mktemp("models")
        models = [
            str(save_recurrent(folder / "attention", pooling="attention")),
            str(save_bag(folder / "bag")),
            str(save_tagger(folder / "tagger")),
        ]
        elmo = ContextualVectors.load(save_elmo(folder / "elmo", ["bank"]))
        contexts = [ContextSet("tiny elmo", elmo)]
    classifiers = open_classifiers(models)
    page = start(classifiers, [*sets, *sets_of_models(classifiers)], contexts)
    yield page.local_url
    page.close(verbose=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@pytest.fixture(params=[(scheme, width) for scheme in SCHEMES for width in WIDTHS])
def tab(request: pytest.FixtureRequest, browser: Any, page_url: str) -> Iterator[Tab]:
    tab = Tab(browser, *request.param)
    tab.page.goto(page_url)
    tab.page.get_by_label("Sentence").wait_for()
    yield tab
    elsewhere = [url for url in tab.asked if not url.startswith((page_url, "data:", "blob:"))]
    print(f"asked elsewhere: {sorted(set(elsewhere))}")
    assert elsewhere == []
    assert tab.errors == []
    assert tab.alerts == []
    tab.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The end of the names of pictures, such as "light-390"."""
    scheme, width = request.node.callspec.params["tab"]
    return f"{scheme}-{width}"


def test_a_visitor_types_and_reads(tab: Tab, name: str, tmp_path: Path) -> None:
    page, typed = tab.page, tab.page.get_by_label("Sentence")
    sentence = os.environ.get("HF_RECURRENT_SENTENCE", "A warm film, never dulll.")
    typed.fill(sentence)
    typed.press("Enter")
    page.locator(".hfr-text", has_text=sentence).nth(1).wait_for()  # an example was answered before
    page.get_by_text("processing").first.wait_for(state="hidden")
    assert typed.input_value() == sentence  # Enter is no new line
    assert page.locator(".hfr-text").first.inner_text() == sentence
    assert "ms from text to label" in page.locator(".hfr-card").first.inner_text()
    shades = page.locator(".hfr-text span[style]").evaluate_all(
        "spans => spans.map(s => Number(s.style.getPropertyValue('--w')))"
    )
    assert max(shades) == 1
    assert page.locator(".hfr-unknown", has_text="dulll").first.is_visible()
    look(page, f"texts-{name}", tmp_path)

    script = "<script>alert(1)</script><img src=x onerror=alert(2)> ${alert(3)} {{value}}"
    typed.fill(script)
    page.get_by_role("button", name="Answer").click()
    page.locator(".hfr-text", has_text="onerror").first.wait_for()
    assert page.locator(".hfr-text").first.inner_text() == script
    typed.fill(" ")
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("alert").filter(has_text="Type a sentence").wait_for()
    page.get_by_text("processing").first.wait_for(state="hidden")
    look(page, f"nothing-{name}", tmp_path)


def test_a_visitor_looks_up_words(tab: Tab, name: str, tmp_path: Path) -> None:
    page = tab.page
    page.get_by_role("tab", name="Words").click()
    page.get_by_label("Word", exact=True).fill("King")
    page.get_by_role("button", name="Find neighbours").click()
    near = page.locator(".hfr-card", has_text="by cosine").locator("visible=true")
    near.filter(has=page.get_by_role("heading", name="king", exact=True)).wait_for()
    for label, word in (("This", "man"), ("is to", "king"), ("as", "woman")):
        page.get_by_label(label, exact=True).fill(word)
    page.get_by_label("as", exact=True).press("Enter")
    near.nth(1).wait_for()
    assert re.search("man : king = woman : ?\\W+.*\\W+queen", near.nth(1).inner_text())
    page.get_by_text("processing").first.wait_for(state="hidden")
    look(page, f"words-{name}", tmp_path)
    page.get_by_label("Word", exact=True).fill("qwrtz")
    page.get_by_label("Word", exact=True).press("Enter")
    page.get_by_role("alert").filter(has_text="has no vector").wait_for()
    page.get_by_text("processing").first.wait_for(state="hidden")
    look(page, f"unknown-{name}", tmp_path)


def test_a_visitor_compares_two_sentences(tab: Tab, name: str, tmp_path: Path) -> None:
    contexts = tab.page.get_by_role("tab", name="Contexts")
    if not contexts.count():
        pytest.skip("no contextual model was named")
    contexts.click()
    tab.page.get_by_label("Layer").first.wait_for()
    look(tab.page, f"contexts-{name}", tmp_path)


def test_the_focus_is_seen(tab: Tab, name: str) -> None:
    """Where the keys go is framed in a colour that differs from the ground by 3 to 1."""
    blue = "rgb(37, 99, 235)" if name.startswith("light") else "rgb(96, 165, 250)"
    tab.page.get_by_label("Sentence").focus()
    for key in (None, "Tab", "Tab"):
        if key:
            tab.page.keyboard.press(key)
        tab.page.wait_for_timeout(800)  # it fades in
        frame = tab.page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return [s.outlineStyle, s.outlineWidth, s.outlineColor]; }"
        )
        assert frame == ["solid", "2px", blue]
