"""A model of data that must not be passed on is refused wherever models are published."""

import json
import re
from dataclasses import replace
from pathlib import Path

import datasets
import pytest
from transformers import Trainer, TrainingArguments

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.__main__ import main
from hf_recurrent.app import plan_space
from hf_recurrent.hub import HubTrainerMixin, Record, plan
from hf_recurrent.hub.cards import write_card
from hf_recurrent.hub.record import RECORD_FILE, DataRecord
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.records import (
    data_record,
    judged_limits,
    may_be_shown,
    public_example,
)
from hf_recurrent.training import make_trainer

DATA = DataRecord("yoochoose-slice", license="CC BY-NC-ND 4.0", publishable=False)
SAID = (
    r"the data set 'yoochoose-slice' that the model was trained on may not be passed on "
    r"\(CC BY-NC-ND 4.0\), and so neither may its weights, its tokenizer or examples"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = RecurrentConfig(vocab_size=9, embedding_size=2, hidden_size=2)
    RecurrentForCausalLM(config).save_pretrained(tmp_path / "model")
    Record(task="next-item-recommendation", data=DATA).save(tmp_path / "model")
    return tmp_path / "model"


def test_publish_and_cards_refuse_it(folder: Path) -> None:
    with pytest.raises(ValueError, match=SAID):
        plan(folder, "ada/clicks")
    with pytest.raises(ValueError, match=f"There is no card: {SAID}"):
        write_card(folder, Record.load(folder), "ada/clicks")
    assert not (folder / "README.md").exists()
    allowed = Record(data=replace(DATA, publishable=True))
    allowed.save(folder)
    assert "Terms of the data: CC BY-NC-ND 4.0." in plan(folder, "ada/clicks").card


def test_a_space_refuses_it_as_a_model_and_as_vectors(folder: Path, capsys) -> None:
    pytest.importorskip("gradio")
    for models, vectors in (([str(folder)], []), ([], [str(folder)])):
        with pytest.raises(ValueError, match=SAID):
            plan_space(models, vectors, "ada/clicks")
    assert main(["app", str(folder), "--push", "ada/clicks", "--dry-run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(SAID, line)


def test_neither_the_model_nor_its_training_pushes_it(folder: Path, tmp_path: Path) -> None:
    model = RecurrentForCausalLM.from_pretrained(folder)
    model.config.publishable = False
    rows = datasets.Dataset.from_dict({"input_ids": [[1, 2]]})
    pushed = TrainingArguments(str(tmp_path / "out"), push_to_hub=True, use_cpu=True)
    pushes = (
        lambda: model.push_to_hub("ada/clicks"),
        lambda: model.save_pretrained(tmp_path / "saved", push_to_hub=True),
        lambda: make_trainer(
            model, None, pushed, rows, rows, data_collator=dict, compute_metrics=dict
        ),
    )
    for push in pushes:
        with pytest.raises(ValueError, match="may not be passed on, and so neither may"):
            push()
    assert not (tmp_path / "saved").exists()


def test_a_checkpoint_without_a_record_has_the_mark(folder: Path) -> None:
    (folder / RECORD_FILE).unlink()
    plan(folder, "ada/clicks")
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"publishable": False}))
    with pytest.raises(ValueError, match="the data set that the model was trained on may not"):
        plan(folder, "ada/clicks")
    config = RecurrentConfig.from_pretrained(folder)
    config.save_pretrained(folder)
    assert json.loads(path.read_text())["publishable"] is False


def test_rows_are_shown_where_the_terms_allow_it(folder: Path) -> None:
    task = get_task("next-item-recommendation")
    assert not may_be_shown(task, "yoochoose-slice")
    assert public_example(task, "yoochoose-slice", None) is None  # type: ignore[arg-type]
    assert may_be_shown(task, "movielens-small")
    path = folder / RECORD_FILE
    path.write_text(path.read_text().replace('"publishable": false', '"publishable": 0'))
    with pytest.raises(ValueError, match="publishable is a number, expected true or false"):
        Record.load(folder)


@pytest.mark.parametrize(
    ("task_id", "name", "license"),
    [
        *(
            ("next-item-recommendation", name, "GroupLens terms: not for commercial use")
            for name in ("movielens-small", "movielens-100k")
        ),
        ("text-classification", "ag-news", "non-commercial research"),
        ("text-classification", "fancyzhx/ag_news", "non-commercial research"),
        *(
            ("translation", f"multi30k-{way}", "non-commercial research")
            for way in ("en-de", "fr-en")
        ),
        ("translation", "bentrevett/multi30k", "non-commercial research"),
    ],
)
def test_terms_against_commerce_stand_in_record_and_card(
    task_id: str, name: str, license: str, folder: Path
) -> None:
    task = get_task(task_id)
    spec = task.datasets.get(name)
    info = datasets.DatasetInfo(
        description=f"{name}, from files" if spec else f"{name}, from {name} of the Hub; all",
        license=spec.license if spec else "",
    )
    rows = datasets.Dataset.from_dict({"text": ["a"]}, info=info)
    data = data_record(task, name, datasets.DatasetDict(train=rows))
    assert data.license is not None
    assert data.license.startswith(license)
    Record(task=task_id, data=data, limits=tuple(judged_limits(task, name, 10))).save(folder)
    record = Record.load(folder)
    assert record.data == data
    write_card(folder, record, "ada/model")
    card = " ".join((folder / "README.md").read_text().split())
    assert f"Terms of the data: {license}" in card
    assert f"The terms of its data forbid commercial use ({license}" in card


def test_the_mixin_for_trainers_makes_no_repository_for_it(folder: Path, tmp_path: Path) -> None:
    class OwnTrainer(HubTrainerMixin, Trainer):
        pass

    model = RecurrentForCausalLM.from_pretrained(folder)
    arguments = TrainingArguments(str(tmp_path / "out"), use_cpu=True, report_to=[])
    trainer = OwnTrainer(model, arguments)
    trainer.record = Record.load(folder)
    for push in (trainer.push_to_hub, trainer.init_hf_repo):
        with pytest.raises(ValueError, match=f"Nothing is pushed: {SAID}"):
            push()
    trainer.record = Record()
    model.config.publishable = False
    arguments.push_to_hub = True
    with pytest.raises(ValueError, match="Nothing is pushed: the data set that the model was"):
        OwnTrainer(model, arguments)
