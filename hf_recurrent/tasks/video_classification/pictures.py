"""Picture encoders by their name: small ones of one's own, and trained ones with their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoModel, PreTrainedModel
from transformers.image_processing_base import ImageProcessingMixin

from ..._pretrained import one_sentence
from ...data.efficientnet_weights import IMAGE_MEAN, IMAGE_STD, NOTICE, efficientnet_lite0_weights
from ...models.picture_encoders import picture_size
from ...models.video_processing_recurrent import RecurrentVideoProcessor
from .models import PICTURE_SIZE, SMALL_SIZE

CNN, PIXELS, EFFICIENTNET = "cnn", "pixels", "efficientnet_lite0"
# The longest clip, in frames; those of a longer one are taken at equal distances.
MOST_FRAMES = 64
# Height and width of pictures for networks of ImageNet.
_USUAL = 224


@dataclass
class PictureArguments:
    """Options of picture encoders, for the recipes in ``scripts/``."""

    picture_encoder: str = field(
        default=CNN,
        metadata={
            "help": "cnn, trained with the rest; pixels; efficientnet_lite0 with its weights; or a "
            "folder or an id of the Hub with an image model of transformers, whose weights are "
            "taken."
        },
    )
    freeze_encoder: bool = field(
        default=True,
        metadata={
            "help": "Whether a picture encoder with weights is kept, and run once a picture."
        },
    )
    num_frames: int = field(
        default=MOST_FRAMES, metadata={"help": "Frames of a clip of pictures, over all of it."}
    )


@dataclass(frozen=True)
class PictureInput:
    """What a model of clips reads of pictures.

    Attributes:
        processor: Makes its pictures.
        layer: The fields of its input layer.
        weights: Those of a trained encoder; ``None`` for fresh ones.
        notices: What whoever passes on the model must say.
    """

    processor: RecurrentVideoProcessor
    layer: Mapping[str, Any]
    weights: Any = field(default=None, repr=False)
    notices: tuple[str, ...] = ()


def make_processor(
    size: tuple[int, int], num_frames: int = MOST_FRAMES, **fields: Any
) -> RecurrentVideoProcessor:
    """Return a video processor, for grey pictures if its fields do not say otherwise.

    Args:
        size: Height and width.
        num_frames: The longest clip.
        **fields: Further fields.
    """
    return RecurrentVideoProcessor(
        size={"height": size[0], "width": size[1]},
        num_frames=num_frames,
        **{"num_channels": 1, **fields},
    )


def picture_input(
    encoder: str = CNN,
    size: tuple[int | None, int | None] = (None, None),
    frozen: bool = True,
    num_frames: int = MOST_FRAMES,
) -> PictureInput:
    """Return what a model reads of pictures, by the name of its picture encoder.

    Args:
        encoder: "cnn", a small network to be trained; "pixels", which encodes nothing;
            "efficientnet_lite0" with the weights of its package; or a folder or an id of the Hub
            with an image model of transformers, whose weights are taken.
        size: Height and width of pictures; ``None`` for what the encoder is made for.
        frozen: Whether a trained encoder is kept as it is.
        num_frames: The longest clip; longer ones give frames at equal distances.

    Raises:
        OSError: If there is no such model, it has no weights in safetensors, or it does not say how
            pictures are normalised.
        ValueError: If it makes no vector of a picture.
    """
    if encoder in (CNN, PIXELS):
        made = _sized(size, PICTURE_SIZE if encoder == CNN else SMALL_SIZE)
        own: dict[str, Any] = {"kind": encoder}
        if encoder == PIXELS:
            own |= {"height": made[0], "width": made[1]}
        layer = {"kind": "pictures", "num_channels": 1, "encoder": own}
        return PictureInput(make_processor(made, num_frames), layer)
    layer = {"kind": "pictures", "frozen": frozen}
    if encoder == EFFICIENTNET:
        norm = {"num_channels": 3, "image_mean": IMAGE_MEAN, "image_std": IMAGE_STD}
        processor = make_processor(_sized(size, (_USUAL, _USUAL)), num_frames, **norm)
        layer["encoder"] = {"kind": EFFICIENTNET}
        return PictureInput(processor, layer, efficientnet_lite0_weights(), (NOTICE,))
    return _of_transformers(encoder, size, num_frames, layer)


def start_encoder(model: PreTrainedModel, pictures: PictureInput | None) -> None:
    """Give a fresh model the weights of its trained encoder, and keep vectors if that is frozen."""
    if pictures is None or pictures.weights is None:
        return
    # The input layer of a captioner itself is that of its decoder.
    encoder: Any = model.get_encoder() if model.config.is_encoder_decoder else model
    layer = encoder.get_input_embeddings()
    layer.copy_encoder(pictures.weights)
    if pictures.layer["frozen"]:
        layer.keep_pictures()


def _of_transformers(
    name: str, size: tuple[int | None, int | None], num_frames: int, layer: dict[str, Any]
) -> PictureInput:
    try:
        config = AutoConfig.from_pretrained(name, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise OSError(
            f"picture_encoder is '{name}', and no model can be opened there: expected {CNN}, "
            f"{PIXELS}, {EFFICIENTNET}, or a folder or an id of the Hub with an image model of "
            "transformers"
        ) from error
    config = getattr(config, "vision_config", config)  # as of CLIP
    try:
        told = ImageProcessingMixin.get_image_processor_dict(name)[0]
    except (OSError, ValueError) as error:
        raise OSError(
            f"'{name}' has no preprocessor_config.json, which says how the pictures of a picture "
            "encoder are normalised: save its image processor beside it"
        ) from error
    with one_sentence(f"No picture encoder could be loaded from '{name}'"):
        model, seen = AutoModel.from_pretrained(
            name,
            config=config,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    missing = sorted(seen["missing_keys"])
    pooled = not any(key.startswith("pooler.") for key in missing)
    lacking = [key for key in missing if not key.startswith("pooler.")]
    if lacking:
        raise ValueError(
            f"'{name}' has no weights for {lacking[0]} of a {config.model_type}: it is no picture "
            "encoder that is trained"
        )
    made = _sized(size, picture_size(config, _told_size(told)))
    layer |= {"encoder": config.to_dict(), "num_channels": 3, "pooled": pooled}
    norm: dict[str, Any] = {"num_channels": 3, "image_mean": [0.0] * 3, "image_std": [1.0] * 3}
    if told.get("do_normalize", True):
        norm |= {each: told[each] for each in ("image_mean", "image_std") if told.get(each)}
    rescaled = told.get("do_rescale", True)
    norm["rescale_factor"] = told.get("rescale_factor", 1 / 255) if rescaled else 1.0
    notice = (
        f"The picture encoder has the weights of {Path(name).name if Path(name).exists() else name}"
    )
    notice += ", kept as they are." if layer["frozen"] else ", tuned."
    return PictureInput(make_processor(made, num_frames, **norm), layer, model, (notice,))


def _told_size(told: Mapping[str, Any]) -> int:
    """Return the length of the sides of the pictures that an image processor makes."""
    size = told.get("crop_size") or told.get("size") or _USUAL
    return int(size if isinstance(size, int) else min(size.values()))


def _sized(size: tuple[int | None, int | None], usual: tuple[int, int]) -> tuple[int, int]:
    return size[0] or usual[0], size[1] or usual[1]
