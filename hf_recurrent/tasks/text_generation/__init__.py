"""Text generation: models that continue a text, judged by how well they predict one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units
from ..data_info import DataInfo, Option
from ..metric import SPEEDS, Metric
from .models import DEFAULT_MODELS, MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from ..fitted import Fitted

_LIMITS = (
    "Perplexities are those of a token, and can be compared only for equal tokens of one text. "
    "Bits a character can be compared for all models of one text: an unknown word costs its "
    "spelling too, by a character unigram of the training part. A text whose rare words were "
    "replaced by <unk> has no such figure.",
    "Latency is the time from a prompt of 60 characters to the first token.",
    "Learning curves are of a sample of the validation part, the beginnings of eight documents; "
    "the last state is kept, not the best one.",
    "Tokens a second in generation are those of one text at a time, sampled.",
)


class TextGeneration(Task):
    """A language model of a text: words, pieces of words, characters or bytes."""

    id = "text-generation"
    title = "text generation"
    head = "ForCausalLM"
    units = Units("document", "documents", "from a prompt to the first token", "tokens")
    metrics = (
        Metric("perplexity", "perplexity", "Perplexity", False, unit=""),
        Metric("bits_per_character", "bits/char", "Bits a character", False, unit="", digits=3),
        Metric("unknown_share", "unknown", "Share of unknown words", False),
        *SPEEDS,
    )
    chosen_by = "perplexity"
    models = MODELS
    default_models = DEFAULT_MODELS
    default_dataset = "state-of-the-union"
    options = (
        Option(
            "tokenizer",
            "words, whitespace (of a text that is cut into words), bpe, unigram, characters or "
            "bytes (default: the one that fits the text)",
            "KIND",
        ),
        Option("text_column", "of files and Hub data sets (default: text)", "COLUMN"),
        Option("config", "configuration of a data set of the Hub", "NAME"),
    )
    file_ends = (".txt", ".tokens")
    columns = ("text", "tokenizer_kind")
    default_seeds = 1
    cuts_rows = False
    typed = "We are met on"
    keeps_best = False
    curve_step = "tenth of the training"

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The texts that have a name."""
        from .named import TEXTS

        return TEXTS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the columns text and tokenizer_kind."""
        from .data import load_texts

        return load_texts(dataset, data_dir=data_dir, **options)

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return perplexity, bits a character and the share of unknown words."""
        from .judging import judge

        return judge(predictions, rows, train)

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return a continuation of the beginning of the first test document."""
        from .judging import samples

        return samples(fitted, data["test"])

    def sections(self, results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Return the section of samples."""
        from .page import sample_sections

        return sample_sections(results)

    def limits(self) -> list[str]:
        """Return the meaning of the figures."""
        return [*_LIMITS]

    def card_example(self, rows: "Dataset") -> str | None:
        """Return the beginning of the first document."""
        from .writing import prompt_of

        return prompt_of(rows["text"][0]) or None

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the continuation of each text, and its log-probability."""
        from .showing import answer_lines

        return answer_lines(source, texts, trust_remote_code, explain)


register_task(TextGeneration())
