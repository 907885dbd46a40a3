"""Plots of cards: everything that they show stands inside them, and they need nothing else."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.hub import Plot, PlotPoint
from hf_recurrent.hub.plots import _label, _overlap, alt_text, svg_file

SVG = "{http://www.w3.org/2000/svg}"


def curve(values, **changes) -> Plot:
    return Plot("a.svg", "Loss", "epoch", "loss", values=tuple(values), **changes)


def circles(svg: str) -> list[tuple[float, float]]:
    found = ElementTree.fromstring(svg).iter(f"{SVG}circle")
    return [(float(c.get("cx")), float(c.get("cy"))) for c in found]


def test_names_do_not_cover_one_another() -> None:
    taken = [(94.0, 94.0, 106.0, 106.0)]
    for _ in range(5):
        _label("a model", 100, 100, taken)
    assert len(taken) > 3
    pairs = [(a, b) for i, a in enumerate(taken) for b in taken[:i]]
    assert not any(_overlap(a, b) for a, b in pairs)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
@settings(max_examples=50)
def test_every_curve_stands_inside(values) -> None:
    svg = svg_file(curve(values, best="lowest"))
    (line,) = ElementTree.fromstring(svg).iter(f"{SVG}polyline")
    points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
    assert len(points) == len(values)
    assert all(0 <= x <= 520 and 0 <= y <= 360 for x, y in points)
    # Less is lower on the page, which counts from the top.
    assert circles(svg) == [points[values.index(min(values))]]
    assert max(y for _, y in points) == points[values.index(min(values))][1]


def test_small_values_have_an_axis_of_their_own() -> None:
    svg = svg_file(curve([0.031, 0.024, 0.022]))
    told = [float(t) for t in re.findall(r'class="e">([^<]+)<', svg)]
    assert len(told) >= 3
    assert 0.02 < min(told) < max(told) < 0.033


def test_a_file_has_its_own_colours_and_names() -> None:
    points = (PlotPoint("a <b> & c", 1.0, 80.0, 0.5), PlotPoint("d", 10.0, 90.0))
    svg = svg_file(Plot("a.svg", "Accuracy", "latency, ms", "accuracy, %", points=points))
    root = ElementTree.fromstring(svg)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"a <b> & c", "d", "latency, ms", "accuracy, %"} <= set(texts)
    (style,) = root.iter(f"{SVG}style")
    for drawn in root.iter():
        for name in (drawn.get("class") or "").split():
            assert f".{name}" in style.text
    assert root.get("aria-label") == "Accuracy"


@pytest.mark.parametrize(
    ("plot", "said"),
    [
        (curve([2.0, 1.0]), "Loss: loss 2 at epoch 1, 1 at epoch 2"),
        (
            curve([0.5, 0.9, 0.8], best="highest"),
            "Loss: loss 0.5 at epoch 1, 0.8 at epoch 3, best 0.9 at epoch 2",
        ),
    ],
)
def test_who_does_not_see_it_is_told(plot: Plot, said: str) -> None:
    assert alt_text(plot) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file": "../a.svg", "values": (1.0,)}, "expected a name like curve.svg"),
        ({"file": "a.png", "values": (1.0,)}, "expected a name like curve.svg"),
        ({}, "has no points and values"),
        ({"values": (1.0,), "points": (PlotPoint("a", 1, 1),)}, "has both points and values"),
    ],
)
def test_a_plot_of_nothing(changes: dict, said: str) -> None:
    given_fields = {"file": "a.svg", "title": "", "horizontal": "", "vertical": ""} | changes
    with pytest.raises(ValueError, match=said):
        Plot(**given_fields)
