"""Every text of the page has a contrast of 4.5 to 1 (WCAG 2, AA), in light and in dark."""

import re
from typing import Any

import pytest

pytest.importorskip("gradio")

from hf_recurrent.app.page import CSS, THEME
from tests.common.contrast import Colour, contrast, from_hex, mixed

ON_PAGE = ("body_text_color", "body_text_color_subdued", "block_title_text_color")


def named(name: str, dark: bool) -> Colour:
    """Return a colour of the theme, whose names refer to each other, from 0 to 1."""
    value: Any = getattr(THEME, f"{name}_dark", None) if dark else None
    value = value or getattr(THEME, name)
    while value.startswith("*"):
        name = value[1:]
        value = (getattr(THEME, f"{name}_dark", None) if dark else None) or getattr(THEME, name)
    return from_hex({"white": "fff", "black": "000"}.get(value, value))


@pytest.mark.parametrize("dark", [False, True])
def test_texts_of_the_theme(dark: bool) -> None:
    pairs = [(name, "background_fill_primary") for name in ON_PAGE]
    pairs += [(name, "block_background_fill") for name in (*ON_PAGE, "block_label_text_color")]
    pairs.append(("input_placeholder_color", "input_background_fill"))
    for fill in ("button_primary_background_fill", "button_primary_background_fill_hover"):
        pairs.append(("button_primary_text_color", fill))
    for text, ground in pairs:
        assert contrast(named(text, dark), named(ground, dark)) >= 4.5, (text, ground)


@pytest.mark.parametrize("dark", [False, True])
def test_soft_and_marked_words(dark: bool) -> None:
    css = CSS.read_text(encoding="utf-8")
    shares = {int(s) / 100 for s in re.findall(r"body-text-color\) (\d+)%", css)}
    marks = re.findall(r"--mark: (\d+) (\d+) (\d+)", css)
    (shade,) = re.findall(r"\* (\.\d+)\)", css)
    mark: Any = tuple(int(value) / 255 for value in marks[dark])
    for ground in (
        named(name, dark) for name in ("background_fill_primary", "body_background_fill")
    ):
        text = named("body_text_color", dark)
        assert all(contrast(mixed(text, ground, share), ground) >= 4.5 for share in shares)
        assert contrast(text, mixed(mark, ground, float(shade))) >= 4.5
