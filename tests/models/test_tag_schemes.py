import itertools
import re

import pytest
import torch

from hf_recurrent.models.tag_schemes import allowed_transitions, forbidden_rows

BIO = ["O", "B-X", "I-X", "B-Y", "I-Y"]
BIOES = ["I-X", "O", "S-X", "B-X", "E-X", "B-Y", "E-Y"]
# What each scheme says of whole paths, as a regular expression over the labels.
GRAMMARS = {
    "BIO": (BIO, r"(O |B-X (I-X )*|B-Y (I-Y )*)*"),
    "BIOES": (BIOES, r"(O |S-X |B-X (I-X )*E-X |B-Y E-Y )*"),
}


@pytest.mark.parametrize("scheme", ["BIO", "BIOES"])
@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_rows_are_forbidden_as_the_grammar_says(scheme, length: int) -> None:
    labels, grammar = GRAMMARS[scheme]
    paths = list(itertools.product(range(len(labels)), repeat=length))
    expected = [
        re.fullmatch(grammar, "".join(labels[tag] + " " for tag in path)) is None for path in paths
    ]
    allowed = allowed_transitions(labels, scheme)
    assert forbidden_rows(torch.tensor(paths), None, allowed).tolist() == expected
    assert any(expected)
    assert not all(expected)


def test_forbidden_rows_skip_what_is_no_step() -> None:
    allowed = allowed_transitions(["O", "B-X", "I-X"], "BIO")
    tags = torch.tensor([[9, 1, -100, 2], [2, 0, 0, 0], [2, 2, 2, 2], [1, 0, 7, 2]])
    mask = torch.tensor([[0, 1, 1, 1], [0, 1, 1, 1], [0, 0, 0, 0], [1, 1, 0, 1]])
    assert forbidden_rows(tags, mask, allowed).tolist() == [False, False, False, True]
    assert forbidden_rows(tags[:0], None, allowed).shape == (0,)
    assert forbidden_rows(tags[:, :0], None, allowed).tolist() == [False] * 4


def test_types_may_hold_dashes() -> None:
    allowed = allowed_transitions(["B-A-1", "I-A-1", "I-A-2"], "BIO")
    assert allowed.between[0] == (True, True, False)


def test_spans_of_a_single_type_need_no_name() -> None:
    assert allowed_transitions(["O", "B", "I"], "BIO") == allowed_transitions(
        ["O", "B-A", "I-A"], "BIO"
    )


@pytest.mark.parametrize(
    ("labels", "scheme", "said"),
    [
        (["O", "NOUN"], "BIO", "'NOUN' is none of BIO: expected 'O' or 'B-TYPE', 'I-TYPE'"),
        (["O", "S-X"], "BIO", "'S-X' is none of BIO"),
        (["O", "B-A", "E"], "BIO", "'E' is none"),
        (["BI-X"], "BIOES", "'BI-X' is none of BIOES"),
        ([""], "BIO", "'' is none"),
        (["O"], "IOB", "the scheme of tags is 'IOB', expected 'BIO' or 'BIOES'"),
    ],
)
def test_unknown_labels_are_one_sentence(labels, scheme, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        allowed_transitions(labels, scheme)
