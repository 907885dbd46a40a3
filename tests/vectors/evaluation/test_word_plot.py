"""Plots: what they show, and what their files hold."""

import io
import re

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath
from matplotlib import image

from hf_recurrent.vectors._csls import unit_rows
from hf_recurrent.vectors.evaluation import plot_words, read_plot_words
from hf_recurrent.vectors.evaluation.projection import principal_plane
from hf_recurrent.vectors.evaluation.word_plot import arrange_words

from ...common import drawn
from ..files import make_vectors, write

WORDS = ["cat", "dog", "<b>&\"'", "我们", "$x_1$", "U", "😀"]


@pytest.fixture
def vectors():
    return make_vectors(WORDS, 5)


def test_points_are_the_plane_at_one_scale(vectors) -> None:
    plot = arrange_words(vectors, WORDS)
    plane, shares = principal_plane(unit_rows(vectors.vectors))
    drawn = np.array([(word.x, -word.y) for word in plot.words])
    for axis in (0, 1):
        ratio = np.ptp(drawn[:, axis]) / np.ptp(plane[:, axis])
        assert np.allclose(drawn - drawn.mean(axis=0), (plane - plane.mean(axis=0)) * ratio)
    assert all(0 < word.x < plot.width and 0 < word.y < plot.height for word in plot.words)
    assert f"{shares[0]:.0%} of the variance" in plot.caption


def test_words_are_found_in_other_cases_or_said_to_be_missing(vectors) -> None:
    plot = arrange_words(vectors, ["Cat", "DOG", "u", "nobody"])
    assert [word.word for word in plot.words] == ["Cat", "DOG", "u"]
    assert plot.missing == ("nobody",)
    fasttext = load_facebook_vectors(datapath("crime-and-punishment.bin"))
    assert arrange_words(fasttext, ["the", "on", "landladies"]).missing == ()


def test_groups_have_colours(vectors) -> None:
    groups = {"cat": "pets", "dog": "pets", "U": "letters", "我们": ""}
    plot = arrange_words(vectors, groups)
    assert plot.groups == ("pets", "letters")
    assert [(word.group, word.colour) for word in plot.words] == [
        ("pets", 0), ("pets", 0), ("letters", 1), ("", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_the_page_holds_every_word_and_needs_no_network(method, vectors, tmp_path) -> None:
    path = tmp_path / "plot.html"
    words = dict.fromkeys(WORDS, "a <group>") | {"nobody": ""}
    plot = plot_words(vectors, words, path, method=method, title="<words>")
    page = path.read_text(encoding="utf-8")
    assert not re.findall(r"https?://|src=|@import|url\(", page)
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]
    assert sorted(drawn.texts(svg)) == sorted(WORDS)
    assert drawn.tips(svg) == [f"{word.word} (a <group>)" for word in plot.words]
    for word, dot in zip(plot.words, drawn.dots(svg), strict=True):
        assert dot == pytest.approx((word.x, word.y), abs=0.06)
    assert "var(--c0, #2563eb)" in svg
    assert "<h1>&lt;words&gt;</h1>" in page
    assert "Without a vector: nobody" in page
    assert [file.name for file in tmp_path.iterdir()] == ["plot.html"]


def test_words_without_room_show_under_the_pointer(tmp_path) -> None:
    vectors = make_vectors([f"word{n}" for n in range(150)], 2)
    vectors.vectors[:, :] = np.repeat(np.eye(3, 2), 50, axis=0)
    plot = plot_words(vectors, vectors.index_to_key, tmp_path / "plot.html")
    page = (tmp_path / "plot.html").read_text()
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]
    assert len(plot.unlabelled) == 150 - len(drawn.texts(svg)) > 0
    assert drawn.tips(svg) == vectors.index_to_key
    assert f"no room for {len(plot.unlabelled)} words" in page
    assert plot.width > 960


def test_the_picture_shows_dots_where_the_words_are(vectors, tmp_path, recwarn) -> None:
    groups = {word: f"group number {n}" for n, word in enumerate(WORDS)}
    plot = plot_words(vectors, groups, tmp_path / "plot.png")
    picture = image.imread(io.BytesIO((tmp_path / "plot.png").read_bytes()))
    assert picture.shape[1] == 2 * plot.width
    for word in plot.words:
        # Twice the pixels, below the title.
        red, green, blue = picture[round(2 * (word.y + 34)), round(2 * word.x), :3]
        assert (red, green, blue) != (1, 1, 1)
    first = plot.words[0]
    dot = picture[round(2 * (first.y + 34)), round(2 * first.x), :3] * 255
    assert np.allclose(dot, (0x25, 0x63, 0xEB), atol=2)
    assert not recwarn.list


def test_the_svg_shows_what_the_picture_shows_and_both_are_the_same_each_time(
    vectors, tmp_path
) -> None:
    groups = dict.fromkeys(WORDS, "a & b") | {"nobody": ""}
    for suffix in ("svg", "png", "html"):
        made = []
        for name in "12":
            path = tmp_path / f"{name}.{suffix}"
            plot = plot_words(vectors, groups, path, title="<words>")
            made.append(path.read_bytes())
        assert made[0] == made[1]
    svg = (tmp_path / "1.svg").read_text(encoding="utf-8")
    assert {*WORDS, "a & b", "<words>", plot.caption} == set(drawn.texts(svg))
    for word, (x, y) in zip(plot.words, drawn.dots(svg), strict=True):
        assert (x, y) == pytest.approx((word.x, word.y + 34), abs=0.06)


def test_what_is_refused(vectors, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"plot\.pdf: expected a name that ends in"):
        plot_words(vectors, WORDS, tmp_path / "plot.pdf")
    with pytest.raises(ValueError, match="2 of 3 have one; without one: nobody"):
        plot_words(vectors, ["cat", "dog", "nobody"], tmp_path / "plot.html")
    with pytest.raises(OSError, match="nowhere"):
        plot_words(vectors, WORDS, tmp_path / "nowhere" / "plot.html")
    assert list(tmp_path.iterdir()) == []


def test_words_of_a_file(tmp_path) -> None:
    path = write(tmp_path, "\ufeffcat\tpets\r\n\ncheese\nNew York\tcities\ncat\tagain\n")
    assert read_plot_words(path) == {"cat": "pets", "cheese": "", "New York": "cities"}
    for text, sentence in (
        ("a\tb\tc\n", "line 1: expected a word, or a word, a tab and its group"),
        (b"a\n\xff\n", "line 2: expected UTF-8"),
        ("\n", "holds no words"),
    ):
        with pytest.raises(ValueError, match=sentence):
            read_plot_words(write(tmp_path, text))
