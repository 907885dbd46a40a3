"""The page over loopback, in this process: what it answers, and that it asks nobody else."""

import html
import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pytest
from gensim.models import KeyedVectors

from hf_recurrent.app import ContextSet, WordSet, open_classifiers, sets_of_models, start
from hf_recurrent.app.answers import MOST_CHARACTERS
from hf_recurrent.app.words import asked_first
from hf_recurrent.vectors.contextual import ContextualVectors
from tests.tasks.pretrained import save_elmo

from .samples import save_bag, save_bert, save_recurrent, save_tagger, vectors

pytest.importorskip("gradio")

from hf_recurrent.app.page import answers_html

SCRIPT = "<script>alert(1)</script> & \"fine\" 'film' ${alert(1)} {{value}}"


@pytest.fixture(scope="module")
def asked_hosts() -> Iterator[list[Any]]:
    """Every host whose address was looked up while the page ran."""
    hosts: list[Any] = []
    look_up = socket.getaddrinfo

    def noted(host: Any, *rest: Any, **named: Any) -> Any:
        hosts.append(host.decode() if isinstance(host, bytes) else host)
        return look_up(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", noted)
        yield hosts


@pytest.fixture(scope="module")
def page(tmp_path_factory, asked_hosts) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("models")
    models = [
        save_recurrent(folder / "attentive", pooling="attention"),
        save_bag(folder / "bag"),
        save_bert(folder / "bert"),
    ]
    classifiers = open_classifiers(list(map(str, models)))
    elmo = ContextualVectors.load(save_elmo(folder / "elmo", ["bank"]))
    sets = [WordSet("small", vectors()), *sets_of_models(classifiers)]
    page = start(classifiers, sets, [ContextSet("tiny elmo", elmo)])
    yield page
    page.close(verbose=False)


@pytest.fixture(scope="module")
def ask(page) -> Callable[..., str]:
    """Call a function of the page as any client does; gradio's own client asks the Hub first."""

    def ask(function: str, *values: Any) -> str:
        url = f"{page.local_url}gradio_api/call/{function}"
        body = json.dumps({"data": values}).encode()
        with urlopen(Request(url, body, {"Content-Type": "application/json"})) as response:
            event = json.load(response)["event_id"]
        with urlopen(f"{url}/{event}", timeout=60) as response:
            told = response.read().decode()
        name, data = re.findall("event: (.*)\ndata: (.*)\n", told)[-1]
        assert name == "complete", told
        (answer,) = json.loads(data)
        return answer

    return ask


def text_of(answer: str) -> str:
    """What a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer)).split())


def test_models_answer_side_by_side(ask) -> None:
    answer = ask("answer", "a fine film quux")
    assert re.findall("<h3>(.*?)</h3>", answer) == ["attentive", "bag", "bert"]
    seen = text_of(answer)
    assert seen.count("ms from text to label (median of") == 3
    assert seen.count("batch 1") == 3
    for card in answer.split("<section")[1:]:
        shares = [float(share) for share in re.findall(r'hfr-number">([\d.]+) %', card)]
        assert sum(shares) == pytest.approx(100, abs=0.2)
        assert {"good", "bad"} <= set(text_of(card).split())
        assert re.search(
            'class="hfr-unknown"[^>]* title="[^"]*[(]unknown word[)]"[^>]*>quux<', card
        )
    assert answer.count("% of the attention") == 4
    assert "--w:1.000" in answer
    assert "has no attention pooling" in seen


def test_labels_stay_in_their_order_and_the_winner_is_bold(ask) -> None:
    for text in ("a fine film", "dull", "queen"):
        for card in ask("answer", text).split("<section")[1:]:
            rows = re.findall(
                r'listitem"( class="hfr-best")?><span class="hfr-name">(\w+)<.*?number">([\d.]+) %',
                card,
                re.DOTALL,
            )
            assert [label for _, label, _ in rows] == ["bad", "good"]
            best = max(rows, key=lambda row: float(row[2]))
            assert [row for row in rows if row[0]] == [best]


def test_an_example_of_a_record_is_answered_before_anybody_asks(page) -> None:
    config = json.dumps(page.config, default=str)
    assert '"value": "a fine film"' in config
    assert "not dull at all" in config
    assert "ms</b> from text to label" in config.replace("<\\/", "</")


def test_words_are_looked_up_before_anybody_asks(page) -> None:
    config = json.dumps(page.config, default=str)
    for told in ("<h3>king</h3>", "<h3>man : king = woman : ?</h3>"):
        assert told in config.replace("<\\/", "</"), told


def test_a_word_in_two_sentences(ask, page) -> None:
    first, second = "the bank of a river", f"money in a bank {SCRIPT}"
    answer = ask("contexts", "tiny elmo", "bank", first, second, 0)
    cards = answer.split("<section")[1:]
    assert len(cards) == 2
    for card, sentence in zip(cards, (first, second), strict=True):
        assert text_of(card.split("</h3>")[0]).endswith(f"bank: {sentence}")
        # Layer 0 knows the word alone: its eight sentences of two senses are equally near.
        assert card.count("<b>bank</b>") == card.count('hfr-number">1.000') == 8
    assert SCRIPT not in answer
    assert "'x' is not in the sentence" in text_of(ask("contexts", "tiny elmo", "x", "a", "b", 1))
    assert "Type a sentence" in ask("contexts", "tiny elmo", "", "", "", 1)
    assert "<h3>bank: She put her savings" in json.dumps(page.config, default=str).replace(
        "<\\/", "</"
    )


def test_a_set_without_the_usual_words_begins_with_one_of_its_own() -> None:
    made = KeyedVectors(2)
    made.add_vectors(["of", "Baum", "Haus"], np.eye(3, 2, dtype=np.float32))
    assert asked_first(WordSet("deutsch", made)) == ("Baum", None)
    assert asked_first(WordSet("small", vectors())) == ("king", ("man", "king", "woman"))


def test_what_attention_is_and_what_an_unknown_word_may_be(ask) -> None:
    seen = text_of(ask("answer", "a fine filmm"))
    assert seen.count("where the model looked, and does not explain its answer") == 1
    assert "Dotted words are unknown to the model: filmm (near spellings: film)" in seen
    assert "Near spellings: queen." in text_of(ask("neighbors", "small", "queeen"))


def test_what_a_visitor_types_is_escaped(ask) -> None:
    answer = ask("answer", SCRIPT)
    found = ask("neighbors", "small", SCRIPT[:60])
    analogy = ask("analogy", "small", "man", "<script>x", "woman")
    for page in (answer, found, analogy):
        assert "<script" not in page
    shown = re.findall('<p class="hfr-text">(.*?)</p>', answer, re.DOTALL)
    assert [html.unescape(re.sub(r"<[^>]*>", "", text)) for text in shown] == [SCRIPT] * 3
    assert "no vector in small" in text_of(found)
    assert "The word “<script>x” has no vector in small." in text_of(analogy)


def test_words_with_markup_in_the_vectors_are_escaped(ask) -> None:
    found = ask("neighbors", "small", "film")
    assert "<b>bold" not in found
    assert "<b>bold</b>" in html.unescape(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type a sentence."),
        (" \n ", "Type a sentence."),
        ("x" * (MOST_CHARACTERS + 1), "The text is too long: this page takes 20,000 characters."),
    ],
)
def test_nothing_and_too_much_are_a_sentence(text: str, said: str, ask) -> None:
    assert text_of(ask("answer", text)) == said


def test_odd_texts_are_answered(ask) -> None:
    for text in ("film " * 1000, "\ud800 fine", "电影 很 好 🎬", "a\x00b\nfilm"):
        answer = ask("answer", text)
        assert answer.count("ms</b>") == 3, text[:10]
    assert "It reads the first 8 tokens only" in ask("answer", "film " * 9)


def test_neighbours_and_analogies(ask) -> None:
    found = ask("neighbors", "small", "King")
    assert re.findall("<h3>(.*?)</h3>", found) == ["king"]
    assert re.findall(r'hfr-name">(.*?)<', found)[:2] == ["man", "queen"]
    found = ask("analogy", "small", "man", "king", "woman")
    assert re.findall(r'hfr-name">(.*?)<', found)[0] == "queen"
    found = ask("neighbors", "input layer of bag", "king")
    assert "input layer of bag" in found


def test_the_page_asks_nobody_but_this_machine(page, ask, asked_hosts) -> None:
    ask("answer", "fine")
    assert asked_hosts
    assert set(asked_hosts) <= {"127.0.0.1", "localhost", "0.0.0.0", None}
    assert page.share_url is None
    assert not page.analytics_enabled


def test_a_port_that_is_taken_is_one_sentence(page) -> None:
    with pytest.raises(OSError, match=rf"^The port {page.server_port} is taken: name another by"):
        start([], [WordSet("small", vectors())], port=page.server_port)
    with pytest.raises(ValueError, match="There is nothing to show"):
        start([], [])


def test_tags_stand_below_their_words(tmp_path: Path) -> None:
    shown = answers_html(open_classifiers([str(save_tagger(tmp_path / "tagger"))]), "a film")
    words = re.findall(
        r'class="hfr-tagged"><span>(\w+)</span> <small>([^<]+)</small></span>', shown
    )
    assert words == [("a", "B-&lt;b&gt;"), ("film", "B-&lt;b&gt;")]
    assert "hfr-bars" not in shown
