"""Loading of what transformers saved; every error is one clear sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from ._wording import first_line


@contextmanager
def one_sentence(sentence: str) -> Iterator[None]:
    """Turn any error of a block into one sentence with the first line of its reason.

    Args:
        sentence: What failed, without the full stop.

    Raises:
        OSError: In place of any error.
    """
    try:
        yield
    except Exception as error:  # the tokenizers library raises no more specific class
        raise OSError(f"{sentence}: {first_line(error)}.") from error


def load_tokenizer(source: str, trust_remote_code: bool = False) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a model.

    Args:
        source: A folder, or an id of the Hub.
        trust_remote_code: Whether code in its folder may run.

    Raises:
        OSError: If there is none, or it is damaged.
    """
    with one_sentence(f"The tokenizer of '{source}' could not be loaded"):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            source, trust_remote_code=trust_remote_code
        )
    return tokenizer


def load_in_fp32(
    source: Any, auto_class: Any = AutoModel, trust_remote_code: bool = False, **options: Any
) -> tuple[Any, PreTrainedTokenizerBase]:
    """Load a model in fp32 for evaluation, and its tokenizer; pickled weights are never loaded.

    Errors are those of transformers: put ``one_sentence`` around it.

    Args:
        source: A folder, or an id of the Hub.
        auto_class: Auto class of transformers that makes the model.
        trust_remote_code: Whether code in its folder may run.
        **options: Further arguments for the model.
    """
    tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=trust_remote_code)
    model = auto_class.from_pretrained(
        source,
        dtype="float32",
        use_safetensors=True,
        trust_remote_code=trust_remote_code,
        **options,
    )
    return model.eval(), tokenizer


def longest_text(model: Any, tokenizer: Any) -> int | None:
    """Return the most tokens of a text that a model reads; ``None`` if there is no limit.

    Args:
        model: The model.
        tokenizer: Its tokenizer, whose limit counts too.
    """
    limits = [tokenizer.model_max_length]
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions is not None:
        # RoBERTa and its like have rows for the places after that of the padding alone.
        first = next(
            (
                module.padding_idx + 1
                for name, module in model.named_modules()
                if name.endswith("position_embeddings")
                and isinstance(module, nn.Embedding)
                and module.padding_idx is not None
            ),
            0,
        )
        limits.append(positions - first)
    least = int(min(limits))
    # Tokenizers without a limit name a number that their library cannot hold.
    return least if least < VERY_LARGE_INTEGER else None
