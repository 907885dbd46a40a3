import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.columns import ColumnFormat, conll, conllu, is_conllu, read_columns

TABS = ColumnFormat({"word": 0, "tag": 1}, "\t")
WORD = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=5)


def written(tmp_path: Path, text: str, name: str = "a.conll") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8"))
    return path


@given(
    sentences=st.lists(st.lists(st.tuples(WORD, WORD), min_size=1, max_size=4), min_size=1),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read(tmp_path_factory, sentences, end: str) -> None:
    text = (end * 2).join(end.join("\t".join(row) for row in rows) for rows in sentences)
    text = text.replace("\ufeff", "x").replace("-DOCSTART-", "x")
    wanted = [
        [tuple(line.split("\t")) for line in block.split(end)] for block in text.split(end * 2)
    ]
    read = read_columns(written(tmp_path_factory.mktemp("columns"), text), TABS)
    found = [list(zip(row["word"], row["tag"], strict=True)) for row in read]
    assert found == wanted


def test_conllu_passes_over_ranges_empty_words_and_comments(tmp_path: Path) -> None:
    rest = "\t_" * 6
    lines = [
        "# sent_id = 1",
        f"1-2\tdon't\t_\t_{rest}",
        f"1\tdo\tdo\tAUX{rest}",
        f"2\tn't\tnot\tPART{rest}",
        f"2.1\tgo\tgo\tVERB{rest}",
        "",
        f"1\t#\t#\tSYM{rest}",
    ]
    path = tmp_path / "a.conllu.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    read = read_columns(path, conllu(tokens=1, tags=3))
    assert read == [
        {"tokens": ["do", "n't"], "tags": ["AUX", "PART"]},
        {"tokens": ["#"], "tags": ["SYM"]},
    ]


def test_marks_documents_and_blank_lines_are_no_tokens(tmp_path: Path) -> None:
    text = "\ufeffU.N. NNP B-ORG\n \n-DOCSTART- -X- O\n\nofficial NN O\n\ufeff\n"
    read = read_columns(written(tmp_path, text), conll(tokens=0, tags=-1))
    assert read == [
        {"tokens": ["U.N."], "tags": ["B-ORG"]},
        {"tokens": ["official"], "tags": ["O"]},
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\tO\nb\n", r"a\.conll, line 2: there is 1 column, expected at least 2: 'b'"),
        ("a\tO\n\tO\n", "line 2: the word is empty"),
        ("a\tO\nb\t\n", "line 2: the tag is empty"),
        ("\n\n", r"a\.conll: there is no sentence in it"),
        ("a\tO\n\0\tO\n", "line 2: found a NUL byte"),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        read_columns(written(tmp_path, text), TABS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a O\nb\n", "line 2: there is 1 column, expected at least 2: 'b'"),
        ("a X O\nb O\n", "line 2: there are 2 columns, and the first line has 3: 'b O'"),
        ("a O\nNew York O\n", "line 2: there are 3 columns, and the first line has 2"),
    ],
)
def test_a_line_of_other_width_is_told_where_the_last_column_is_read(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_columns(written(tmp_path, text), conll(tokens=0, tags=-1))


@pytest.mark.parametrize("line", ["x\tb\t_\tY", "2 b _ Y", "\tb\t_\tY"])
def test_a_line_of_conllu_without_an_id_is_told(tmp_path: Path, line: str) -> None:
    text = f"1\ta\t_\tX\n{line}\n"
    with pytest.raises(ValueError, match=r"line 2: the id is .*, expected a whole number"):
        read_columns(written(tmp_path, text), conllu(tokens=1, tags=3))


def test_only_spaces_and_tabs_part_columns(tmp_path: Path) -> None:
    text = "a\u00a0b  O\n\u3000\tO \n"
    read = read_columns(written(tmp_path, text), conll(tokens=0, tags=-1))
    assert read == [{"tokens": ["a\u00a0b", "\u3000"], "tags": ["O", "O"]}]


def test_a_line_of_a_document_ends_a_sentence_and_a_word_like_it_does_not(tmp_path: Path) -> None:
    text = "a O\n-DOCSTART- O\n-DOCSTART-ed O\n-DOCSTART-\nb O\n"
    read = read_columns(written(tmp_path, text), conll(tokens=0, tags=-1))
    assert [row["tokens"] for row in read] == [["a"], ["-DOCSTART-ed"], ["b"]]


def test_other_bytes_than_utf8_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_bytes("caf\xe9\tO\n".encode("latin-1"))
    with pytest.warns(UserWarning, match="line 1"):
        read = read_columns(path, TABS)
    assert read[0]["word"] == ["café"]


def test_comments_of_conll_files_are_no_words_and_a_hash_is_one(tmp_path: Path) -> None:
    text = (
        "# newdoc\n# id 5d80\tdomain=en\n# _ O\na _ B-A\n\n# text = a b\n#\tSYM\tO\nb _ O\n"
        "# newdoc O\n\n-DOCSTART-\n\n## _ O\n"
    )
    read = read_columns(
        written(tmp_path, text), replace(conll(tokens=0, tags=-1), number="document")
    )
    assert read == [
        {"tokens": ["#", "a"], "tags": ["O", "B-A"], "document": 1},
        {"tokens": ["#", "b", "#"], "tags": ["O", "O", "O"], "document": 1},
        {"tokens": ["##"], "tags": ["O"], "document": 2},
    ]


def test_a_file_of_conllu_is_known_by_its_name_in_any_case() -> None:
    names = {"a.conllu": True, "a.CoNLLU": True, "A.CONLLU.GZ": True, "conllu.txt": False}
    assert {name: is_conllu(Path(name)) for name in names} == names


def test_a_carriage_return_within_a_line_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.conll, line 2: found a carriage return within"):
        read_columns(written(tmp_path, "a O\nb O\rc O\r\rd B-A\r"), conll(tokens=0, tags=-1))
