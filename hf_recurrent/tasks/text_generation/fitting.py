"""Training of language models: recurrent ones with their states carried, and a small GPT-2."""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
    set_seed,
)

from ...models.configuration_recurrent import RecurrentConfig
from ...models.modeling_recurrent import RecurrentForCausalLM
from ...training import (
    FiniteLoss,
    StateCarrier,
    TextStreams,
    ThreadSearch,
    TimeBudget,
    WindowLearningRate,
    collate_windows,
    count_tokens,
    thread_changes,
)
from ..equal_cost import BudgetProgress, equal_arguments, share_done, widest
from ..fitted import Fitted, save_whole
from ..model_rows import Work
from .adapting import adaptive_scorer
from .curve import PerplexityCurve
from .scoring import TokenScorer, context_scorer, state_scorer
from .vocabulary import Vocabulary
from .writing import NetworkWriter, generation_rate, prompt_of

_HEAD_SIZES = (32, 16)


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent model by truncated backpropagation through time."""
    vocabulary = Vocabulary.of(work.data["train"])
    fields = {name: work.values[name] for name in work.row.config}

    def configured(width: int) -> RecurrentConfig:
        return RecurrentConfig(
            **_ids_of(vocabulary.tokenizer),
            embedding_size=width // 2,
            hidden_size=width,
            tie_word_embeddings=True,
            **fields,
        )

    set_seed(work.seed)
    width = widest(lambda size: RecurrentForCausalLM(configured(size)), work.values["parameters"])
    set_seed(work.seed)
    model = RecurrentForCausalLM(configured(width))
    # A model that begins at the shares of the tokens spends no steps on the way there.
    model.set_token_counts(count_tokens(vocabulary.ids, len(vocabulary.tokenizer)), set_bias=True)
    callbacks: list[TrainerCallback] = [StateCarrier()]
    if work.values["random_windows"]:
        callbacks.append(WindowLearningRate(work.values["window"]))
    return _fit(work, vocabulary, model, state_scorer(model), callbacks)


def fit_gpt2(work: Work) -> Fitted:
    """Train a small GPT-2 from scratch, with as many parameters and for as long."""
    vocabulary = Vocabulary.of(work.data["train"])

    def configured(width: int) -> GPT2Config:
        return GPT2Config(
            **_ids_of(vocabulary.tokenizer),
            n_positions=work.values["window"],
            n_embd=width,
            n_head=next(width // size for size in _HEAD_SIZES if width % size == 0),
            n_layer=work.values["num_hidden_layers"],
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
        )

    width = widest(
        lambda size: GPT2LMHeadModel(configured(size)), work.values["parameters"], _HEAD_SIZES[-1]
    )
    set_seed(work.seed)
    model = GPT2LMHeadModel(configured(width))
    return _fit(work, vocabulary, model, context_scorer(model, work.values["window"]), [])


def training_clock(threads: int | None) -> Callable[[], float]:
    """Return the clock of a training: of the processor if one thread is fixed, else of the wall.

    Other work on the machine then takes no time from a network.
    """
    return time.process_time if threads == 1 else time.perf_counter


def _ids_of(tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }


def _fit(
    work: Work,
    vocabulary: Vocabulary,
    model: PreTrainedModel,
    scorer: TokenScorer,
    callbacks: list[TrainerCallback],
) -> Fitted:
    """Train a model with the plain Trainer on the training part as streams.

    Args:
        work: What to train.
        vocabulary: The tokenizer and the ids of the training part.
        model: The model, with its initial weights.
        scorer: Its log-probabilities.
        callbacks: Callbacks that it needs; with none of them, a batch has inputs and labels only.
    """
    values, tokenizer = work.values, vocabulary.tokenizer
    rows = TextStreams(
        vocabulary.ids,
        values["batch_size"],
        values["window"],
        random_windows=values["random_windows"],
        seed=work.seed,
    )
    search = ThreadSearch(work.threads)
    timing: list[TimeBudget] = []
    clock = training_clock(work.threads)
    documents = work.data["validation"]["text"][:]
    share = partial(share_done, timing=timing)
    curve = PerplexityCurve(scorer, tokenizer, documents, share, clock)

    def paused() -> float:
        return search.trial_seconds + curve.seconds

    if values["epochs"] is None:
        timing.append(TimeBudget(values["seconds"], paused, clock))
    with tempfile.TemporaryDirectory() as checkpoints:
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                **equal_arguments(values, work.seed, checkpoints), save_strategy="no"
            ),
            train_dataset=rows,
            data_collator=collate_windows if callbacks else _inputs_and_labels,
            callbacks=[
                *callbacks,
                FiniteLoss(),
                search,
                *timing,
                curve,
                BudgetProgress(work.name, timing),
            ],
        )
        trainer.remove_callback(PrinterCallback)
        start, worked = time.perf_counter(), clock()
        trainer.train()
        seconds, worked = time.perf_counter() - start, clock() - worked
    model.eval()
    note = ""
    evaluation = values.get("evaluation")
    if evaluation:
        scorer, settings = adaptive_scorer(model, evaluation, vocabulary.ids, curve.sample)
        note = f"; {evaluation}: {settings}"
    learning = worked - paused()
    run = trainer.state.epoch or 0.0
    tokens = run * rows.predicted
    writer = NetworkWriter(model, tokenizer)
    prompt = prompt_of(work.data["test"]["text"][0])

    def predict(documents: Sequence[Any]) -> list[Any]:
        return [*vocabulary.score(list(documents), scorer)]

    return Fitted(
        predict=predict,
        save=partial(save_whole, model, tokenizer),
        validation=work.score(predict),
        parameters=model.num_parameters(),
        trainable_parameters=model.num_parameters(),
        training_seconds=seconds - search.trial_seconds,
        training_rate=len(work.data["train"]) * run / learning,
        truncation="none",
        epochs=run,
        curve=curve.values,
        curve_steps=curve.steps,
        note=f"{trainer.state.global_step:,} steps, {tokens / 1e6:.2f}M tokens{note}",
        threads=search.threads or 1,
        thread_changes=thread_changes(trainer.state.log_history),
        respond=lambda document: writer.write(prompt_of(document), 1),
        measure=lambda: {
            "training_tokens_per_second": tokens / learning,
            "generated_tokens_per_second": generation_rate(writer, prompt),
        },
        write=writer.write,
    )


def _inputs_and_labels(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a batch for a model without states, which shifts the labels within a window."""
    kept = [{name: row[name] for name in ("input_ids", "labels")} for row in rows]
    batch: dict[str, Any] = default_data_collator(kept)
    return batch
