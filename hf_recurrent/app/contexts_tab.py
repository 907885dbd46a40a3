"""The tab for words in context: one word in two sentences, side by side."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from .._templates import render
from ..vectors.contextual import TWO_SENSES
from .contexts import ContextSet, near_in_context

_MOST_IN_WORD, _MOST_IN_SENTENCE = 100, 500


def contexts_html(found_in: ContextSet, word: str, sentences: Sequence[str], layer: int) -> str:
    """Return what is nearest to a word in each of some sentences, as HTML."""
    cards = [near_in_context(found_in, word, sentence, layer) for sentence in sentences]
    return render(__package__, "contexts.html.j2", html=True, cards=cards, model=found_in.name)


def add_contexts_tab(sets: Sequence[ContextSet]) -> None:
    """Add the fields of the tab, within the page that is being built."""
    named = {each.name: each for each in sets}
    first, (word, sense, sentence) = sets[0], TWO_SENSES[0]
    other = next(row.sentence for row in TWO_SENSES if row.word == word and row.sense != sense)
    most = max(each.vectors.number_of_layers for each in sets) - 1
    gr.Markdown("### One word in two sentences")
    with gr.Row():
        chosen = gr.Dropdown([*named], label="Model", filterable=False)
        asked = gr.Textbox(word, label="Word in both sentences", max_length=_MOST_IN_WORD)
        layer = gr.Slider(0, max(most, 1), most, step=1, label="Layer")
    boxes = [
        gr.Textbox(value, label=label, max_length=_MOST_IN_SENTENCE)
        for value, label in ((sentence, "First sentence"), (other, "Second sentence"))
    ]
    ask = gr.Button("Find neighbours in context", variant="primary")
    shown = gr.HTML(
        contexts_html(first, word, (sentence, other), -1),
        apply_default_css=False,
        elem_classes="hfr-block",
    )

    def contexts(name: str, word: str, one: str, two: str, number: float) -> str:
        known = named[name]
        within = min(int(number), known.vectors.number_of_layers - 1)
        clean = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                 for text in (word or "", one or "", two or "")]  # fmt: skip
        return contexts_html(known, clean[0], clean[1:], within)

    fields: list[Any] = [chosen, asked, *boxes, layer]
    gr.on(
        [ask.click, asked.submit, *(box.submit for box in boxes), chosen.change, layer.release],
        contexts,
        fields,
        shown,
        api_name="contexts",
        api_description="What is nearest to a word in each of two sentences, as HTML.",
    )
