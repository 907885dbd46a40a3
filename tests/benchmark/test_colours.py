"""Every text of a comparison's page has a contrast of 4.5 to 1 (WCAG 2, AA), light and dark."""

import re
from importlib import resources

import pytest

from tests.common.contrast import Colour, contrast, from_hex, mixed

CSS = (resources.files("hf_recurrent.benchmark") / "templates" / "report.html.j2").read_text()
LEAST = 4.5


def colours(dark: bool) -> dict[str, Colour]:
    """Return the colours by their names in the style sheet."""
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    found: dict[str, Colour] = {}
    for name, value in re.findall(r"--([\w-]+):([^;]+);", " ".join(blocks[: 1 + dark])):
        if value.startswith("#"):
            found[name] = from_hex(value)
        else:
            red, green, blue = (int(part) / 255 for part in value.split())
            found[name] = (red, green, blue)
    return found


def shares(mark: str) -> list[float]:
    """Return how much of its ground each rule covers with a mark at most."""
    found = re.findall(rf"rgb\(var\(--{mark}\) / (?:calc\(var\([^)]*\) \* )?(\.\d+)", CSS)
    return [float(share) for share in found]


@pytest.mark.parametrize("dark", [False, True])
def test_texts_and_marked_words(dark: bool) -> None:
    known = colours(dark)
    for ground in ("page", "card"):
        for text in ("ink", "soft"):
            assert contrast(known[text], known[ground]) >= LEAST, (text, ground)
    for mark in ("mark", "miss"):
        assert shares(mark)
        for share in shares(mark):
            found = contrast(known["ink"], mixed(known[mark], known["page"], share))
            assert found >= LEAST, (mark, share, found)
