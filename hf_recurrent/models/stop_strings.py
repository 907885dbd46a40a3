"""Stopping strings of ``generate`` with tokenizers of whole words or of characters."""

from typing import Any


class StopTokenizer:
    """A tokenizer as the stopping strings of transformers read it.

    They find the text of each token by decoding it after the tokens of a fixed text, which a
    tokenizer of words or of few characters does not know. Here that text is one token.

    Args:
        tokenizer: The tokenizer.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __getattr__(self, name: str) -> Any:
        """Return what the tokenizer has."""
        return getattr(self._tokenizer, name)

    def __call__(self, text: str, **kwargs: Any) -> dict[str, list[str]]:
        """Return a text as its only token."""
        return {"input_ids": [text]}

    def _convert_id_to_token(self, token: str) -> str:
        return token


def stop_tokenizer(tokenizer: Any) -> Any:
    """Return a tokenizer for stopping strings: itself, if no text is unknown to it."""
    return tokenizer if getattr(tokenizer, "unk_token", None) is None else StopTokenizer(tokenizer)
