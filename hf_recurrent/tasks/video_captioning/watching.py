"""The weights of a caption's words over the frames of its clip, and their picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..._drawing import COLOURS, as_drawn, new_figure, style, svg
from ...data import moving_digits
from ...models.video_files import uniform_frames
from ..translation.translating import target_words
from ..video_classification.encoding import ClipReader

_LETTER, _ROW, _WIDEST, _WHOLE = 8, 26, 44, 720


@dataclass(frozen=True)
class Watched:
    """What a captioner watched.

    Attributes:
        clip: The reference of the clip.
        words: The words of its caption, the end among them.
        weights: The weight of each frame for each word; each row has the sum 1.
    """

    clip: str
    words: list[str]
    weights: list[list[float]]


@torch.inference_mode()
def watch(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, reader: ClipReader, clip: str
) -> Watched | None:
    """Return the weights of a greedy caption; ``None`` for a model without attention.

    The weights of the pieces of a word are averaged.
    """
    generator: Any = model
    batch = {name: value.to(model.device) for name, value in reader.batch([clip]).items()}
    made = generator.generate(**batch, num_beams=1, do_sample=False)
    found = generator(**batch, decoder_input_ids=made[:, :-1], output_attentions=True)
    if not found.cross_attentions:
        return None
    weights = found.cross_attentions[-1][0].float().mean(0)
    words = target_words(tokenizer, made[0, 1:].tolist())
    rows = [weights[part].mean(0).tolist() for _, part in words]
    return Watched(clip, [word for word, _ in words], [[round(w, 3) for w in row] for row in rows])


def watched_svg(watched: Mapping[str, Any], *, in_page: bool = True) -> str:
    """Return the picture of weights under the frames.

    Frames of a synthetic clip are drawn, and those of others are numbered: they may show persons.

    Args:
        watched: The fields of a ``Watched``.
        in_page: See ``_drawing.svg``.
    """
    # Imported here because matplotlib takes a second.
    from matplotlib.patches import Rectangle

    clip, words, weights = (watched[name] for name in ("clip", "words", "weights"))
    number = len(weights[0]) if weights else 0
    side = max(8, min(_WIDEST, _WHOLE // max(number, 1)))
    left = _LETTER * max(map(len, words), default=0) + 20
    top = side + 14 if clip.startswith(moving_digits.SCHEME) else 30
    width, height = left + side * number + 10, top + _ROW * len(words) + 10
    with style():
        figure = new_figure(width, height)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.axis("off")
        if clip.startswith(moving_digits.SCHEME):
            frames = moving_digits.read(clip)[0]
            for column, place in enumerate(uniform_frames(len(frames), number)):
                x = left + side * column
                # Rows of a picture go down, as this axis does.
                extent = (x, x + side - 2, 4 + side - 2, 4)
                axes.imshow(frames[place], extent=extent, aspect="auto", clip_on=False)
            axes.set(xlim=(0, width), ylim=(height, 0))
        else:
            for column in range(0, number, max(1, 30 // side)):
                axes.text(
                    left + side * (column + 0.5), top - 8, str(column + 1), ha="center", va="bottom"
                )
        for row, word in enumerate(words):
            y = top + _ROW * row
            axes.text(left - 8, y + _ROW / 2, word, ha="right", va="center")
            for column, share in enumerate(weights[row]):
                cell = Rectangle(
                    (left + side * column, y), side - 2, _ROW - 2, color=COLOURS[0], linewidth=0
                )
                cell.set_alpha(max(0.0, min(float(share), 1.0)))
                cell.set_clip_on(False)
                axes.add_patch(cell)
        return svg(figure, f"Weights over the frames of {clip}", {}, in_page=in_page)


def watched_sections(results: list[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return the section of the page with this picture, of the first result that has one."""
    found = (
        (result["model"], each["watched"])
        for result in results
        for each in result["examples"]
        if "watched" in each
    )
    model, watched = next(found, ("", None))
    if watched is None:
        return []
    told = f"The weight of each frame (columns) for each word of a caption by {model} (rows); "
    told += "darker is more."
    if watched["clip"].startswith(moving_digits.SCHEME):
        told += " The clip is SYNTHETIC."
    return [("Attention over frames", told, as_drawn(watched_svg(watched)))]
