"""The named data sets for text classification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from ...data.cells import class_cell, text_cell
from ...data.loading import split_columns
from ...data.mails import mail_text
from ...data.rows import Splits
from ...data.sources import HubSource, NamedDataset
from ...data.tables import TableColumn
from . import readers


@dataclass(frozen=True, kw_only=True)
class TextDatasetSpec(NamedDataset):
    """A named data set for text classification.

    Attributes:
        labels: Names of the labels in the order of their ids; ``None`` for the sorted names.
    """

    labels: tuple[str, ...] | None = None

    subfolder: ClassVar[str] = "text"

    @property
    def class_names(self) -> Mapping[str, tuple[str, ...]]:
        """Our names of labels, if we have any."""
        return {"label": self.labels} if self.labels else {}


def text_columns(
    text: str | None = None,
    label: str | None = None,
    group: str | None = None,
    time: str | None = None,
) -> dict[str, TableColumn]:
    """Return the columns of a table for texts and labels, "text" and "label" by default.

    There are columns for groups and times if the user names them.
    """
    return {
        "text": TableColumn(text or "text", "text_column", text_cell),
        "label": TableColumn(label or "label", "label_column", class_cell),
        **split_columns(group, time),
    }


def _hub(name: str, text: str = "text", label: str = "label", **options: Any) -> HubSource:
    return HubSource(name, text_columns(text, label), **options)


_SENTIMENT = ("negative", "positive")
_FINE_SENTIMENT = ("very negative", "negative", "neutral", "positive", "very positive")
_QUESTIONS = ("DESC", "ENTY", "ABBR", "HUM", "LOC", "NUM")
_NEWS = ("World", "Sports", "Business", "Sci/Tech")
_SPAM = ("ham", "spam")
_SPAM_FOLDERS = {
    "easy-ham-1": "ham",
    "easy-ham-2": "ham",
    "hard-ham-1": "ham",
    "spam-1": "spam",
    "spam-2": "spam",
}
_CHINESE_FILES = {"neg.txt": "negative", "pos.txt": "positive"}
_CUT = "none published: cut 80/10/10"
_TENTH = "training and test part published, validation part a tenth of the training part"


def _numbered(labels: tuple[str, ...], start: int = 0) -> dict[str, str]:
    """Return the names of labels by their number in a file."""
    return {str(number): label for number, label in enumerate(labels, start)}


def _orange(stem: str) -> dict[str, Any]:
    """Return the files of a set of Orange tables and their reader."""
    parts = {"train": f"{stem}-train.tab", "test": f"{stem}-test.tab"}
    return {
        "files": tuple(parts.values()),
        "read": partial(readers.read_orange_tables, parts=parts),
    }


def _lines(
    labels: tuple[str, ...], separator: str = " ", by_name: bool = False, **parts: str
) -> dict[str, Any]:
    """Return files with a label, or its number, at the start of each line, and their reader."""
    written = dict(zip(labels, labels, strict=True)) if by_name else _numbered(labels)
    read = partial(readers.read_labelled_lines, parts=parts, labels=written, separator=separator)
    return {"files": tuple(parts.values()), "read": read, "labels": labels}


def _stanford(stem: str, labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the three published parts of a Stanford sentiment treebank's sentences."""
    return _lines(labels, train=f"{stem}.train", validation=f"{stem}.dev", test=f"{stem}.test")


def _one(name: str, read: Callable[..., Splits], **options: Any) -> dict[str, Any]:
    """Return a single file and its reader."""
    return {"files": (name,), "read": partial(read, name=name, **options)}


_SPECS = (
    TextDatasetSpec(
        name="movie-snippets",
        title="sentiment of sentences of movie reviews, by the mean rating of 20 people",
        splits=f"{_CUT}; the 37 snippets with a mean rating of 0 are left out",
        **_one("movieReviewSnippets_GroundTruth.txt", readers.read_movie_snippets),
        labels=_SENTIMENT,
        package="movie-snippets",
    ),
    TextDatasetSpec(
        name="20-newsgroups",
        title="topic of posts to 20 newsgroups",
        splits=f"{_TENTH}; the package's posts are lower case and without punctuation, the "
        f"Hub's are as they were written",
        **_orange("20newsgroups"),
        package="20-newsgroups",
        hub=_hub("SetFit/20_newsgroups", label="label_text"),
    ),
    TextDatasetSpec(
        name="reuters-r8",
        title="topic of newswire stories, 8 classes",
        splits=_TENTH,
        **_orange("reuters-r8"),
        package="20-newsgroups",
    ),
    TextDatasetSpec(
        name="reuters-r52",
        title="topic of newswire stories, 52 classes",
        splits=_TENTH,
        **_orange("reuters-r52"),
        package="20-newsgroups",
    ),
    TextDatasetSpec(
        name="spam-assassin",
        title="mails, wanted or spam",
        license="PDDL-1.0 (collection), CC0-1.0",
        splits=f"{_CUT}; subject and body only, tags stripped; the footers of mailing lists "
        f"remain, and they mark wanted mail",
        files=tuple(_SPAM_FOLDERS),
        read=partial(readers.read_mails, folders=_SPAM_FOLDERS),
        labels=_SPAM,
        package="spam-assassin",
        # The repository has a loading script, which ``datasets`` no longer runs; the Hub's
        # conversion to Parquet is on a separate branch.
        hub=_hub(
            "talby/spamassassin",
            text="raw",
            revision="refs/convert/parquet",
            data_dir="unprocessed",
            convert={"text": mail_text},
        ),
    ),
    TextDatasetSpec(
        name="chinese-reviews",
        title="sentiment of Chinese reviews of books, hotels and goods",
        language="zh",
        splits=f"{_CUT}; about half of the reviews are repeated and left out",
        files=tuple(_CHINESE_FILES),
        read=partial(readers.read_chinese_reviews, files=_CHINESE_FILES),
        labels=_SENTIMENT,
        package="chinese-reviews",
    ),
    TextDatasetSpec(
        name="sst2",
        title="SST-2: sentiment of sentences of movie reviews",
        splits="published, sentences only; stanfordnlp/sst2 trains on 67,349 phrases and "
        "keeps its test labels secret, so it is not used",
        **_stanford("stsa.binary", _SENTIMENT),
        hub=_hub("SetFit/sst2"),
    ),
    TextDatasetSpec(
        name="sst5",
        title="SST-5: sentiment of sentences of movie reviews, 5 grades",
        splits="published, sentences only",
        **_stanford("stsa.fine", _FINE_SENTIMENT),
        hub=_hub("SetFit/sst5"),
    ),
    TextDatasetSpec(
        name="trec",
        title="TREC-6: what a question asks for",
        splits="training and test part published, validation part 500 questions of the "
        "training part",
        **_lines(_QUESTIONS, train="TREC.train.all", test="TREC.test.all"),
        hub=_hub("SetFit/TREC-QC", label="label_coarse_original"),
        validation_size=500,
    ),
    TextDatasetSpec(
        name="mr",
        title="MR (rt-polarity): sentiment of sentences of movie reviews",
        splits=f"{_CUT}; the Hub's copy has splits of its own",
        **_lines(_SENTIMENT, all="rt-polarity.all"),
        hub=_hub("cornell-movie-review-data/rotten_tomatoes"),
    ),
    TextDatasetSpec(
        name="ag-news",
        title="topic of news",
        license="non-commercial research",
        non_commercial=True,
        splits=f"on the Hub: {_TENTH}; the file ag_news_test.csv is the test part alone and is cut "
        f"80/10/10",
        **_one("ag_news_test.csv", readers.read_ag_news, labels=_numbered(_NEWS, 1)),
        labels=_NEWS,
        hub=_hub("fancyzhx/ag_news"),
    ),
    TextDatasetSpec(
        name="long-reviews",
        title="polarity v2: sentiment of whole movie reviews",
        splits=_CUT,
        **_lines(_SENTIMENT, "\t", all="long_reviews.tsv.gz"),
    ),
    TextDatasetSpec(
        name="sms-spam",
        title="text messages, wanted or spam",
        license="CC BY 4.0",
        splits=_CUT,
        **_lines(_SPAM, "\t", by_name=True, all="sms_spam.tsv"),
        hub=_hub("ucirvine/sms_spam", text="sms"),
    ),
    TextDatasetSpec(
        name="chnsenticorp",
        title="ChnSentiCorp: sentiment of Chinese reviews of hotels",
        language="zh",
        splits=_CUT,
        **_one("chnsenticorp_hotel.csv", readers.read_labelled_csv, labels=_numbered(_SENTIMENT)),
        labels=_SENTIMENT,
        hub=_hub("dirtycomputer/ChnSentiCorp_htl_all", text="review"),
    ),
)


TEXT_DATASETS: Mapping[str, TextDatasetSpec] = {spec.name: spec for spec in _SPECS}
