"""What ``hf-recurrent predict`` shows of the paths of a tagger."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from hf_recurrent import RecurrentConfig, RecurrentForTokenClassification, WordStartTokenizer
from hf_recurrent.__main__ import main
from hf_recurrent.models.tagging import RankedPaths, TaggerOutput
from hf_recurrent.tasks.token_classification.encoding import tag, tag_n_best, tags_of_tokens
from tests.common.tokenizer import piece_tokenizer

NAMES = {0: "O", 1: "B-X", 2: "I-X"}
TEXTS = ["a playing films", "", "film"]


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tagger of words in pieces, with a CRF that BIO binds, or without one."""
    torch.manual_seed(0)
    tokenizer = WordStartTokenizer.from_tokenizer(piece_tokenizer())
    crf = {"crf": True, "tag_scheme": "BIO"} if request.param else {}
    sizes = {"vocab_size": len(tokenizer), "embedding_size": 5, "hidden_size": 4}
    RecurrentForTokenClassification(
        RecurrentConfig(**sizes, id2label=NAMES, **crf)
    ).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    return tmp_path


@pytest.mark.parametrize("folder", [True], indirect=True)
def test_the_best_paths_with_their_probabilities(folder: Path, capsys) -> None:
    assert main(["predict", str(folder), *TEXTS]) == 0
    best = capsys.readouterr().out.splitlines()
    assert main(["predict", str(folder), "--n-best", "20", *TEXTS]) == 0
    lines = [line.partition("  ") for line in capsys.readouterr().out.splitlines()]
    # BIO leaves 13 paths of three words, one of none, and two of one.
    assert len(lines) == 13 + 1 + 2
    rows = [lines[:13], lines[13:14], lines[14:]]
    for row, text, own in zip(rows, TEXTS, best, strict=True):
        assert row[0][2] == own
        assert sum(float(probability) for probability, *_ in row) == pytest.approx(1, abs=0.01)
        assert len({words for *_, words in row}) == len(row)
        for *_, words in row:
            assert [word.rpartition("/")[0] for word in words.split()] == text.split()


@pytest.mark.parametrize("folder", [False], indirect=True)
def test_without_a_crf_there_are_no_paths(folder: Path, capsys) -> None:
    assert main(["predict", str(folder), "--n-best", "2", "film"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("has no CRF, and scores no paths of tags: leave out --n-best.")


class Elsewhere:
    """A tagger on a device that holds no values: what reaches it must be there too."""

    device = torch.device("meta")
    config = SimpleNamespace(id2label={0: "O", 1: "B-A"})

    def __call__(self, **inputs: torch.Tensor) -> TaggerOutput:
        assert {value.device for value in inputs.values()} == {self.device}
        return TaggerOutput(logits=torch.zeros(*inputs["input_ids"].shape, 2))

    def n_best(self, n: int, **inputs: torch.Tensor) -> RankedPaths:
        path = self(**inputs).logits.argmax(-1)
        return RankedPaths(path.unsqueeze(1), torch.zeros(len(path), n))


def test_words_go_to_the_device_of_the_model() -> None:
    model: Any = Elsewhere()
    assert tag(model, piece_tokenizer(), [["a", "playing"]]) == [["O", "O"]]
    assert tag_n_best(model, piece_tokenizer(), [["a"]], 1) == [[(1.0, ["O"])]]
    assert set(tags_of_tokens(model, piece_tokenizer(), "a playing")) == {""}
