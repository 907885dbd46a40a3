"""Token ids of many texts, fast: if a tokenizer cuts at spaces, each word is tokenized once.

Words repeat (Zipf's law), and a tokenizer processes each occurrence anew. ``cuts_at_spaces`` checks
the parts of a tokenizer, whether it can tokenize the stretches between spaces one by one, and
``TokenIds`` keeps the ids of the stretches.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import numpy as np
from tokenizers import Tokenizer

# A space before white space or a digit does not end a stretch: ``no. 5`` is cut differently from
# ``no. one``, with the look-ahead that ``_BLIND_TO_SPACES`` begins with.
_CUT = re.compile(r" (?![\s\d])")
_NOT_AT_EVERY_SPACE = re.compile(r" [\s\d]")
# The elements of a pattern that never match a space, and do not distinguish a space from an end of
# the text. So the matches within a stretch do not depend on the text around it.
_CLASS = r"\\[wdS]|\\p\{(?:L|N|Han)\}|\\[^\w\s]"
_SET = rf"(?:{_CLASS}|[^\x00-\x20\s\\\[\]^&])+"
_BLIND_TO_SPACES = re.compile(
    rf"(?:\(\?=\\s\*\\d\)|{_CLASS}|\[{_SET}(?:&&\[\^{_SET}\])?\]|\(\?(?:[:=!]|<[=!]|i\))|[()|?*+]"
    r"|\{\d+(?:,\d*)?\}|[^\x00-\x20\s\\.^$\[\](){}|?*+])+"
)
_NORMALIZERS = ["BertNormalizer", "Lowercase", "NFC", "NFD", "StripAccents"]
_PRE_TOKENIZERS = ["BertPreTokenizer", "Whitespace", "WhitespaceSplit"]
_FEW_TEXTS = 256  # with fewer texts too few stretches repeat: 64 texts are slower by a quarter
_MOST_STRETCHES = 1 << 20
_STRETCHES_AT_ONCE = 64


def cuts_at_spaces(tokenizer: Tokenizer) -> bool:
    """Check whether the tokens of a text are those of its stretches between spaces, one by one.

    A space before white space or a digit does not end a stretch. The result is also ``False`` if
    normalizer and pre-tokenizer are not among those that can be checked.
    """
    try:
        normalizers = _parts(tokenizer.normalizer, "normalizers")
        pre_tokenizers = _parts(tokenizer.pre_tokenizer, "pretokenizers")
    except Exception:  # parts in Python have no state
        return False
    added = tokenizer.get_added_tokens_decoder().values()
    return (
        not any(token.lstrip or token.rstrip or " " in token.content for token in added)
        and len(pre_tokenizers) == 1
        and all(map(_is_local, normalizers + pre_tokenizers))
    )


def _parts(component: Any, several: str) -> list[dict[str, Any]]:
    state = {several: []} if component is None else json.loads(component.__getstate__())
    return state.get(several, [state])


def _is_local(part: dict[str, Any]) -> bool:
    if part["type"] == "Split" and (part["behavior"] != "Removed" or not part["invert"]):
        return False
    if part["type"] not in ("Split", "Replace"):
        return part["type"] in _NORMALIZERS + _PRE_TOKENIZERS
    regex, text = part["pattern"].get("Regex"), part["pattern"].get("String", "")
    is_blind = not re.search(r"\s", text) if regex is None else _BLIND_TO_SPACES.fullmatch(regex)
    return bool(is_blind) and " " not in part.get("content", "")


class _Numbers(dict[str, int]):
    """A dictionary that numbers strings in the order of their first look-up."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


class TokenIds:
    """Tokenizes batch after batch of texts, without special tokens, truncation or padding.

    Args:
        tokenizer: A fast tokenizer of transformers, one of ``tokenizers``, or any callable that
            returns ``input_ids`` as those of transformers do.
    """

    def __init__(self, tokenizer: Any) -> None:
        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        self.backend = backend if isinstance(backend, Tokenizer) else None
        self.tokenizer = tokenizer
        self._cuts: bool | None = None  # not checked yet
        self._forget()

    def __call__(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of all tokens, text after text, and the number of tokens of each text.

        Raises:
            ValueError: If a text is not a string.
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
        """Tokenize new stretches, several in one text, which takes half the time of one by one."""
        assert self.backend is not None
        group: list[str] = []
        groups = [group]
        for stretch in stretches:
            first = stretch[:1]
            # After another stretch, these could be read together with it (see _CUT).
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
    """Yield the tokenizer without truncation and padding, which earlier calls may have set."""
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
