import pytest

from hf_recurrent.metrics.schemes import scheme_of


@pytest.mark.parametrize(
    ("names", "scheme"),
    [
        (["O", "B-A"], "IOB2"),
        (["O", "B-A", "I-A"], "IOB2"),
        (["O", "I-A"], "IOB1"),
        (["O", "I-A", "E-A"], "IOE2"),
        (["O", "B-A", "I-A", "E-A", "S-A"], "IOBES"),
        (["O", "B-A", "U-A"], "BILOU"),
        (["O", "B-A", "S-A", "U-A"], None),
        (["O", "X-A"], None),
        (["O"], None),
        (["B-A", "I-A"], None),
        (["O", "NN", "B-A"], None),
        (["O", "B", "I"], "IOB2"),
        (["O", "I"], "IOB1"),
        (["O", "B", "I", "E", "S"], "IOBES"),
        (["O", "S"], None),
        (["O", "B", "N"], None),
    ],
)
def test_names_tell_the_scheme(names: list[str], scheme: str | None) -> None:
    assert scheme_of(names) == scheme


def test_sentences_tell_iob1_from_iob2() -> None:
    names = ["O", "B-A", "I-A", "I-C"]
    assert scheme_of(names, [["I-A", "B-A", "O", "I-C"]]) == "IOB1"
    assert scheme_of(names, [["B-A", "I-A"]]) == "IOB2"
    assert scheme_of(names, [["I-C", "I-A", "B-A"], ["O", "B-A"]]) == "IOB2"
    assert scheme_of(names, [["O", "O"]]) == "IOB2"
