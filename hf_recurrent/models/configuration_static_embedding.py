"""Configuration of static word embeddings: one vector a word, in every context."""

from typing import Any

from huggingface_hub.dataclasses import strict

from .checks import FamilyConfig, check_choice, check_dropouts, check_sizes, check_words
from .input_layers import check_embedding_config, is_contextual, main_input_name

WEIGHTINGS = ("sif", "idf")


@strict
class StaticEmbeddingConfig(FamilyConfig):
    r"""Configuration of ``StaticEmbeddingModel`` and its heads.

    Args:
        vocab_size: Number of rows of the embedding.
        embedding_size: Width of the embedding; ``hidden_size`` is another name of it.
        embedding_config: The input layer, if it is not the plain look-up: ``kind`` and the fields
            of that kind, see ``input_layers.py``. If the fields determine the width of the layer,
            ``embedding_size`` is set to it.
        embedding_dropout: Dropout on the embeddings.
        classifier_dropout: Dropout before the classifier.
        freeze_embeddings: Whether training leaves the embeddings unchanged.
        class_weights: A factor for each label in the loss; see ``loss.py``.
        label_smoothing: Share of the target that is spread over all labels; see ``loss.py``.
        focal_gamma: Exponent of the focal loss in training (Lin et al. 2017), 0 for the plain loss;
            see ``hard_training.py``.
        hard_example_share: Share of each batch that counts in training, the hardest units
            (Shrivastava et al. 2016), 1 for all; see ``hard_training.py``.
        initializer_range: Standard deviation of fresh embeddings.
        pad_token_id: Id of the padding; its row starts as zeros.
        weighting: The kind of token weights that the model has for sentence vectors, ``"sif"`` or
            ``"idf"``; see ``sentence_encoding.py``. ``fit_weights`` sets it.
        num_components: Number of principal components that are removed from sentence vectors; also
            set by ``fit_weights``.
        num_words: Number of rows that are words. The rows after them were added for special tokens.
            ``from_vectors`` sets it.

    The fields of the classifier are checked when the classifier is made.
    """

    model_type = "static_embedding"
    attribute_map = {"hidden_size": "embedding_size"}  # noqa: RUF012 - transformers reads it so
    keys_to_ignore_at_inference = ["hidden_states"]  # noqa: RUF012 - Trainer adds a list to it

    vocab_size: int = 30_000
    embedding_size: int = 100
    embedding_config: dict[str, Any] | None = None
    embedding_dropout: float | int = 0.0
    classifier_dropout: float | int = 0.0
    freeze_embeddings: bool = False
    class_weights: list[float | int] | tuple[float | int, ...] | None = None
    label_smoothing: float | int = 0.0
    focal_gamma: float | int = 0.0
    hard_example_share: float | int = 1.0
    initializer_range: float | int = 0.1
    pad_token_id: int | None = 0
    weighting: str | None = None
    num_components: int = 0
    num_words: int | None = None
    bos_token_id: int | None = None
    eos_token_id: int | list[int] | None = None

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the fields of the base model; raise a ``ValueError`` that names the field."""
        super().__post_init__(**kwargs)
        check_sizes(self, "vocab_size", "embedding_size")
        check_embedding_config(self)
        if main_input_name(self) != "input_ids":
            raise ValueError(
                f"embedding_config: it reads {main_input_name(self)}, and static embeddings are "
                "vectors of words: take a RecurrentConfig"
            )
        if is_contextual(self.embedding_config):
            raise ValueError(
                "embedding_config: its vectors depend on the words beside each word, and static "
                "embeddings do not: take a RecurrentConfig"
            )
        check_words(self)
        check_dropouts(self, "embedding_dropout")
        if self.weighting is not None:
            check_choice("weighting", self.weighting, WEIGHTINGS)
        if not 0 <= self.num_components <= (self.embedding_size if self.weighting else 0):
            raise ValueError(
                f"num_components is {self.num_components}, expected 0 without weighting, and at "
                f"most embedding_size {self.embedding_size} with it"
            )
        if not 0 < (self.num_words or 1) <= self.vocab_size:
            raise ValueError(
                f"num_words is {self.num_words}, expected at most vocab_size {self.vocab_size}"
            )
