"""Rows of tokens and tags, as taggers and their configurations take them."""

from collections.abc import Sequence
from typing import Any

import datasets
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ...metrics.schemes import scheme_of
from .data import tag_names

__all__ = ["encode_sentences", "scheme_of_rows", "sentences_and_tags", "tag"]

IGNORED = -100


def sentences_and_tags(rows: datasets.Dataset) -> tuple[list[list[str]], list[list[str]]]:
    """Return the words of each row and the names of their tags."""
    names = tag_names(rows)
    return rows["tokens"][:], [[names[i] for i in tags] for tags in rows["tags"][:]]


def scheme_of_rows(rows: datasets.Dataset) -> str | None:
    """Return the scheme by which the tags of a part name spans; ``None`` if they do not."""
    return scheme_of(tag_names(rows), sentences_and_tags(rows)[1])


def encode_sentences(
    rows: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> datasets.Dataset:
    """Turn tokens and tags into what a tagger takes, cut after ``max_length`` ids.

    The first piece of each word has the label of its tag, and all other pieces -100.
    """

    def encode(batch: dict[str, Any]) -> dict[str, Any]:
        encoded = tokenizer(
            batch["tokens"], is_split_into_words=True, truncation=True, max_length=max_length
        )
        labels = []
        for number, tags in enumerate(batch["tags"]):
            words, own = encoded.word_ids(number), []
            for before, word in zip([None, *words], words, strict=False):
                own.append(IGNORED if word is None or word == before else tags[word])
            labels.append(own)
        return {**encoded, "labels": labels}

    return rows.map(encode, batched=True, remove_columns=rows.column_names, desc="Tokenizing")


@torch.inference_mode()
def tag(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[Sequence[str]],
    max_length: int | None = None,
) -> list[list[str]]:
    """Return the tag of each word: of a CRF the best path, else the most probable tags.

    Words that are cut off, or that the tokenizer drops, get "O", or the first tag where there is
    none.

    Args:
        model: A tagger.
        tokenizer: Its tokenizer.
        sentences: Words, one batch.
        max_length: Ids after which a sentence is cut; ``None`` for never.
    """
    names: dict[Any, str] = {**(model.config.id2label or {})}
    filled = [list(words) or [""] for words in sentences]
    encoded = tokenizer(
        filled,
        is_split_into_words=True,
        truncation=max_length is not None,
        max_length=max_length,
        padding=True,
        return_tensors="pt",
    )
    outputs = model(**encoded)
    path = outputs.get("predictions")
    ids = (outputs.logits.argmax(-1) if path is None else path).tolist()
    other = "O" if "O" in names.values() else names[0]
    found = []
    for number, words in enumerate(sentences):
        tags = [other] * len(words)
        before = None
        for place, word in enumerate(encoded.word_ids(number)):
            if word is not None and word != before and word < len(words):
                tags[word] = names[ids[number][place]]
            before = word
        found.append(tags)
    return found
