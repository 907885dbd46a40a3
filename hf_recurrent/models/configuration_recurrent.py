"""Configuration of the recurrent family: Elman RNN, LSTM and GRU, stacked and bidirectional."""

from typing import Any

from huggingface_hub.dataclasses import strict

from .cells import CELL_TYPES, SCANNED
from .checks import FamilyConfig, check_choice, check_dropouts, check_sizes, check_words
from .input_layers import check_embedding_config, main_input_name
from .recurrent_initialization import check_initializers
from .state_cache import LAYER_TYPE


@strict
class RecurrentConfig(FamilyConfig):
    r"""Configuration of ``RecurrentModel`` and its heads.

    Args:
        vocab_size: Number of rows of the embedding; not used by a model over frames.
        embedding_size: Width of the embedding.
        embedding_config: The input layer, if it is not the plain look-up: ``kind`` and the fields
            of that kind, see ``input_layers.py``. If the fields determine the width of the layer,
            ``embedding_size`` is set to it. With the kind ``"frames"`` the model reads
            ``input_features`` in place of token ids.
        hidden_size: Width of the hidden state of each direction, as in torch.
        num_hidden_layers: Number of stacked layers.
        cell_type: ``"rnn_tanh"``, ``"rnn_relu"``, ``"lstm"``, ``"gru"``, ``"mingru"`` or
            ``"minlstm"``; ``cells.py`` has the equations.
        bidirectional: Whether each layer also reads backward.
        residual: Whether the input of each layer is added to its output, from the second layer on
            (the first changes the width).
        pooling: How a head turns the sequence into one vector: the ``"last"`` state of each
            direction, ``"mean"``, ``"max"``, or additive self-``"attention"``.
        embedding_dropout: Dropout on the embeddings.
        hidden_dropout: Dropout between layers.
        classifier_dropout: Dropout before the classifier, or before the output layer of a language
            model.
        word_dropout: Probability with which training drops all occurrences of a word in a batch
            (Gal and Ghahramani 2016; ``dropoute`` of AWD-LSTM).
        weight_dropout: Dropout on the recurrent weights (DropConnect; Merity et al. 2018), drawn
            anew in each forward pass; not for minGRU and minLSTM, which have none.
        activation_regularization: Factor of the mean square of a language model's dropped outputs
            in its loss (AR; Merity et al. 2018 take 2). In training only, as all of these.
        temporal_activation_regularization: Factor of the mean squared change of its outputs from a
            token to the next (TAR; they take 1).
        variational_dropout: Whether the dropouts on embeddings, between layers and before the
            output layer of a language model use one mask for all steps of a sequence (locked
            dropout, Gal and Ghahramani 2016) in place of one mask a step.
        freeze_embeddings: Whether training leaves the embeddings unchanged.
        frozen_layers: Indices of the layers that training leaves unchanged.
        class_weights: A factor for each label in the loss; see ``loss.py``.
        label_smoothing: Share of the target that is spread over all labels; see ``loss.py``.
        focal_gamma: Exponent of the focal loss in training (Lin et al. 2017), 0 for the plain loss;
            see ``hard_training.py``.
        hard_example_share: Share of each batch that counts in training, the hardest units
            (Shrivastava et al. 2016), 1 for all; see ``hard_training.py``.
        crf: Whether a tagger scores whole paths of tags with a linear-chain CRF (Lafferty et al.
            2001).
        tag_scheme: ``"BIO"`` or ``"BIOES"``: the CRF then allows only the paths of this scheme,
            according to the names in ``id2label``, in decoding, n-best and marginals.
        constrained_training: Whether these constraints also apply in the loss of the CRF. A
            sentence whose own tags are forbidden then adds 0 to the loss, with a warning.
        tie_word_embeddings: Whether the output layer of a language model has the weights of the
            embedding, through a linear layer if ``output_size`` is not ``embedding_size``.
        output_loss: The loss of a language model: ``"cross_entropy"``, ``"adaptive"`` (the adaptive
            softmax, which has an output layer of its own), or one over some negatives in place of
            all tokens, ``"sampled_softmax"``, ``"nce"``, ``"bpr_max"`` or ``"top1_max"``.
            Evaluation is always over all tokens. See ``docs/output-losses.md``.
        output_loss_config: The fields of that loss by name, such as ``sampler`` and ``negatives``;
            see ``output_loss_fields.py``.
        use_cache: Whether a language model returns its states as ``past_key_values``.
        initializer_range: Standard deviation of fresh embeddings.
        recurrent_initializer: Fresh recurrent weights: ``"orthogonal"``, or ``"identity"`` for
            ``"rnn_relu"`` (Le, Jaitly and Hinton 2015) and ``"rnn_tanh"``: a state is then kept
            until training changes that.
        chrono_max_length: The longest delay to be bridged, in steps, for fresh biases by which the
            units of an LSTM or GRU keep their states for 1 to so many steps (chrono
            initialisation, Tallec and Ollivier 2018); ``None`` for the usual biases.
        pad_token_id: Id of the padding; its row starts as zeros.

    The fields of a head (``pooling``, ``classifier_dropout``, ``class_weights``, ...) are checked
    when a head is made that uses them.

    ``output_size`` is the width of ``last_hidden_state``: ``hidden_size`` times directions.

    Example:
        >>> from hf_recurrent import RecurrentConfig
        >>> RecurrentConfig(cell_type="gru", hidden_size=64, bidirectional=True).output_size
        128
    """

    model_type = "recurrent"
    # States and pooling weights are not predictions, so the evaluation of Trainer leaves them out.
    keys_to_ignore_at_inference = [  # noqa: RUF012 - Trainer adds a list to it
        "past_key_values",
        "final_hidden_state",
        "final_cell_state",
        "pooling_weights",
        "hidden_states",
    ]

    vocab_size: int = 30_000
    embedding_size: int = 100
    embedding_config: dict[str, Any] | None = None
    hidden_size: int = 256
    num_hidden_layers: int = 1
    cell_type: str = "lstm"
    bidirectional: bool = False
    residual: bool = False
    pooling: str = "last"
    embedding_dropout: float | int = 0.0
    hidden_dropout: float | int = 0.0
    classifier_dropout: float | int = 0.0
    word_dropout: float | int = 0.0
    weight_dropout: float | int = 0.0
    activation_regularization: float | int = 0.0
    temporal_activation_regularization: float | int = 0.0
    variational_dropout: bool = False
    freeze_embeddings: bool = False
    frozen_layers: list[int] | tuple[int, ...] = ()
    class_weights: list[float | int] | tuple[float | int, ...] | None = None
    label_smoothing: float | int = 0.0
    focal_gamma: float | int = 0.0
    hard_example_share: float | int = 1.0
    crf: bool = False
    tag_scheme: str | None = None
    constrained_training: bool = False
    tie_word_embeddings: bool = False
    output_loss: str = "cross_entropy"
    output_loss_config: dict[str, Any] | None = None
    use_cache: bool = True
    initializer_range: float | int = 0.1
    recurrent_initializer: str = "orthogonal"
    chrono_max_length: int | None = None
    pad_token_id: int | None = 0
    bos_token_id: int | None = None
    eos_token_id: int | list[int] | None = None

    @property
    def num_directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def input_size(self) -> int:
        """Width of what the first layer reads."""
        return self.embedding_size

    @property
    def output_size(self) -> int:
        """Width of ``last_hidden_state``."""
        return self.hidden_size * self.num_directions

    @property
    def layer_types(self) -> list[str]:
        """The kind of cache that each layer needs; see ``state_cache.py``."""
        return [LAYER_TYPE] * self.num_hidden_layers

    def validate_layer_type(self) -> None:
        """Do nothing: transformers checks against a list of its own kinds."""

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the fields of the base model; raise a ``ValueError`` that names the field."""
        super().__post_init__(**kwargs)
        check_choice("cell_type", self.cell_type, CELL_TYPES)
        check_sizes(self, "vocab_size", "embedding_size", "hidden_size", "num_hidden_layers")
        check_embedding_config(self)
        check_words(self)
        check_initializers(self.cell_type, self.recurrent_initializer, self.chrono_max_length)
        check_dropouts(
            self, "embedding_dropout", "hidden_dropout", "word_dropout", "weight_dropout"
        )
        if self.weight_dropout and self.cell_type in SCANNED:
            raise ValueError(
                f"weight_dropout is {self.weight_dropout}, and {self.cell_type} has no recurrent "
                "weights: set it to 0"
            )
        if self.word_dropout and main_input_name(self) != "input_ids":
            raise ValueError(
                f"word_dropout is {self.word_dropout}, and the input layer reads "
                f"{main_input_name(self)}, not words: set it to 0"
            )
        for layer in self.frozen_layers:
            if not 0 <= layer < self.num_hidden_layers:
                raise ValueError(
                    f"frozen_layers: layer {layer} does not exist, the layers are 0 to "
                    f"{self.num_hidden_layers - 1}"
                )
