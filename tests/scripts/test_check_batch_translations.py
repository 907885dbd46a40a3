"""The script that counts translations which depend on their batch."""

import runpy
from pathlib import Path
from typing import Any

import pytest
import torch

from hf_recurrent import RecurrentForConditionalGeneration, RecurrentSeq2SeqConfig
from hf_recurrent.models import attention
from tests.common.tokenizer import word_tokenizer

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_batch_translations.py"
TEXTS = ["a good film", "not bad", "the plot is very very very dull", "fine"]


@pytest.mark.parametrize("beams", [1, 2])
def test_only_what_depends_on_the_batch_is_listed(
    beams: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    report: Any = runpy.run_path(str(SCRIPT))["report"]
    tokenizer = word_tokenizer()
    torch.manual_seed(0)
    config = RecurrentSeq2SeqConfig(
        encoder={"vocab_size": 13, "embedding_size": 8, "hidden_size": 8},
        vocab_size=13,
        embedding_size=8,
        hidden_size=8,
        initializer_range=1.0,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = RecurrentForConditionalGeneration(config).eval()
    with torch.no_grad():
        model.lm_head.weight *= 10
    options = {"num_beams": beams, "do_sample": False, "max_new_tokens": 8}
    (line,) = report(model, tokenizer, TEXTS, 4, **options)
    assert line.startswith("0 of 4 translations differ between batches of 1 and 4")
    # Attention that reads padding: what it finds depends on the longest sentence of the batch.
    monkeypatch.setattr(attention, "masked_softmax", lambda scores, _: scores.softmax(-1))
    found = list(report(model, tokenizer, TEXTS, 4, [2, 3, 5, 7], **options))
    assert all(int(line.split(":")[0].split()[1]) in (2, 3, 5, 7) for line in found[1::3])
    changed = int(found[0].split()[0])
    assert changed
    assert len(found) == 1 + 3 * changed
    assert all("gap" in line for line in found[1::3])
