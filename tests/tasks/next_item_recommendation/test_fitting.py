"""A step of GRU4Rec by hand, its two modes of training, and scores that come in pieces."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from hf_recurrent import RecurrentForCausalLM
from hf_recurrent.models.publishable import is_marked
from hf_recurrent.tasks import get_task, networks
from hf_recurrent.tasks.fitted import Fitted
from hf_recurrent.tasks.model_rows import Work
from hf_recurrent.tasks.next_item_recommendation import fitting
from hf_recurrent.tasks.next_item_recommendation.catalog import Catalog
from hf_recurrent.tasks.next_item_recommendation.data import load_sessions
from hf_recurrent.tasks.next_item_recommendation.floors import _fit as fit_once
from hf_recurrent.tasks.next_item_recommendation.models import MODELS
from hf_recurrent.tasks.next_item_recommendation.named import is_publishable
from hf_recurrent.tasks.next_item_recommendation.ranking import Query
from hf_recurrent.tasks.next_item_recommendation.refitting import refitted

from .conftest import COLUMNS

CATALOG = Catalog(["a", "b", "c"], [3, 2, 1])


def model(hidden_size: int = 2, **fields) -> RecurrentForCausalLM:
    torch.manual_seed(0)
    config = fitting.recurrent_config(
        CATALOG.tokenizer(), hidden_size=hidden_size, cell_type="gru", **fields
    )
    return RecurrentForCausalLM(config).eval()


def test_a_step_by_the_equations_of_the_paper() -> None:
    """z and r from the item and the state; the table of items is read, and predicted from."""
    network = model()
    table = network.model.embed_tokens.weight
    assert network.lm_head.weight is table
    layer = {name: value.double() for name, value in network.model.layers[0].named_parameters()}
    w, u = layer["weight_ih_l0"].chunk(3), layer["weight_hh_l0"].chunk(3)
    b, c = layer["bias_ih_l0"].chunk(3), layer["bias_hh_l0"].chunk(3)
    h = torch.zeros(2, dtype=torch.double)
    for item in (1, 0):
        x = table[item].double()
        r = torch.sigmoid(w[0] @ x + b[0] + u[0] @ h + c[0])
        z = torch.sigmoid(w[1] @ x + b[1] + u[1] @ h + c[1])
        n = torch.tanh(w[2] @ x + b[2] + r * (u[2] @ h + c[2]))
        h = z * h + (1 - z) * n
    scores = table.double() @ h + network.lm_head.bias.double()
    with torch.inference_mode():
        found = network(torch.tensor([[1, 0]])).logits[0, -1]
    assert found.double() == pytest.approx(scores.detach(), abs=1e-6)


@pytest.mark.parametrize("loss", ["nce", "cross_entropy"])
def test_nce_begins_at_the_shares_of_the_items(loss: str) -> None:
    """Without them its scores of 0 say that each item is sure, and it hardly learns to rank."""
    made = fitting.recurrent_model(
        CATALOG, CATALOG.tokenizer(), hidden_size=2, cell_type="gru", output_loss=loss
    )
    shares = torch.tensor([3 / 8, 2 / 8, 1 / 8]).log()  # its two special ids count once each
    begun = loss == "nce"
    assert torch.allclose(made.lm_head.bias[:3], shares if begun else torch.zeros(3))


@pytest.mark.parametrize("at_once", [1, 1 << 20])
@pytest.mark.parametrize("kind", ["gru", "gpt2"])
def test_scores_in_pieces(kind: str, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_AT_ONCE", at_once)
    network = model()
    if kind == "gpt2":
        config = GPT2Config(vocab_size=5, n_positions=4, n_embd=4, n_layer=1, n_head=2)
        network = GPT2LMHeadModel(config).eval()
    random = np.random.default_rng(0)
    queries = [
        Query(random.integers(0, 3, n), first) for n, first in ((9, 1), (3, 2), (1, 1), (6, 4))
    ]
    steps: dict = {}
    for place, first, scores in fitting.network_scorer(network, 3)(queries):
        for number, row in enumerate(scores):
            assert (place, first + number) not in steps
            steps[place, first + number] = row
    wanted = {
        (p, step)
        for p, (ids, first) in enumerate(queries)
        for step in range(first - 1, len(ids) - 1)
    }
    assert steps.keys() == wanted
    for (place, step), row in steps.items():
        ids = queries[place].ids[: step + 1]
        if kind == "gpt2" and len(queries[place].ids) - 1 > 4:
            ids = ids[min(max(0, 2 * (step // 2 - 1)), 4) :]
        with torch.inference_mode():
            own = network(torch.from_numpy(ids)[None]).logits[0, -1, :3]
        assert row == pytest.approx(own.numpy(), abs=1e-5), (place, step)


def test_encoded_sessions(events: Path) -> None:
    rows = load_sessions(events, **COLUMNS)["train"].select(range(3))
    catalog = Catalog.of([*rows][1:])
    encoded = fitting.encode(rows, catalog)
    for row in encoded:
        assert row["labels"] == [-100, *row["input_ids"][1:]]
    pieces = fitting.encode(rows, catalog, context=2)
    assert {len(ids) for ids in pieces["input_ids"]} == {2}
    targets = sum(label != -100 for labels in encoded["labels"] for label in labels)
    assert len(pieces) == targets
    assert all(labels[1] != -100 for labels in pieces["labels"])
    streams = fitting.side_by_side(encoded, streams=2)
    assert streams.predicted == targets
    batch = fitting.collate([encoded[0], encoded[1]], padding=9)
    assert batch["attention_mask"].sum() == len(encoded[0]["input_ids"] + encoded[1]["input_ids"])
    assert (batch["labels"][batch["attention_mask"] == 0] == -100).all()


def test_the_mark_of_data_that_may_not_be_passed_on_outlasts_the_second_fit(events: Path) -> None:
    data = load_sessions(events, **COLUMNS)
    for part in data.values():
        part.info.description = "yoochoose-slice, from files of a folder"
    work = Work("", get_task("next-item-recommendation"), MODELS["popularity"], {}, 0, 0, data)
    found = []

    def fit(own: Work) -> Fitted:
        found.append((len(own.data["train"]), is_publishable(own.data["train"])))
        return fit_once(own)

    refitted(work, fit)
    rows = len(data["train"])
    assert found == [(rows, False), (rows + len(data["validation"]), False)]


def test_network_and_tokenizer_of_such_data_have_the_mark(events: Path, monkeypatch) -> None:
    """They are marked before they are trained, so that no push during training lets them out."""

    def caught(work: Work, recipe: object, *made: object) -> None:
        raise InterruptedError([is_marked(each) for each in made])

    monkeypatch.setattr(fitting, "fit_network", caught)
    data = load_sessions(events, **COLUMNS)
    task, values = get_task("next-item-recommendation"), {"batch_size": 2}
    work = Work("", task, MODELS["popularity"], values, 0, 0, data)
    for name, expected in (("movielens-small", False), ("yoochoose-slice", True)):
        for part in data.values():
            part.info.description = f"{name}, from files of a folder"
        with pytest.raises(InterruptedError, match=rf"\[{expected}, {expected}\]"):
            fitting._fit(work, lambda catalog, tokenizer: model())


def test_ranks_in_place_of_logits() -> None:
    logits = torch.tensor([[[0.1, 0.7, 0.2, 9.0], [5.0, 1.0, 5.0, 9.0], [0.0] * 4]])
    labels = torch.tensor([[-100, 2, 0]])
    assert fitting._ranks((logits, None), labels, items=3).tolist() == [[2, 2]]


@pytest.mark.parametrize("parallel", [True, False])
def test_the_speed_counts_each_item_once(events: Path, monkeypatch, parallel: bool) -> None:
    """A row of sessions side by side is an item, and the number of rows no number of sessions."""
    seconds = iter([0.0, 1e6])  # beside which evaluations take no time
    monkeypatch.setattr(networks, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))
    data = load_sessions(events, **COLUMNS)
    row = MODELS["gru4rec" if parallel else "gru"]
    values = {**row.search.base, "hidden_size": 2, "epochs": 2, "threads": 1}
    work = Work("", get_task("next-item-recommendation"), row, values, 0, 0, data)
    fitted = fitting._fit(
        work,
        lambda catalog, tokenizer: fitting.recurrent_model(
            catalog, tokenizer, hidden_size=2, cell_type="gru"
        ),
    )
    items = sum(map(len, data["train"]["items"]))
    told = fitted.measure()["training_items_per_second"]
    assert told == pytest.approx(2 * items / 1e6, rel=1e-3)
    assert fitted.training_rate == pytest.approx(2 * len(data["train"]) / 1e6, rel=1e-3)
