"""Encoder-decoder networks: labels and the loss, other encoders, tied weights, what they refuse."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.utils.prune import l1_unstructured
from transformers import (
    AutoModelForSeq2SeqLM,
    DataCollatorForSeq2Seq,
    DynamicCache,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    pipeline,
)
from transformers.trainer_pt_utils import LabelSmoother

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForConditionalGeneration,
    RecurrentModel,
    RecurrentSeq2SeqConfig,
)
from tests.common.bad_input import assert_one_sentence
from tests.common.one_step import train_one_step
from tests.common.tokenizer import word_tokenizer

SOURCE = torch.tensor([[3, 4, 5], [6, 7, 0]])
MASK = torch.tensor([[1, 1, 1], [1, 1, 0]])
LABELS = torch.tensor([[4, 5, 2], [6, 2, -100]])
BATCH = {"input_ids": SOURCE, "attention_mask": MASK}
ENCODER: dict[str, Any] = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4}
TINY: dict[str, Any] = {
    "encoder": ENCODER,
    "vocab_size": 13,
    "embedding_size": 5,
    "hidden_size": 4,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def make(**fields: Any) -> RecurrentForConditionalGeneration:
    torch.manual_seed(0)
    return RecurrentForConditionalGeneration(RecurrentSeq2SeqConfig(**{**TINY, **fields})).eval()


def gradients(model: Any) -> dict[str, torch.Tensor]:
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def test_the_decoder_reads_the_labels_after_a_start() -> None:
    model = make()
    read = model.prepare_decoder_input_ids_from_labels(LABELS)
    assert read.tolist() == [[1, 4, 5], [1, 6, 2]]
    left = torch.tensor([[4, 5, 2], [-100, 6, 2], [-100, -100, -100], [6, -100, 2]])
    read = model.prepare_decoder_input_ids_from_labels(left)
    assert read.tolist() == [[1, 4, 5], [0, 1, 6], [1, 0, 0], [1, 6, 0]]
    start = make(decoder_start_token_id=3)
    assert start.prepare_decoder_input_ids_from_labels(LABELS)[:, 0].tolist() == [3, 3]


@pytest.mark.parametrize("feeding", [False, True])
def test_the_loss_is_that_of_each_pair_alone(feeding: bool) -> None:
    model = make(input_feeding=feeding)
    total = torch.zeros(())
    for ids, labels in (([3, 4, 5], [4, 5, 2]), ([6, 7], [6, 2])):
        read = torch.tensor([[1, *labels[:-1]]])
        logits = model(input_ids=torch.tensor([ids]), decoder_input_ids=read).logits[0]
        total = total - logits.log_softmax(-1)[range(len(labels)), labels].sum()
    left = torch.tensor([[4, 5, 2], [-100, 6, 2]])
    for labels in (LABELS, left):  # padded as DataCollatorForSeq2Seq does on either side
        output = model(**BATCH, labels=labels)
        torch.testing.assert_close(output.loss, total / 5)
        output = model(**BATCH, labels=labels, num_items_in_batch=torch.tensor(7))
        torch.testing.assert_close(output.loss, total / 7)


def test_tokens_before_the_first_label_are_read_if_they_are_no_padding() -> None:
    """The first target begins with two tokens that are given, the second is padded on the left."""
    model = make()
    read, labels = torch.tensor([[1, 9, 4], [0, 1, 6]]), torch.tensor([[-100, 4, 2], [-100, 6, 2]])
    total = torch.zeros(())
    for row, (length, start) in enumerate(((3, 0), (2, 1))):
        given = {"input_ids": SOURCE[row : row + 1, :length]}
        logits = model(**given, decoder_input_ids=read[row : row + 1, start:]).logits[0, -2:]
        total = total - logits.log_softmax(-1)[range(2), labels[row, 1:]].sum()
    found = model(**BATCH, decoder_input_ids=read, labels=labels)
    torch.testing.assert_close(found.loss, total / 4)
    vectors = model.get_input_embeddings()(read[:1])
    given = {"input_ids": SOURCE[:1], "decoder_inputs_embeds": vectors, "labels": labels[:1]}
    torch.testing.assert_close(model(**given).logits, found.logits[:1])


def test_training_leaves_logits_out_and_the_gradient_is_the_same() -> None:
    model = make(label_smoothing=0.2).train()
    output = model(**BATCH, labels=LABELS)
    output.loss.backward()
    assert output.logits is None
    fast = gradients(model)
    model.zero_grad()
    whole = model(**BATCH, labels=LABELS, skip_logits=False)
    torch.testing.assert_close(whole.loss, output.loss)
    torch.testing.assert_close(LabelSmoother(epsilon=0.2)(whole, LABELS), output.loss)
    whole.loss.backward()
    for name, value in gradients(model).items():
        torch.testing.assert_close(fast[name], value)
    plain = make()(**BATCH, labels=LABELS)
    torch.testing.assert_close(model.eval()(**BATCH, labels=LABELS).loss, plain.loss)


def test_label_smoothing_of_trainer_takes_the_step_of_our_own(tmp_path: Path) -> None:
    own = make(label_smoothing=0.2).train()
    own(**BATCH, labels=LABELS).loss.backward()
    expected = {name: p.detach() - p.grad for name, p in own.named_parameters()}
    model = make()
    read = model.prepare_decoder_input_ids_from_labels(LABELS)
    batch = {**BATCH, "labels": LABELS, "decoder_input_ids": read}
    rows = [{name: value[row].tolist() for name, value in batch.items()} for row in range(2)]
    train_one_step(model, rows, 1, 2, tmp_path, label_smoothing_factor=0.2)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - without the ids from the collator
        model(**BATCH, num_items_in_batch=5)
    assert_one_sentence(caught.value, "label_smoothing_factor", "DataCollatorForSeq2Seq")


def test_seq2seq_trainer_generates_and_saves(tmp_path: Path) -> None:
    tokenizer = word_tokenizer()
    tokenizer.add_special_tokens({"bos_token": "<s>", "eos_token": "</s>"})
    fields = {"vocab_size": len(tokenizer), "bos_token_id": 13, "eos_token_id": 14}
    model = make(**fields, encoder={**ENCODER, "vocab_size": len(tokenizer)})
    rows = [
        {"input_ids": [2, 3, 4], "attention_mask": [1, 1, 1], "labels": [5, 14]},
        {"input_ids": [3], "attention_mask": [1], "labels": [6, 7, 8, 14]},
    ]
    trainer = Seq2SeqTrainer(
        model,
        Seq2SeqTrainingArguments(
            str(tmp_path),
            predict_with_generate=True,
            generation_max_length=6,
            generation_num_beams=2,
            max_steps=1,
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
            save_strategy="no",
        ),
        train_dataset=rows,
        eval_dataset=rows,
        data_collator=DataCollatorForSeq2Seq(tokenizer, model),
        processing_class=tokenizer,
    )
    trainer.train()
    found = trainer.predict(rows)
    assert found.predictions.shape[0] == 2
    assert found.predictions[:, 0].tolist() == [13, 13]
    assert found.metrics["test_loss"] > 0
    trainer.save_model(str(tmp_path))
    translate = pipeline("recurrent-translation", str(tmp_path), max_new_tokens=5)
    texts = ["a good film", "", "not bad", "the plot is dull dull dull"]
    alone = [translate(text)[0]["translation_text"] for text in texts]
    assert [row["translation_text"] for row in translate(texts, batch_size=4)] == alone
    ids = model.generate(**tokenizer("a good film", return_tensors="pt"), max_new_tokens=5)
    assert alone[0] == tokenizer.decode(ids[0], skip_special_tokens=True)
    several = translate(texts[:2], num_beams=3, num_return_sequences=2, batch_size=2)
    assert [len(each) for each in several] == [2, 2]
    assert translate([]) == []
    with pytest.raises(ValueError, match="takes texts, and int was given"):
        translate(3)


FRAMES = {"kind": "frames", "num_channels": 3}
BERT = {
    "model_type": "bert",
    "vocab_size": 13,
    "hidden_size": 4,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "intermediate_size": 4,
    "pad_token_id": 0,
}


@pytest.mark.parametrize("kind", ["frames", "bert"])
def test_other_encoders_train_generate_and_are_saved(kind: str, tmp_path: Path) -> None:
    encoder = {"hidden_size": 4, "embedding_config": FRAMES} if kind == "frames" else BERT
    model = make(encoder=encoder, input_feeding=True)
    inputs: dict[str, Any] = {"input_ids": SOURCE}
    if kind == "frames":
        assert model.main_input_name == "input_features"
        inputs = {"input_features": torch.randn(2, 3, 3)}
    model(**inputs, attention_mask=MASK, labels=LABELS).loss.backward()
    assert all(parameter.grad is not None for parameter in model.model.decoder.parameters())
    model.save_pretrained(tmp_path)
    loaded = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    together = loaded.generate(**inputs, attention_mask=MASK, max_new_tokens=4, num_beams=2)
    # The second source alone, without its padding.
    single = {name: value[1:, :2] for name, value in inputs.items()}
    alone = model.generate(**single, max_new_tokens=4, num_beams=2)
    assert together[1, : alone.shape[1]].tolist() == alone[0].tolist()
    if kind == "frames":
        vectors = model.get_encoder().embed_tokens(inputs["input_features"])
        given = {"inputs_embeds": vectors, "attention_mask": MASK}
        expected = model(**inputs, attention_mask=MASK, labels=LABELS).logits
        assert torch.equal(model(**given, labels=LABELS).logits, expected)


def test_an_encoder_of_sound_gives_fewer_steps_than_it_reads() -> None:
    """The second sound is padded; its steps are those it has alone."""
    encoder = {
        "model_type": "wav2vec2",
        **{name: BERT[name] for name in BERT if name.startswith(("hidden", "num", "inter"))},
        "conv_dim": [4, 4],
        "conv_kernel": [4, 4],
        "conv_stride": [2, 2],
        "num_feat_extract_layers": 2,
        "num_conv_pos_embeddings": 4,
        "num_conv_pos_embedding_groups": 2,
        "feat_extract_norm": "layer",
    }
    model = make(encoder=encoder)
    sounds, mask = torch.randn(2, 40), torch.ones(2, 40).long()
    mask[1, 20:] = 0
    found = model(input_values=sounds, attention_mask=mask, labels=LABELS, output_attentions=True)
    weights = found.cross_attentions[0][1, 0]
    assert weights.shape == (3, 8)
    assert not weights[:, 3:].any()
    alone = model(input_values=sounds[1:, :20], labels=LABELS[1:])
    torch.testing.assert_close(found.logits[1, :2], alone.logits[0, :2])
    ids = model.generate(sounds, attention_mask=mask, max_new_tokens=4, num_beams=2)
    one = model.generate(sounds[1:, :20], max_new_tokens=4, num_beams=2)
    assert ids[1, : one.shape[1]].tolist() == one[0].tolist()


SUBSAMPLED = {"conv_dim": [4], "conv_kernel": [3], "conv_stride": [2]}


@pytest.mark.parametrize("fewer", [SUBSAMPLED, {}], ids=["subsampled", "as many"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_speech_encoder_of_this_package_tells_its_real_steps(fewer: Any, side: str) -> None:
    encoder = {"model_type": "recurrent_speech", "hidden_size": 4, "embedding_config": FRAMES}
    model = make(encoder=encoder | fewer, bridge="none")
    sounds, mask = torch.randn(2, 9, 3), torch.ones(2, 9).long()
    mask[1, :4] = 0
    if side == "right":
        sounds[1], mask = sounds[1].roll(-4, 0), mask.flip(1)
    given = {"input_features": sounds, "attention_mask": mask}
    found = model(**given, labels=LABELS, output_attentions=True)
    real = 3 if fewer else 5
    assert not found.cross_attentions[0][1, 0, :, real:].any()
    single = sounds[1:, 4:] if side == "left" else sounds[1:, :5]
    alone = model(input_features=single, labels=LABELS[1:])
    torch.testing.assert_close(found.logits[1, :2], alone.logits[0, :2])
    ids = model.generate(**given, max_new_tokens=4, num_beams=2)
    one = model.generate(input_features=single, max_new_tokens=4, num_beams=2)
    assert ids[1, : one.shape[1]].tolist() == one[0].tolist()


def test_an_elmo_is_an_encoder_too() -> None:
    elmo = {"filters": [[1, 4], [2, 4]], "hidden_size": 4, "cell_size": 6}
    model = make(encoder={"model_type": "elmo", **elmo})
    characters = torch.randint(1, 200, (2, 3, 50))
    given = {"char_ids": characters, "attention_mask": MASK}
    found = model(**given, labels=LABELS)
    found.loss.backward()
    assert model.model.encoder.mix.weights.grad.abs().sum() > 0
    alone = model(char_ids=characters[1:, :2], labels=LABELS[1:])
    torch.testing.assert_close(found.logits[1, :2], alone.logits[0, :2])


@pytest.mark.parametrize("ways", [2, 3])
def test_tied_weights_are_one_tensor_also_when_loaded(ways: int, tmp_path: Path) -> None:
    model = make(tie_word_embeddings=True, tie_encoder_embeddings=ways == 3, hidden_size=6)
    model.save_pretrained(tmp_path)
    loaded = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert torch.equal(loaded(**BATCH, labels=LABELS).logits, model(**BATCH, labels=LABELS).logits)
    loaded.resize_token_embeddings(15)
    assert loaded(**BATCH, labels=LABELS).logits.shape == (2, 3, 15)
    table = loaded.get_input_embeddings().weight
    assert loaded.lm_head.weight is table
    tied = loaded.get_encoder().embed_tokens.weight is table
    assert tied == (ways == 3)
    assert loaded.config.encoder.vocab_size == (15 if ways == 3 else 13)


def test_the_encoder_is_a_model_of_its_own() -> None:
    model = make()
    assert type(model.get_encoder()) is RecurrentModel
    trained = RecurrentModel(RecurrentConfig(**ENCODER)).eval()
    model.model.encoder.load_state_dict(trained.state_dict())
    outputs = trained(**BATCH, output_final_state=True)
    expected = model(**BATCH, labels=LABELS).logits
    found = model(encoder_outputs=outputs, attention_mask=MASK, labels=LABELS).logits
    torch.testing.assert_close(found, expected)


def test_layers_are_called_as_modules_step_by_step_too() -> None:
    model = make(input_feeding=True, num_hidden_layers=2)
    calls: list[int] = []
    for number, layer in enumerate(model.model.decoder.layers):
        layer.register_forward_hook(lambda *_, number=number: calls.append(number))
    model(**BATCH, labels=LABELS)
    assert calls == [0, 1] * 3
    l1_unstructured(model.model.decoder.layers[0], "weight_hh_l0", amount=0.5)
    assert model(**BATCH, labels=LABELS).loss.isfinite()


def test_locked_dropout_has_one_mask_for_all_steps() -> None:
    fields = {"num_hidden_layers": 2, "hidden_dropout": 0.5, "hidden_size": 16}
    for locked in (True, False):
        model = make(input_feeding=True, variational_dropout=locked, **fields).train()
        seen: list[torch.Tensor] = []
        model.model.decoder.layers[1].register_forward_pre_hook(
            lambda _, arguments, seen=seen: seen.append(arguments[0] == 0)
        )
        model(**BATCH, labels=LABELS)
        assert all(torch.equal(mask, seen[0]) for mask in seen) == locked
        assert seen[0].any()


CHAR_CNN = {"kind": "char_cnn", "num_characters": 9}
NGRAM = {"kind": "ngram", "bucket": 9, "min_n": 2, "max_n": 3}


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (CHAR_CNN, "char_ids"),
        (NGRAM, "ngram_ids"),
        (
            {"kind": "joined", "parts": [CHAR_CNN, {"kind": "plain", "embedding_size": 3}]},
            "char_ids",
        ),
    ],
)
def test_a_decoder_reads_token_ids_alone(layer: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"reads {name}, which a decoder does not know"):
        make(embedding_config=layer)
    assert make(encoder=ENCODER | {"embedding_config": layer}).get_encoder() is not None


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no target": (BATCH, ["decoder_input_ids", "labels"]),
    "labels of another shape": (
        {**BATCH, "labels": LABELS, "decoder_input_ids": LABELS[:, :2]},
        ["labels", "(2, 3)", "(2, 2)"],
    ),
    "labels that are no ids": ({**BATCH, "labels": LABELS.float()}, ["labels", "float32"]),
    "an unknown label": ({**BATCH, "labels": LABELS + 9}, ["labels", "0 to 12", "tokenizer"]),
    "an unknown token": (
        {**BATCH, "decoder_input_ids": LABELS.clamp(0) + 9},
        ["decoder_input_ids holds", "0 to 12"],
    ),
    "more targets than sources": (
        {**BATCH, "decoder_input_ids": torch.ones(3, 2).long()},
        ["3 rows", "2"],
    ),
    "a target mask of another shape": (
        {**BATCH, "decoder_input_ids": SOURCE, "decoder_attention_mask": MASK[:, :2]},
        ["decoder_attention_mask", "(2, 2)"],
    ),
    "outputs without states": (
        {"encoder_outputs": (torch.zeros(2, 3, 4),), "decoder_input_ids": SOURCE},
        ["final_hidden_state", "output_final_state=True"],
    ),
    "a source mask of another shape": (
        {
            "encoder_outputs": (torch.zeros(2, 3, 4),),
            "attention_mask": MASK[:, :2],
            "decoder_input_ids": SOURCE,
        },
        ["attention_mask", "(2, 2)", "(2, 3)"],
    ),
    "a cache of another kind": (
        {**BATCH, "decoder_input_ids": SOURCE, "past_key_values": ((1, 2),)},
        ["past_key_values", "tuple"],
    ),
    "a cache of another model": (
        {
            **BATCH,
            "decoder_input_ids": SOURCE,
            "past_key_values": DynamicCache(config=RecurrentConfig(num_hidden_layers=2)),
        },
        ["past_key_values", "another model"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_one_sentence(case: str) -> None:
    arguments, named = BAD[case]
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make()(**arguments)
    assert_one_sentence(caught.value, *named)


@pytest.mark.parametrize("feeds", [False, True])
def test_a_cache_without_what_a_step_reads_is_refused(feeds: bool) -> None:
    one = {"input_ids": SOURCE, "decoder_input_ids": torch.ones(2, 1).long()}
    cache = make(input_feeding=not feeds)(**one).past_key_values
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make(input_feeding=feeds)(**one, past_key_values=cache)
    assert_one_sentence(caught.value, "past_key_values", "another model", "input_feeding", "4")


def test_what_does_not_fit_the_encoder_is_refused() -> None:
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"attention_type": "dot", "hidden_size": 6}, ["'dot'", "6", "4"]),
        ({"bridge": "copy", "num_hidden_layers": 2}, ["'copy'", "1 layers", "2 layers"]),
        ({"bridge": "copy", "cell_type": "gru"}, ["'copy'", "with cell", "without cell"]),
        ({"bridge": "copy", "encoder": BERT}, ["'copy'", "no states"]),
    ]
    for fields, named in cases:
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
            make(**fields)
        assert_one_sentence(caught.value, *named)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        make(bos_token_id=None)(**BATCH, labels=LABELS)
    assert_one_sentence(caught.value, "decoder_start_token_id", "bos_token_id")
