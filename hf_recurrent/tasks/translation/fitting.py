"""Training of networks that translate: recurrent ones, and a small Transformer."""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from transformers import (
    DataCollatorForSeq2Seq,
    MarianConfig,
    MarianMTModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

from ...metrics.translation import bleu
from ...models.configuration_recurrent_seq2seq import RecurrentSeq2SeqConfig
from ...models.modeling_recurrent_seq2seq import RecurrentForConditionalGeneration
from ...training import (
    FiniteLoss,
    LengthGroupedDataset,
    ThreadSearch,
    TimeBudget,
    check_evaluations,
    thread_changes,
)
from ...vectors.pair_tokenizer import translation_tokenizer
from ..equal_cost import BudgetProgress, equal_arguments, widest
from ..fitted import Fitted, save_whole, truncation
from ..model_rows import Work
from .encoding import encode_pairs
from .readers import SOURCE, TARGET
from .translating import align, translate

_HEAD_SIZE = 32
_ROWS = 64
# Sentences by which the speed of generation is measured.
_RATE_ROWS = 128


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent encoder and decoder."""
    tokenizer, values = _tokenizer(work), work.values
    fields = {name: values[name] for name in work.row.config}

    def configured(width: int) -> RecurrentSeq2SeqConfig:
        return recurrent_config(
            tokenizer,
            width,
            width,
            num_hidden_layers=values["num_hidden_layers"],
            dropout=values["dropout"],
            label_smoothing=values["label_smoothing"],
            **fields,
        )

    set_seed(work.seed)
    width = widest(
        lambda size: RecurrentForConditionalGeneration(configured(size)), values["parameters"], 16
    )
    set_seed(work.seed)
    return _fit(work, tokenizer, RecurrentForConditionalGeneration(configured(width)))


def recurrent_config(
    tokenizer: PreTrainedTokenizerFast,
    embedding_size: int,
    hidden_size: int,
    *,
    num_hidden_layers: int = 1,
    cell_type: str = "lstm",
    dropout: float = 0.0,
    **fields: Any,
) -> RecurrentSeq2SeqConfig:
    """Return the configuration of a network with an encoder in both directions.

    With one vocabulary for both languages embeddings are tied three ways, otherwise two ways.

    Args:
        tokenizer: The tokenizer.
        embedding_size: Width of the embeddings of both sides.
        hidden_size: Width of the states of the decoder; each direction of the encoder has half.
        num_hidden_layers: Number of layers of both.
        cell_type: Their cell.
        dropout: Dropout on embeddings, between layers, and before the output layer.
        **fields: Further fields of the configuration.
    """
    dropouts = {"embedding_dropout": dropout, "hidden_dropout": dropout}
    both = {
        "embedding_size": embedding_size,
        "num_hidden_layers": num_hidden_layers,
        "cell_type": cell_type,
        "pad_token_id": tokenizer.pad_token_id,
    }
    size = getattr(tokenizer, "target_vocab_size", None)
    encoder = {"vocab_size": len(tokenizer), "hidden_size": hidden_size // 2, "bidirectional": True}
    return RecurrentSeq2SeqConfig(
        encoder=encoder | both | dropouts,
        vocab_size=size or len(tokenizer),
        hidden_size=hidden_size,
        classifier_dropout=dropout,
        tie_word_embeddings=True,
        tie_encoder_embeddings=size is None,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.bos_token_id,
        **both | dropouts | fields,
    )


def fit_marian(work: Work) -> Fitted:
    """Train a small Transformer from scratch, with as many parameters and for as long."""
    tokenizer, values = _tokenizer(work), work.values
    size = getattr(tokenizer, "target_vocab_size", None)

    def configured(width: int) -> MarianConfig:
        sides = {
            f"{side}_{name}": value
            for side in ("encoder", "decoder")
            for name, value in {
                "layers": values["num_hidden_layers"],
                "ffn_dim": 4 * width,
                "attention_heads": width // _HEAD_SIZE,
            }.items()
        }
        return MarianConfig(
            **sides,
            vocab_size=len(tokenizer),
            decoder_vocab_size=size or len(tokenizer),
            share_encoder_decoder_embeddings=size is None,
            d_model=width,
            dropout=values["dropout"],
            scale_embedding=True,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            decoder_start_token_id=tokenizer.bos_token_id,
            forced_eos_token_id=None,
        )

    width = widest(lambda size: MarianMTModel(configured(size)), values["parameters"], _HEAD_SIZE)
    set_seed(work.seed)
    smoothing = {"label_smoothing_factor": values["label_smoothing"]}
    return _fit(work, tokenizer, MarianMTModel(configured(width)), **smoothing)


def _tokenizer(work: Work) -> PreTrainedTokenizerFast:
    """Make the tokenizer of the training part."""
    train, values = work.data["train"], work.values
    return translation_tokenizer(
        train[SOURCE][:],
        train[TARGET][:],
        values["tokenizer"],
        joint=values["joint"],
        vocab_size=values["pieces"],
    )


def longest_translation(labels: Sequence[Sequence[int]]) -> int:
    """Return the number of tokens after which generation ends, from the labels of training."""
    return 2 * max(map(len, labels)) + 1


def check_generates(arguments: Seq2SeqTrainingArguments, stops_early: bool = True) -> None:
    """Check that an evaluation generates a text for each row, in their order, as BLEU needs it.

    Args:
        arguments: The training arguments.
        stops_early: Whether the evaluations also decide when training ends.

    Raises:
        ValueError: If an option prevents it.
    """
    check_evaluations(arguments, stops_early)
    if arguments.train_sampling_strategy == "group_by_length":
        raise ValueError(
            "train_sampling_strategy is 'group_by_length', by which Trainer orders the rows of "
            "evaluations too, so that a text would be judged by that of another row: leave it out"
        )
    if not arguments.predict_with_generate:
        raise ValueError(
            "predict_with_generate is False, and evaluations are by BLEU, for which texts are "
            "generated: leave it out"
        )


def bleu_of_ids(
    tokenizer: PreTrainedTokenizerFast, right: Sequence[str], lowercase: bool = False
) -> Callable[[Any], dict[str, float]]:
    """Return the function that measures an evaluation of ``Seq2SeqTrainer`` by BLEU.

    Args:
        tokenizer: Decodes the generated ids.
        right: The right translations, in the order of the evaluated rows.
        lowercase: Whether capitals count as small letters, as they must for a model that writes
            none: cased BLEU then falls with the capitals of the language (German has many) and
            says little about the translations.
    """

    def measure(evaluated: Any) -> dict[str, float]:
        found = evaluated.predictions  # batch by batch with ``eval_do_concat_batches=False``
        texts: list[str] = []
        for ids in found if isinstance(found, list) else [found]:
            known = np.where(ids < 0, tokenizer.pad_token_id, ids)
            texts += tokenizer.batch_decode(known, skip_special_tokens=True)
        return {"bleu": bleu(texts, right, lowercase=lowercase)["bleu"]}

    return measure


def _fit(
    work: Work, tokenizer: PreTrainedTokenizerFast, model: PreTrainedModel, **arguments: Any
) -> Fitted:
    """Train a model with the plain Seq2SeqTrainer, and keep the best evaluation on validation."""
    values, seed = work.values, work.seed
    train = encode_pairs(work.data["train"], tokenizer, work.max_length)
    rows = work.data["validation"]
    rows = rows.select(sorted(range(len(rows)), key=lambda n: len(rows[n][SOURCE])))
    assert model.generation_config is not None
    model.generation_config.max_length = longest_translation(train["labels"][:])
    search = ThreadSearch(work.threads)
    timing: list[TimeBudget] = []
    if values["epochs"] is None:
        budget = TimeBudget(
            values["seconds"],
            paused=lambda: search.trial_seconds,
            evaluations=values["evaluations"],
        )
        timing.append(budget)
    with tempfile.TemporaryDirectory() as checkpoints:
        trainer = Seq2SeqTrainer(
            model=model,
            args=Seq2SeqTrainingArguments(
                **equal_arguments(values, seed, checkpoints),
                per_device_eval_batch_size=_ROWS,
                predict_with_generate=True,
                eval_strategy="steps" if timing else "epoch",
                eval_steps=10**9 if timing else None,
                save_strategy="best",
                save_only_model=True,
                save_total_limit=1,
                load_best_model_at_end=True,
                metric_for_best_model=work.task.chosen_by,
                greater_is_better=work.task.chooser.higher_is_better,
                **arguments,
            ),
            train_dataset=LengthGroupedDataset(train, values["batch_size"], seed),
            eval_dataset=encode_pairs(rows, tokenizer),
            processing_class=tokenizer,
            data_collator=DataCollatorForSeq2Seq(tokenizer, model),
            compute_metrics=bleu_of_ids(tokenizer, rows[TARGET][:]),
            callbacks=[FiniteLoss(), search, *timing, BudgetProgress(work.name, timing)],
        )
        trainer.remove_callback(PrinterCallback)
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start - search.trial_seconds
    model.eval()
    key = f"eval_{work.task.chosen_by}"
    logs = [log for log in trainer.state.log_history if key in log]
    paused = sum(log["eval_runtime"] for log in logs)
    run = trainer.state.epoch or 0.0
    tokens = run * sum(map(len, train["labels"][:]))
    answer = partial(translate, model, tokenizer, most=work.max_length)

    return Fitted(
        predict=answer,
        save=partial(save_whole, model, tokenizer),
        validation=max(log[key] for log in logs),
        parameters=model.num_parameters(),
        trainable_parameters=model.num_parameters(),
        training_seconds=seconds,
        training_rate=len(train) * run / (seconds - paused),
        truncation=truncation(map(len, train["input_ids"][:]), work.max_length, "tokens", "pairs"),
        epochs=run,
        curve=[log[key] for log in logs],
        curve_steps=[int(log["step"]) for log in logs],
        note=f"{trainer.state.global_step:,} steps, {tokens / 1e6:.2f}M target tokens",
        threads=search.threads or 1,
        thread_changes=thread_changes(trainer.state.log_history),
        picture=partial(align, model, tokenizer, most=work.max_length),
        measure=lambda: {
            "training_tokens_per_second": tokens / (seconds - paused),
            "generated_tokens_per_second": _generation_rate(work, tokenizer, answer),
        },
    )


def _generation_rate(
    work: Work, tokenizer: PreTrainedTokenizerFast, answer: Callable[[Sequence[str]], list[str]]
) -> float:
    """Return the target tokens that a model writes in a second, in batches of 64 sentences."""
    texts = work.data["test"][SOURCE][:_RATE_ROWS]
    start = time.perf_counter()
    made = [text for n in range(0, len(texts), _ROWS) for text in answer(texts[n : n + _ROWS])]
    seconds = time.perf_counter() - start
    return sum(map(len, tokenizer(text_target=made)["input_ids"])) / seconds
