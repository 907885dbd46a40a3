"""Tagging schemes (IOB2, BILOU, ...) as strict readers apply them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

# A prefix and a type; the type of "O" is "_".
Tag = tuple[str, str]


@dataclass(frozen=True)
class Scheme:
    """The rules by which tags make a span.

    Attributes:
        prefixes: Its prefixes.
        inside: Pairs of prefixes that may follow each other in one span.
        begins: Whether a span begins at a tag, from the tag before and the tag.
        ends: Whether a span may end, from its last tag and the tag after it.
    """

    prefixes: str
    inside: frozenset[str]
    begins: Callable[[Tag, Tag], bool]
    ends: Callable[[Tag, Tag], bool]

    def goes_on(self, before: Tag, tag: Tag) -> bool:
        """Check whether a tag continues the span of the tag before."""
        return before[1] == tag[1] and before[0] + tag[0] in self.inside


def _begins_plainly(before: Tag, tag: Tag) -> bool:
    """Check whether an inside tag begins a span because no span of its type is open."""
    return tag[0] == "I" and (before[0] != "I" or before[1] != tag[1])


def _begins_iob1(before: Tag, tag: Tag) -> bool:
    # B only parts two spans of one type.
    parts = tag[0] == "B" and before[0] != "O" and before[1] == tag[1]
    return parts or _begins_plainly(before, tag)


def _ends_iob1(last: Tag, after: Tag) -> bool:
    return not (last[0] == after[0] == "B" and last[1] != after[1])


def _begins_ioe1(before: Tag, tag: Tag) -> bool:
    parts = tag[0] == before[0] == "E" and before[1] == tag[1]
    return parts or _begins_plainly(before, tag)


def _ends_ioe1(last: Tag, after: Tag) -> bool:
    # E only parts two spans of one type.
    return last[0] == "I" or (after[0] != "O" and after[1] == last[1])


def _begins_ioe2(before: Tag, tag: Tag) -> bool:
    return tag[0] != "O" and (before[0] != "I" or before[1] != tag[1])


def _begins_with(prefixes: str) -> Callable[[Tag, Tag], bool]:
    return lambda before, tag: tag[0] in prefixes


def _ends_with(prefixes: str) -> Callable[[Tag, Tag], bool]:
    return lambda last, after: last[0] in prefixes


def _pairs(*pairs: str) -> frozenset[str]:
    return frozenset(pairs)


# Ramshaw and Marcus 1995 (IOB1), Tjong Kim Sang and Veenstra 1999 (IOB2, IOE1, IOE2), Ratinov and
# Roth 2009 (BILOU). What broken tags mean is as in seqeval's strict mode.
SCHEMES: Mapping[str, Scheme] = {
    "IOB1": Scheme("IOB", _pairs("BI", "II"), _begins_iob1, _ends_iob1),
    "IOB2": Scheme("IOB", _pairs("BI", "II"), _begins_with("B"), _ends_with("BI")),
    "IOE1": Scheme("IOE", _pairs("II", "IE"), _begins_ioe1, _ends_ioe1),
    "IOE2": Scheme("IOE", _pairs("II", "IE"), _begins_ioe2, _ends_with("E")),
    "IOBES": Scheme("IOBES", _pairs("BI", "BE", "II", "IE"), _begins_with("BS"), _ends_with("ES")),
    "BILOU": Scheme("BILOU", _pairs("BI", "BL", "II", "IL"), _begins_with("BU"), _ends_with("LU")),
}


def scheme_of(names: Iterable[str], sentences: Iterable[Sequence[str]] = ()) -> str | None:
    """Return the scheme of a set of tags, or ``None`` where they name no spans.

    Args:
        names: All tags.
        sentences: Tags of sentences, to distinguish IOB1 from IOB2: in IOB1 a ``B-`` only follows
            a span of its own type.

    Example:
        >>> scheme_of(["O", "B-PER", "E-PER"]), scheme_of(["NOUN", "VERB"])
        ('IOBES', None)
    """
    tags = set(names)
    # Spans of a single type may have tags without it: "B", "I", "O".
    prefixes = {tag[:1] for tag in tags - {"O"} if tag[1:2] in ("", "-")}
    if "O" not in tags or any(tag[1:2] not in ("", "-") for tag in tags):
        return None
    if not prefixes & {*"BI"} and all(len(tag) < 2 for tag in tags):
        return None
    if prefixes == {"I"}:
        return "IOB1"
    known = ("IOB2", "IOE2", "IOBES", "BILOU")
    found = next((name for name in known if prefixes <= set(SCHEMES[name].prefixes)), None)
    if found == "IOB2" and "I" in prefixes and _is_iob1(sentences):
        return "IOB1"
    return found


def _is_iob1(sentences: Iterable[Sequence[str]]) -> bool:
    """Check whether spans begin with ``I-``, and ``B-`` only follows a span of its own type."""
    plain = 0
    for tags in sentences:
        for before, tag in zip(["O", *tags], tags, strict=False):
            if tag[0] == "B" and (before == "O" or before[2:] != tag[2:]):
                return False
            plain += tag[0] == "I" and before[2:] != tag[2:]
    return plain > 0


def count_broken(tags: Sequence[str]) -> int:
    """Count the ``I-`` tags of a sentence that follow no span of their type.

    Example:
        >>> count_broken(["O", "I-PER", "I-PER", "I-LOC"])
        2
    """
    pairs = zip(["O", *tags], tags, strict=False)
    return sum(tag[:1] == "I" and (last == "O" or last[2:] != tag[2:]) for last, tag in pairs)
