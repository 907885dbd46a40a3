"""Training of networks on sessions: GRU4Rec and its kin, and a small GPT-2."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import (
    EvalPrediction,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from ...metrics.recommendation import conservative_ranks, rank_metrics
from ...models.configuration_recurrent import RecurrentConfig
from ...models.loss import IGNORED
from ...models.modeling_recurrent import RecurrentForCausalLM
from ...models.publishable import mark
from ...training import DocumentStreams, RowAdagrad, StateCarrier, collate_windows
from ..equal_cost import widest
from ..fitted import Fitted
from ..model_rows import Work
from ..networks import NetworkRecipe, config_values, fit_network
from .catalog import Catalog
from .named import is_publishable
from .ranking import K, Query, Ranked, Scorer, Session, query_of, rank_sessions
from .refitting import refitted

# Scores that are held at once: 64 MB.
_AT_ONCE = 1 << 24
_ROWS = 32
_HEADS = 2


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network over items, whose table is also its output layer."""

    def make(catalog: Catalog, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
        return recurrent_model(catalog, tokenizer, **config_values(work, RecurrentConfig))

    return refitted(work, partial(_fit, make=make))


def recurrent_model(
    catalog: Catalog, tokenizer: PreTrainedTokenizerBase, **fields: Any
) -> RecurrentForCausalLM:
    """Return a fresh network over items, which knows how often each occurs in training."""
    model = RecurrentForCausalLM(recurrent_config(tokenizer, **fields))
    # The scores of NCE are logarithms of probabilities, and 0 would be that of a sure item.
    begins_at_shares = model.config.output_loss == "nce"
    model.set_token_counts(torch.tensor([*catalog.counts, 0, 0]), set_bias=begins_at_shares)
    return model


def recurrent_config(tokenizer: PreTrainedTokenizerBase, **fields: Any) -> RecurrentConfig:
    """Return the configuration of a network over items with one table for inputs and outputs.

    It is the constrained embedding of Hidasi and Karatzoglou (2018).
    """
    return RecurrentConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        embedding_size=fields["hidden_size"],
        tie_word_embeddings=True,
        **fields,
    )


def fit_gpt2(work: Work) -> Fitted:
    """Train a GPT-2 with about as many parameters as a GRU of these values has."""

    def make(catalog: Catalog, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
        values = work.values

        def configured(width: int) -> GPT2LMHeadModel:
            return GPT2LMHeadModel(
                GPT2Config(
                    vocab_size=len(tokenizer),
                    pad_token_id=tokenizer.pad_token_id,
                    bos_token_id=None,
                    eos_token_id=None,
                    n_positions=values["context"],
                    n_embd=width,
                    n_layer=values["num_hidden_layers"],
                    n_head=_HEADS,
                    **{f"{part}_pdrop": values["dropout"] for part in ("embd", "resid", "attn")},
                )
            )

        with torch.device("meta"):
            like = recurrent_config(tokenizer, hidden_size=values["like"], cell_type="gru")
            aim = RecurrentForCausalLM(like).num_parameters()
        return configured(widest(configured, aim, 4 * _HEADS))

    return refitted(work, partial(_fit, make=make))


def _fit(work: Work, make: Callable[[Catalog, PreTrainedTokenizerBase], PreTrainedModel]) -> Fitted:
    catalog = Catalog.of(work.data["train"])
    tokenizer = catalog.tokenizer()
    set_seed(work.seed)
    model = make(catalog, tokenizer)
    if not is_publishable(work.data["train"]):
        mark(model)
        mark(tokenizer)  # it has the items
    fitted = fit_network(work, item_recipe(catalog, work.values), model, tokenizer)
    drops_seen = bool(work.data["train"]["drops_seen"][0])
    events = sum(len(items) for items in work.data["train"]["items"] if len(items) > 1)
    speed = fitted.training_rate * events / len(work.data["train"])

    def predict(sessions: Sequence[Session]) -> list[Ranked]:
        scorer = network_scorer(model, len(catalog.items))
        return rank_sessions(sessions, scorer, catalog, drops_seen)

    def save(folder: Path) -> None:
        fitted.save(folder)
        catalog.save_titles(folder)

    return replace(
        fitted,
        predict=predict,
        save=save,
        respond=lambda session: predict([Session(session)]),
        measure=lambda: {"training_items_per_second": speed},
    )


def item_recipe(catalog: Catalog, values: Mapping[str, Any]) -> NetworkRecipe:
    """Return how networks are trained on sessions.

    Whole sessions are packed, and each item but the first is predicted. With the value "parallel"
    the reference mode of GRU4Rec is taken: as many sessions side by side as a batch has rows, one
    item a step, the state carried from step to step without its gradient, and zero where the next
    session begins.

    Args:
        catalog: The items.
        values: Values for training.
    """
    parallel = values.get("parallel", False)
    context = values.get("context")
    return NetworkRecipe(
        labels=lambda rows: (),
        encode=lambda rows, tokenizer, most: encode(rows, catalog, context),
        arrange=partial(side_by_side, streams=values["batch_size"]) if parallel else None,
        collator=lambda tokenizer: partial(collate, padding=tokenizer.pad_token_id),
        metrics=lambda train: _metrics,
        answer=lambda model, tokenizer, inputs, most: (),
        arguments={
            "load_best_model_at_end": False,
            "save_strategy": "no",
            "lr_scheduler_type": values.get("schedule", "linear"),
            "max_grad_norm": values.get("max_grad_norm", 1.0),
            "per_device_eval_batch_size": max(1, min(64, _AT_ONCE // (64 * len(catalog.items)))),
        },
        trainer={"preprocess_logits_for_metrics": partial(_ranks, items=len(catalog.items))}
        | optimizer_of(values),
        callbacks=(StateCarrier(),) if parallel else (),
    )


def optimizer_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``Trainer`` for Adagrad, where there is a momentum; else none."""
    if "momentum" not in values:
        return {}
    settings = {"lr": values["learning_rate"], "momentum": values["momentum"]}
    return {"optimizer_cls_and_kwargs": (RowAdagrad, settings)}


def encode(
    rows: datasets.Dataset, catalog: Catalog, context: int | None = None
) -> datasets.Dataset:
    """Return the ids of sessions with their labels, which are -100 for what is no target.

    Unknown items are left out, and then sessions of one item.

    Args:
        rows: The sessions.
        catalog: The items.
        context: The largest number of ids in a row; longer sessions become several rows.
    """
    encoded: dict[str, list[Any]] = {"input_ids": [], "labels": []}
    for items, targets in zip(rows["items"], rows["targets"], strict=True):
        ids, first = query_of(Session(items, targets), catalog)
        labels = np.where(np.arange(len(ids)) < first, IGNORED, ids)
        step = len(ids) if context is None else context - 1
        for start in range(0, len(ids) - 1, max(step, 1)):
            encoded["input_ids"].append(ids[start : start + step + 1])
            encoded["labels"].append(labels[start : start + step + 1])
    return datasets.Dataset.from_dict(encoded)


def side_by_side(rows: datasets.Dataset, streams: int) -> DocumentStreams:
    """Return the rows as streams side by side, one item a step, the oldest session first."""
    sessions = rows["input_ids"][:]
    starts = np.cumsum([0, *map(len, sessions[:-1])])
    return DocumentStreams(np.concatenate(sessions), starts.tolist(), streams, window=1)


def collate(rows: list[dict[str, Any]], padding: int) -> dict[str, Any]:
    """Return a batch of sessions, padded on the right, or of windows of streams."""
    if "continues" in rows[0]:
        return collate_windows(rows)
    told = {name: [torch.as_tensor(row[name]) for row in rows] for name in rows[0]}
    lengths = torch.tensor([len(ids) for ids in told["input_ids"]])
    pad = partial(nn.utils.rnn.pad_sequence, batch_first=True)
    return {
        "input_ids": pad(told["input_ids"], padding_value=padding),
        "labels": pad(told["labels"], padding_value=IGNORED),
        "attention_mask": (torch.arange(int(lengths.max())) < lengths[:, None]).long(),
    }


def _ranks(logits: Any, labels: Tensor, items: int) -> Tensor:
    """Return the rank of each label (rows, steps), 0 where there is none, in place of logits."""
    scores = (logits[0] if isinstance(logits, tuple) else logits)[:, :-1, :items]
    ranks = torch.zeros_like(labels[:, 1:])
    places = labels[:, 1:] != IGNORED
    found = conservative_ranks(scores[places].cpu().numpy(), labels[:, 1:][places].cpu().numpy())
    ranks[places] = torch.from_numpy(found).to(ranks)
    return ranks


def _metrics(told: EvalPrediction) -> dict[str, float]:
    ranks = np.asarray(told.predictions)
    return rank_metrics(ranks[ranks > 0], K)


def network_scorer(model: PreTrainedModel, items: int) -> Scorer:
    """Return the scores of a network; those of many items are computed some steps at a time.

    A network with a limited context reads the last items, at least half of its context.

    Args:
        model: The network.
        items: The number of items, which have the first ids.
    """
    limit: int | None = getattr(model.config, "max_position_embeddings", None)

    @torch.inference_mode()
    def scorer(queries: Sequence[Query]) -> Iterator[tuple[int, int, NDArray[Any]]]:
        model.eval()
        order = sorted(range(len(queries)), key=lambda place: len(queries[place].ids))
        windows = [(place, *each) for place in order for each in _windows(queries[place], limit)]
        for number in range(0, len(windows), _ROWS):
            some = windows[number : number + _ROWS]
            read = [queries[place].ids[start:end] for place, start, _, end in some]
            batch = collate([{"input_ids": ids, "labels": ids} for ids in read], 0)
            del batch["labels"]
            column = min(first - start for _, start, first, _ in some)
            width = max(map(len, read))
            step = max(1, _AT_ONCE // (len(some) * items))
            for left in range(column, width, step):
                kept = torch.arange(left, min(left + step, width))
                logits = model(**batch, logits_to_keep=kept, use_cache=False).logits[..., :items]
                for row, (place, start, first, end) in enumerate(some):
                    a, b = max(left, first - start), min(left + step, end - start)
                    if a < b:
                        yield place, start + a, logits[row, a - left : b - left].float().numpy()

    return scorer


def _windows(query: Query, limit: int | None) -> Iterator[tuple[int, int, int]]:
    """Yield start, first needed step, and end of the windows in which a session is read."""
    end = len(query.ids) - 1  # nothing is predicted after the last item
    if limit is None or end <= limit:
        if query.first <= end:
            yield 0, query.first - 1, end
        return
    half = limit // 2
    for start in range(0, end - half, half):
        stop = min(start + limit, end)
        first = max(query.first - 1, start + half if start else 0)
        if first < stop:
            yield start, first, stop
