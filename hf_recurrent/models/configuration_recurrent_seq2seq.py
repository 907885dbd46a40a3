"""Configuration of encoder-decoder networks with a recurrent decoder."""

from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, PreTrainedConfig
from transformers.configuration_utils import SubConfigSpec

from .attention import ATTENTION_TYPES
from .bridge import BRIDGES
from .cells import CELL_TYPES, SCANNED
from .checks import FamilyConfig, check_choice, check_dropouts, check_sizes, check_words
from .configuration_recurrent import RecurrentConfig
from .input_layers import check_embedding_config, inputs_beside_ids, is_contextual, main_input_name
from .recurrent_initialization import check_initializers
from .state_cache import LAYER_TYPE


@strict
class RecurrentSeq2SeqConfig(FamilyConfig):
    r"""Configuration of ``RecurrentSeq2SeqModel`` and ``RecurrentForConditionalGeneration``.

    The fields of the decoder have the names of ``RecurrentConfig``; those of the encoder are a
    configuration of their own.

    Args:
        encoder: The configuration of the encoder, or its fields as a dictionary: a
            ``RecurrentConfig`` over words or frames (``model_type`` ``"recurrent"``, which is
            assumed where a dictionary has none), or any encoder of transformers that ``AutoModel``
            knows.
        vocab_size: Number of tokens of the target language.
        embedding_size: Width of the decoder's embedding.
        embedding_config: The decoder's input layer, if it is not the plain look-up; see
            ``RecurrentConfig``. It must read token ids alone.
        hidden_size: Width of the decoder's states.
        num_hidden_layers: Number of its layers.
        cell_type: Its cell, as in ``RecurrentConfig``.
        residual: Whether the input of each layer is added to its output, from the second layer on.
        attention_type: How the decoder weighs the steps of the encoder: ``"additive"`` (Bahdanau et
            al. 2015), ``"dot"`` or ``"general"`` (Luong et al. 2015), or ``"none"``, so that only
            the bridge carries the source (Sutskever et al. 2014).
        attention_size: Width of the hidden layer of additive attention; ``None`` for
            ``hidden_size``.
        input_feeding: Whether each step also reads what attention found, so that the steps run one
            after the other. With ``"additive"`` this is the network of Bahdanau et al.: the state
            before the step asks, and the step reads the answer. With ``"dot"`` and ``"general"`` it
            is that of Luong et al.: the state after the step asks, and the next step reads the
            attentional vector. Without it the decoder reads the whole target at once, and attention
            follows for all steps together, whatever its type.
        bridge: What the decoder begins with: ``"none"`` for zeros; ``"copy"`` for the final states
            of the encoder, layer by layer, both directions side by side; ``"dense"`` for a layer
            with tanh over the final hidden states of the encoder, or over the mean of its outputs
            where it has no states.
        embedding_dropout: Dropout on the embeddings of the decoder.
        hidden_dropout: Dropout between its layers.
        classifier_dropout: Dropout before the output layer.
        weight_dropout: Dropout on its recurrent weights; not with ``input_feeding``.
        variational_dropout: Whether these dropouts use one mask for all steps of a sequence.
        label_smoothing: Share of the target that is spread over all tokens, in training. In place
            of ``label_smoothing_factor`` of ``TrainingArguments``: the loss is the same, but that
            one keeps all logits, which costs time and memory.
        tie_word_embeddings: Whether the output layer has the weights of the decoder's embedding
            (two ways).
        tie_encoder_embeddings: Whether the encoder's embedding has them too (three ways), which
            takes one vocabulary for both languages.
        use_cache: Whether the states are returned as ``past_key_values``.
        initializer_range: Standard deviation of fresh embeddings.
        recurrent_initializer: Fresh recurrent weights, as in ``RecurrentConfig``.
        chrono_max_length: As in ``RecurrentConfig``.
        pad_token_id: Id of the padding of the target.
        bos_token_id: Id that a target begins with, if ``decoder_start_token_id`` is not given.
        eos_token_id: Id that a target ends with.
        decoder_start_token_id: Id that the decoder reads first; not the padding, whose row is 0 and
            is not trained.

    Example:
        >>> from hf_recurrent import RecurrentSeq2SeqConfig
        >>> config = RecurrentSeq2SeqConfig(
        ...     encoder={"vocab_size": 8000, "hidden_size": 128, "bidirectional": True},
        ...     vocab_size=9000,
        ...     attention_type="general",
        ... )
        >>> config.encoder.output_size
        256
    """

    model_type = "recurrent_seq2seq"
    sub_configs_defaults = {"encoder": SubConfigSpec(RecurrentConfig)}  # noqa: RUF012
    # What is not a prediction; the evaluation of Trainer leaves it out.
    keys_to_ignore_at_inference = [  # noqa: RUF012 - Trainer adds a list to it
        "past_key_values",
        "decoder_hidden_states",
        "cross_attentions",
        "encoder_last_hidden_state",
        "encoder_hidden_states",
        "encoder_attentions",
    ]
    # The decoder reads forward; the stack of layers asks.
    bidirectional: ClassVar[bool] = False
    num_directions: ClassVar[int] = 1
    # The configuration of an encoder whose fields name no model_type.
    encoder_class: ClassVar[Any] = RecurrentConfig

    encoder: dict[str, Any] | PreTrainedConfig | None = None
    vocab_size: int = 30_000
    embedding_size: int = 256
    embedding_config: dict[str, Any] | None = None
    hidden_size: int = 256
    num_hidden_layers: int = 1
    cell_type: str = "lstm"
    residual: bool = False
    attention_type: str = "general"
    attention_size: int | None = None
    input_feeding: bool = False
    bridge: str = "dense"
    embedding_dropout: float | int = 0.0
    hidden_dropout: float | int = 0.0
    classifier_dropout: float | int = 0.0
    weight_dropout: float | int = 0.0
    variational_dropout: bool = False
    label_smoothing: float | int = 0.0
    tie_word_embeddings: bool = False
    tie_encoder_embeddings: bool = False
    use_cache: bool = True
    initializer_range: float | int = 0.1
    recurrent_initializer: str = "orthogonal"
    chrono_max_length: int | None = None
    pad_token_id: int | None = 0
    bos_token_id: int | None = None
    eos_token_id: int | list[int] | None = None
    decoder_start_token_id: int | None = None
    is_encoder_decoder: bool = True

    @property
    def output_size(self) -> int:
        """Width of the states of the decoder's last layer."""
        return self.hidden_size

    @property
    def vector_size(self) -> int:
        """Width of what the output layer reads."""
        return self.embedding_size if self.tie_word_embeddings else self.hidden_size

    @property
    def layer_types(self) -> list[str]:
        """The kind of cache that each layer needs; see ``state_cache.py``."""
        return [LAYER_TYPE] * self.num_hidden_layers

    def validate_layer_type(self) -> None:
        """Do nothing: transformers checks against a list of its own kinds."""

    def get_text_config(self, decoder: bool | None = None, encoder: bool | None = None) -> Any:
        """Return this configuration, which is that of the decoder."""
        return self

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the fields; raise a ``ValueError`` that names the field."""
        self.encoder = encoder_config(self.encoder, self.encoder_class)
        super().__post_init__(**kwargs)
        check_choice("cell_type", self.cell_type, CELL_TYPES)
        check_choice("attention_type", self.attention_type, ATTENTION_TYPES)
        check_choice("bridge", self.bridge, BRIDGES)
        check_sizes(self, "vocab_size", "embedding_size", "hidden_size", "num_hidden_layers")
        if self.attention_size is not None:
            check_sizes(self, "attention_size")
        check_embedding_config(self)
        if main_input_name(self) != "input_ids":
            raise ValueError(
                f"embedding_config: the input layer reads {main_input_name(self)}, and a decoder "
                "reads the token ids that it predicts: use an input layer over input_ids"
            )
        if is_contextual(self.embedding_config):
            raise ValueError(
                "embedding_config: vectors of ELMo know the words after each word, and a decoder "
                "predicts these words: give ELMo to the encoder"
            )
        if beside := inputs_beside_ids(self.embedding_config):
            raise ValueError(
                f"embedding_config: the input layer reads {beside[0]}, which a decoder does not "
                "know of the tokens that it predicts: give this layer to the encoder"
            )
        check_words(self)
        check_initializers(self.cell_type, self.recurrent_initializer, self.chrono_max_length)
        check_dropouts(
            self,
            "embedding_dropout",
            "hidden_dropout",
            "classifier_dropout",
            "weight_dropout",
            "label_smoothing",
        )
        self._check_steps()
        self._check_tied()
        self._check_start()

    def _check_steps(self) -> None:
        """Check what the steps of the decoder read."""
        if self.weight_dropout and (self.cell_type in SCANNED or self.input_feeding):
            reason = (
                "input_feeding calls the layers once a step, so each step would drop others"
                if self.input_feeding
                else f"{self.cell_type} has no recurrent weights"
            )
            raise ValueError(f"weight_dropout is {self.weight_dropout}, and {reason}: set it to 0")
        if self.attention_type == "none":
            if self.input_feeding:
                raise ValueError(
                    "input_feeding is True, and with attention_type 'none' there is nothing to "
                    "feed: set input_feeding=False, or choose an attention"
                )
            if self.bridge == "none":
                raise ValueError(
                    "attention_type and bridge are both 'none', so the decoder would see nothing "
                    "of the source: choose one of them"
                )

    def _check_tied(self) -> None:
        """Check the fields of tied weights."""
        if self.tie_word_embeddings and self.embedding_config is not None:
            raise ValueError(
                "tie_word_embeddings is True, and an input layer of kind "
                f"{self.embedding_config['kind']!r} is no table that could also score the next "
                "token: set tie_word_embeddings=False, or use no embedding_config"
            )
        if not self.tie_encoder_embeddings:
            return
        if not self.tie_word_embeddings:
            raise ValueError(
                "tie_encoder_embeddings is True, which ties three ways: set "
                "tie_word_embeddings=True too"
            )
        encoder: Any = self.encoder
        if not is_recurrent(encoder) or encoder.embedding_config is not None:
            raise ValueError(
                "tie_encoder_embeddings is True, and the encoder has no plain table of its own: "
                "use a RecurrentConfig without embedding_config as encoder"
            )
        for field in ("vocab_size", "embedding_size", "pad_token_id"):
            own, other = getattr(self, field), getattr(encoder, field)
            if own != other:
                raise ValueError(
                    f"tie_encoder_embeddings is True, and {field} is {own} in the decoder and "
                    f"{other} in the encoder: set both to the same"
                )

    def _check_start(self) -> None:
        """Check the ids of special tokens."""
        named = "decoder_start_token_id"
        if self.decoder_start_token_id is None:
            named = "bos_token_id"
        start = getattr(self, named)
        if start is not None and start == self.pad_token_id:
            raise ValueError(
                f"{named} is {start}, which is the padding (pad_token_id), whose "
                "vector is 0 and is not trained: give the start a token of its own"
            )
        for field in ("decoder_start_token_id", "bos_token_id"):
            value = getattr(self, field)
            if value is not None and not 0 <= value < self.vocab_size:
                raise ValueError(
                    f"{field} is {value}, expected an id below vocab_size {self.vocab_size}"
                )


def is_recurrent(config: Any) -> bool:
    """Check whether an encoder is a network of this package, by its fields.

    Not by its class, as the code of a checkpoint brings a class of its own.
    """
    return hasattr(config, "cell_type") and hasattr(config, "num_directions")


def encoder_config(given: Any, own: Any = RecurrentConfig) -> PreTrainedConfig:
    """Return the configuration of an encoder.

    Args:
        given: A configuration, its fields with ``model_type``, or ``None`` for a default one of
            ``own``. Fields without ``model_type`` are those of ``own`` too.
        own: The class of the configuration that the family's encoder usually has.

    Raises:
        ValueError: If transformers does not know the kind of model, or it is no encoder.
    """
    if given is None:
        default: PreTrainedConfig = own(bidirectional=True)
        return default
    if isinstance(given, dict):
        fields = {name: value for name, value in given.items() if name != "model_type"}
        kind = given.get("model_type", own.model_type)
        if kind in (own.model_type, RecurrentConfig.model_type):
            given = (own if kind == own.model_type else RecurrentConfig)(**fields)
        else:
            try:
                given = AutoConfig.for_model(kind, **fields)
            except ValueError as error:
                raise ValueError(
                    f"encoder: model_type is {kind!r}, which transformers does not know: expected "
                    f"{own.model_type!r} or an encoder of transformers"
                ) from error
    if getattr(given, "is_encoder_decoder", False):
        raise ValueError(
            f"encoder: {given.model_type} is an encoder and a decoder in one: take the "
            "configuration of an encoder alone"
        )
    return given
