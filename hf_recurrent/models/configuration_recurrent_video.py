"""Configuration of recurrent networks over clips: pictures, skeletons and sensors."""

from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict

from .checks import check_sizes
from .configuration_recurrent import RecurrentConfig
from .embeddings import InputLayer
from .pictures import PictureEmbedding


@strict
class RecurrentVideoConfig(RecurrentConfig):
    r"""Configuration of ``RecurrentVideoModel`` and its heads.

    It has the fields of ``RecurrentConfig``. The input layer is of kind ``"pictures"``
    (``pictures.py``), by default with a small network that is trained; with the kind ``"frames"``
    the model reads the joints of skeletons or the values of sensors as ``input_features``.

    Args:
        num_frames: Number of frames of a clip that the pipeline asks the video processor for.

    Example:
        >>> from hf_recurrent import RecurrentVideoConfig
        >>> RecurrentVideoConfig(cell_type="gru").embedding_config
        {'kind': 'pictures'}
        >>> joints = {"kind": "frames", "num_channels": 60}
        >>> RecurrentVideoConfig(embedding_config=joints).embedding_size
        60
    """

    model_type = "recurrent_video"
    input_kinds: ClassVar[dict[str, type[InputLayer]]] = {"pictures": PictureEmbedding}

    num_frames: int = 16

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the fields; raise a ``ValueError`` that names the field."""
        if self.embedding_config is None:
            self.embedding_config = {"kind": "pictures"}
        super().__post_init__(**kwargs)
        check_sizes(self, "num_frames")
