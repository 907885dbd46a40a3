"""The input of a model from word vectors: a tokenizer and the input layer that belongs to it.

One call aligns the ids of the tokenizer with the rows of the layer, for vectors of every sort:
frozen or tuned, one set or several side by side, with n-grams, or one-hot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from gensim.models import KeyedVectors
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from .._wording import counted
from ..models.ngram_rows import has_ngrams, hashing_of
from ..models.publishable import MARK, is_marked, mark
from ..models.texts import list_of_texts
from ..models.tokenization_ngrams import NgramTokenizer
from ..models.word_model import WordModel
from ._coverage import Coverage, count_words, coverage, coverage_of_counts
from ._input_parts import (
    Part,
    character_part,
    check_characters,
    look_up_parts,
    ngram_part,
    with_characters,
)
from ._keyed_vectors import sets_of
from ._pre_tokenizers import fitting, fitting_texts
from ._preparation import is_lower_case, known_preparation
from .tokenizer import tokenizer_from_texts, tokenizer_from_vectors

ONE_HOT, RANDOM = "one_hot", "random"

_Model = TypeVar("_Model", bound=WordModel)


@dataclass(frozen=True)
class WordInputs:
    """A tokenizer and the input layer that belongs to it.

    Attributes:
        tokenizer: Its ids are the rows of the layer.
        config: The fields of a model's configuration that describe the layer.
        weights: The tensors of the layer, by their names in its state.
        coverage: The share of the vocabulary, or of the texts, that has a vector of its own; None
            without vectors.
        fresh: How the names of the weights begin that start as in a new model, those of "random"
            and of characters.
    """

    tokenizer: PreTrainedTokenizerFast
    config: dict[str, Any]
    weights: dict[str, Tensor]
    coverage: Coverage | None
    fresh: tuple[str, ...] = ()

    def make_model(self, model_class: type[_Model], **config: Any) -> _Model:
        """Make a model with this input layer.

        Args:
            model_class: Any class of this package, with or without a head.
            **config: Fields of its configuration.

        Raises:
            ValueError: If a field is wrong, or the input layer sets it.
        """
        taken = sorted(config.keys() & self.config.keys())
        if taken:
            raise ValueError(
                f"{taken[0]} follows from the word vectors and is {self.config[taken[0]]!r}, but "
                f"{config[taken[0]]!r} was given as well."
            )
        config_class: Any = model_class.config_class
        model = model_class(config_class(**self.config, **config))
        self.fill(model)
        return model

    def marked_as(self, *sources: Any) -> "WordInputs":
        """Return these inputs, marked if a source is of data that may not be passed on."""
        if any(map(is_marked, sources)):
            mark(self.tokenizer)
            self.config[MARK] = False
        return self

    def fill(self, model: WordModel) -> None:
        """Copy the weights into the input layer of a model.

        Raises:
            ValueError: If the configuration of the model was not made with ``config``.
        """
        layer = model.get_input_embeddings()
        found = {
            name: tuple(value.shape)
            for name, value in layer.state_dict().items()
            if not name.startswith(self.fresh)
        }
        wanted = {name: tuple(value.shape) for name, value in self.weights.items()}
        if found != wanted:
            raise ValueError(
                f"The model's input layer holds {found}, and the word vectors {wanted}: make its "
                f"configuration with the fields of `config`."
            )
        layer.load_state_dict(self.weights, strict=not self.fresh)


def word_inputs(
    vectors: KeyedVectors | str | Sequence[KeyedVectors | str],
    texts: Iterable[str] | None = None,
    *,
    frozen: bool | Sequence[bool] = False,
    ngrams: bool = True,
    keep_ngrams_of: Iterable[str] | None = None,
    tokenizer: PreTrainedTokenizerFast | None = None,
    extra_words: int = 30_000,
    min_frequency: int = 1,
    scale: float | None = None,
    seed: int = 0,
    share_rows: bool = True,
    characters: str | None = None,
    embedding_size: int = 100,
) -> WordInputs:
    """Make the tokenizer and the input layer of a model.

    A word of the training texts that a set lacks has a row of its own there. It is random at first,
    and training changes it. Words that are neither in the texts nor in the set share one row of
    that set, its mean; see ``share_rows``.

    Example:
        >>> from gensim.models.fasttext import load_facebook_vectors
        >>> from gensim.test.utils import datapath
        >>> from hf_recurrent import RecurrentForSequenceClassification
        >>> from hf_recurrent.vectors import word_inputs
        >>> vectors = load_facebook_vectors(datapath("crime-and-punishment.bin"))
        >>> inputs = word_inputs(vectors, frozen=True)
        >>> model = inputs.make_model(
        ...     RecurrentForSequenceClassification, cell_type="gru", hidden_size=32
        ... )
        >>> batch = inputs.tokenizer(["an unseeable word"], return_tensors="pt")
        >>> model(**batch).logits.shape
        torch.Size([1, 2])

    Args:
        vectors: One set of vectors, or several to join side by side. In place of a set, "one_hot"
            gives each word a column of its own, and "random" an embedding that starts fresh.
        texts: The training texts. The vocabulary is then that of the texts and the most frequent
            words of the vectors. Without texts it is that of the vectors.
        frozen: Whether training leaves the vectors as they are, for all sets or for each set.
        ngrams: Whether to keep the n-grams of ``FastTextKeyedVectors``. An unseen word then has the
            same vector in the model as in gensim, and tuning changes n-grams too. The tokenizer is
            then an ``NgramTokenizer``.
        keep_ngrams_of: Words whose n-grams keep their vectors, beside those of the vocabulary; None
            keeps all buckets. See ``NgramEmbedding`` for n-grams without a vector.
        tokenizer: A tokenizer to use in place of a new one; its ids must be 0, 1, 2 and so on.
        extra_words: Number of words to take from each set if texts are given.
        min_frequency: How often a word must occur in the texts.
        scale: Standard deviation that the entries of each set get, so that sets of different scale
            weigh the same; None leaves them as they are.
        seed: Seed of the rows of words without a vector.
        share_rows: Whether words that are neither in a set nor in the texts share one row of that
            set, if this makes the model smaller. It needs ``texts``: without them every word has
            a row of its own. False keeps the plain look-up, which other libraries can read.
        characters: "cnn" (Ma and Hovy 2016) or "lstm" (Lample et al. 2016) for a vector that is
            computed from the characters of each word, beside the others. It starts fresh and is
            always trained. The tokenizer then gives ``char_ids`` too, as ``CharTokenizer`` does;
            its alphabet is that of the texts, unless ``tokenizer`` has one. ``vectors`` may then
            be [], for characters alone.
        embedding_size: Width of "random".

    Raises:
        ValueError: If there are no words, an argument is wrong, or sets with n-grams cut or hash
            them differently.
    """
    texts = None if texts is None else list_of_texts(texts)
    sources: list[Any] = [vectors] if _is_one(vectors) else list(vectors)
    frozen = [frozen] * len(sources) if isinstance(frozen, bool) else list(frozen)
    if len(frozen) != len(sources):
        raise ValueError(
            f"frozen has {counted(len(frozen), 'entry')} for {counted(len(sources), 'set')} of "
            f"vectors."
        )
    sets = [source for source in sources if not isinstance(source, str)]
    words = [source for source in sources if isinstance(source, str)]
    unknown = [word for word in words if word not in (ONE_HOT, RANDOM)]
    if unknown:
        raise ValueError(
            f"vectors must be sets of vectors, {ONE_HOT!r} or {RANDOM!r}, not {unknown[0]!r}."
        )
    if sets or not (sources or characters):
        sets_of(sets)  # raises the error
    hashing = hashing_of(sets) if ngrams else None
    if characters is not None:
        check_characters(characters)
    if tokenizer is None:
        tokenizer = _tokenizer(sets, texts, hashing is not None, extra_words, min_frequency)
    if characters is not None:
        tokenizer = with_characters(tokenizer, texts)
    if hashing is not None:
        tokenizer = NgramTokenizer.from_tokenizer(tokenizer, **hashing._asdict())
    counts = None if texts is None or not sets else count_words(tokenizer, texts)
    occurring = {word for word, _ in counts} if share_rows and counts is not None else None
    words_kept = None
    if keep_ngrams_of is not None:
        words_kept = list_of_texts(keep_ngrams_of, "keep_ngrams_of")
    parts: list[Part] = []
    fresh: list[int] = []
    one_table = hashing is None and not words and len(set(frozen)) == 1
    if one_table:
        parts = look_up_parts(tokenizer, sets, occurring, scale, seed)
    for source in [] if one_table else sources:
        if source == ONE_HOT:
            parts.append(({"kind": "one_hot"}, {}))
        elif source == RANDOM:
            fresh.append(len(parts))
            parts.append(({"kind": "plain", "embedding_size": embedding_size}, {}))
        elif hashing is not None and has_ngrams(source):
            assert isinstance(tokenizer, NgramTokenizer)
            parts.append(ngram_part(tokenizer, source, words_kept, scale))
        else:
            parts += look_up_parts(tokenizer, [source], occurring, scale, seed)
    if characters is not None:
        frozen = [*(frozen * len(parts) if one_table else frozen), False][-len(parts) - 1 :]
        fresh.append(len(parts))
        parts.append(character_part(characters, tokenizer))
    config, weights = _join(parts, frozen)
    config |= {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    found = None
    if sets:
        found = coverage(tokenizer, sets) if counts is None else coverage_of_counts(counts, sets)
    prefixes = (f"parts.{number}." if len(parts) > 1 else "" for number in fresh)
    made = WordInputs(tokenizer, config, weights, found, tuple(prefixes))
    return made.marked_as(*sets, tokenizer)


def _is_one(vectors: Any) -> bool:
    return isinstance(vectors, str) or hasattr(vectors, "index_to_key")


def _tokenizer(
    sets: Sequence[KeyedVectors],
    texts: Sequence[str] | None,
    with_ngrams: bool,
    extra_words: int,
    min_frequency: int,
) -> PreTrainedTokenizerFast:
    if texts is None:
        if not sets:
            raise ValueError("one_hot, random and characters alone need texts, for the words.")
        return tokenizer_from_vectors(sets, ngrams=False)
    pre_tokenizer = fitting_texts(texts)
    if pre_tokenizer != "chinese" and sets:
        known, frequent = known_preparation(sets[0]), sets[0].index_to_key[:extra_words]
        pre_tokenizer = known.pre_tokenizer if known else fitting(frequent)
    # A word finds a plain row in every case; its n-grams are those of one case.
    cased = with_ngrams and not all(is_lower_case(s.index_to_key) for s in sets)
    return tokenizer_from_texts(
        texts,
        min_frequency=min_frequency,
        extra_words=chain.from_iterable(s.index_to_key[:extra_words] for s in sets),
        pre_tokenizer=pre_tokenizer,
        lowercase=not cased,
    )


def _join(parts: Sequence[Part], frozen: Sequence[bool]) -> Part:
    """Return the fields and the weights of one part, or of several parts joined."""
    if len(parts) == 1:
        fields, weights = dict(parts[0][0]), parts[0][1]
        config: dict[str, Any] = {"freeze_embeddings": frozen[0]}
        if "embedding_size" in fields:
            config["embedding_size"] = fields.pop("embedding_size")
        config["embedding_config"] = None if fields["kind"] == "plain" else fields
        return config, weights
    alike = len(set(frozen)) == 1
    described = [
        fields if alike else {**fields, "frozen": is_frozen}
        for (fields, _), is_frozen in zip(parts, frozen, strict=True)
    ]
    config = {
        "freeze_embeddings": alike and frozen[0],
        "embedding_config": {"kind": "joined", "parts": described},
    }
    weights = {
        f"parts.{number}.{name}": value
        for number, (_, own) in enumerate(parts)
        for name, value in own.items()
    }
    return config, weights
