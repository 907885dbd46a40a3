"""Collections are read in SMART's and in BEIR's form, split, and refused where they are wrong."""

import gzip
from pathlib import Path

import datasets
import numpy as np
import pytest

from hf_recurrent.retrieval import Bm25, top
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.text_retrieval import data as data_module
from hf_recurrent.tasks.text_retrieval.data import (
    CORPUS,
    contents,
    judgements,
    load_collection,
    right_documents,
)
from hf_recurrent.tasks.text_retrieval.judging import Ranked, first_documents, per_query

from .collection import write_collection

DOCUMENTS = """.I 1
.T
wing lift
.A
some author
.W
wing lift
 a study of wings
.I 2
.T
heat of cones
.W
tests of cones
.I 3
.W
"""
QUERIES = "".join(f".I {10 * n}\n.W\nquery {n}\n about wings\n" for n in range(1, 9))
CRANFIELD = ("cran.all.1400", "cran.qry", "cranqrel")


def write_cranfield(folder: Path, judged: str | None = None) -> Path:
    judged = judged or "".join(f"{n} 1 {1 + n % 4} \n{n} 2 -1\n" for n in range(1, 9))
    for name, text in zip(CRANFIELD, (DOCUMENTS, QUERIES, judged), strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_smart_files_are_read_with_inverted_grades_and_titles_cut(tmp_path: Path) -> None:
    found = load_collection("cranfield", data_dir=write_cranfield(tmp_path))
    corpus = found[CORPUS]
    assert contents(corpus) == ["wing lift a study of wings", "heat of cones tests of cones", ""]
    assert corpus["heading"][:] == ["wing lift", "heat of cones", ""]
    asked = [query for part in ("train", "validation", "test") for query in found[part]["query"]]
    assert {query for query in asked if query.startswith("query")} == {
        f"query {n} about wings" for n in range(1, 9)
    }
    for part in ("validation", "test"):
        for query, own in zip(found[part]["query"], judgements(found[part]), strict=True):
            code = 1 + int(query.split()[1]) % 4
            assert own == {0: 5 - code}  # code 1 is the best, and -1 is not relevant
    titles = load_collection("cranfield", data_dir=tmp_path, train_on="titles")["train"]
    assert list(zip(titles["query"], titles["passage"], titles["relevant"], strict=True)) == [
        ("wing lift", "a study of wings", [0]),
        ("heat of cones", "tests of cones", [1]),
    ]


def test_the_right_documents_of_a_title_and_of_a_query_are_whole(tmp_path: Path) -> None:
    found = load_collection("cranfield", data_dir=write_cranfield(tmp_path))
    documents = contents(found[CORPUS])
    right = right_documents(found["train"], documents)
    assert right["wing lift"] == {"wing lift a study of wings"} == {documents[0]}
    assert right["heat of cones"] == {documents[1]}
    assert all(own == {documents[0]} for key, own in right.items() if key.startswith("query"))


def test_the_folds_exchange_the_halves(tmp_path: Path) -> None:
    folder = str(write_collection(tmp_path / "data"))
    folds = [load_collection(folder, fold=fold, train_on="queries") for fold in (0, 1)]
    tested = [set(fold["test"]["query"]) for fold in folds]
    assert len(tested[0] | tested[1]) == 12
    assert not tested[0] & tested[1]
    for own, fold in zip(tested, folds, strict=True):
        assert not own & {*fold["train"]["query"], *fold["validation"]["query"]}
        assert not {*fold["train"]["query"]} & {*fold["validation"]["query"]}


def test_published_parts_are_kept_and_files_may_be_packed(tmp_path: Path) -> None:
    folder = write_collection(tmp_path / "data")
    lines = (folder / "qrels" / "test.tsv").read_text().splitlines()
    for part, keep in (("train", range(8)), ("dev", (8, 9)), ("test", (10, 11))):
        rows = [line for line in lines[1:] if int(line.split("\t")[0][1:]) in keep]
        (folder / "qrels" / f"{part}.tsv").write_text("\n".join([lines[0], *rows]))
    packed = gzip.compress((folder / "corpus.jsonl").read_bytes())
    (folder / "corpus.jsonl").unlink()
    (folder / "corpus.jsonl.gz").write_bytes(packed)
    found = load_collection(str(folder), train_on="queries")
    ends = {part: {q.split()[-1] for q in found[part]["query"]} for part in found if part != CORPUS}
    assert ends == {
        "train": {str(n) for n in range(8)},
        "validation": {"8", "9"},
        "test": {"10", "11"},
    }


def spoilt(folder: Path, name: str, line: str) -> str:
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("qrels/test.tsv", "q0\tnone\t1", "the document 'none' is judged for the query 'q0'"),
        ("qrels/test.tsv", "none\td0\t1", "the query 'none' is judged, and is none of the 12"),
        ("qrels/test.tsv", "q0\td0\t7", "line 74: the document 'd0' has the grade 7 for the"),
        ("qrels/test.tsv", "q0 d0 1", "line 74: expected a query, a document and a grade"),
        ("corpus.jsonl", '{"_id": "d0", "text": "x"}', "line 26: the id 'd0' is there twice"),
        ("corpus.jsonl", '{"text": "x"}', "line 26: expected '_id' and 'text'"),
        ("corpus.jsonl", "[1]", r"line 26: \[1\] is no JSON object"),
        ("queries.jsonl", '{"_id": 1, ', "line 13: no JSON object"),
        ("queries.jsonl", '{"_id": 1, "text": ["x"]}', "line 13: the text is a list"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path: Path, name: str, line: str, told: str) -> None:
    folder = spoilt(write_collection(tmp_path / "data"), name, line)
    with pytest.raises(ValueError, match=told):
        load_collection(folder)


def test_what_cannot_be_loaded_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no corpus\.jsonl"):
        load_collection(str(tmp_path))
    with pytest.raises(FileNotFoundError, match="neither a file or folder nor"):
        load_collection("cranfeld")
    for change, told in (({"fold": 2}, "fold is '2'"), ({"train_on": "all"}, "train_on is 'all'")):
        with pytest.raises(ValueError, match=told):
            load_collection("cranfield", **change)
    with pytest.raises(ValueError, match="the document '9' is judged"):
        load_collection("cranfield", data_dir=write_cranfield(tmp_path, "1 9 1\n"))
    with pytest.raises(ValueError, match="1 query has a relevant document, and at least 6"):
        load_collection("cranfield", data_dir=write_cranfield(tmp_path, "1 1 1\n"))
    (tmp_path / CRANFIELD[0]).write_text(DOCUMENTS.replace(".I 2", ".I 1"))
    with pytest.raises(ValueError, match="line 9: the record 1 is there twice"):
        load_collection("cranfield", data_dir=tmp_path)


def test_data_of_the_hub_have_the_form_of_beir(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [{"_id": f"d{n}", "title": "a", "text": f"b {n}"} for n in range(8)]
    asked = [{"_id": f"q{n}", "text": f"c {n}"} for n in range(8)]
    judged = [{"query-id": f"q{n}", "corpus-id": f"d{n}", "score": 1} for n in range(8)]

    def load(hub):
        if hub.id.endswith("-qrels"):
            raise OSError("there is none")
        rows = {"corpus": documents, "queries": asked, "default": judged}[hub.config]
        part = "test" if hub.config == "default" else hub.config
        return datasets.DatasetDict({part: datasets.Dataset.from_list(rows)})

    monkeypatch.setattr("hf_recurrent.tasks.text_retrieval.beir.load_hub_parts", load)
    found = load_collection("owner/name")
    told = "owner/name, from owner/name of the Hub; fold 0, seed 42"
    assert found["train"].info.description == told
    assert contents(found[CORPUS])[3] == "a b 3"
    assert data_module.COLLECTIONS.keys() <= get_task("text-retrieval").datasets.keys()


def test_stemmed_bm25_on_cranfield_is_that_of_the_facts(real_data: Path) -> None:
    figures: dict[str, list[float]] = {}
    for fold in (0, 1):
        found = load_collection("cranfield", data_dir=real_data, fold=fold)
        bm25 = Bm25(contents(found[CORPUS]))
        rows = found["test"]
        ranked = [Ranked(top(bm25.scores(query), 1000)) for query in rows["query"]]
        for key, values in per_query(ranked, rows).items():
            figures.setdefault(key, []).extend(values)
    assert len(figures["map"]) == 225
    expected = {"ndcg_at_10": 0.382, "graded_ndcg_at_10": 0.365, "map": 0.302}
    means = {key: np.mean(figures[key]) for key in expected}
    assert means == pytest.approx(expected, abs=6e-4)


def test_the_first_document_is_named_beside_a_relevant_one_if_it_is_not(tmp_path: Path) -> None:
    data = load_collection(str(write_collection(tmp_path / "data")))
    rows = data["test"]
    own = judgements(rows)
    right = Ranked(np.array([min(own[0]), 24]))
    wrong = Ranked(np.array([24, 0]))
    none = Ranked(np.array([], dtype=np.int64))
    titles = data[CORPUS]["heading"][:]
    rankings = [right, *[wrong] * (len(own) - 2), none]
    (query, found, missed), *others = first_documents(data, rankings)
    assert (query, found, missed) == (rows["query"][0], titles[min(own[0])], None)
    assert len(others) == len(own) - 2
    best = {titles[place] for place, grade in own[1].items() if grade == max(own[1].values())}
    assert others[0][2] in best
    assert others[0][0] == rows["query"][1]
