"""Generation equals an independent loop, token by token, over the cells as their papers write them.

Everything runs in float64, in which the two agree to the last digits that ``generate`` keeps: it
takes logits to float32 itself.
"""

import itertools
from typing import Any, ClassVar, NamedTuple

import pytest
import torch
from torch import Tensor
from transformers import LogitsProcessorList, PreTrainedModel, pipeline
from transformers.generation import logits_process as processors
from transformers.generation.streamers import BaseStreamer

from hf_recurrent.models.cells import CELLS

from .batches import random_rows
from .family import Family
from .tokenizer import letter_tokenizer

LENGTHS = (5, 1, 3)  # of prompts
NEW = 6
BEAMS = 3

WARPERS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "temperature": ({"temperature": 0.7}, [processors.TemperatureLogitsWarper(0.7)]),
    "top_k": ({"top_k": 4}, [processors.TopKLogitsWarper(4)]),
    "top_p": ({"top_p": 0.8}, [processors.TopPLogitsWarper(0.8)]),
    "min_p": ({"min_p": 0.3}, [processors.MinPLogitsWarper(0.3)]),
    "top_h": ({"top_h": 0.6}, [processors.TopHLogitsWarper(0.6)]),
    "typical_p": ({"typical_p": 0.7}, [processors.TypicalLogitsWarper(0.7)]),
    "epsilon_cutoff": ({"epsilon_cutoff": 0.06}, [processors.EpsilonLogitsWarper(0.06)]),
    "eta_cutoff": ({"eta_cutoff": 0.06}, [processors.EtaLogitsWarper(0.06)]),
    "repetition_penalty": (
        {"repetition_penalty": 1.7},
        [processors.RepetitionPenaltyLogitsProcessor(1.7)],
    ),
}
WARPERS["all"] = (
    {name: value for options, _ in list(WARPERS.values()) for name, value in options.items()},
    # In the order in which generate applies them.
    [
        WARPERS[name][1][0]
        for name in (
            "repetition_penalty",
            "temperature",
            "top_h",
            "top_k",
            "top_p",
            "min_p",
            "typical_p",
            "epsilon_cutoff",
            "eta_cutoff",
        )
    ],
)


class Beam(NamedTuple):
    """A hypothesis: the sum of its log-probabilities, its new tokens, and the states after them."""

    score: float
    tokens: list[int]
    states: list[Any]


class Loop:
    """A language model of the recurrent family, written out by its weights."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.config, self.weights = model.config, model.state_dict()

    def start(self, rows: int) -> list[Any]:
        """Return the states of each layer before the first token."""
        config = self.config
        zeros = torch.zeros(rows, config.hidden_size, dtype=torch.float64)
        return [(zeros, zeros if config.cell_type == "lstm" else None)] * config.num_hidden_layers

    def step(self, ids: Tensor, states: list[Any]) -> tuple[Tensor, list[Any]]:
        """Return the logits (rows, vocab_size) after one more token of each row, and the states."""
        own, x, after = self.weights, self.weights["model.embed_tokens.weight"][ids], []
        for number, (h, c) in enumerate(states):
            names = [f"model.layers.{number}.{name}_l0" for name in _NAMES]
            h, c = CELLS[self.config.cell_type](x, h, c, *(own.get(name) for name in names))
            after.append((h, c))
            x = h + x if self.config.residual and number else h
        if "projection.weight" in own:
            x = x @ own["projection.weight"].T + own["projection.bias"]
        if "lm_head.ranks" in own:
            return self._adaptive(x), after
        return x @ own["lm_head.weight"].T + own["lm_head.bias"], after

    def _adaptive(self, x: Tensor) -> Tensor:
        """Return the log-probabilities of an adaptive softmax, word by word."""
        own = self.weights
        head = (x @ own["lm_head.head.weight"].T + own["lm_head.head.bias"]).log_softmax(1)
        cutoffs = [*self.config.output_loss_config["cutoffs"], self.config.vocab_size]
        columns = []
        for rank in own["lm_head.ranks"].tolist():
            if rank < cutoffs[0]:
                columns.append(head[:, rank])
                continue
            tail = max(i for i, begin in enumerate(cutoffs[:-1]) if rank >= begin)
            within = x @ own[f"lm_head.tails.{tail}.0.weight"].T
            within = within @ own[f"lm_head.tails.{tail}.1.weight"].T
            within = (within + own[f"lm_head.tails.{tail}.1.bias"]).log_softmax(1)
            columns.append(head[:, cutoffs[0] + tail] + within[:, rank - cutoffs[tail]])
        return torch.stack(columns, dim=1)

    def read(self, ids: list[int]) -> tuple[Tensor, list[Any]]:
        """Return the logits (1, vocab_size) and the states after a prompt."""
        states = self.start(1)
        for token in ids:
            logits, states = self.step(torch.tensor([token]), states)
        return logits, states

    def greedy(self, ids: list[int], new: int) -> tuple[list[int], list[Tensor]]:
        """Return the most probable token at each step, and the logits there."""
        logits, states = self.read(ids)
        tokens, seen = [], []
        for _ in range(new):
            seen.append(logits[0])
            tokens.append(int(logits.argmax()))
            logits, states = self.step(torch.tensor(tokens[-1:]), states)
        return tokens, seen

    def beams(
        self, ids: list[int], new: int, eos: int, penalty: float, early: bool | str = "never"
    ) -> list[tuple[float, Any]]:
        """Return the finished hypotheses of beam search, the best first, with their scores.

        It ends early where there are enough of them (``True``), or where none of those that run
        would be better if it ended now (``False``, the default of transformers).
        """
        _, states = self.read(ids[:-1]) if len(ids) > 1 else (None, self.start(1))
        running, finished = [Beam(0.0, [], states)], []
        for step in range(new):
            found = []
            for beam in running:
                last = (beam.tokens or ids)[-1]
                logits, states = self.step(torch.tensor([last]), beam.states)
                for token, log_p in enumerate(logits[0].log_softmax(-1).tolist()):
                    found.append(Beam(beam.score + log_p, [*beam.tokens, token], states))
            found = sorted(found, reverse=True, key=lambda beam: beam.score)[: 2 * BEAMS]
            over = [b for b in found[:BEAMS] if b.tokens[-1] == eos or step == new - 1]
            finished += [(b.score / len(b.tokens) ** penalty, b.tokens) for b in over]
            finished = sorted(finished, reverse=True)[:BEAMS]
            running = [b for b in found if b.tokens[-1] != eos][:BEAMS]
            if len(finished) == BEAMS and early != "never":
                best = running[0].score / (step + 1) ** penalty
                if early or best <= finished[-1][0]:
                    break
        return finished


_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Collected(BaseStreamer):
    """A streamer that keeps what it is given."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def put(self, value: Tensor) -> None:
        self.ids += value.flatten().tolist()

    def end(self) -> None:
        self.ids.append(-1)


def padded(rows: list[Tensor]) -> dict[str, Tensor]:
    """Return prompts padded on the left, the padding filled with a token of its own."""
    options: dict[str, Any] = {"batch_first": True, "padding_side": "left"}
    ids = torch.nn.utils.rnn.pad_sequence(rows, padding_value=3, **options)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], **options)
    return {"input_ids": ids, "attention_mask": mask}


class GenerationEqualsLoop(Family):
    """For the variants whose input layer is the plain look-up."""

    head: ClassVar[str] = "AutoModelForCausalLM"

    def both(self, variant: str, **fields: Any) -> tuple[PreTrainedModel, Loop, list[Tensor]]:
        model = self.make(self.head, variant, use_cache=True, **fields).double()
        return model, Loop(model), random_rows(model.config.vocab_size, LENGTHS)

    def test_greedy_equals_loop(self, variant: str) -> None:
        model, loop, rows = self.both(variant)
        found = model.generate(
            **padded(rows), max_new_tokens=NEW, output_logits=True, return_dict_in_generate=True
        )
        logits = torch.stack(found.logits, dim=1)
        for row, ids in enumerate(rows):
            tokens, expected = loop.greedy(ids.tolist(), NEW)
            assert found.sequences[row, -NEW:].tolist() == tokens
            torch.testing.assert_close(logits[row], torch.stack(expected).float())
        assert found.past_key_values.get_seq_length() == max(LENGTHS) + NEW - 1

    def test_every_way_of_greedy_gives_the_same(self, variant: str) -> None:
        model, loop, rows = self.both(variant)
        expected = [loop.greedy(ids.tolist(), NEW)[0] for ids in rows]
        batch = padded(rows)

        def new(**arguments: Any) -> list[list[int]]:
            return model.generate(max_new_tokens=NEW, **arguments)[:, -NEW:].tolist()

        assert new(**batch, use_cache=False) == expected
        assert new(**batch, prefill_chunk_size=2) == expected
        assert new(**batch, cache_implementation="static") == expected
        vectors = model.get_input_embeddings()(batch["input_ids"])
        assert new(inputs_embeds=vectors, attention_mask=batch["attention_mask"]) == expected
        for row, ids in enumerate(rows):
            streamer = Collected()
            model.generate(ids.unsqueeze(0), max_new_tokens=NEW, streamer=streamer)
            assert streamer.ids == [*ids.tolist(), *expected[row], -1]
            assert new(inputs=ids.unsqueeze(0), prompt_lookup_num_tokens=3) == [expected[row]]

    def test_going_on_from_a_returned_cache(self, variant: str) -> None:
        model, loop, rows = self.both(variant)
        batch, tokens = padded(rows), NEW // 2
        first = model.generate(**batch, max_new_tokens=tokens, return_dict_in_generate=True)
        more = torch.ones(len(rows), tokens, dtype=torch.long)
        second = model.generate(
            input_ids=first.sequences,
            attention_mask=torch.cat([batch["attention_mask"], more], dim=1),
            past_key_values=first.past_key_values,
            max_new_tokens=NEW - tokens,
        )
        expected = [loop.greedy(ids.tolist(), NEW)[0] for ids in rows]
        assert second[:, -NEW:].tolist() == expected

    def test_assisted_greedy_equals_loop(self, variant: str) -> None:
        model, loop, rows = self.both(variant)
        torch.manual_seed(5)
        other = type(model)(model.config).double().eval()
        for assistant in (other, model):  # one that is mostly wrong, and one that never is
            for ids in rows:
                found = model.generate(
                    ids.unsqueeze(0),
                    max_new_tokens=2 * NEW,
                    assistant_model=assistant,
                    return_dict_in_generate=True,
                )
                expected = loop.greedy(ids.tolist(), 2 * NEW)[0]
                assert found.sequences[0, len(ids) :].tolist() == expected
                assert found.past_key_values.get_seq_length() == len(ids) + 2 * NEW - 1
                _, states = loop.read(found.sequences[0, :-1].tolist())
                for layer, (hidden, _) in zip(found.past_key_values.layers, states, strict=True):
                    torch.testing.assert_close(layer.states.hidden[:, 0], hidden)

    @pytest.mark.parametrize(("penalty", "early"), [(1.0, False), (0.0, "never")])
    def test_beams_equal_loop(self, variant: str, penalty: float, early: bool | str) -> None:
        model, loop, rows = self.both(variant)
        eos = loop.greedy(rows[0].tolist(), NEW)[0][2]
        found = model.generate(
            **padded(rows),
            max_new_tokens=NEW,
            num_beams=BEAMS,
            num_return_sequences=BEAMS,
            early_stopping=early,
            length_penalty=penalty,
            eos_token_id=eos,
            pad_token_id=0,
            output_scores=True,
            return_dict_in_generate=True,
        )
        new = found.sequences[:, max(LENGTHS) :].view(len(rows), BEAMS, -1).tolist()
        scores = found.sequences_scores.view(len(rows), BEAMS)
        for row, ids in enumerate(rows):
            expected = loop.beams(ids.tolist(), NEW, eos, penalty, early)
            assert len(expected) == BEAMS
            for number, (score, tokens) in enumerate(expected):
                assert new[row][number][: len(tokens)] == tokens
                assert set(new[row][number][len(tokens) :]) <= {0, eos}  # what fills the rest
                assert float(scores[row, number]) == pytest.approx(score, abs=1e-5)

    @pytest.mark.parametrize("warper", WARPERS)
    def test_sampling_equals_loop(self, warper: str) -> None:
        options, applied = WARPERS[warper]
        # Each warper once, and all of them together for every variant.
        for variant in self.variants if warper == "all" else [next(iter(self.variants))]:
            model, loop, _ = self.both(variant)
            prompts = random_rows(model.config.vocab_size, (4, 4))
            ids = torch.stack(prompts)
            torch.manual_seed(7)
            found = model.generate(
                ids,
                max_new_tokens=NEW,
                do_sample=True,
                **{"top_k": 0, **options},
                output_scores=True,
                return_dict_in_generate=True,
            )
            torch.manual_seed(7)
            states = loop.start(len(prompts))
            for column in ids.T:
                logits, states = loop.step(column, states)
            for step in range(NEW):
                scores = LogitsProcessorList(applied)(ids, logits.float())
                torch.testing.assert_close(found.scores[step], scores, rtol=1e-5, atol=1e-5)
                drawn = torch.multinomial(scores.softmax(-1), 1)
                ids = torch.cat([ids, drawn], dim=1)
                logits, states = loop.step(drawn[:, 0], states)
            assert torch.equal(found.sequences, ids)

    def test_assisted_sampling_has_the_distribution_of_the_model(self) -> None:
        variant, drawn, tokens = next(iter(self.variants)), 300, 2
        fields: dict[str, Any] = {"vocab_size": 3, "pad_token_id": None}
        model, loop, _ = self.both(variant, **fields)
        torch.manual_seed(6)
        assistant = type(model)(model.config).double().eval()
        prompt = torch.tensor([[1, 2]])
        counts = dict.fromkeys(itertools.product(range(3), repeat=tokens), 0)
        torch.manual_seed(8)
        for _ in range(drawn):
            ids = model.generate(
                prompt, max_new_tokens=tokens, do_sample=True, assistant_model=assistant
            )
            counts[tuple(ids[0, 2:].tolist())] += 1
        chi_square = 0.0
        for outcome, count in counts.items():
            (logits, states), log_p = loop.read(prompt[0].tolist()), 0.0
            for token in outcome:
                log_p += float(logits[0].log_softmax(-1)[token])
                logits, states = loop.step(torch.tensor([token]), states)
            expected = drawn * torch.tensor(log_p).exp().item()
            chi_square += (count - expected) ** 2 / expected
        assert chi_square < 26.1  # 1 in 1000 at 8 degrees of freedom

    def test_the_cache_does_not_grow(self, variant: str) -> None:
        model, _, rows = self.both(variant)
        sizes = []
        for new in (2, 30):
            for options in ({}, {"prompt_lookup_num_tokens": 4}):
                cache = model.generate(
                    rows[0].unsqueeze(0),
                    max_new_tokens=new,
                    return_dict_in_generate=True,
                    **options,
                ).past_key_values
                kept = [state for layer in cache.layers for state in layer.kept()]
                sizes.append(sum(t.numel() for state in kept for t in state if t is not None))
        assert len(set(sizes)) == 1

    def test_the_pipeline_generates(self) -> None:
        model, loop, _ = self.both(next(iter(self.variants)))
        tokenizer, text = self.tokenizer(), "a good film"
        ids = tokenizer(text).input_ids
        run = pipeline("text-generation", model=model, tokenizer=tokenizer)
        (result,) = run(text, max_new_tokens=20, do_sample=False, return_tensors=True)
        assert result["generated_token_ids"] == ids + loop.greedy(ids, 20)[0]

    def test_stop_strings(self) -> None:
        tokenizer = letter_tokenizer()
        model, loop, _ = self.both(next(iter(self.variants)), vocab_size=len(tokenizer))
        ids = tokenizer("a good film", return_tensors="pt").input_ids
        tokens = loop.greedy(ids[0].tolist(), 20)[0]
        stop = tokenizer.decode(tokens[3:5])
        found = model.generate(ids, max_new_tokens=20, stop_strings=stop, tokenizer=tokenizer)
        end = next(i for i in range(20) if tokens[i - 1 : i + 1] == tokens[3:5])
        assert found[0, ids.shape[1] :].tolist() == tokens[: end + 1]
