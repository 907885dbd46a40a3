from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent._labels import Label, place_labels, text_width

WIDTH, HEIGHT = 400.0, 300.0
POINTS = st.tuples(st.floats(20, WIDTH - 20), st.floats(20, HEIGHT - 20))


def box(word: str, label: Label) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a word, by its anchor."""
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}[label.anchor] * text_width(word)
    return label.x - shift, label.y - 9, label.x - shift + text_width(word), label.y + 3


def cover(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@given(st.lists(st.tuples(st.text("abcw我", min_size=1, max_size=12), POINTS), max_size=30))
@settings(max_examples=50)
def test_no_word_covers_a_word_or_another_dot_or_leaves_the_plot(items) -> None:
    words, points = [word for word, _ in items], [point for _, point in items]
    labels = place_labels(words, points, WIDTH, HEIGHT)
    placed = [(i, box(words[i], label)) for i, label in enumerate(labels) if label is not None]
    assert not any(cover(a, b) for (_, a), (_, b) in combinations(placed, 2))
    for i, (left, top, right, bottom) in placed:
        assert left >= 0 and top >= 0 and right <= WIDTH and bottom <= HEIGHT  # noqa: PT018
        for j, (x, y) in enumerate(points):
            assert i == j or not (left < x < right and top < y < bottom)
    # Not much can be missing where there is room for all.
    assert len(placed) == len(words) or len(words) > 3


@pytest.mark.parametrize(
    "items",
    [
        [("a", (20.0, 20.0)), ("aa", (20.0, 20.0)), ("aaa", (20.0, 20.0))],
        # Long words in a corner: dots that touch, and such as stand near.
        [("b我", (20.0, 29.5)), ("b我", (20.0, 20.0)), ("baaa我ba我aba", (20.0, 20.0))],
        [
            ("baaa我a我", (20.0, 20.0)),
            ("我aaa我我abb", (20.0, 31.5)),
            ("aabb我aabbaba", (20.0, 20.0)),
        ],
    ],
)
def test_words_in_a_corner_all_find_room(items) -> None:
    words, points = [word for word, _ in items], [point for _, point in items]
    assert None not in place_labels(words, points, WIDTH, HEIGHT)


def test_a_crowd_gets_lines() -> None:
    points = [(150 + 10.0 * n, 150 + 7.0 * (n % 3)) for n in range(12)]
    labels = place_labels(["word"] * 12, points, WIDTH, HEIGHT)
    assert all(labels)
    assert 0 < sum(label.leader is not None for label in labels) < 12


def test_where_there_is_no_room_a_word_is_left_out() -> None:
    labels = place_labels(["word"] * 80, [(200.0, 150.0)] * 80, WIDTH, HEIGHT)
    assert None in labels
    assert any(labels)


def test_chinese_is_wide() -> None:
    assert text_width("中文") > text_width("ab")
