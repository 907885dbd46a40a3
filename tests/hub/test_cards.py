"""Cards say what is known, in the forms that the Hub's client reads, and nothing else."""

import ast
import re
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub import parse_eval_result_entries as parse_entries
from markdown_it import MarkdownIt
from transformers import BertConfig

import hf_recurrent as hr
from hf_recurrent.hub import (
    DataRecord,
    Plot,
    Record,
    RecordedAnswer,
    RecordedResult,
    model_card,
    write_card,
)
from hf_recurrent.hub.citations import AUTHOR, TITLE, citations
from hf_recurrent.hub.identifiers import LICENSES, TASKS

from .flows.samples import Sample, make_samples
from .test_record import WHOLE

CONFIG = {"vocab_size": 9, "embedding_size": 4, "hidden_size": 3, "num_labels": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = hr.RecurrentConfig(
        **CONFIG, cell_type="gru", id2label={0: "bad", 1: "good"}, label2id={"bad": 0, "good": 1}
    )
    hr.RecurrentForSequenceClassification(config).save_pretrained(tmp_path)
    return tmp_path


def test_the_client_reads_what_was_written(folder: Path) -> None:
    write_card(folder, WHOLE, "ada/questions")
    data = ModelCard.load(folder / "README.md").data
    assert (data.library_name, data.pipeline_tag) == ("hf-recurrent", "text-classification")
    assert (data.datasets, data.metrics, data.language) == (["CogComp/trec"], ["accuracy"], "en")
    assert data.tags == ["recurrent", "gru"]
    (result,) = data.eval_results
    assert (result.dataset_type, result.dataset_split) == ("CogComp/trec", "test")
    assert (result.metric_type, result.metric_value) == ("accuracy", 0.94)
    (entry,) = parse_entries(yaml.safe_load((folder / ".eval_results/trec.yaml").read_text()))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("CogComp/trec", "accuracy", 0.94)
    assert entry.notes == "mean of 3 runs, standard deviation 0.0060"


def test_the_text_tells_it(folder: Path) -> None:
    write_card(folder, WHOLE, "ada/questions")
    text = (folder / "README.md").read_text()
    for told in (
        "# questions",
        "`RecurrentForSequenceClassification`",
        "labels: bad, good",
        'AutoModelForSequenceClassification.from_pretrained("ada/questions")',
        "\nA model for text classification, trained on Questions. Accuracy 94.0 ± 0.6 % on the "
        "test part; 1.5 ms from text to label on 2 threads.\n",
        "| Accuracy | test | 94.0 ± 0.6 % | 3 |",
        "| a fine film | good | right |",
        "| not bad | bad | wrong, expected: good |",
        "| tf-idf | 90.6 |",
        "Latency from text to label, median: 1.5 ms (one text at a time, 2 threads)",
        "Of the test texts: 97.0% of the words.",
        "1.4 MiB",
        "@software{hf_recurrent,",
        "**It was stopped.**",
        "Texts: train 4,952.",
        "- learning_rate: 0.002",
        "- hidden_size: 3",
        "- English only.",
    ):
        assert told in text, told


def test_a_card_leaves_out_what_is_off_by_default() -> None:
    config = hr.RecurrentConfig(**CONFIG, bidirectional=True, use_cache=False)
    told = model_card(config, Record(), "m").text.split("Configuration</summary>")[1]
    for name in ("bidirectional: True", "hidden_size: 3", "cell_type: "):
        assert f"- {name}" in told, name
    for name in ("residual", "class_weights", "weight_dropout", "None"):
        assert name not in told, name


def test_a_model_that_returns_a_number_has_no_labels() -> None:
    fields = CONFIG | {"architectures": ["RecurrentForSequenceClassification"]}
    assert (
        "labels: LABEL_0, LABEL_1" in model_card(hr.RecurrentConfig(**fields), Record(), "m").text
    )
    number = hr.RecurrentConfig(**fields | {"num_labels": 1})
    assert "label" not in model_card(number, Record(), "m").text.split("## How it was made")[0]


def test_what_is_not_known_is_left_out(folder: Path) -> None:
    write_card(folder, Record(), "ada/model")
    card = ModelCard.load(folder / "README.md")
    assert set(card.data.to_dict()) == {"library_name", "tags"}
    headings = ("Results", "## Data", "License", "Limits", "Cost", "Word vectors", "Citation")
    for untold in ("None", "![", *headings):
        assert untold not in card.text.split("<details>")[0], untold
    assert not (folder / ".eval_results").exists()


def run_code(card: Path) -> Any:
    """Run the lines that a card shows, and return the value of the last one."""
    code = card.read_text().split("```python\n")[1].split("```")[0]
    *statements, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    scope: dict[str, Any] = {}
    exec(compile(ast.Module(statements, []), str(card), "exec"), scope)
    return eval(compile(ast.Expression(last.value), str(card), "eval"), scope)


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    return make_samples()


@pytest.mark.parametrize("known", [True, False])
def test_the_lines_run(known: bool, samples: dict[str, Sample], tmp_path: Path) -> None:
    """The lines are run on a saved folder of every kind of model, with a record and without."""
    heads = set()
    for name, (model, tokenizer) in samples.items():
        folder = tmp_path / name
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        head = type(model).__name__
        heads.add(head)
        task = "text-classification" if "Classification" in head else None
        example = "film" if head == "StaticEmbeddingModel" else 'not "bad"'
        write_card(folder, Record(task=task, example=example) if known else Record(), str(folder))
        answer = run_code(folder / "README.md")
        if task:
            assert answer[0]["label"] in model.config.label2id, name
        elif head == "StaticEmbeddingModel":
            found = {word for word, _ in answer}
            assert 0 < len(found & set(tokenizer.get_vocab())) == len(found) <= 10, name
            assert not known or "film" not in found, name
        else:
            length = len(tokenizer(example if known else "a text").input_ids)
            assert answer.shape == (1, length, model.config.output_size), name
    assert len(heads) == 4


@pytest.mark.parametrize("head", ["bilstm-classifier", "gru", "vectors"])
def test_the_lines_of_a_model_without_a_tokenizer(
    head: str, samples: dict[str, Sample], tmp_path: Path
) -> None:
    model = samples[head].model
    model.save_pretrained(tmp_path)
    write_card(tmp_path, Record(), str(tmp_path))
    assert "okenizer" not in (tmp_path / "README.md").read_text().split("```")[1]
    answer = run_code(tmp_path / "README.md")
    assert answer.shape[:2] == (1, 2)


def test_the_code_beside_the_weights_is_named_where_it_is(folder: Path) -> None:
    write_card(folder, Record(), "m")
    assert "trust_remote_code=True" in (folder / "README.md").read_text()
    bare = hr.RecurrentConfig(**CONFIG, architectures=["RecurrentModel"])
    assert "trust_remote_code" not in str(model_card(bare, Record(), "m"))


def test_a_model_of_transformers_is_called_so() -> None:
    config = BertConfig(architectures=["BertForSequenceClassification"])
    card = model_card(config, Record(), "m")
    assert card.data.library_name == "transformers"
    assert "A `BertForSequenceClassification` of transformers" in card.text
    assert "recurrent" not in str(card)


@pytest.mark.parametrize(
    "config", [hr.ElmoConfig, hr.RecurrentSeq2SeqConfig, hr.RecurrentVideoCaptioningConfig]
)
def test_a_model_of_each_family_is_ours(config: Any) -> None:
    assert model_card(config(), Record(), "m").data.library_name == "hf-recurrent"


def test_plots_lie_beside_the_card(folder: Path) -> None:
    write_card(folder, WHOLE, "ada/questions")
    text = (folder / "README.md").read_text()
    images = re.findall(r"!\[(.*?)\]\((.*?)\)", text)
    assert [name for _, name in images] == ["accuracy_latency.svg", "loss.svg"]
    trade_off, loss = (alt for alt, _ in images)
    assert "tf-idf 90.6 at 0.5; BiLSTM 94 at 1.5" in trade_off
    assert loss == "Loss: loss 2 at epoch 1, 0.7 at epoch 3, best 0.5 at epoch 2"
    assert "| 2 | 0.5 |" in text
    for _, name in images:
        svg = ElementTree.parse(folder / name).getroot()
        assert svg.tag == "{http://www.w3.org/2000/svg}svg"
        assert not re.search(r"(href|url\(|<script)", (folder / name).read_text())


def test_a_license_or_task_that_the_hub_does_not_know(folder: Path) -> None:
    for license, said in (
        ("Apache 2.0", "knows no license 'Apache 2.0': take one of apache-2.0, mit"),
        ("gpl-4.0", "take one of gpl, gpl-2.0, gpl-3.0, or 'other' with a license_name"),
        ("other", "'other', which needs a license_name"),
    ):
        with pytest.raises(ValueError, match=re.escape(said)):
            write_card(folder, Record(license=license), "m")
    with pytest.raises(ValueError, match="knows no task 'sentiment': expected one such as text-cl"):
        write_card(folder, Record(task="sentiment"), "m")
    assert not (folder / "README.md").exists()
    named = Record(license="other", license_name="terms of the lab", license_link="LICENSE")
    write_card(folder, named, "m")
    card = ModelCard.load(folder / "README.md")
    assert (card.data.license, card.data.license_name) == ("other", "terms of the lab")
    assert "terms of the lab: LICENSE" in card.text
    for known in LICENSES - {"other"}:
        model_card(hr.RecurrentConfig(**CONFIG), Record(license=known), "m")
    assert {"apache-2.0", "unknown"} < LICENSES
    assert {"text-classification", "feature-extraction"} < TASKS


def test_the_citation_is_that_of_the_repository() -> None:
    told = yaml.safe_load((Path(__file__).parents[2] / "CITATION.cff").read_text())
    (ours,) = citations(["a data set that nobody knows"])
    assert (told["title"], told["authors"]) == (TITLE, [{"name": AUTHOR}])
    assert f"version = {{{told['version']}}}" in ours
    many = citations(["glove", "cbow", "skip-gram", "sst2"])
    assert [re.match(r"@\w+{(\w+),", entry)[1] for entry in many] == [
        "hf_recurrent",
        "pennington2014glove",
        "mikolov2013efficient",
        "socher2013recursive",
    ]
    assert all(entry.count("{") == entry.count("}") for entry in many)


def test_word_vectors(tmp_path: Path) -> None:
    config = hr.StaticEmbeddingConfig(vocab_size=9, embedding_size=4)
    results = (RecordedResult("spearmanr", 0.61, dataset="WordSim-353", note="340 of 353 pairs"),)
    record = Record(
        title="GloVe, 50 dimensions",
        task="feature-extraction",
        results=results,
        tags=("word-vectors", "glove"),
        example="film",
    )
    card = ModelCard(str(model_card(config, record, "vectors")))
    assert card.data.tags == ["word-vectors", "glove", "static-embedding"]
    (result,) = card.data.eval_results
    assert (result.dataset_type, result.dataset_name) == ("wordsim-353", "WordSim-353")
    assert (result.metric_type, result.metric_value) == ("spearmanr", 0.61)
    assert card.data.widget == [{"text": "film"}]
    assert "| WordSim-353, 340 of 353 pairs | 0.610 |\n" in card.text


def test_no_entry_without_a_data_set_of_the_hub(folder: Path) -> None:
    record = Record(
        task="text-classification",
        data=DataRecord("movie-snippets"),
        results=(RecordedResult("f1_macro", 0.5),),
    )
    write_card(folder, record, "m")
    assert not (folder / ".eval_results").exists()
    (result,) = ModelCard.load(folder / "README.md").data.eval_results
    assert (result.metric_type, result.dataset_type) == ("f1", "movie-snippets")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("cardiffnlp/tweet_eval", "cardiffnlp-tweet_eval.yaml"),
        ("../../escaped", "escaped.yaml"),
        ("..", "results.yaml"),
        ("/etc/passwd", "etc-passwd.yaml"),
        ("Brown corpus, training part", "Brown-corpus-training-part.yaml"),
    ],
)
def test_results_lie_in_their_folder(name: str, file: str, folder: Path) -> None:
    data = DataRecord(name, hub_id="ada/data")
    write_card(folder, Record(data=data, results=(RecordedResult("accuracy", 0.5),)), "m")
    assert [path.name for path in (folder / ".eval_results").iterdir()] == [file]


def test_texts_are_no_markup() -> None:
    """Words of a record or a label are plain text in the card, in their line and their cell."""
    bad = "a|b <img src=x> `c` \\ &lt;\n\n# d"
    plain = "a&#124;b &lt;img src=x> &#96;c&#96; &#92; &amp;lt; # d"
    config = hr.RecurrentConfig(
        **CONFIG,
        architectures=["RecurrentForSequenceClassification"],
        id2label={0: bad, 1: "R&D"},
        label2id={bad: 0, "R&D": 1},
    )
    plot = Plot("a.svg", bad, bad, bad, values=(1.0, 2.0), note=bad)
    record = Record(
        title=bad,
        data=DataRecord(bad, bad, bad, bad, None, bad, {bad: 3}, bad),
        vectors=bad,
        coverage=bad,
        test_coverage=bad,
        settings={bad: bad},
        machine={bad: bad},
        results=(RecordedResult(bad, 0.5, split=bad, note=bad),),
        comparison=({bad: bad},),
        comparison_command=bad,
        latency={bad: 1.0},
        plots=(plot,),
        warnings=(bad,),
        limits=(bad,),
        license="other",
        license_name=bad,
        license_link=bad,
        answers=(RecordedAnswer(bad, bad, bad),),
    )
    text = model_card(config, record, "m").text
    assert "labels: a&#124;b" in text
    assert ", R&D." in text
    assert f"| {plain} |\n|---|\n| {plain} |" in text
    # Names of files and lines to run stand between backticks, where nothing else is markup.
    prose = re.sub(r"^(`{3,})\w*\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    told = re.sub(r"`[^`\n]*`", "", prose)
    assert "<img" not in told
    assert "`" not in told
    assert "\n# d" not in text
    assert told.count(plain) == 35
    for row in re.findall(r"^\|.*", told, re.MULTILINE):
        assert row.count("|") in (2, 3, 4), row


BAD = [
    "![x](https://evil.example/a.png)",
    "[here](https://evil.example)",
    "[here][a]",
    "<https://evil.example>",
    "<b onclick=x>b</b>",
    "a\n# heading",
    "# heading",
    "a\n===",
    "---",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "12) item",
    "> said",
    "a | b",
    "**bold** *em* _em_ __bold__ ~~gone~~",
    "```\ncode\n```",
    "`code`",
    "&lt;b&gt; &#60;b&#62;",
    "\\<b>",
    "a\n---\nlicense: mit\n---\n",
    "--- a\n\n<!-- made from the record -->",
    "\x1b[31mred\x07",
    "\u202eabc",
    "    indented",
    "[a]: https://evil.example",
    "$x$ $$y$$",
    "https://evil.example www.evil.example ada@evil.example",
    "a`b` https://evil.example/`x`",
]
ORDINARY = ["very good", "snake_case", "R&D", "4*4", "5 > 3", "C#", "half-life", "3.5 cm", "好"]


def filled(text: str, name: str = "m") -> str:
    """Return a card with one text in every place that takes words of others."""
    config = hr.RecurrentConfig(
        **CONFIG,
        architectures=["RecurrentForSequenceClassification"],
        id2label={0: text, 1: "R&D"},
        label2id={text: 0, "R&D": 1},
    )
    plot = Plot("a.svg", text, text, text, values=(1.0, 2.0), note=text)
    record = Record(
        title=text,
        task="text-classification",
        data=DataRecord(text, text, text, text, "en", text, {text: 3}, text),
        vectors=text,
        coverage=text,
        test_coverage=text,
        settings={text: text},
        machine={text: text},
        results=(RecordedResult(text, 0.5, split=text, note=text),),
        comparison=({text: text},),
        comparison_command=text,
        latency={text: 1.0},
        plots=(plot,),
        warnings=(text,),
        limits=(text,),
        license="other",
        license_name=text,
        license_link=text,
        citations=(text,),
        answers=(RecordedAnswer(text, text, text),),
        tags=(text,),
        example=text,
        version=text,
    )
    return str(model_card(config, record, name))


def parts(card: str) -> list[tuple[str, str]]:
    """Return the kinds of blocks and of inline parts of a card, and its HTML."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found = []
    for block in parser.parse(ModelCard(card).text):
        # The title of a plot, which may say anything but "<", and the digest at the end differ.
        html = re.sub(r"(?<=<summary>)[^<]*|(?<=sha256 )\w+", "", block.content)
        found.append((block.type, html if block.type == "html_block" else ""))
        found += [(part.type, part.content) for part in block.children or () if "html" in part.type]
        # Between backticks stand names and addresses, beside which there is plain text.
        kinds = {part.type for part in block.children or ()}
        found += [(kind, "") for kind in sorted(kinds - {"text", "code_inline", "html_inline"})]
        told = [part.content for part in block.children or () if part.type == "text"]
        assert not re.search(r"(?i)://|www\.|\w@\w", " ".join(told)), told
    return found


@pytest.mark.parametrize("bad", BAD)
def test_words_of_others_make_no_markup(bad: str) -> None:
    card, plain = filled(bad), filled("plain")
    assert parts(card) == parts(plain)
    data, expected = ModelCard(card).data.to_dict(), ModelCard(plain).data.to_dict()
    assert data.keys() == expected.keys()
    assert data["license"] == "other"
    text = ModelCard(card).text
    assert all(sign.isprintable() or sign == "\n" for sign in text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    shown = MarkdownIt("commonmark").enable("table").render(ModelCard(filled(text)).text)
    assert f"labels: {escape(text)}, R&amp;D." in shown


def test_the_version_is_that_which_trained() -> None:
    config = hr.RecurrentConfig(**CONFIG)
    assert "- hf-recurrent" not in model_card(config, Record(), "m").text
    assert "- hf-recurrent 0.0.7\n" in model_card(config, Record(version="0.0.7"), "m").text


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no config\.json"):
        write_card(tmp_path, Record(), "m")
