"""Token ids of many texts, fast: where a tokenizer cuts at spaces, each word is tokenized once.

Words repeat (Zipf's law), and a tokenizer looks at each occurrence anew. ``cuts_at_spaces`` tells
by the parts of a tokenizer whether the stretches between spaces may be tokenized one by one, and
``TokenIds`` keeps the ids of those that it has seen.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import numpy as np
from tokenizers import Tokenizer

# A space stays in the stretch where white space or a digit follows: `no. 5` is cut otherwise than
# `no. one` (see _LOOKS_BEYOND).
_CUT = re.compile(r" (?![\s\d])")
_NOT_AT_EVERY_SPACE = re.compile(r" [\s\d]")
_LOOKS_BEYOND = r"\(\?=\\s\*\\d\)"
# What a pattern may be made of. None of it matches a space, and none tells a space from an end of
# the text, so what the pattern finds in a stretch does not depend on what stands around.
_CLASS = r"\\[wdS]|\\p\{(?:L|N|Han)\}|\\[^\w\s]"
_MEMBERS = rf"(?:{_CLASS}|[^\x00-\x20\s\\\[\]^&])+"
_ATOM = "|".join(
    (
        _LOOKS_BEYOND,
        _CLASS,
        rf"\[{_MEMBERS}(?:&&\[\^{_MEMBERS}\])?\]",
        r"\(\?(?:[:=!]|<[=!]|i\))|[()|?*+]|\{\d+(?:,\d*)?\}",
        r"[^\x00-\x20\s\\.^$\[\](){}|?*+]",
    )
)
_BLIND_TO_SPACES = re.compile(rf"(?:{_ATOM})+")
_NORMALIZERS = ("BertNormalizer", "Lowercase", "NFC", "NFD", "StripAccents")
_PRE_TOKENIZERS = ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")

_FEW_TEXTS = 16  # below it nothing repeats often enough
_MOST_STRETCHES = 1 << 20
_STRETCHES_AT_ONCE = 64


def cuts_at_spaces(tokenizer: Tokenizer) -> bool:
    """Tell whether the tokens of a text are those of its stretches between spaces, one by one.

    A space before white space or a digit does not end a stretch. ``False`` where that is so but
    cannot be seen from the normalizer and the pre-tokenizer.
    """
    added = tokenizer.get_added_tokens_decoder().values()
    if any(token.lstrip or token.rstrip or " " in token.content for token in added):
        return False
    try:
        normalizers = _parts(tokenizer.normalizer, "normalizers")
        pre_tokenizers = _parts(tokenizer.pre_tokenizer, "pretokenizers")
    except Exception:  # parts in Python have no state
        return False
    return (
        all(map(_is_local_normalizer, normalizers))
        and len(pre_tokenizers) == 1
        and _is_local_pre_tokenizer(pre_tokenizers[0])
    )


def _parts(component: Any, several: str) -> list[dict[str, Any]]:
    if component is None:
        return []
    state = json.loads(component.__getstate__())
    return state[several] if state["type"] == "Sequence" else [state]


def _is_local_normalizer(part: dict[str, Any]) -> bool:
    if part["type"] == "Replace":
        return _is_blind(part["pattern"]) and " " not in part["content"]
    return part["type"] in _NORMALIZERS


def _is_local_pre_tokenizer(part: dict[str, Any]) -> bool:
    if part["type"] == "Split":
        only_matches = part["behavior"] == "Removed" and part["invert"]
        return only_matches and _is_blind(part["pattern"])
    return part["type"] in _PRE_TOKENIZERS


def _is_blind(pattern: dict[str, str]) -> bool:
    if "Regex" in pattern:
        return _BLIND_TO_SPACES.fullmatch(pattern["Regex"]) is not None
    return re.search(r"\s", pattern["String"]) is None


class _Numbers(dict[str, int]):
    """Numbers strings in the order in which they are asked for."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class TokenIds:
    """Tokenizes batch after batch of texts, without special tokens, truncation or padding.

    Args:
        tokenizer: a fast tokenizer of transformers, one of ``tokenizers``, or any callable that
            gives ``input_ids`` as those of transformers do.
    """

    def __init__(self, tokenizer: Any) -> None:
        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        self.backend = backend if isinstance(backend, Tokenizer) else None
        self.tokenizer = tokenizer
        self._cuts: bool | None = None  # not looked at yet
        self._forget()

    def __call__(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of all tokens, text after text, and the number of tokens of each text.

        Raises:
            ValueError: if a text is not a string.
        """
        for text in texts:
            if not isinstance(text, str):
                raise ValueError(f"texts holds {text!r}, expected strings")
        if self.backend is None:
            return _flat(self.tokenizer(list(texts), add_special_tokens=False)["input_ids"])
        if len(texts) < _FEW_TEXTS or not self._cuts_at_spaces():
            with _unbounded(self.backend) as backend:
                found = backend.encode_batch_fast(list(texts), add_special_tokens=False)
            return _flat([encoding.ids for encoding in found])
        return self._by_stretch(texts)

    def _cuts_at_spaces(self) -> bool:
        if self._cuts is None:
            assert self.backend is not None
            self._cuts = cuts_at_spaces(self.backend)
        return self._cuts

    def _forget(self) -> None:
        self._numbers = _Numbers()
        self._ids = np.empty(0, dtype=np.int64)
        self._lengths = np.empty(0, dtype=np.int64)

    def _by_stretch(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        if len(self._numbers) > _MOST_STRETCHES:
            self._forget()
        cut = [_CUT.split(t) if _NOT_AT_EVERY_SPACE.search(t) else t.split(" ") for t in texts]
        known = len(self._numbers)
        sizes = np.fromiter(map(len, cut), np.int64, len(cut))
        numbers = np.fromiter(
            map(self._numbers.__getitem__, chain.from_iterable(cut)), np.int64, sizes.sum()
        )
        self._learn(list(islice(self._numbers, known, None)))
        lengths = self._lengths[numbers]
        begins = (self._lengths.cumsum() - self._lengths)[numbers]
        owner = np.arange(len(cut)).repeat(sizes)
        counts = np.bincount(owner, weights=lengths, minlength=len(cut)).astype(np.int64)
        within = np.arange(lengths.sum()) - (lengths.cumsum() - lengths).repeat(lengths)
        return self._ids[begins.repeat(lengths) + within], counts

    def _learn(self, stretches: list[str]) -> None:
        """Tokenize new stretches, several in one text: one by one each costs twice as much."""
        assert self.backend is not None
        group: list[str] = []
        groups = [group]
        for stretch in stretches:
            first = stretch[:1]
            # After another one, what begins so could be read with it (see _CUT).
            if len(group) == _STRETCHES_AT_ONCE or first.isdigit() or first.isspace():
                group = []
                groups.append(group)
            group.append(stretch)
        with _unbounded(self.backend) as backend:
            found = backend.encode_batch([" ".join(g) for g in groups], add_special_tokens=False)
        ids, lengths = [self._ids], [self._lengths]
        for group, encoding in zip(groups, found, strict=True):
            ends = (np.fromiter(map(len, group), np.int64, len(group)) + 1).cumsum()
            starts = np.fromiter((start for start, _ in encoding.offsets), np.int64, len(encoding))
            ids.append(np.array(encoding.ids, dtype=np.int64))
            owner = ends.searchsorted(starts, side="right")
            lengths.append(np.bincount(owner, minlength=len(group)))
        self._ids, self._lengths = np.concatenate(ids), np.concatenate(lengths)


def _flat(ids: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    return np.fromiter(chain.from_iterable(ids), np.int64, lengths.sum()), lengths


@contextmanager
def _unbounded(tokenizer: Tokenizer) -> Iterator[Tokenizer]:
    """Give the tokenizer without truncation and padding, which earlier calls may have left on."""
    truncation, padding = tokenizer.truncation, tokenizer.padding
    if truncation:
        tokenizer.no_truncation()
    if padding:
        tokenizer.no_padding()
    try:
        yield tokenizer
    finally:
        if truncation:
            tokenizer.enable_truncation(**truncation)
        if padding:
            tokenizer.enable_padding(**padding)
