"""Cards say what is known, in the forms that the Hub's client reads, and nothing else."""

from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub import parse_eval_result_entries as parse_entries

import hf_recurrent as hr
from hf_recurrent.hub import DataRecord, Record, RecordedResult, model_card, write_card

from .test_record import WHOLE

CONFIG = {"vocab_size": 9, "embedding_size": 4, "hidden_size": 3, "num_labels": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = hr.RecurrentConfig(
        **CONFIG, cell_type="gru", id2label={0: "bad", 1: "good"}, label2id={"bad": 0, "good": 1}
    )
    hr.RecurrentForSequenceClassification(config).save_pretrained(tmp_path)
    return tmp_path


def test_the_client_reads_what_was_written(folder: Path) -> None:
    write_card(folder, WHOLE, "ada/questions")
    data = ModelCard.load(folder / "README.md").data
    assert (data.library_name, data.pipeline_tag) == ("hf-recurrent", "text-classification")
    assert (data.datasets, data.metrics, data.language) == (["CogComp/trec"], ["accuracy"], "en")
    assert data.tags == ["recurrent", "gru"]
    (result,) = data.eval_results
    assert (result.dataset_type, result.dataset_split) == ("CogComp/trec", "test")
    assert (result.metric_type, result.metric_value) == ("accuracy", 0.94)
    (entry,) = parse_entries(yaml.safe_load((folder / ".eval_results/trec.yaml").read_text()))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("CogComp/trec", "accuracy", 0.94)
    assert entry.notes == "mean of 3 runs, standard deviation 0.0060"


def test_the_text_tells_it(folder: Path) -> None:
    write_card(folder, WHOLE, "ada/questions")
    text = (folder / "README.md").read_text()
    for told in (
        "# questions",
        "`RecurrentForSequenceClassification`",
        "labels: bad, good",
        'pipeline("text-classification", "ada/questions")',
        "| Accuracy | test | 0.940 ± 0.006 | 3 |",
        "| tf-idf | 90.6 |",
        "Latency, median, at batch 1 from text to answer: 1.5 ms",
        "Rows: train 4,952.",
        "- learning_rate: 0.002",
        "- hidden_size: 3",
        "- English only.",
    ):
        assert told in text, told


def test_what_is_not_known_is_left_out(folder: Path) -> None:
    write_card(folder, Record(), "ada/model")
    card = ModelCard.load(folder / "README.md")
    assert set(card.data.to_dict()) == {"library_name", "tags"}
    for untold in ("None", "Results", "Data", "Licence", "Limits", "Cost", "Word vectors"):
        assert untold not in card.text.split("<details>")[0], untold
    assert not (folder / ".eval_results").exists()


def test_the_three_lines_run(folder: Path) -> None:
    """The lines that the card shows are run, with the folder in the repository's place."""
    tokenizer = hr.tokenizer_from_texts(["a b c d e f g"])
    tokenizer.save_pretrained(folder)
    write_card(folder, Record(task="text-classification", example="a b"), str(folder))
    text = (folder / "README.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    *imports, call = code.strip().splitlines()
    scope: dict[str, object] = {}
    exec("\n".join(imports), scope)
    (answer,) = eval(call, scope)
    assert answer["label"] in ("bad", "good")


def test_a_bag_of_vectors_without_a_task() -> None:
    config = hr.StaticEmbeddingConfig(vocab_size=9, embedding_size=4)
    card = model_card(config, Record(title="GloVe, 50 dimensions"), "vectors")
    assert card.data.tags == ["static-embedding"]
    assert "AutoModel.from_pretrained" in card.text


def test_no_entry_without_a_data_set_of_the_hub(folder: Path) -> None:
    record = Record(
        task="text-classification",
        data=DataRecord("movie-snippets"),
        results=(RecordedResult("f1_macro", 0.5),),
    )
    write_card(folder, record, "m")
    assert not (folder / ".eval_results").exists()
    (result,) = ModelCard.load(folder / "README.md").data.eval_results
    assert (result.metric_type, result.dataset_type) == ("f1", "movie-snippets")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no config\.json"):
        write_card(tmp_path, Record(), "m")
