"""Prefix beam search for CTC (Hannun et al. 2014), with a lexicon and a language model.

A *prefix* is a sequence of tokens without blanks and repetitions. Its probability is the sum over
all ways to write it over the steps, those that end in a blank and those that end in its last token.
A lexicon leaves only prefixes whose words it knows; a language model scores each word when it is
complete. Both are known from the prefix alone.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..models.samples import as_array
from .lexicon import Lexicon, Node
from .ngrams import WordScorer

_NEVER = -math.inf
Tokens = tuple[int, ...]


class Transcript(NamedTuple):
    """One result of a search.

    Attributes:
        text: The text.
        score: What the search ranks by: the acoustic score, the weighted score of the language
            model, and the bonus of each word.
        acoustic_score: The log-probability of the text given the sound.
        language_score: The log-probability of its words, 0 without a language model.
    """

    text: str
    score: float
    acoustic_score: float
    language_score: float


class _Words(NamedTuple):
    """What is known of the words of a prefix."""

    done: tuple[str, ...] = ()
    open: str = ""
    node: Node | None = None
    state: Any = None
    score: float = 0.0


class _Prefix(NamedTuple):
    words: _Words
    blank: float
    token: float

    @property
    def total(self) -> float:
        return float(np.logaddexp(self.blank, self.token))


Beam = dict[Tokens, _Prefix]


class BeamSearch:
    """Finds the most probable texts of the log-probabilities of tokens.

    Args:
        tokenizer: The ``CTCTokenizer`` of the model, or another of CTC.
        beam_width: How many prefixes are kept after each step.
        lexicon: The only words that may be written, if given.
        language_model: What scores words; see ``ngrams.py`` and ``causal_scorer.py``.
        language_weight: Factor of its log-probabilities.
        word_bonus: What is added for each word.
        token_floor: Tokens of a lower log-probability are not tried at a step.

    Example:
        ``search.transcripts(logits)[0].text``, or with a stream: ``beam = search.begin()``, then
        ``beam = search.feed(beam, logits)`` for each piece, and ``search.finish(beam)``.
    """

    def __init__(
        self,
        tokenizer: Any,
        *,
        beam_width: int = 32,
        lexicon: Iterable[str] | None = None,
        language_model: WordScorer | None = None,
        language_weight: float = 1.0,
        word_bonus: float = 0.0,
        token_floor: float = -12.0,
    ) -> None:
        if not float(beam_width).is_integer() or beam_width < 1:
            raise ValueError(f"beam_width is {beam_width}, expected a whole number of at least 1")
        for name, number in (("language_weight", language_weight), ("word_bonus", word_bonus)):
            if not math.isfinite(number):
                raise ValueError(f"{name} is {number}, expected a finite number")
        self.tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        self.blank = tokenizer.pad_token_id
        # That of transformers has characters only, and no name for it.
        self.is_words = getattr(tokenizer, "unit", "character") == "word"
        self.space = None if self.is_words else tokenizer.word_delimiter_token_id
        self.never = {tokenizer.unk_token_id} if tokenizer.unk_token_id is not None else set()
        self.beam_width, self.token_floor = int(beam_width), token_floor
        self.lexicon = None if lexicon is None else Lexicon(lexicon)
        self.language_model, self.language_weight = language_model, language_weight
        self.word_bonus = word_bonus

    def begin(self) -> Beam:
        """Return the beam before the first step."""
        node = None if self.lexicon is None else self.lexicon.root
        state = None if self.language_model is None else self.language_model.begin()
        return {(): _Prefix(_Words(node=node, state=state), 0.0, _NEVER)}

    def feed(self, beam: Beam, logits: Any) -> Beam:
        """Return the beam after some steps.

        Args:
            beam: The beam before them.
            logits: (steps, vocab_size) the logits or log-probabilities of real steps.

        Raises:
            ValueError: If they have another shape, or one is no number.
        """
        values = as_array(logits).astype(np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.tokens):
            raise ValueError(
                f"the logits have shape {values.shape}, expected (steps, {len(self.tokens)}) for "
                "the tokens of the tokenizer: give those of one recording"
            )
        if np.isnan(values).any():
            step = int(np.flatnonzero(np.isnan(values).any(1))[0])
            raise ValueError(f"the logits of step {step} hold NaN")
        values = values - np.logaddexp.reduce(values, 1, keepdims=True) if len(values) else values
        for row in values:
            beam = self._step(beam, row)
        return beam

    def finish(self, beam: Beam, n: int = 1) -> list[Transcript]:
        """Return the ``n`` best texts; those that the same text ends are added up."""
        found: dict[str, Transcript] = {}
        for prefix in beam.values():
            words = self._close(prefix.words)
            if words is None:
                continue
            score = words.score
            if self.language_model is not None:
                score += self.language_model.end(words.state)
            text, acoustic = " ".join(words.done), prefix.total
            if text in found:
                acoustic = float(np.logaddexp(acoustic, found[text].acoustic_score))
            total = acoustic + self.language_weight * score + self.word_bonus * len(words.done)
            found[text] = Transcript(text, total, acoustic, score)
        return sorted(found.values(), key=lambda one: (-one.score, one.text))[:n]

    def transcripts(self, logits: Any, n: int = 1) -> list[Transcript]:
        """Return the ``n`` best texts of one recording, the best first; see ``feed``.

        There is none if no word of the lexicon fits.
        """
        return self.finish(self.feed(self.begin(), logits), n)

    def _step(self, beam: Beam, row: Sequence[float]) -> Beam:
        allowed = [
            token
            for token in np.flatnonzero(np.asarray(row) >= self.token_floor).tolist()
            if token != self.blank and token not in self.never
        ]
        new: dict[Tokens, list[Any]] = {}

        def add(tokens: Tokens, words: _Words, place: int, value: float) -> None:
            entry = new.setdefault(tokens, [words, _NEVER, _NEVER])
            entry[place] = float(np.logaddexp(entry[place], value))

        for tokens, prefix in beam.items():
            last = tokens[-1] if tokens else None
            add(tokens, prefix.words, 1, prefix.total + row[self.blank])
            if last is not None:
                add(tokens, prefix.words, 2, prefix.token + row[last])
            for token in allowed:
                before = prefix.blank if token == last else prefix.total
                if before == _NEVER:
                    continue
                longer = (*tokens, token)
                words = new[longer][0] if longer in new else self._extend(prefix.words, token)
                if words is not None:
                    add(longer, words, 2, before + row[token])
        kept = [(tokens, _Prefix(*entry)) for tokens, entry in new.items()]
        if len(kept) > self.beam_width:
            kept.sort(key=lambda item: -self._rank(item[1]))
        return dict(kept[: self.beam_width])

    def _rank(self, prefix: _Prefix) -> float:
        words = prefix.words
        return (
            prefix.total
            + self.language_weight * words.score
            + self.word_bonus * (len(words.done) + bool(words.open))
        )

    def _extend(self, words: _Words, token: int) -> _Words | None:
        """Return the words of a prefix with one more token; ``None`` if the lexicon forbids it."""
        if token == self.space:
            return self._close(words, strict=True)
        text = self.tokens[token]
        if self.is_words:
            closed = self._close(words)
            words = closed if closed is not None else words
        node = words.node
        if self.lexicon is not None:
            node = self.lexicon.after(node, text)
            if node is None:
                return None
        longer = words._replace(open=words.open + text, node=node)
        return self._close(longer) if self.is_words else longer

    def _close(self, words: _Words, strict: bool = False) -> _Words | None:
        """Return words whose last one is complete; ``None`` if the lexicon does not have it.

        Args:
            words: The words of a prefix.
            strict: Whether a word must be there to be completed, if there is a lexicon.
        """
        if not words.open:
            return None if strict and self.lexicon is not None else words
        if self.lexicon is not None and (words.node is None or not words.node.is_word):
            return None
        score, state = words.score, words.state
        if self.language_model is not None:
            added, state = self.language_model.score(state, words.open)
            score += added
        root = None if self.lexicon is None else self.lexicon.root
        return _Words((*words.done, words.open), "", root, state, score)
