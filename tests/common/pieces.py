"""Promise 7: a sequence fed in pieces, the states carried, gives what it gives whole."""

import pytest
import torch

from .batches import random_rows
from .family import Family
from .padding import real_steps

# How many tokens of each row the pieces hold; a row may pause, end early, or hold nothing at all.
PIECES = [(2, 0, 3, 1), (0, 0, 1, 4), (3, 0, 0, 2)]


class StepEqualsWhole(Family):
    """For the variants that read in one direction only."""

    def one_direction(self, variant: str) -> bool:
        return not self.make_config(variant).bidirectional

    @pytest.mark.parametrize("left", [False, True], ids=["right-padded", "left-padded"])
    def test_step_equals_whole(self, variant: str, left: bool) -> None:
        if not self.one_direction(variant):
            pytest.skip("it reads in both directions")
        model = self.make("AutoModel", variant)
        lengths = tuple(sum(piece[row] for piece in PIECES) for row in range(4))
        rows = random_rows(model.config.vocab_size, lengths)
        states = self.initial_states(model.config, len(rows))

        def feed(pieces: list[torch.Tensor], states: dict) -> tuple[list, dict]:
            padded = torch.nn.utils.rnn.pad_sequence(
                pieces, batch_first=True, padding_side="left" if left else "right"
            )
            mask = torch.nn.utils.rnn.pad_sequence(
                [torch.ones_like(p) for p in pieces],
                batch_first=True,
                padding_side="left" if left else "right",
            )
            batch = self.inputs({"input_ids": padded, "attention_mask": mask})
            output = model(**batch, output_final_state=True, **states)
            real = real_steps(output, mask)
            tokens = [h[m] for h, m in zip(output.last_hidden_state, real, strict=True)]
            return tokens, {name: output[name.replace("initial", "final")] for name in states}

        whole, final = feed(rows, states)
        collected: list[list[torch.Tensor]] = [[] for _ in rows]
        read = [0] * len(rows)
        for piece in PIECES:
            parts = [ids[a : a + n] for ids, a, n in zip(rows, read, piece, strict=True)]
            read = [a + n for a, n in zip(read, piece, strict=True)]
            outputs, states = feed(parts, states)
            for row, output in enumerate(outputs):
                collected[row].append(output)
        for row, expected in enumerate(whole):
            torch.testing.assert_close(torch.cat(collected[row]), expected, rtol=0, atol=1e-5)
        for name, state in states.items():
            torch.testing.assert_close(state, final[name], rtol=0, atol=1e-5, msg=name)
