"""The plot of gradients: each curve where its numbers say, and everything inside."""

import re
from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.training import draw_gradient_flow
from hf_recurrent.training.gradient_numbers import GateSaturation, GradientFlow, StateFlow
from hf_recurrent.training.gradient_plot import gradient_svg

from ..common import drawn


def make_flow(*states: StateFlow, gates: tuple[GateSaturation, ...] = ()) -> GradientFlow:
    gates = gates or (GateSaturation(1, "forward", "state", 0.25, 0.5),)
    return GradientFlow("rnn_tanh", "the loss of the last step", states, gates)


def falling(factor: float, steps: int = 11, rows: int = 3, **place) -> StateFlow:
    norms = np.full((rows, 1), 2.0) * factor ** np.arange(steps)
    place = {"layer": 1, "direction": "forward", "state": "hidden", **place}
    return StateFlow(norms=norms, **place)


def lines(svg: str) -> list[list[tuple[float, float]]]:
    return drawn.paths(svg, "tip")


def test_time_runs_to_the_right_and_equal_factors_are_straight() -> None:
    (points,) = lines(gradient_svg(make_flow(falling(0.1))))
    assert len(points) == 11
    xs, ys = zip(*points, strict=True)
    # Steps are counted from the last one, which is at the right; less is lower on the page.
    assert list(xs) == sorted(xs, reverse=True)
    assert list(ys) == sorted(ys)
    assert np.diff(ys) == pytest.approx(np.diff(ys).mean(), abs=0.01)


def test_flows_are_drawn_together_with_their_names() -> None:
    lstm = make_flow(
        falling(0.9, state="cell"),
        falling(0.8),
        gates=tuple(GateSaturation(1, "forward", g, 0.0, 1.0) for g in ("input", "forget")),
    )
    svg = gradient_svg([("Elman", make_flow(falling(0.5))), ("LSTM", lstm)], title="Two cells")
    texts = set(drawn.texts(svg))
    assert {"Elman", "LSTM, cell state", "LSTM, hidden state", "Two cells"} <= texts
    assert {"state", "input", "forget", "gradient norm", "steps before the last", "10⁻³"} <= texts
    assert drawn.tips(svg) == [
        "Elman: factor 0.5 a step",
        "LSTM, cell state: factor 0.9 a step",
        "LSTM, hidden state: factor 0.8 a step",
    ]
    assert drawn.tree(svg).get("aria-label") == "Two cells"
    starts = [points[0] for points in lines(svg)]
    assert starts[1] == pytest.approx(starts[0])
    assert starts[2] == pytest.approx(starts[0])


def test_layers_and_directions_have_their_names() -> None:
    places = [(layer, way) for layer in (1, 2) for way in ("forward", "backward")]
    flow = make_flow(*(falling(0.5, layer=layer, direction=way) for layer, way in places))
    wanted = {f"layer {layer}, {way}" for layer, way in places}
    assert wanted <= set(drawn.texts(gradient_svg(flow)))
    assert {f"GRU, {name}" for name in wanted} <= set(drawn.texts(gradient_svg([("GRU", flow)])))


def test_relative_norms_begin_at_1() -> None:
    small = StateFlow(1, "forward", "hidden", falling(0.5).norms * 1e-6)
    flows = [("large", make_flow(falling(0.5))), ("small", make_flow(small))]
    apart, together = (lines(gradient_svg(flows, relative=flag)) for flag in (False, True))
    assert apart[1][0][1] - apart[0][0][1] > 50
    np.testing.assert_allclose(together[0], together[1], atol=0.01)


@pytest.mark.parametrize(
    "norms",
    [
        [[1.0, 0.0, 0.0]],  # dead units: no logarithm
        [[0.0, 0.0, 0.0]],
        [[1.0, 1e-300, 1e-308]],
        [[1.0, 1e20, 1e300], [1.0, 1e-20, np.nan]],
        [[1.0, 1.0, 1.0], [1.0, np.nan, np.nan]],
    ],
)
@pytest.mark.parametrize("relative", [False, True])
def test_every_curve_is_inside(norms, relative) -> None:
    svg = gradient_svg(
        make_flow(StateFlow(1, "forward", "hidden", np.array(norms))), relative=relative
    )
    width, height = (float(drawn.tree(svg).get(name)) for name in ("width", "height"))
    for points in lines(svg):
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


def test_bars_are_as_long_as_the_shares() -> None:
    def widths(low: float, high: float) -> list[float]:
        gates = (GateSaturation(1, "forward", "forget", low, high),)
        svg = gradient_svg([("a", make_flow(falling(0.5), gates=gates))])
        return [
            max(x for x, _ in points) - min(x for x, _ in points)
            for points in drawn.paths(svg, "patch")
            if len(points) >= 4
        ]

    full, half = (sorted(set(widths(*shares))) for shares in ((1.0, 1.0), (0.5, 0.25)))
    (bar,) = set(np.round(full, 3)) - set(np.round(half, 3))
    assert {round(bar / 2, 2), round(bar / 4, 2)} <= {round(width, 2) for width in half}


def test_a_file_needs_no_other(tmp_path: Path) -> None:
    flow = make_flow(falling(0.5))
    for name in ("a.svg", "a.png"):
        draw_gradient_flow(flow, tmp_path / name, title="a <b> & $c$")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert svg == gradient_svg(flow, title="a <b> & $c$")
    assert "a <b> & $c$" in drawn.texts(svg)
    assert not re.search(r"var\(|href|url\(|<style|<script", svg)


def test_in_a_page_the_style_sheet_may_set_the_colours() -> None:
    svg = gradient_svg(make_flow(falling(0.5)), in_page=True)
    assert "var(--c0, #2563eb)" in svg
    assert "var(--page, #ffffff)" in svg


def test_what_cannot_be_drawn_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.gif: expected a file name that ends with \.svg or"):
        draw_gradient_flow(make_flow(falling(0.5)), tmp_path / "a.gif")
    with pytest.raises(ValueError, match="no gradient flow to draw"):
        draw_gradient_flow([], tmp_path / "a.svg")
    assert list(tmp_path.iterdir()) == []
