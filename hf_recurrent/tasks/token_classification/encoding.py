"""Rows of tokens and tags in the form of taggers and their configurations."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import datasets
import torch
from transformers import BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from ...metrics.schemes import scheme_of
from .data import tag_names

IGNORED = -100


def sentences_and_tags(rows: datasets.Dataset) -> tuple[list[list[str]], list[list[str]]]:
    """Return the words of each row and the names of their tags."""
    names = tag_names(rows)
    return rows["tokens"][:], [[names[i] for i in tags] for tags in rows["tags"][:]]


def scheme_of_rows(rows: datasets.Dataset) -> str | None:
    """Return the scheme with which the tags of a part mark spans; ``None`` if they do not."""
    return scheme_of(tag_names(rows), sentences_and_tags(rows)[1])


def encode_sentences(
    rows: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> datasets.Dataset:
    """Turn tokens and tags into inputs of a tagger, cut after ``max_length`` ids.

    The first piece of each word has its tag as the label; all other pieces have -100.
    """

    def encode(batch: dict[str, Any]) -> dict[str, Any]:
        encoded = tokenizer(
            batch["tokens"], is_split_into_words=True, truncation=True, max_length=max_length
        )
        labels = [[IGNORED] * len(ids) for ids in encoded["input_ids"]]
        for number, tags in enumerate(batch["tags"]):
            for place, word in _first_pieces(encoded.word_ids(number)):
                labels[number][place] = tags[word]
        return {**encoded, "labels": labels}

    return rows.map(encode, batched=True, remove_columns=rows.column_names, desc="Tokenizing")


@torch.inference_mode()
def tag(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[Sequence[str]],
    max_length: int | None = None,
) -> list[list[str]]:
    """Return the tag of each word: the best path of a CRF, otherwise the most probable tags.

    Words that are cut off, or that the tokenizer drops, get "O", or the first tag if there is no
    "O".

    Args:
        model: A tagger.
        tokenizer: Its tokenizer.
        sentences: One batch of sentences, as lists of words.
        max_length: Number of ids after which a sentence is cut; ``None`` for no cut.
    """
    encoded = _encoded(model, tokenizer, sentences, max_length)
    ids = _best_path(model(**encoded))
    return [
        _tags_of_words(model, encoded.word_ids(number), ids[number], len(words))
        for number, words in enumerate(sentences)
    ]


@torch.inference_mode()
def tags_of_tokens(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, **options: Any
) -> list[str]:
    """Return the tag of each token that begins a word; "" for other tokens and for "O".

    Args:
        model: A tagger.
        tokenizer: Its tokenizer.
        text: Any text.
        **options: Options for the tokenizer, such as ``truncation``.
    """
    encoded = tokenizer([text], return_tensors="pt", **options).to(model.device)
    (ids,) = _best_path(model(**encoded))
    names: dict[Any, str] = {**(model.config.id2label or {})}
    tags = [""] * len(ids)
    for place, _ in _first_pieces(encoded.word_ids(0)):
        tags[place] = "" if names[ids[place]] == "O" else names[ids[place]]
    return tags


def tag_n_best(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[Sequence[str]],
    n: int,
    max_length: int | None = None,
) -> list[list[tuple[float, list[str]]]]:
    """Return the best paths of each sentence with their probabilities, the best first.

    A sentence with fewer than ``n`` paths has fewer in the result.

    Args:
        model: A tagger with a CRF.
        tokenizer: Its tokenizer.
        sentences: One batch of sentences, as lists of words.
        n: Number of paths.
        max_length: Number of ids after which a sentence is cut; ``None`` for no cut.

    Raises:
        ValueError: If the tagger has no CRF.
    """
    encoded = _encoded(model, tokenizer, sentences, max_length)
    ranked = model.n_best(n, **encoded)
    paths, probabilities = ranked.paths.tolist(), ranked.log_probabilities.exp().tolist()
    return [
        [
            (probability, _tags_of_words(model, encoded.word_ids(number), ids, len(words)))
            for ids, probability in zip(paths[number], probabilities[number], strict=True)
            if probability
        ]
        for number, words in enumerate(sentences)
    ]


def _encoded(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[Sequence[str]],
    max_length: int | None,
) -> BatchEncoding:
    return tokenizer(
        [list(words) or [""] for words in sentences],
        is_split_into_words=True,
        truncation=max_length is not None,
        max_length=max_length,
        padding=True,
        return_tensors="pt",
    ).to(model.device)  # where Trainer left it


def _tags_of_words(
    model: PreTrainedModel, word_ids: Sequence[int | None], ids: Sequence[int], count: int
) -> list[str]:
    """Return the tags of the words of one sentence: those of their first pieces."""
    names: dict[Any, str] = {**(model.config.id2label or {})}
    tags = ["O" if "O" in names.values() else names[0]] * count
    for place, word in _first_pieces(word_ids):
        if word < count:
            tags[word] = names[ids[place]]
    return tags


def _best_path(outputs: Any) -> list[list[int]]:
    path = outputs.get("predictions")
    return (outputs.logits.argmax(-1) if path is None else path).tolist()


def _first_pieces(word_ids: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    """Yield the place of the first token of each word, and the word."""
    for place, (before, word) in enumerate(pairwise([None, *word_ids])):
        if word is not None and word != before:
            yield place, word
