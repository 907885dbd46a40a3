"""Translations on the command line, with what their words attended to."""

import pytest

from hf_recurrent.tasks.translation import showing
from hf_recurrent.tasks.translation.translating import Alignment, _words
from hf_recurrent.vectors import translation_tokenizer

TOKENIZER = translation_tokenizer(["a dog"] * 9, ["un chien"] * 9, vocab_size=300)


@pytest.mark.parametrize("end", [[], ["</s>"]])
def test_a_translation_without_an_end_is_shown_whole(end, monkeypatch) -> None:
    target = ["un", "chien", *end]
    found = Alignment(["dog", "</s>"], target, [[0.9, 0.1]] * len(target))
    monkeypatch.setattr(showing, "_load", lambda *given: (None, TOKENIZER))
    monkeypatch.setattr(showing, "align", lambda *given: found)
    first, *rest = showing.answer_lines("a-folder", ["a dog"], explain=True)
    assert first == "un chien"
    assert len(rest) == len(target)


def test_a_sign_of_a_text_is_no_special_token() -> None:
    tokens = ["Ġa", "<", "b", "Ġc", "</s>"]
    assert [tokens[part] for part in _words(tokens, TOKENIZER.all_special_tokens)] == (
        [["Ġa", "<", "b"], ["Ġc"], ["</s>"]]
    )
