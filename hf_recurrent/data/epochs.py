"""Data sets that differ from epoch to epoch, in every process that reads them."""

from typing import Any

import torch
from torch.utils.data import Dataset


class EpochDataset(Dataset[Any]):
    """A data set that is drawn or ordered anew for each epoch.

    ``set_epoch`` of the process that trains reaches the workers of its loader as well, which hold
    copies of the data set: with ``dataloader_persistent_workers`` those of the first epoch. So the
    number of the epoch is in memory that all of them share.

    A subclass overrides ``begin_epoch``, calls ``super().__init__()`` last, and ``follow_epoch``
    before it reads a row.
    """

    def __init__(self) -> None:
        self._epoch = torch.zeros(1, dtype=torch.int64)
        self.epoch = 0
        self.begin_epoch(0)

    def begin_epoch(self, epoch: int) -> None:
        """Change to the rows of an epoch, the first one being 0; by default nothing is done."""

    def set_epoch(self, epoch: int) -> None:
        """Change to the rows of an epoch; accelerate calls this before each one."""
        self._epoch.share_memory_()
        self._epoch[0] = epoch
        self.follow_epoch()

    def follow_epoch(self) -> None:
        """Change to the epoch that was set, perhaps in another process."""
        epoch = int(self._epoch)
        if epoch != self.epoch:
            self.epoch = epoch
            self.begin_epoch(epoch)
