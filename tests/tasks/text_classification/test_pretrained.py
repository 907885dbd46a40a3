"""Rows over encoders of the user: ELMo and a BERT from nothing, frozen and fine-tuned."""

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from hf_recurrent.models.elmo_embedding import ElmoEmbedding
from hf_recurrent.tasks.text_classification.encoding import texts_and_labels
from tests.benchmark.conftest import BAD, FILLERS, GOOD
from tests.tasks.pretrained import save_bert, save_elmo

WORDS = [*GOOD, *BAD, *FILLERS]
STEEP = {"learning_rate": 0.03, "hidden_size": 8, "batch_size": 16, "epochs": 2, "patience": 2}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pretrained")
    return {
        "elmo": save_elmo(folder / "my-elmo", WORDS),
        "bert_scratch": save_bert(folder / "my-bert", WORDS),
    }


@pytest.mark.parametrize(
    "model",
    [
        "elmo-bilstm",
        pytest.param("elmo-finetuned", marks=pytest.mark.slow),
        "bert-scratch-finetuned",
    ],
)
def test_a_row_trains_what_it_says_and_is_saved_as_it_predicts(model: str, given, folders) -> None:
    work, place = given(model, values=STEEP, **folders)
    fitted = work.row.fit(work)
    texts, _labels = texts_and_labels(work.data["test"])
    found = np.asarray(fitted.predict(texts))
    fitted.save(place.model)
    loaded = AutoModelForSequenceClassification.from_pretrained(place.model)
    tokenizer = AutoTokenizer.from_pretrained(place.model)
    with torch.no_grad():
        logits = loaded(**tokenizer(texts, padding=True, return_tensors="pt")).logits
    assert logits.argmax(-1).tolist() == found.tolist()
    is_bert = model.startswith("bert")
    before = AutoModel.from_pretrained(folders["bert_scratch" if is_bert else "elmo"])
    inside = loaded.bert if is_bert else loaded.get_input_embeddings()
    states = inside.state_dict()
    same = {name: torch.equal(states[name], value) for name, value in before.state_dict().items()
            if "mix" not in name and "pooler" not in name}  # fmt: skip
    assert len(same) > 5
    if model == "elmo-bilstm":
        assert all(same.values())
        assert (
            fitted.trainable_parameters
            < fitted.parameters
            - sum(value.numel() for name, value in before.named_parameters() if name in same)
            + 1
        )
    else:
        assert not any(same[name] for name in dict(before.named_parameters()) if name in same)
        assert fitted.trainable_parameters == fitted.parameters
    stores = [m.store for m in fitted_layers(fitted)]
    assert stores == ([] if is_bert else [None])


def fitted_layers(fitted) -> list[ElmoEmbedding]:
    """Return the layers of ELMo in a fitted model."""
    model = fitted.save.args[0]
    return [module for module in model.modules() if isinstance(module, ElmoEmbedding)]


@pytest.mark.parametrize("model", ["elmo-frozen", "bert-scratch-frozen"])
def test_a_frozen_encoder_with_logistic_regression(model: str, given, folders) -> None:
    work, _place = given(model, **folders)
    fitted = work.row.fit(work)
    texts, labels = texts_and_labels(work.data["test"])
    assert (np.asarray(fitted.predict(texts)) == labels).mean() > 0.5
    assert ("word pieces" in fitted.truncation) == (model != "elmo-frozen")


def test_what_is_no_elmo(given, folders) -> None:
    work, _place = given("elmo-bilstm", **folders | {"elmo": folders["bert_scratch"]})
    with pytest.raises(OSError, match=r"'.*my-bert' holds no ELMo"):
        work.row.fit(work)
