"""What the tasks over sound say alike; nothing heavy is imported here."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .base import Task, refuse_to_explain
from .data_info import Option

if TYPE_CHECKING:
    from datasets import DatasetDict


class SoundTask(Task):
    """A task whose rows name recordings, each with a speaker if it is known."""

    reads = ("input_features",)
    default_seeds = 1
    cuts_rows = False
    typed = "recording.wav"

    def data_limits(self, data: "DatasetDict") -> list[str]:
        """Say so where a speaker of the test part is heard in training too."""
        train, test = ({*data[part]["speaker"][:]} - {""} for part in ("train", "test"))
        known, number = len(test & train), len(test)
        if not known:
            return []
        who = "The only speaker" if known == number == 1 else f"{known} of the {number} speakers"
        who, verb = f"{who} of the test part", "is" if known == 1 else "are"
        return [f"{who} {verb} heard in training too: its figures say nothing of other speakers."]

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the answer to each file of sound."""
        refuse_to_explain(source, explain)
        return self.heard(source, texts, trust_remote_code)

    @abstractmethod
    def heard(
        self, source: str, files: Sequence[str], trust_remote_code: bool = False
    ) -> Iterator[str]:
        """Yield a line for each file of sound; see ``predict``."""


def recording_options(answer: Option) -> tuple[Option, ...]:
    """Return the options for data of recordings, with that of the column of answers."""
    return (
        Option("audio_column", "of paths of sound in tables (default: audio)", "COLUMN"),
        answer,
        Option("speaker_column", "of speakers, each of whom is then in one part", "COLUMN"),
        Option("config", "configuration of a data set of the Hub", "NAME"),
    )
