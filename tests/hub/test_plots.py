"""Plots of cards: everything that they show is inside them, and they need no other file."""

import re

import matplotlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.hub import Plot, PlotPoint
from hf_recurrent.hub.plots import alt_text, scatter_chart, svg_file

from ..common import drawn


def curve(values, **changes) -> Plot:
    return Plot("a.svg", "Loss", "epoch", "loss", values=tuple(values), **changes)


def scatter(*points: PlotPoint) -> Plot:
    return Plot("a.svg", "Accuracy", "latency, ms", "accuracy, %", points=points)


def test_every_point_of_a_crowd_has_its_name() -> None:
    names = [f"model {n}" for n in range(6)]
    points = [PlotPoint(name, 1 + n / 25, 90.0, 0.3) for n, name in enumerate(names)]
    svg = svg_file(scatter(*points, PlotPoint("slow", 80.0, 91.0)))
    assert sorted(set(drawn.texts(svg)) & {*names, "slow"}) == [*names, "slow"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
@settings(max_examples=50, deadline=None)
def test_every_curve_is_inside(values) -> None:
    svg = svg_file(curve(values, best="lowest"))
    (points,) = drawn.paths(svg, "line")
    assert all(0 <= x <= 520 and 0 <= y <= 360 for x, y in points)
    # Less is lower on the page, which counts from the top.
    (dot,) = drawn.dots(svg)
    assert dot[1] == pytest.approx(max(y for _, y in points), abs=0.01)
    assert any(dot == pytest.approx(point, abs=0.01) for point in points)


def test_each_step_has_its_place() -> None:
    ((*points,),) = drawn.paths(svg_file(curve([3.0, 2.0, 1.0])), "line")
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert len(points) == 3


def test_small_values_have_an_axis_of_their_own() -> None:
    svg = svg_file(curve([0.031, 0.024, 0.022]))
    ticks = [float(text) for text in drawn.texts(svg) if re.fullmatch(r"0\.\d+", text)]
    assert len(ticks) >= 3
    assert 0.02 < min(ticks) < max(ticks) < 0.033


@pytest.mark.parametrize(("values", "spread"), [((99.5, 100.0), 0.4), ((0.0, 0.0), 0.0)])
def test_no_axis_of_shares_goes_beyond_them(values: tuple, spread: float) -> None:
    for plot in (
        Plot("a.svg", "Accuracy", "epoch", "accuracy, %", values=values),
        scatter(*(PlotPoint(f"m{n}", 1.0 + n, y, spread) for n, y in enumerate(values))),
    ):
        texts = [text.replace("\N{MINUS SIGN}", "-") for text in drawn.texts(svg_file(plot))]
        ticks = [float(text) for text in texts if re.fullmatch(r"-?\d+(\.\d+)?(e-\d+)?", text)]
        assert 0 <= min(ticks) < max(ticks) <= 100


def test_a_file_has_its_own_colours_and_names() -> None:
    svg = svg_file(scatter(PlotPoint("a <b> & $c$", 1.0, 80.0, 0.5), PlotPoint("d", 10.0, 90.0)))
    assert {"a <b> & $c$", "d", "latency, ms", "accuracy, %", "1", "10"} <= set(drawn.texts(svg))
    assert drawn.tips(svg) == ["a <b> & $c$", "d"]
    assert drawn.tree(svg).get("aria-label") == "Accuracy"
    assert "#2563eb" in svg
    assert not re.search(r"var\(|href|url\(|<style|<script", svg)


def test_in_a_page_the_style_sheet_may_set_the_colours() -> None:
    points = [(0, PlotPoint("a", 1.0, 80.0, tip="model a: 80 %")), (8, PlotPoint("b", 2.0, 70.0))]
    svg = scatter_chart(points, "ms", "%", "Accuracy")
    assert drawn.tips(svg) == ["model a: 80 %", "b"]
    colours = set(re.findall(r"(?:fill|stroke): ([^;\"]+)", svg))
    assert colours - {"none"} <= {
        *("var(--ink, #1b1f24)", "var(--line, #d8dde3)", "var(--page, #ffffff)"),
        *("var(--c0, #2563eb)", "var(--soft, #5c6570)"),
    }
    assert {"var(--ink, #1b1f24)", "var(--page, #ffffff)", "var(--c0, #2563eb)"} <= colours


def test_the_same_figures_give_the_same_bytes() -> None:
    points = [PlotPoint("a", 1.0, 80.0, 0.5), PlotPoint("b", 10.0, 90.0)]
    first = svg_file(scatter(*points)), svg_file(curve([2.0, 1.0]))
    with matplotlib.rc_context({"font.size": 30, "grid.linewidth": 5, "svg.fonttype": "path"}):
        assert (svg_file(scatter(*points)), svg_file(curve([2.0, 1.0]))) == first
    assert not re.search(r"\b20\d\d-\d\d", first[0])


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
def test_its_description(plot: Plot, said: str) -> None:
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
