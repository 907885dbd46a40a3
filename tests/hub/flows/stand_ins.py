"""Small stand-ins for the named data sets of the Hub: their files, columns, labels and revisions.

Each text names its label, so that a label that was mixed up is seen.
"""

from pathlib import Path
from typing import Any

from datasets import ClassLabel, Dataset, Features, Value
from huggingface_hub import HfApi

SPAM_BRANCH = "refs/convert/parquet"
_SENTIMENT = ("negative", "positive")
_GRADES = ("very negative", "negative", "neutral", "positive", "very positive")
_QUESTIONS = ("DESC", "ENTY", "ABBR", "HUM", "LOC", "NUM")
_NEWS = ("World", "Sports", "Business", "Sci/Tech")
_SPAM = ("ham", "spam")


def push_stand_ins(folder: Path) -> None:
    """Push all of them, each by one commit; ``folder`` is where their files are written."""
    ends = {"train": "train", "dev": "validation", "test": "test"}
    for name, labels in (("sst2", _SENTIMENT), ("sst5", _GRADES)):
        for end in ends:
            rows = _rows(labels, end, label_text=True)
            _to(folder / name / f"{end}.jsonl", rows)
        _push(folder / name, f"SetFit/{name}")
    for end, count in (("train", 620), ("test", 30)):
        rows = _rows(_QUESTIONS, end, count)
        rows["label_coarse_original"] = [_QUESTIONS[label] for label in rows["label"]]
        rows["label"] = [label + 7 for label in rows["label"]]  # the fine one, not to be taken
        _to(folder / "trec" / f"{end}.jsonl", rows)
        topics = ("rec.autos", "sci.space", "alt.atheism")
        _to(folder / "news20" / f"{end}.jsonl", _rows(topics, end, label_text=True))
        _to(folder / "ag" / "data" / f"{end}-00000-of-00001.parquet", _rows(_NEWS, end), _NEWS)
    _push(folder / "trec", "SetFit/TREC-QC")
    _push(folder / "news20", "SetFit/20_newsgroups")
    _push(folder / "ag", "fancyzhx/ag_news")
    for end in ends.values():
        path = folder / "mr" / f"{end}.parquet"
        _to(path, _rows(_SENTIMENT, end), ("neg", "pos"))
    _push(folder / "mr", "cornell-movie-review-data/rotten_tomatoes")
    sms = _rows(_SPAM, "train")
    sms["sms"] = sms.pop("text")
    _to(folder / "sms" / "plain_text" / "train-00000-of-00001.parquet", sms, _SPAM)
    _push(folder / "sms", "ucirvine/sms_spam")
    hotels = _rows(_SENTIMENT, "train")
    hotels["review"] = hotels.pop("text")
    _to(folder / "hotels" / "ChnSentiCorp_htl_all.csv", hotels)
    _push(folder / "hotels", "dirtycomputer/ChnSentiCorp_htl_all")
    _push_mails(folder)


def _push_mails(folder: Path) -> None:
    """Push mails to the branch, and wrong ones to main and to the branch's other folder."""
    wrong = _mails(_SPAM[::-1])
    _to(folder / "main" / "unprocessed" / "train" / "0000.parquet", wrong, _SPAM)
    _to(folder / "mails" / "text" / "train" / "0000.parquet", wrong, _SPAM)
    _to(folder / "mails" / "unprocessed" / "train" / "0000.parquet", _mails(_SPAM), _SPAM)
    _push(folder / "main", "talby/spamassassin")
    HfApi().create_branch("talby/spamassassin", branch=SPAM_BRANCH, repo_type="dataset")
    _push(folder / "mails", "talby/spamassassin", SPAM_BRANCH)


def _mails(named: tuple[str, ...]) -> dict[str, list[Any]]:
    rows = _rows(named, "train")
    rows["raw"] = [f"From: a@b.c\nSubject: {t}\n\nHello".encode() for t in rows.pop("text")]
    return rows


def _rows(
    labels: tuple[str, ...], part: str, count: int = 40, label_text: bool = False
) -> dict[str, list[Any]]:
    numbers = [i % len(labels) for i in range(count)]
    rows: dict[str, list[Any]] = {
        "text": [f"{labels[n]} in {part} {i}" for i, n in enumerate(numbers)],
        "label": numbers,
    }
    return rows | ({"label_text": [labels[n] for n in numbers]} if label_text else {})


def _to(path: Path, rows: dict[str, list[Any]], names: tuple[str, ...] | None = None) -> None:
    """Write rows in the form that the path's ending names, labels with ``names`` if given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    features = None
    if names is not None:
        kinds = {bytes: Value("binary"), str: Value("string"), int: Value("int64")}
        features = Features({column: kinds[type(cells[0])] for column, cells in rows.items()})
        features["label"] = ClassLabel(names=list(names))
    data = Dataset.from_dict(rows, features=features)
    write = {".jsonl": data.to_json, ".csv": data.to_csv, ".parquet": data.to_parquet}
    write[path.suffix](str(path))


def _push(folder: Path, repo: str, revision: str | None = None) -> None:
    api = HfApi()
    api.create_repo(repo, repo_type="dataset", exist_ok=True)
    api.upload_folder(repo_id=repo, repo_type="dataset", folder_path=folder, revision=revision)
