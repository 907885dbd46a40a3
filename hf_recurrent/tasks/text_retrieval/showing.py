"""Answers of an encoder, for the command line."""

from collections.abc import Iterator, Sequence

from ..._terminal import printable
from ...retrieval.text_encoder import TextEncoder
from ..base import refuse_to_explain


def similarity_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False, explain: bool = False
) -> Iterator[str]:
    """Yield the cosine of each text and the first one, the most similar first.

    Raises:
        OSError: If there is no such encoder.
        ValueError: If there is one text only, its words are unknown, or weights are asked for.
    """
    refuse_to_explain(source, explain)
    query, *others = texts
    if not others:
        raise ValueError(
            "An encoder compares texts: give a query, and then the texts to compare it with. "
            "'hf-recurrent search' finds documents."
        )
    encoder = TextEncoder(source, trust_remote_code)
    if not encoder.knows(query):
        raise ValueError(f"The encoder '{source}' knows no word of the query '{query}'.")
    (first,) = encoder.encode([query], queries=True)
    scores = [float(first @ each) for each in encoder.encode(others)]
    for score, text in sorted(zip(scores, others, strict=True), key=lambda each: -each[0]):
        yield f"{score:.3f}  {printable(text)}"
