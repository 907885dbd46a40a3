"""Taggers, with and without a CRF: steps, losses, constraints, and what the plain tools show."""

import warnings
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    Trainer,
    TrainingArguments,
    pipeline,
)

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    RecurrentForTokenClassification,
    RecurrentModel,
    WordStartTokenizer,
)
from hf_recurrent.models.tagging import Steps
from hf_recurrent.tasks.text_classification.prediction import load_classifier
from tests.common.bad_input import assert_one_sentence
from tests.common.checkpoints import run_outside
from tests.common.tokenizer import piece_tokenizer

from .masks import masks

IDS = torch.tensor([[2, 4, 5, 3, 4, 6], [9, 10, 4, 7, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
STARTS = torch.tensor([[1, 1, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0]])
NAMES = {0: "O", 1: "B-X", 2: "I-X"}
BIO = {"crf": True, "tag_scheme": "BIO"}


def make(seed: int = 0, **fields: Any) -> RecurrentForTokenClassification:
    """Return a tagger in evaluation mode, no weight of it at 0."""
    torch.manual_seed(seed)
    sizes = {"vocab_size": 11, "embedding_size": 5, "hidden_size": 4, "bidirectional": True}
    config = RecurrentConfig(**{**sizes, "id2label": NAMES, **fields})
    model = RecurrentForTokenClassification(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter))
    return model.eval()


@given(masks(), st.data())
def test_steps_by_brute_force(mask: torch.Tensor, data: st.DataObject) -> None:
    batch, time = mask.shape
    row = st.lists(st.booleans(), min_size=time, max_size=time)
    given_starts = data.draw(st.lists(row, min_size=batch, max_size=batch))
    starts = torch.tensor(given_starts, dtype=torch.long).view(batch, time)
    steps = Steps.of(mask, starts)
    values = torch.arange(1, batch * time + 1).view(batch, time)
    deep = torch.stack([values, -values], dim=-1)
    for number in range(batch):
        word = 0
        for column in range(time):
            begins = bool(mask[number, column]) and bool(starts[number, column])
            assert bool(steps.mask[number, column]) == begins
            word = int(values[number, column]) if begins else word
            found = int(steps.spread(values, -100)[number, column])
            expected = word if word and mask[number, column] else -100
            assert found == expected
            shown = steps.spread(deep)[number, column].tolist()
            assert shown == ([word, -word] if expected > 0 else [0, 0])


@pytest.mark.parametrize("crf", [False, True])
def test_the_same_tags_with_labels_and_without(crf: bool) -> None:
    """Words are tagged, whatever else the batch says; a continuation repeats its word."""
    model = make(crf=crf)
    labels = torch.where(STARTS == 1, 1, -100)
    bare = model(IDS, MASK, word_starts=STARTS)
    labelled = model(IDS, MASK, word_starts=STARTS, labels=labels)
    assert torch.equal(bare.logits, labelled.logits)
    hidden = model.model(IDS, MASK).last_hidden_state
    for row, (ids, starts, mask) in enumerate(zip(hidden, STARTS, MASK, strict=True)):
        places = starts.nonzero().flatten()
        emissions = model.classifier(ids[places]).unsqueeze(0)
        full = torch.ones(1, len(places), dtype=torch.bool)
        logits = model.crf.log_marginals(emissions, full) if crf else emissions
        word_of = (starts.cumsum(0) - 1)[mask == 1]
        torch.testing.assert_close(bare.logits[row][mask == 1], logits[0][word_of].float())
        if crf:
            path = model.crf.decode(emissions, full)[0]
            assert torch.equal(bare.predictions[row][mask == 1], path[word_of])
    assert not bare.logits[MASK == 0].any()
    if crf:
        assert torch.equal(bare.predictions, labelled.predictions)
        assert bare.predictions[MASK == 0].eq(-100).all()
        assert model.train()(IDS, MASK, labels=labels).predictions is None
    else:
        assert "predictions" not in bare


def test_special_tokens_before_the_first_word_have_no_tag() -> None:
    output = make(crf=True)(IDS, MASK, word_starts=STARTS * (torch.arange(6) > 0))
    assert not output.logits[:, 0].any()
    assert output.predictions[:, 0].eq(-100).all()
    assert output.predictions[MASK == 1].ne(-100).sum() == 8


def test_loss_is_a_sum_over_labels_that_are_given() -> None:
    """Those on padding do not count; of a CRF, neither do those on continuations."""
    labels = torch.tensor([[0, 1, 2, -100, 1, 2], [1, 0, -100, 2, 1, 1]])
    model = make(class_weights=[0.5, 1.0, 2.0])
    logits = model(IDS, MASK).logits.log_softmax(-1)
    kept = [(r, t) for r, t in (labels != -100).nonzero().tolist() if MASK[r, t]]
    weight = model.config.class_weights
    total = sum(-weight[labels[r, t]] * logits[r, t, labels[r, t]] for r, t in kept)
    torch.testing.assert_close(model(IDS, MASK, labels=labels).loss, total / len(kept))
    torch.testing.assert_close(
        model(IDS, MASK, labels=labels, num_items_in_batch=40).loss, total / 40
    )
    model = make(crf=True)
    emissions = model.train()(IDS, MASK).logits
    tags = labels.masked_fill(STARTS == 0, -100)
    total = -model.crf(emissions, tags, STARTS.bool()).sum()
    found = model(IDS, MASK, labels=labels, word_starts=STARTS)
    torch.testing.assert_close(found.loss, (total / int((tags != -100).sum())).float())
    torch.testing.assert_close(
        model.eval()(IDS, MASK, labels=labels, word_starts=STARTS).loss, found.loss
    )


@pytest.mark.parametrize("crf", [False, True])
def test_nothing_labelled_costs_nothing(crf: bool) -> None:
    model = make(crf=crf).train()
    loss = model(IDS, MASK, labels=torch.full_like(IDS, -100)).loss
    assert loss == 0
    loss.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_what_is_predicted_obeys_the_scheme() -> None:
    free = [make(seed, crf=True)(IDS, MASK).predictions for seed in range(20)]
    bound = [make(seed, **BIO)(IDS, MASK) for seed in range(20)]

    def breaks(tags: torch.Tensor) -> bool:
        rows = [row[row != -100].tolist() for row in tags]
        return any(b == 2 and a == 0 for row in rows for a, b in zip([0, *row], row, strict=False))

    assert any(breaks(tags) for tags in free)
    assert not any(breaks(output.predictions) for output in bound)
    for output in bound:
        assert output.logits[:, 0, 2].eq(-1e4).all()
        assert output.logits.isfinite().all()
        torch.testing.assert_close(output.logits[MASK == 1].exp().sum(-1), torch.ones(10))


def test_forbidden_gold_paths_are_counted_once_and_never_infinite() -> None:
    labels = torch.tensor([[0, 2, 0, 0, 0, 0], [1, 2, 0, 0, -100, -100]])
    free, bound = make(**BIO).train(), make(**BIO, constrained_training=True).train()
    with pytest.warns(UserWarning, match=r"1 of the 2 sentences .* the first in row 0: .* learnt"):
        loss = free(IDS, MASK, labels=labels).loss
    torch.testing.assert_close(loss, make(crf=True).train()(IDS, MASK, labels=labels).loss)
    with pytest.warns(UserWarning, match="left out of the loss"):
        loss = bound(IDS, MASK, labels=labels).loss
    # Its six labels count, though it adds nothing: Trainer counted them before.
    alone = bound(IDS[1:], MASK[1:], labels=labels[1:], num_items_in_batch=10).loss
    torch.testing.assert_close(loss, alone)
    assert alone < free(IDS[1:], MASK[1:], labels=labels[1:], num_items_in_batch=10).loss
    loss.backward()
    assert all(p.grad.isfinite().all() for p in bound.parameters() if p.grad is not None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model in (free, bound):
            assert model(IDS[:1], MASK[:1], labels=labels[:1]).loss.isfinite()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"labels": torch.zeros(2, dtype=torch.long)}, ["labels", "(2,)"]),
        ({"labels": torch.zeros(2, 6)}, ["labels", "float32"]),
        ({"labels": torch.full((2, 6), 3)}, ["label 3", "0 to 2"]),
        ({"labels": torch.zeros(2, 5, dtype=torch.long)}, ["labels", "(2, 5)", "(2, 6)"]),
        ({"word_starts": torch.ones(2, 5)}, ["word_starts", "(2, 5)", "(2, 6)"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("crf", [False, True])
def test_bad_arguments(crf: bool, arguments: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        make(crf=crf)(IDS, MASK, **arguments)
    assert_one_sentence(caught.value, *named)


def test_a_tagger_is_no_classifier_and_no_classifier_a_tagger(tmp_path: Path) -> None:
    tagger = make()
    tagger.save_pretrained(tmp_path / "tagger")
    RecurrentForSequenceClassification(tagger.config).save_pretrained(tmp_path / "classifier")
    tagger.model.save_pretrained(tmp_path / "base")
    for auto, folder, named in (
        (AutoModelForSequenceClassification, "tagger", "RecurrentForTokenClassification"),
        (AutoModelForTokenClassification, "classifier", "RecurrentForSequenceClassification"),
    ):
        with pytest.raises(ValueError, match=named) as caught:
            auto.from_pretrained(tmp_path / folder)
        assert_one_sentence(caught.value, "this is a checkpoint of", "AutoModel")
        auto.from_pretrained(tmp_path / "base")
        RecurrentModel.from_pretrained(tmp_path / folder)
    with pytest.raises(ValueError, match=r"is no model for text classification: .* labels tokens"):
        load_classifier(str(tmp_path / "tagger"))


TEXTS = ["a playing 😀 film", "played 特好 films-a", "films played", "😀 a"]


def in_words(tokenizer: Any, text: str) -> list[tuple[int, int, int]]:
    """Return first token, start and end of each word."""
    encoded = tokenizer(text, return_offsets_mapping=True)
    tokens = zip(encoded.word_ids(), encoded["offset_mapping"], strict=True)
    words = [list(group) for _, group in groupby(enumerate(tokens), key=lambda pair: pair[1][0])]
    return [(w[0][0], w[0][1][1][0], w[-1][1][1][1]) for w in words]


@pytest.mark.parametrize("strategy", ["none", "simple", "first", "average", "max"])
@pytest.mark.parametrize("fields", [{}, BIO], ids=["argmax", "crf"])
def test_pipeline(strategy: str, fields: dict[str, Any]) -> None:
    """Every strategy shows the tag of the word, at its place in the text."""
    tokenizer = WordStartTokenizer.from_tokenizer(piece_tokenizer())
    for seed in range(6):
        model = make(seed, **fields)
        run = pipeline("token-classification", model=model, tokenizer=tokenizer)
        for text in TEXTS:
            encoded = tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
            offsets = encoded.pop("offset_mapping")[0].tolist()
            with torch.no_grad():
                tags = [NAMES[int(tag)] for tag in model(**encoded).logits[0].argmax(-1)]
            found = run(text, aggregation_strategy=strategy)
            if strategy == "none":
                shown = [(e["entity"], e["start"], e["end"]) for e in found]
                every = zip(tags, offsets, strict=True)
                assert shown == [(tag, *place) for tag, place in every if tag != "O"]
                continue
            pieces = [(tags[first], start, end) for first, start, end in in_words(tokenizer, text)]
            if strategy == "simple":  # which knows no words: a piece of one may begin a span
                pieces = [(tag, *place) for tag, place in zip(tags, offsets, strict=True)]
            spans: list[list[int]] = []
            before = "O"
            for tag, start, end in pieces:
                if tag == "I-X" and before != "O":
                    spans[-1][1] = end
                elif tag != "O":
                    spans.append([start, end])
                before = tag
            assert [[e["start"], e["end"]] for e in found] == spans


@pytest.mark.slow
def test_a_folder_is_enough_for_a_pipeline(tmp_path: Path) -> None:
    """Model and tokenizer travel, without the package too."""
    tokenizer = WordStartTokenizer.from_tokenizer(piece_tokenizer())
    model = make(**BIO)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    here = pipeline("token-classification", model=str(tmp_path))
    code = (
        "import sys; sys.modules['hf_recurrent'] = None\n"
        "from transformers import pipeline\n"
        f"run = pipeline('token-classification', model={str(tmp_path)!r}, trust_remote_code=True)\n"
        f"print(repr([[(e['entity'], e['start'], e['end']) for e in run(t)] for t in {TEXTS!r}]))\n"
    )
    expected = [[(e["entity"], e["start"], e["end"]) for e in here(text)] for text in TEXTS]
    assert any(expected)
    assert run_outside(code, tmp_path).splitlines()[-1] == repr(expected)


def tagged_rows(tokenizer: Any) -> list[dict[str, Any]]:
    rows = []
    for text in TEXTS:
        encoded = tokenizer(text)
        labels = [1 if start else -100 for start in encoded["word_starts"]]
        rows.append({**encoded, "labels": labels})
    return rows


@pytest.mark.parametrize("crf", [False, True])
def test_plain_trainer(crf: bool, tmp_path: Path) -> None:
    """Word starts arrive at the model, and the path beside the logits in what it predicts."""
    tokenizer = WordStartTokenizer.from_tokenizer(piece_tokenizer())
    rows = Dataset.from_list(tagged_rows(tokenizer))
    model = make(crf=crf, output_hidden_states=True)
    arguments = TrainingArguments(
        str(tmp_path), per_device_eval_batch_size=2, report_to="none", disable_tqdm=True,
        use_cpu=True, max_steps=2, save_strategy="no",
    )  # fmt: skip
    collator = DataCollatorForTokenClassification(tokenizer)
    trainer = Trainer(model, arguments, collator, train_dataset=rows, eval_dataset=rows)
    trainer.train()
    found = trainer.predict(rows)
    model.eval()
    for number, row in enumerate(rows):
        single = {k: torch.tensor([v]) for k, v in row.items() if k != "labels"}
        with torch.no_grad():
            output = model(**single)
        count = len(row["input_ids"])
        logits = found.predictions[0] if crf else found.predictions
        torch.testing.assert_close(
            torch.from_numpy(logits[number, :count]), output.logits[0], rtol=0, atol=1e-5
        )
        if crf:
            path = found.predictions[1][number]
            assert path[:count].tolist() == output.predictions[0].tolist()
            assert (path[count:] == -100).all()


@pytest.mark.parametrize(
    ("fields", "named"), [({"crf": True}, "crf=True"), ({"label_smoothing": 0.1}, "label_smooth")]
)
def test_label_smoothing_of_trainer_is_refused(
    fields: dict[str, Any], named: str, tmp_path: Path
) -> None:
    arguments = TrainingArguments(
        str(tmp_path), report_to="none", use_cpu=True, label_smoothing_factor=0.1, max_steps=1
    )
    rows = [{"input_ids": [2, 3], "labels": [0, 1]}] * 4
    with pytest.raises(ValueError, match=f"the model's {named}"):
        Trainer(make(**fields), arguments, train_dataset=rows).train()
