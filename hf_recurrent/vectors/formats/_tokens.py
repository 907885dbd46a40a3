"""Read the words of a ``tokenizer.json`` in the order of their ids, with no tokenizer built."""

import json
from pathlib import Path
from typing import Any, NoReturn

TOKENIZER = "tokenizer.json"


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        ValueError: If it is damaged.
        OSError: If it cannot be read.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ValueError(f"{path}: not a JSON file ({reason}).") from None


def tokens_of(path: Path) -> tuple[list[str], set[int]]:
    """Return the tokens in the order of their ids, and the ids of special tokens.

    It works for every model of the tokenizers library: the vocabulary is either a map from tokens
    to ids or, for unigram models, a list in the order of the ids.

    Raises:
        ValueError: If the file is damaged, or the ids are not 0, 1, 2 and so on.
        OSError: If it cannot be read.
    """
    return tokens_of_document(path, read_json(path))


def tokens_of_document(path: Path, document: Any) -> tuple[list[str], set[int]]:
    """Return what ``tokens_of`` returns, for a file that was read before.

    Raises:
        ValueError: As for ``tokens_of``.
    """
    model = document.get("model") if isinstance(document, dict) else None
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    if isinstance(vocabulary, list):
        for entry in vocabulary:
            if not isinstance(entry, list) or not entry or not isinstance(entry[0], str):
                _fail(path, f"found {entry!r} among the pieces of the vocabulary")
        ids = {entry[0]: row for row, entry in enumerate(vocabulary)}
    elif isinstance(vocabulary, dict):
        ids = vocabulary
    else:
        _fail(path, "found no vocabulary")
    added = document.get("added_tokens") or []
    if not isinstance(added, list) or not all(map(_is_added_token, added)):
        _fail(path, "'added_tokens' is damaged")
    ids.update((token["content"], token["id"]) for token in added)
    words: list[str | None] = [None] * len(ids)
    for word, row in ids.items():
        if type(row) is not int or not 0 <= row < len(words) or words[row] is not None:
            _fail(path, f"token {word!r} has the id {row!r}, expected each of 0 to {len(ids) - 1}")
        words[row] = word
    special = {token["id"] for token in added if token.get("special")}
    return [str(word) for word in words], special


def _is_added_token(token: Any) -> bool:
    is_named = isinstance(token, dict) and isinstance(token.get("content"), str)
    return is_named and type(token.get("id")) is int


def _fail(path: Path, found: str) -> NoReturn:
    raise ValueError(f"{path}: {found}, expected a tokenizer of the tokenizers library.")
