"""The CTC loss by brute force, batches and their members, and SpecAugment."""

import itertools
import warnings

import pytest
import torch

from hf_recurrent import RecurrentForCTC, RecurrentSpeechConfig, RecurrentSpeechModel
from hf_recurrent.models.ctc import needed_steps
from hf_recurrent.models.spec_augment import spec_augment
from tests.common.bad_input import assert_one_sentence

LENGTHS, TEXTS = (4, 9, 2, 6), ([2, 2], [1, 3, 3, 2], [], [3, 1])
LABELS = torch.tensor([text + [-100] * (4 - len(text)) for text in TEXTS])


def model(**fields: object) -> RecurrentForCTC:
    torch.manual_seed(0)
    config = RecurrentSpeechConfig(
        vocab_size=4,
        embedding_config={"kind": "frames", "num_channels": 3},
        hidden_size=5,
        bidirectional=True,
        **fields,
    )
    made = RecurrentForCTC(config).eval()
    with torch.no_grad():
        made.lm_head.weight.mul_(8)
    return made.double()


def batch() -> dict[str, torch.Tensor]:
    frames = torch.randn(4, 9, 3, generator=torch.Generator().manual_seed(1)).double()
    mask = (torch.arange(9) < torch.tensor(LENGTHS).unsqueeze(1)).long()
    return {"input_features": frames, "attention_mask": mask}


def test_the_loss_by_brute_force() -> None:
    network = model()
    output = network(**batch(), labels=LABELS)
    expected = 0.0
    for row, (length, text) in enumerate(zip(LENGTHS, TEXTS, strict=True)):
        if length > 6:  # too many ways
            continue
        log_p = output.logits[row, :length].log_softmax(-1)
        ways = [
            log_p[range(length), path].sum()
            for path in itertools.product(range(4), repeat=length)
            if [token for token, _ in itertools.groupby(path) if token] == text
        ]
        expected -= torch.stack(ways).logsumexp(0)
    one = network(**{k: v[1:2] for k, v in batch().items()}, labels=LABELS[1:2])
    total = expected + 4 * one.loss
    torch.testing.assert_close(output.loss, total / 8)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_batch_and_its_members(stride: int) -> None:
    """Text, loss and gradient, whatever stands on the padding."""
    network = model(conv_dim=[4], conv_kernel=[2], conv_stride=[stride])
    labels = LABELS.clone()
    labels[1, 2:] = -100
    given = batch()
    given["input_features"][given["attention_mask"] == 0] = torch.nan
    output = network(**given, labels=labels, num_items_in_batch=6)
    output.loss.backward()
    together = {name: p.grad.clone() for name, p in network.named_parameters()}
    network.zero_grad()
    total = 0.0
    for row, length in enumerate(LENGTHS):
        frames = given["input_features"][row : row + 1, :length]
        own = network(input_features=frames, labels=labels[row : row + 1], num_items_in_batch=6)
        own.loss.backward()
        total += float(own.loss)
        steps = -(-length // stride)
        alone = output.logits[row].argmax(-1).tolist()
        assert alone == own.logits[0].argmax(-1).tolist() + [0] * (len(alone) - steps)
    assert float(output.loss) == pytest.approx(total, rel=1e-10)
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(together[name], parameter.grad, rtol=1e-8, atol=1e-10)


def test_texts_that_are_too_long_add_nothing() -> None:
    network, given = model(), batch()
    labels = torch.tensor([[1, 2, 1, 2], [1, 2, 3, 1], [1, 1, -100, -100], [1, 2, -100, -100]])
    assert needed_steps(labels).tolist() == [4, 4, 3, 2]
    with pytest.warns(UserWarning, match=r"1 of 4 texts .* \(rows 2 of the batch\)"):
        loss = network(**given, labels=labels).loss
    kept = [0, 1, 3]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rest = network(**{k: v[kept] for k, v in given.items()}, labels=labels[kept]).loss
    torch.testing.assert_close(loss * 12, rest * 10)
    assert needed_steps(torch.tensor([[1, -100, 1], [2, -100, -100]])).tolist() == [3, 1]


def test_bad_labels() -> None:
    network, given = model(), batch()
    for labels, named in (
        (LABELS.clamp(min=0), "blank, 0"),
        (LABELS + 3, "token ids from 0 to 3"),
        (LABELS[:2], "(4, n)"),
        (LABELS.float(), "torch.float32"),
    ):
        with pytest.raises(ValueError, match="labels") as caught:
            network(**given, labels=labels)
        assert_one_sentence(caught.value, named)
    with pytest.raises(ValueError, match=r"reads input_features .* input_ids was given"):
        network(input_ids=torch.zeros(1, 2, dtype=torch.long))


def test_spec_augment() -> None:
    torch.manual_seed(0)
    frames, mask = torch.ones(200, 30, 8), torch.ones(200, 30, dtype=torch.bool)
    mask[::2, 20:] = False
    timed = spec_augment(frames, mask, (0.2, 5), (0.0, 1))
    gone = timed[:, :, 0] == 0
    assert torch.equal(timed == 0, gone.unsqueeze(2).expand_as(timed))
    assert not gone[~mask].any()
    assert 0.12 < gone[mask].float().mean() < 0.2  # stretches overlap
    runs = [sum(1 for _ in g) for row in gone for on, g in itertools.groupby(row.tolist()) if on]
    assert min(runs) >= 5
    channels = spec_augment(frames, mask, (0.0, 1), (0.25, 2))[:, 0] == 0
    assert 0.15 < channels.float().mean() < 0.26
    assert torch.equal(spec_augment(frames, mask, (0.0, 1), (0.0, 1)), frames)


def test_spec_augment_is_for_training_only() -> None:
    config = RecurrentSpeechConfig(hidden_size=4, mask_time_prob=0.5)
    network = RecurrentSpeechModel(config)
    frames = torch.randn(2, 20, 40)
    network.train()
    assert not torch.equal(network(input_features=frames)[0], network(input_features=frames)[0])
    network.eval()
    assert torch.equal(network(input_features=frames)[0], network(input_features=frames)[0])
