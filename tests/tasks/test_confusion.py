"""Confusions are counted whole, whatever the classes, and their table shows every count."""

import re

from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.tasks.confusion import confusion, confusion_table

CLASS = st.sampled_from(["A", "B", "<b>", "none"])


@given(st.lists(st.tuples(CLASS, CLASS)))
def test_every_pair_is_counted(pairs: list[tuple[str, str]]) -> None:
    found = confusion([own for own, _ in pairs], [guess for _, guess in pairs], last="none")
    names = found["names"]
    seen = {name for pair in pairs for name in pair}
    assert names == [*sorted(seen - {"none"}), *(["none"] if "none" in seen else [])]
    for own, counts in zip(names, found["counts"], strict=True):
        assert counts == [pairs.count((own, guess)) for guess in names]


def test_of_many_classes_the_rare_ones_stand_together() -> None:
    names = [f"class {number:02}" for number in range(30)]
    right = [name for place, name in enumerate(names) for _ in range(40 - place)]
    found = confusion(right, [*right[1:], right[0]])
    assert found["names"] == [*names[:24], "other"]
    assert sum(map(sum, found["counts"])) == len(right)
    # The six of the end, but for the last, which was taken for the first.
    assert found["counts"][24][24] == sum(40 - place for place in range(24, 30)) - 1
    assert found["counts"][24][0] == 1


def test_the_table_shows_counts_and_shares() -> None:
    right = ["<b>"] * 4 + ["A"] * 1200
    table = str(confusion_table(confusion(right, ["A", "<b>", "<b>", "<b>"] + ["A"] * 1200)))
    assert "<b>" not in table
    assert 'title="&lt;b&gt; taken for A: 1 of 4, 25.0%">1</td>' in table
    assert 'class="hit" style="--w:1.0" title="A recognised: 1,200 of 1,200, 100.0%">' in table
    assert re.findall(r"<td>([^<]*)</td>", table) == ["75.0", "", "100.0"]
