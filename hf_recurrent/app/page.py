"""The page: tabs for texts, words, and words in context. The templates escape what is typed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from .. import __version__
from .._templates import render
from .answers import MOST_CHARACTERS, Classifier, Word, threads
from .contexts import ContextSet
from .contexts_tab import add_contexts_tab
from .words import Found, WordSet, analogy, asked_first, near, near_spellings

CSS = Path(__file__).with_name("page.css")
# Fonts of the reader's own machine: none is downloaded.
THEME = gr.themes.Default(
    font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"], primary_hue="blue"
).set(  # gradio's own colours of these are below the contrast of 4.5 to 1
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    input_placeholder_color="*neutral_500",
    input_placeholder_color_dark="*neutral_400",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_primary_background_fill_dark="*primary_600",
    button_primary_background_fill_hover_dark="*primary_700",
)
_TITLE = "Recurrent networks and word vectors"
_MOST_LABELS = 6
_HEAVIEST = 4
_MOST_UNKNOWN, _MOST_SPELLINGS = 4, 2
_MOST_IN_WORD = 100
_ANALOGY = ("This", "is to", "as")


def build_page(
    classifiers: Sequence[Classifier],
    sets: Sequence[WordSet],
    contexts: Sequence[ContextSet] = (),
) -> gr.Blocks:
    """Build the page; a tab with nothing to show is left out.

    Args:
        classifiers: Models that answer texts, with names that differ.
        sets: Word vectors to look words up in, with names that differ.
        contexts: Models that give words vectors in their sentences, with names that differ.

    Returns:
        The page; clients can call its functions ``answer``, ``neighbors``, ``analogy`` and
        ``contexts``.
    """
    with gr.Blocks(title=_TITLE, analytics_enabled=False) as page:
        gr.Markdown(f"# {_TITLE}")
        with gr.Tabs():
            if classifiers:
                with gr.Tab("Texts"):
                    _texts(classifiers)
            if sets:
                with gr.Tab("Words"):
                    _words({words.name: words for words in sets})
            if contexts:
                with gr.Tab("Contexts"):
                    add_contexts_tab(contexts)
        _html(f'<p class="hfr-soft">hf-recurrent {__version__}</p>')
    # Two runs at once would spoil the times.
    return page.queue(default_concurrency_limit=1)


def answers_html(classifiers: Sequence[Classifier], text: str) -> str:
    """Return the answers of all models to a text, side by side, as HTML."""
    text = _clean(text)
    if not text.strip():
        return _sentence("Type a sentence.")
    if len(text) > MOST_CHARACTERS:
        return _sentence(f"The text is too long: this page takes {MOST_CHARACTERS:,} characters.")
    cards = [_card(classifier, text) for classifier in classifiers]
    return render(__package__, "answers.html.j2", html=True, cards=cards, threads=threads())


def found_html(words: WordSet, found: Found) -> str:
    """Return the words that were found, nearest first, as HTML."""
    if found.error:
        return _sentence(found.error)
    return render(__package__, "words.html.j2", html=True, words=words, found=found)


def _texts(classifiers: Sequence[Classifier]) -> None:
    examples = list(dict.fromkeys(each for c in classifiers for each in c.examples))
    first = examples[0] if examples else ""

    def answer(typed: str) -> str:
        return answers_html(classifiers, typed)

    text = gr.Textbox(
        first,
        label="Sentence",
        placeholder="a warm and moving film",
        lines=1,  # with more, Enter would begin a new line and answer nothing
        max_lines=10,
        max_length=MOST_CHARACTERS,
    )
    ask = gr.Button("Answer", variant="primary")
    shown = _html(answer(first) if first else None)
    if examples:
        gr.Examples(
            [[example] for example in examples],
            text,
            shown,
            answer,
            run_on_click=True,
            cache_examples=False,
            label="Examples",
            api_visibility="private",
        )
    gr.on(
        [ask.click, text.submit],
        answer,
        text,
        shown,
        api_name="answer",
        api_description="What each model answers to a text, as HTML.",
    )


def _words(sets: dict[str, WordSet]) -> None:
    first = next(iter(sets.values()))
    example, words_asked = asked_first(first)
    chosen = gr.Dropdown(list(sets), label="Word vectors", filterable=False)
    with gr.Row():
        with gr.Column():
            gr.Markdown("### Neighbours")
            word = gr.Textbox(example, label="Word", max_length=_MOST_IN_WORD)
            ask_near = gr.Button("Find neighbours", variant="primary")
            shown_near = _html(found_html(first, near(first, example)))
        with gr.Column():
            gr.Markdown("### Analogies")
            with gr.Row():
                asked = [
                    gr.Textbox(value, label=label, max_length=_MOST_IN_WORD, min_width=80)
                    for label, value in zip(_ANALOGY, words_asked or ("", "", ""), strict=True)
                ]
            ask_analogy = gr.Button("is to which word?", variant="primary")
            shown_analogy = _html(
                found_html(first, analogy(first, *words_asked)) if words_asked else None
            )

    def neighbors(name: str, typed: str) -> str:
        return found_html(sets[name], near(sets[name], _clean(typed)))

    def analogies(name: str, first: str, second: str, third: str) -> str:
        found = analogy(sets[name], _clean(first), _clean(second), _clean(third))
        return found_html(sets[name], found)

    gr.on(
        [ask_near.click, word.submit, chosen.change],
        neighbors,
        [chosen, word],
        shown_near,
        api_name="neighbors",
        api_description="The words nearest to a word, as HTML.",
    )
    gr.on(
        [ask_analogy.click, *(box.submit for box in asked)],
        analogies,
        [chosen, *asked],
        shown_analogy,
        api_name="analogy",
        api_description="What is to the third word as the second is to the first, as HTML.",
    )


def _html(value: str | None = None) -> gr.HTML:
    return gr.HTML(value, apply_default_css=False, elem_classes="hfr-block")


def _card(classifier: Classifier, text: str) -> dict[str, Any]:
    """Return the variables of the template for a model's answer."""
    answer = classifier.answer(text)
    weighted = [word for word in answer.words if word.weight is not None]
    heaviest = sorted(weighted, key=lambda word: -(word.weight or 0))[:_HEAVIEST]
    order = classifier.label_order
    unknown = dict.fromkeys(text[w.start : w.end] for w in answer.words if not w.known)
    return {
        "name": classifier.name,
        "about": classifier.about,
        "timed": classifier.timed,
        "answer": answer,
        "labels": sorted(answer.labels[:_MOST_LABELS], key=lambda pair: order.index(pair[0])),
        "best": answer.labels[0][0] if answer.labels else None,
        "more_labels": len(answer.labels[_MOST_LABELS:]),
        "segments": list(_segments(text, answer.words)),
        "most": max((word.weight or 0 for word in weighted), default=0) or 1,
        "heaviest": [(text[word.start : word.end], word.weight) for word in heaviest],
        "unknown": [
            (word, near_spellings(word, classifier.vocabulary, _MOST_SPELLINGS))
            for word in list(unknown)[:_MOST_UNKNOWN]
        ],
        "more_unknown": len(list(unknown)[_MOST_UNKNOWN:]),
    }


def _segments(text: str, words: Sequence[Word]) -> Iterator[tuple[str, Word | None]]:
    """Yield the words of a text and the parts between them; every character once."""
    place = 0
    for word in words:
        start = max(word.start, place)  # tokens of a part of a character share their place
        if start > place:
            yield text[place:start], None
        if word.end > start:
            yield text[start : word.end], word
        place = max(place, word.end)
    if place < len(text):
        yield text[place:], None


def _sentence(sentence: str) -> str:
    return render(__package__, "sentence.html.j2", html=True, sentence=sentence)


def _clean(text: str | None) -> str:
    """Replace halves of surrogate pairs, which no tokenizer accepts."""
    return (text or "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
