"""Which tags may follow each other in the BIO and BIOES schemes.

BIO is IOB2 (Ramshaw and Marcus 1995, Tjong Kim Sang and Veenstra 1999): each span begins with
``B-``. BIOES (IOBES) also marks the end of a span, and a span of one token.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

Scheme = Literal["BIO", "BIOES"]
_PREFIXES = {"BIO": "BI", "BIOES": "BIES"}


class AllowedTransitions(NamedTuple):
    """The constraints on a path of tags, as plain booleans that are not saved with a checkpoint.

    Attributes:
        start: For each label, whether a path may begin with it.
        between: For each label, whether each label may follow it.
        end: For each label, whether a path may end with it.
    """

    start: tuple[bool, ...]
    between: tuple[tuple[bool, ...], ...]
    end: tuple[bool, ...]

    def tensors(self, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """Return ``start`` (K,), ``between`` (K, K) and ``end`` (K,) as booleans on a device."""
        start, between, end = (torch.tensor(part, device=device) for part in self)
        return start, between, end


def allowed_transitions(labels: Sequence[str], scheme: Scheme) -> AllowedTransitions:
    """Return the constraints of a scheme on paths of these labels.

    Args:
        labels: Names in the order of their ids: ``"O"``, ``"B-PER"``, ``"I-PER"``, and for BIOES
            also ``"E-PER"`` and ``"S-PER"``.
        scheme: ``"BIO"`` or ``"BIOES"``.

    Raises:
        ValueError: If the scheme is unknown, or a label is not one of the scheme.
    """
    if scheme not in _PREFIXES:
        raise ValueError(f"the scheme of tags is {scheme!r}, expected 'BIO' or 'BIOES'")
    parts = [_parse(label, scheme) for label in labels]
    outside = ("O", "")
    return AllowedTransitions(
        start=tuple(_may_follow(outside, part, scheme) for part in parts),
        between=tuple(tuple(_may_follow(a, b, scheme) for b in parts) for a in parts),
        end=tuple(_may_follow(part, outside, scheme) for part in parts),
    )


def _parse(label: str, scheme: str) -> tuple[str, str]:
    """Split a label into its prefix and its type."""
    prefix, _, kind = label.partition("-")
    # Spans of a single type may have labels without it: "B", "I", "O".
    if label == "O" or (len(prefix) == 1 and prefix in _PREFIXES[scheme]):
        return prefix, kind
    known = ", ".join(f"'{letter}-TYPE'" for letter in _PREFIXES[scheme])
    raise ValueError(f"the label {label!r} is none of {scheme}: expected 'O' or {known}")


def _may_follow(first: tuple[str, str], second: tuple[str, str], scheme: str) -> bool:
    goes_on = second[0] in ("I", "E")
    if scheme == "BIO":
        return not goes_on or (first[0] in ("B", "I") and first[1] == second[1])
    is_open = first[0] in ("B", "I")
    return goes_on == is_open and (not goes_on or first[1] == second[1])


def forbidden_rows(tags: Tensor, mask: Tensor | None, allowed: AllowedTransitions) -> Tensor:
    """Return which rows have a path of tags that is not allowed.

    Args:
        tags: (batch, time) label ids; steps of -100 are left out of their row.
        mask: (batch, time), nonzero on real steps, or ``None`` if all steps are real.
        allowed: The constraints.

    Returns:
        (batch,) booleans. A row without steps is not forbidden.
    """
    start, between, end = allowed.tensors(tags.device)
    real = tags != -100
    if mask is not None:
        real = real & mask.bool()
    bad = torch.zeros(len(tags), dtype=torch.bool, device=tags.device)
    if not bool(real.any()):
        return bad
    # The steps that count come first, in their order.
    known = tags.where(real, 0)
    path = known.gather(1, (~real).long().argsort(dim=1, stable=True))
    lengths = real.sum(1)
    steps = torch.arange(1, path.shape[1], device=tags.device)
    wrong = ~between[path[:, :-1], path[:, 1:]] & (steps < lengths.unsqueeze(1))
    last = path.gather(1, (lengths.unsqueeze(1) - 1).clamp(min=0)).squeeze(1)
    return (wrong.any(1) | ~start[path[:, 0]] | ~end[last]) & (lengths > 0)
