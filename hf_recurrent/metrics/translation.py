"""``evaluate`` metrics for translations, BLEU and chrF by sacrebleu, without a network."""

from collections.abc import Iterable, Sequence
from typing import Any

import datasets
import evaluate

from .._extras import require
from .._wording import check_choice, counted
from ..models.texts import list_of_texts

# Numbers of words of a sentence at which a class of lengths ends.
LENGTHS = (10, 20, 30)
_TEXT = datasets.Value("string")
_INPUTS = """
Args:
    predictions: The translations, texts that are not cut into words.
    references: The right translation of each, or a list of several right ones.
"""


class _TranslationMetric(evaluate.Metric):
    """A metric of sacrebleu; each reference is one text, or a list of texts."""

    _description = ""
    _url = "https://github.com/mjpost/sacrebleu"

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self._description,
            citation="",
            inputs_description=_INPUTS,
            reference_urls=[self._url],
            features=[
                datasets.Features(predictions=_TEXT, references=_TEXT),
                datasets.Features(predictions=_TEXT, references=datasets.Sequence(_TEXT)),
            ],
        )


class Bleu(_TranslationMetric):
    """BLEU of a corpus (Papineni et al. 2002) as sacrebleu computes it (Post 2018), 0 to 100.

    ``compute`` takes ``lowercase`` (default: no) and ``tokenize`` (default: "13a", as WMT). Results
    are ``bleu``, ``brevity_penalty``, ``length_ratio`` and ``signature``, without which a BLEU says
    little: cite it with the figure. It needs sacrebleu (extra "translation").

    Example:
        >>> found = Bleu().compute(predictions=["a b c d e"], references=["a b c d e"])
        >>> round(found["bleu"], 1)
        100.0
    """

    _description = "BLEU by sacrebleu."

    def _compute(
        self,
        predictions: Sequence[str],
        references: Sequence[Any],
        lowercase: bool = False,
        tokenize: str = "13a",
    ) -> dict[str, Any]:
        return bleu(predictions, references, lowercase=lowercase, tokenize=tokenize)


class ChrF(_TranslationMetric):
    """The F-score of character n-grams of a corpus (Popovic 2015) by sacrebleu, 0 to 100.

    ``compute`` takes ``word_order``, 0 for chrF and 2 for chrF++. Results are ``chrf`` and
    ``signature``. It needs sacrebleu (extra "translation").

    Example:
        >>> round(ChrF().compute(predictions=["ein Hund"], references=["ein Hund"])["chrf"], 1)
        100.0
    """

    _description = "chrF by sacrebleu."

    def _compute(
        self, predictions: Sequence[str], references: Sequence[Any], word_order: int = 0
    ) -> dict[str, Any]:
        return chrf(predictions, references, word_order=word_order)


def bleu(
    predictions: Iterable[str],
    references: Iterable[Any],
    *,
    lowercase: bool = False,
    tokenize: str = "13a",
) -> dict[str, Any]:
    """Return BLEU of translations; see ``Bleu``.

    Raises:
        ImportError: If sacrebleu is missing.
        ValueError: If there are no translations, references of another number, or what is no text;
            or if there is no such tokenizer.
    """
    kind = _sacrebleu().BLEU
    check_choice("tokenize", tokenize, kind.TOKENIZERS)
    metric = kind(lowercase=lowercase, tokenize=tokenize)
    texts = list_of_texts(predictions, "predictions")
    found = metric.corpus_score(texts, _streams(texts, references))
    return {
        "bleu": found.score,
        "brevity_penalty": found.bp,
        "length_ratio": found.ratio,
        "signature": str(metric.get_signature()),
    }


def chrf(
    predictions: Iterable[str], references: Iterable[Any], *, word_order: int = 0
) -> dict[str, Any]:
    """Return chrF of translations; see ``ChrF`` and ``bleu``.

    Raises:
        ImportError: If sacrebleu is missing.
        ValueError: As for ``bleu``, or if ``word_order`` is below 0.
    """
    if word_order < 0:
        raise ValueError(f"word_order is {word_order}, expected at least 0")
    metric = _sacrebleu().CHRF(word_order=word_order)
    texts = list_of_texts(predictions, "predictions")
    found = metric.corpus_score(texts, _streams(texts, references))
    return {"chrf": found.score, "signature": str(metric.get_signature())}


def bleu_by_length(
    sources: Sequence[str],
    predictions: Sequence[str],
    references: Sequence[Any],
    ends: Sequence[int] = LENGTHS,
) -> list[dict[str, Any]]:
    """Return BLEU of sentences by their number of words, a dictionary for each class of lengths.

    Args:
        sources: The sentences.
        predictions: Their translations.
        references: The right ones.
        ends: The largest number of words of each class but the last.

    Returns:
        ``shortest`` and ``longest`` (``None`` for no end), ``sentences`` and ``bleu`` of each class
        that has sentences.
    """
    lengths = [len(text.split()) for text in sources]
    told = []
    for least, most in zip([0, *(end + 1 for end in ends)], [*ends, None], strict=True):
        of_class = [
            place
            for place, length in enumerate(lengths)
            if least <= length and (most is None or length <= most)
        ]
        if of_class:
            own = [[side[place] for place in of_class] for side in (predictions, references)]
            told.append(
                {
                    "shortest": least,
                    "longest": most,
                    "sentences": len(of_class),
                    "bleu": bleu(own[0], own[1])["bleu"],
                }
            )
    return told


def _streams(predictions: Sequence[str], references: Iterable[Any]) -> list[list[str | None]]:
    """Return the references as sacrebleu takes them: the first of each, the second of each, ..."""
    if isinstance(references, str):
        raise ValueError(
            "references must be several texts, and one string was given: put it in a list"
        )
    lists = [[each] if isinstance(each, str) else [*each] for each in references]
    if len(predictions) != len(lists) or not lists:
        raise ValueError(
            f"There are {counted(len(predictions), 'translation')} and references of "
            f"{len(lists):,}: expected as many, and at least one."
        )
    if not all(lists):
        raise ValueError(f"Translation {lists.index([]) + 1} has no reference.")
    most = max(map(len, lists))
    return [[own[n] if n < len(own) else None for own in lists] for n in range(most)]


def _sacrebleu() -> Any:
    return require("sacrebleu.metrics", "translation", "BLEU")
