"""SpecAugment (Park et al. 2019): stretches of frames and of channels that training sets to 0."""

import torch
from torch import Tensor


def spec_augment(
    frames: Tensor, mask: Tensor, time: tuple[float, int], feature: tuple[float, int]
) -> Tensor:
    """Return frames with some stretches set to 0, drawn for each row by itself.

    The number of stretches is the share times what there is, divided by their length, rounded up
    or down at random. They may overlap. The draws of a row depend on its own length only.

    Args:
        frames: (batch, time, channels).
        mask: (batch, time, bool), true on real frames.
        time: Share of the frames, and length of a stretch of them.
        feature: Share of the channels, and width of a stretch of them.
    """
    place = mask.cumsum(1) - 1  # among the real frames
    hit = (mask & _stretches(place, mask.sum(1), *time)).unsqueeze(2)
    rows, channels = len(frames), frames.shape[2]
    number = torch.arange(channels, device=frames.device).expand(rows, channels)
    hit = hit | _stretches(number, number.new_full((rows,), channels), *feature).unsqueeze(1)
    return frames.masked_fill(hit, 0)


def _stretches(place: Tensor, size: Tensor, share: float, length: int) -> Tensor:
    """Return which places (batch, n) of rows of a size (batch,) lie in a drawn stretch."""
    hit = torch.zeros_like(place, dtype=torch.bool)
    if not share or not place.numel():
        return hit
    wanted = share * size / length
    counts = (wanted + torch.rand(len(size), device=size.device)).long()
    for number in range(int(counts.max())):
        room = (size - length + 1).clamp(min=1)
        start = (torch.rand(len(size), device=size.device) * room).long().unsqueeze(1)
        inside = (place >= start) & (place < start + length)
        hit |= inside & (number < counts).unsqueeze(1)
    return hit
