"""Columns, tabs, indents and separators give the words and numbers of the file, or an error."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors import load_vectors, save_vectors

from ..files import assert_same, make_vectors, write

CATS = np.array([[0.1, -0.2, 0.3], [0.3, -0.4, 0.5]], dtype=np.float32)
COLUMNS = {
    "padded": "cat   0.1000  -0.2000   0.3000\ndog   0.3000  -0.4000   0.5000\n",
    "word padded": "cat        0.1 -0.2 0.3\ndog        0.3 -0.4 0.5\n",
    "two spaces": "cat  0.1 -0.2 0.3\ndog  0.3 -0.4 0.5\n",
    "numbers padded": "cat 0.1  -0.2  0.3\ndog 0.3  -0.4  0.5\n",
    "indented": " cat 0.1 -0.2 0.3\n dog 0.3 -0.4 0.5\n",
    "indented by a tab": "\tcat 0.1 -0.2 0.3\n\tdog 0.3 -0.4 0.5\n",
    "tabs": "cat\t0.1\t-0.2\t0.3\ndog\t0.3\t-0.4\t0.5\n",
    "a tab and spaces": "cat\t0.1 -0.2 0.3\ndog\t0.3 -0.4 0.5\n",
    "tab and space": "cat\t 0.1 \t-0.2 0.3\ndog 0.3\t-0.4  0.5\n",
    "trailing": "cat 0.1 -0.2 0.3 \t\ndog 0.3 -0.4 0.5\t \r\n",
    "all": "  cat\t0.1   -0.2\t0.3  \r\n  dog  0.3\t -0.4   0.5\t\r\n",
}
MIXED = {
    "one of two": "cat 0.1 -0.2 0.3\ndog  0.3 -0.4 0.5\n",
    "the first": " cat 0.1 -0.2 0.3\ndog 0.3 -0.4 0.5\n",
    "a tab": "cat 0.1 -0.2 0.3\ndog\t0.3 -0.4 0.5\n",
}
SEPARATED = {
    "comma and space": "cat, 0.1, -0.2, 0.3\ndog, 0.3, -0.4, 0.5\n",
    "spaces around": "cat , 0.1 , -0.2 , 0.3\ndog , 0.3 , -0.4 , 0.5\n",
    "comma and columns": "cat,  0.1,  -0.2,  0.3\ndog,  0.3,  -0.4,  0.5\n",
    "trailing comma": "cat, 0.1, -0.2, 0.3,\ndog, 0.3, -0.4, 0.5,\n",
    "commas": "cat,0.1,-0.2,0.3\ndog,0.3,-0.4,0.5\n",
    "semicolons": "cat; 0,1; -0,2; 0,3\ndog; 0,3; -0,4; 0,5\n",
    "semicolons and points": "cat; 0.1; -0.2; 0.3\ndog; 0.3; -0.4; 0.5\n",
    "decimal commas": "cat 0,1 -0,2 0,3\ndog 0,3 -0,4 0,5\n",
    "decimal commas and whole": "cat 0,1 -0,2 3\ndog 0,3 -0,4 5\n",
    "bars": "cat | 0.1 | -0.2 | 0.3\ndog | 0.3 | -0.4 | 0.5\n",
    "colon": "cat: 0.1 -0.2 0.3\ndog: 0.3 -0.4 0.5\n",
    "list": "cat [0.1, -0.2, 0.3]\ndog [0.3, -0.4, 0.5]\n",
    "quoted": '"cat" 0.1 -0.2 0.3\n"dog" 0.3 -0.4 0.5\n',
    "spaces that do not break": "cat \u00a00.1 -0.2 0.3\ndog \u00a00.3 -0.4 0.5\n",
    "wide spaces": "cat\u30000.1 -0.2 0.3\ndog\u30000.3 -0.4 0.5\n",
    "numbered": "0 cat 0.1 -0.2 0.3\n1 dog 0.3 -0.4 0.5\n",
    "carriage returns": "cat 0.1 -0.2 0.3\rdog 0.3 -0.4 0.5\r",
    "a line of each": "cat, 0.1, -0.2, 0.3\n" * 3,
}


@pytest.mark.parametrize("header", ["", "2 3\n", "2\t3\r\n", "\ufeff  2  3 \n"])
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_read(tmp_path, name, header):
    path = write(tmp_path, header + COLUMNS[name])
    with warnings.catch_warnings(action="error" if name != "tab and space" else "ignore"):
        assert_same(load_vectors(path), ["cat", "dog"], CATS)


@pytest.mark.parametrize("header", ["", "2 3\n"])
@pytest.mark.parametrize("name", MIXED)
def test_lines_of_both_kinds_are_columns_and_this_is_said(tmp_path, name, header):
    path = write(tmp_path, header + MIXED[name])
    with pytest.warns(UserWarning, match="some by more, or by tabs; all were read as columns"):
        assert_same(load_vectors(path), ["cat", "dog"], CATS)


@pytest.mark.parametrize("header", ["", "2 3\n"])
@pytest.mark.parametrize("name", SEPARATED)
def test_other_separators_are_refused(tmp_path, name, header):
    if header and name in ("colon", "quoted", "numbered"):
        return  # with a header the word is what stands before the numbers
    path = write(tmp_path, header + SEPARATED[name])
    place = re.escape(str(path)) + (", line [12][:,] " if header else ", line 1[:,] ")
    if header and name == "carriage returns":
        place = "the header promises 2 vectors, and the file holds 1"
    with pytest.raises(ValueError, match=place) as caught:
        load_vectors(path)
    assert "\n" not in str(caught.value)


def test_without_a_header_a_word_that_ends_in_a_number_is_refused(tmp_path):
    rows = "cat 0.1 -0.2 0.3\nR$ 100 0.3 -0.4 0.5\ndog 0.1 0.2 0.3\n"
    with pytest.raises(ValueError, match=r"line 2, word 'R\$': found 4 numbers at its end, expect"):
        load_vectors(write(tmp_path, rows))


def test_words_of_several_fields_in_columns(tmp_path):
    data = "New York    0.1 -0.2 0.3\nLos Angeles 0.3 -0.4 0.5\n"
    with pytest.warns(UserWarning, match="read as columns"):
        assert_same(load_vectors(write(tmp_path, data)), ["New York", "Los Angeles"], CATS)
    header = "2 3\nR$ 100   0.1 -0.2  0.3\nApollo 11   0.3 -0.4 0.5\n"
    assert_same(load_vectors(write(tmp_path, header)), ["R$ 100", "Apollo 11"], CATS)


def test_a_bad_line_of_columns_is_named(tmp_path):
    data = COLUMNS["padded"] * 40 + "fox   0.1   0.2\n"
    with pytest.raises(ValueError, match="line 81, word 'fox': found 2 numbers at its end, expec"):
        load_vectors(write(tmp_path, data))
    with pytest.raises(ValueError, match="line 81, word 'fox': found 4 numbers at its end, expec"):
        load_vectors(write(tmp_path, COLUMNS["padded"] * 40 + "fox 1 0.1   0.2  0.3\n"))


def test_odd_words_far_down_are_kept_and_told(tmp_path):
    rows = "".join(f"word{row} 0.5 0.25\n" for row in range(90))
    path = write(tmp_path, rows + "dog  0.5 0.25\ncat\t1 0.5 0.25\na\tb 0.5 0.25\n 0.5 0.25\n")
    with pytest.warns(UserWarning, match=r"2 words begin .* \(the first: line 91, word 'dog '\)"):
        found = load_vectors(path)
    assert found.index_to_key[-4:] == ["dog ", "cat\t1", "a\tb", ""]
    assert found.vectors.shape == (94, 2)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("cat 0.1 -0.2 0.3\nR$ 100 0.3 -0.4 0.5\n", ["cat", "R$ 100"]),
        ("R$ 100 0.1 -0.2 0.3\nApollo 11 0.3 -0.4 0.5\n", ["R$ 100", "Apollo 11"]),
        ("1 0.1 -0.2 0.3\n1 1 0.3 -0.4 0.5\n", ["1", "1 1"]),
        ("a 1.5 0.1 -0.2 0.3\nb 0.3 -0.4 0.5\n", ["a 1.5", "b"]),
    ],
)
def test_a_header_tells_words_that_end_in_numbers(tmp_path, rows, words):
    assert_same(load_vectors(write(tmp_path, "2 3\n" + rows)), words, CATS)
    vectors = make_vectors(words)
    with warnings.catch_warnings(action="ignore"):
        save_vectors(vectors, tmp_path / "v.vec", "word2vec")
    assert_same(load_vectors(tmp_path / "v.vec"), words, vectors.vectors)


@pytest.mark.parametrize(
    "rows",
    ["cat 0.1 0.2 0.3 0.4\ndog 0.3 0.4 0.5 0.6\n", "cat 1 2 3 4\ndog 3 4 5 6\n", "a 1.5 2 3 4\n"],
)
def test_a_header_of_too_few_numbers_is_refused(tmp_path, rows):
    path = write(tmp_path, f"{rows.count(chr(10))} 3\n{rows}")
    why = r"line 2: found 4 numbers at its end, where the header promises 3"
    with pytest.raises(ValueError, match=re.escape(str(path)) + ", " + why):
        load_vectors(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.text("abcxyzé我.,-", min_size=1, max_size=9), min_size=2, max_size=9),
    dimension=st.integers(1, 4),
    separators=st.lists(st.sampled_from([" ", "  ", "\t", " \t", "     "]), min_size=3, max_size=9),
    indent=st.sampled_from(["", " ", "\t"]),
    header=st.booleans(),
)
def test_whatever_the_blanks_the_words_are_right_or_refused(
    tmp_path, words, dimension, separators, indent, header
):
    words = list(dict.fromkeys(words))
    matrix = np.arange(len(words) * dimension).reshape(-1, dimension) / np.float32(8)
    fields = [[word, *map(str, row)] for word, row in zip(words, matrix.tolist(), strict=True)]
    lines, count = [], 0
    for row in fields:
        line = indent + row[0]
        for field in row[1:]:
            line += separators[count % len(separators)] + field
            count += 1
        lines.append(line + "\n")
    head = f"{len(words)} {dimension}\n" if header else ""
    with warnings.catch_warnings(action="ignore"):
        try:
            found = load_vectors(write(tmp_path, head + "".join(lines)))
        except ValueError as error:
            assert ", line " in str(error)  # noqa: PT017
        else:
            assert_same(found, words, matrix.astype(np.float32))
