"""Video captioning: a sentence for a clip."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units
from ..data_info import DataInfo, Option
from ..metric import Metric
from .models import MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from ..fitted import Fitted

_LIMITS = (
    "Moving digits are SYNTHETIC clips, made by a script: their figures say nothing of real ones.",
    "CIDEr-D depends on all clips that are judged; here it is between 0 and 10.",
)


class VideoCaptioning(Task):
    """Clips with one sentence each, or several."""

    id = "video-captioning"
    title = "video captioning"
    pipeline_tag = "video-text-to-text"
    head = "ForVideoCaptioning"
    auto_class = "AutoModelForImageTextToText"
    units = Units("clip", "clips", "from clip to sentence", "frames")
    metrics = (
        Metric("bleu", "BLEU", "BLEU", unit="", hub_name="sacrebleu"),
        Metric("cider_d", "CIDEr-D", "CIDEr-D", unit="", digits=2),
        Metric("word_error_rate", "WER", "Word error rate", higher_is_better=False, hub_name="wer"),
        Metric("exact_match", "exact", "Sentences right as a whole", is_share=True),
    )
    chosen_by = "bleu"
    models = MODELS
    default_dataset = "moving-digits"
    options = (
        Option("clip_column", "of clips in tables and Hub data sets (default: clip)", "COLUMN"),
        Option("caption_column", "of captions, as --clip-column (default: caption)", "COLUMN"),
        Option("config", "configuration of a data set of the Hub", "NAME"),
    )
    reads = ("pixel_values_videos", "input_features")
    columns = ("clip", "captions", "origin")
    default_seeds = 1
    cuts_rows = False
    typed = "clip.mp4"

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import FILES, SYNTHETIC

        return {SYNTHETIC.name: SYNTHETIC, **FILES}

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns clip, captions and origin."""
        from .data import load_captions

        return load_captions(dataset, data_dir=data_dir, **options)

    def lengths(self, rows: "Dataset") -> Sequence[int]:
        """Return a guess at the numbers of frames, as clips are not read for it."""
        return [20] * len(rows)

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return BLEU, CIDEr-D, the word error rate and the share of right sentences."""
        from .judging import judge_captions

        return judge_captions(predictions, rows["captions"][:])

    def limits(self) -> list[str]:
        """Return the meaning of the figures."""
        return [*_LIMITS]

    def card_limits(self, max_length: int) -> list[str]:
        """Return what must be known of the figures of a card."""
        return [*_LIMITS]

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield each clip with its caption and, if that is none of its captions, a right one."""
        for clip, right, found in zip(rows["clip"], rows["captions"], predictions, strict=True):
            yield clip.rpartition("//")[2], found, None if found in right else right[0]

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return some clips with their captions, and what a model with attention watched in one."""
        from dataclasses import asdict
        from hashlib import sha256

        found = super().examples(fitted, data, predictions)
        clips: list[str] = data["test"]["clip"][:]
        if fitted.picture is not None and clips:
            watched = fitted.picture(min(clips, key=lambda each: sha256(each.encode()).digest()))
            found += [{"watched": asdict(watched)}] if watched else []
        return found

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return the sections of these."""
        from .watching import watched_sections

        return [*super().sections(results), *watched_sections([*results])]

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that write a sentence for a clip."""
        return f"""\
from transformers import AutoTokenizer, {self.auto_class}

model = {self.auto_class}.from_pretrained({source})
tokenizer = AutoTokenizer.from_pretrained({source})
clip = {{name: value for name, value in model.dummy_inputs.items() if "decoder" not in name}}
tokenizer.batch_decode(model.generate(**clip), skip_special_tokens=True)"""

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the sentence of each clip."""
        from .showing import caption_lines

        if explain:
            raise ValueError(f"'{source}' shows no weights here: leave out --attention.")
        return caption_lines(source, texts, trust_remote_code)


register_task(VideoCaptioning())
