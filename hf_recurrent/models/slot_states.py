"""States that stay in the slots of a batch from one call to the next, as in the original ELMo."""

from torch import Tensor


class SlotStates:
    """The final states of each slot; row i of a batch goes on from the last row that was there.

    A batch with more rows than any before adds slots, which begin with zeros; one with fewer rows
    leaves the other slots as they are. The states have no graph.
    """

    def __init__(self) -> None:
        self._states: tuple[Tensor, ...] | None = None

    def clear(self) -> None:
        """Let every slot begin with zeros again."""
        self._states = None

    def of(self, rows: int, like: Tensor) -> tuple[Tensor | None, ...]:
        """Return the hidden and cell states (rows, layers * 2, size) that a batch begins with.

        Args:
            rows: Number of rows of the batch.
            like: A tensor of its type and device.
        """
        if self._states is None:
            return None, None
        found = []
        for state in self._states:
            state = state.to(like)
            missing = max(0, rows - len(state))
            grown = state.new_zeros(len(state) + missing, *state.shape[1:])
            grown[: len(state)] = state
            found.append(grown[:rows])
        return tuple(found)

    def keep(self, *states: Tensor) -> None:
        """Take the final states of a batch."""
        kept = []
        for number, state in enumerate(states):
            state = state.detach()
            if self._states is not None and len(self._states[number]) > len(state):
                whole = self._states[number].to(state).clone()
                whole[: len(state)] = state
                state = whole
            kept.append(state)
        self._states = tuple(kept)
