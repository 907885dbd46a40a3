from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.benchmark.plots import learning_curves, scatter
from hf_recurrent.benchmark.summary import Figure, TableLine, summarize
from hf_recurrent.tasks.metric import Metric

from ..common.drawn import dots, paths, texts
from .test_report import outcome


def line(tmp_path, **changes) -> TableLine:
    return replace(summarize(outcome(tmp_path))[0], **changes)


def test_better_is_higher_and_costlier_is_to_the_right(tmp_path) -> None:
    lines = [
        line(tmp_path, figures={"accuracy": Figure(a, None)}, costs={"size_mib": s})
        for a, s in ((0.7, 1.0), (0.8, 10.0), (0.75, 100.0))
    ]
    (x1, y1), (x2, y2), (x3, y3) = dots(scatter(lines, "size_mib", "size"))
    assert y2 < y3 < y1
    assert x1 < x2 < x3
    # The axis is logarithmic: equal factors are equal ways.
    assert abs((x2 - x1) - (x3 - x2)) < 0.2


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.one_of(st.none(), st.floats(0, 0.5)), st.floats(1e-4, 1e5)),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=50, deadline=None)
def test_every_point_is_inside(tmp_path_factory, figures) -> None:
    first = line(tmp_path_factory.mktemp("plots"))
    lines = [
        replace(first, number=n, figures={"accuracy": Figure(a, s)}, costs={"size_mib": c})
        for n, (a, s, c) in enumerate(figures, 1)
    ]
    svg = scatter(lines, "size_mib", "size")
    assert len(dots(svg)) == len(lines)
    assert all(0 <= x <= 520 and 0 <= y <= 360 for x, y in dots(svg))
    assert "nan" not in svg


def test_each_seed_has_a_curve_and_its_best_epoch_a_dot(tmp_path) -> None:
    curves = [[0.5, 0.8, 0.7], [0.6, 0.6]]
    svg = learning_curves([line(tmp_path, results=[{"curve": curve} for curve in curves])])
    drawn = paths(svg, "line")
    assert [len(path) for path in drawn] == [3, 2]
    assert dots(svg) == [pytest.approx(drawn[0][1], abs=0.01), pytest.approx(drawn[1][0], abs=0.01)]
    lower = replace(summarize(outcome(tmp_path))[0].chooser, higher_is_better=False)
    svg = learning_curves([line(tmp_path, chooser=lower, results=[{"curve": [9.0, 2.0, 3.0]}])])
    assert dots(svg) == [pytest.approx(paths(svg, "line")[0][1], abs=0.01)]
    assert learning_curves([line(tmp_path, results=[{"curve": []}])]) == ""
    assert "nan" not in learning_curves([line(tmp_path, results=[{"curve": [0.5]}])])


def test_where_less_is_better_the_dot_is_at_the_lowest_value(tmp_path) -> None:
    error = Metric("mse", "error", higher_is_better=False, unit="")
    results = [{"curve": [0.9, 0.2, 0.4]}]
    svg = learning_curves([line(tmp_path, results=results, chooser=error)])
    (curve,) = paths(svg, "line")
    assert dots(svg) == [pytest.approx(curve[1], abs=0.01)]


def test_models_of_one_colour_have_another_shape(tmp_path) -> None:
    results = [{"curve": [0.5, 0.6]}]
    lines = [line(tmp_path, number=n, results=results) for n in (1, 9)]
    for svg, shape in (
        (scatter(lines, "size_mib", "size"), "tip"),
        (learning_curves(lines), "tip"),
    ):
        circle, square = paths(svg, shape)
        assert len(circle) > len(square)
    assert learning_curves(lines).count("stroke-dasharray") == 1


def test_every_point_has_its_name_even_a_long_one(tmp_path) -> None:
    names = [f"model {n} of vectors with so long a name that no plot has room for it" for n in "ab"]
    lines = [
        line(tmp_path, number=n, short=name, figures={"accuracy": Figure(0.5 + n / 10, None)})
        for n, name in enumerate(names)
    ]
    told = set(texts(scatter(lines, "size_mib", "size")))
    assert {"model a of v… room for it", "model b of v… room for it"} <= told
