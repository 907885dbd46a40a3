"""Continuations and log-probabilities of texts, for the command line."""

import math
from collections.abc import Iterator, Sequence

from transformers import AutoModelForCausalLM

from ..._terminal import printable
from ..._wording import counted
from ...models.checks import check_tokenizer
from ..loading import load_head
from .scoring import context_scorer, encode, state_scorer
from .writing import NetworkWriter

_TOKENS = 40
_CONTEXT = 1024


def answer_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False, explain: bool = False
) -> Iterator[str]:
    """Yield each text with a sampled continuation, and a line of how probable the text is."""
    if explain:
        raise ValueError(
            f"'{source}' generates text, and has no weights of words to show: leave out "
            f"--attention."
        )
    model, tokenizer = load_head(
        source,
        AutoModelForCausalLM,
        title="text generation",
        part="output layer",
        noun="a causal language model",
        trust_remote_code=trust_remote_code,
    )
    writer = NetworkWriter(model, tokenizer)  # type: ignore[arg-type]
    if hasattr(model, "log_probabilities"):
        check_tokenizer(tokenizer, model.config)
        scorer = state_scorer(model)
    else:  # a causal language model of another package
        scorer = context_scorer(model, getattr(model.config, "max_position_embeddings", _CONTEXT))
    for text in texts:
        yield f"{text}{writer.write(text, _TOKENS)}"
        ids = encode(tokenizer, text)  # type: ignore[arg-type]
        if len(ids) < 2:
            yield "    (no tokens, so no probability)"
            continue
        total = float(scorer([ids])[0].sum())
        tokens = len(ids) - 1
        told = [
            f"log-probability {total:.2f} of {printable(text)!r}",
            counted(tokens, "token"),
            f"perplexity {math.exp(-total / tokens):.1f}",
            f"{-total / math.log(2) / len(text):.2f} bits a character",
        ]
        yield f"    ({', '.join(told)})"
