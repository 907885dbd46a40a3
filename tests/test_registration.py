"""The package registers its models whatever is imported first, and costs nothing until then."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import hf_recurrent
from hf_recurrent import _registration

CHECK = """
import sys
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification
import hf_recurrent
from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification, RecurrentModel
assert AutoConfig.for_model("static_embedding").__class__ is hf_recurrent.StaticEmbeddingConfig
assert AutoModel._model_mapping[RecurrentConfig] is RecurrentModel
classifiers = AutoModelForSequenceClassification._model_mapping
assert classifiers[RecurrentConfig] is RecurrentForSequenceClassification
from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING
assert hf_recurrent.NgramTokenizer in TOKENIZER_MAPPING._extra_content.values()
assert hf_recurrent.WordStartTokenizer in TOKENIZER_MAPPING._extra_content.values()
from transformers import AutoModelForTokenClassification
taggers = AutoModelForTokenClassification._model_mapping
assert taggers[RecurrentConfig] is hf_recurrent.RecurrentForTokenClassification
assert hf_recurrent.ElmoTokenizer in TOKENIZER_MAPPING._extra_content.values()
from transformers import AutoModelForPreTraining
pretrained = AutoModelForPreTraining._model_mapping
assert pretrained[hf_recurrent.ElmoConfig] is hf_recurrent.ElmoForPreTraining
from transformers import AutoModelForCausalLM
language_models = AutoModelForCausalLM._model_mapping
assert language_models[RecurrentConfig] is hf_recurrent.RecurrentForCausalLM
from transformers import AutoModelForSeq2SeqLM
translators = AutoModelForSeq2SeqLM._model_mapping
assert translators[hf_recurrent.RecurrentSeq2SeqConfig].__module__.startswith("hf_recurrent")
from transformers import AutoModelForTimeSeriesPrediction
forecasters = AutoModelForTimeSeriesPrediction._model_mapping
assert forecasters[hf_recurrent.RecurrentTimeSeriesConfig].__module__.startswith("hf_recurrent")
from transformers.pipelines import PIPELINE_REGISTRY
assert "recurrent-translation" in PIPELINE_REGISTRY.get_supported_tasks()
assert "hf_recurrent._registration" not in [type(finder).__module__ for finder in sys.meta_path]
import transformers.modeling_utils, inspect
assert "_Watched" not in type(transformers.modeling_utils.__loader__).__name__
assert inspect.getsource(transformers.modeling_utils)
"""
HEAVY = ("torch", "transformers", "scipy", "gensim", "datasets", "sklearn", "pandas", "numpy")


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "first",
    [
        "import hf_recurrent",
        "from transformers import AutoModel",
        pytest.param(
            "import transformers; import hf_recurrent; from transformers import AutoTokenizer",
            marks=pytest.mark.slow,
        ),
        pytest.param("from hf_recurrent import RecurrentModel", marks=pytest.mark.slow),
        pytest.param(
            "import hf_recurrent; from transformers import BertModel", marks=pytest.mark.slow
        ),
        pytest.param(
            "import hf_recurrent.tasks.text_classification.prediction", marks=pytest.mark.slow
        ),
    ],
)
def test_whatever_is_imported_first_the_models_are_registered(first: str) -> None:
    run(f"{first}\n{CHECK}")


def test_a_registration_that_was_interrupted_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []

    def register() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt

    watch = _registration._Watch(((register, ("sys",)),))
    monkeypatch.setattr(sys, "meta_path", [watch, *sys.meta_path])
    module = ModuleType("any")
    loader: Any = SimpleNamespace(exec_module=lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        watch.run(loader, module)
    for _ in range(2):
        watch.run(loader, module)
    assert len(calls) == 2
    assert watch not in sys.meta_path


def test_the_package_alone_imports_nothing_heavy() -> None:
    code = f"import sys, hf_recurrent; print([name for name in {HEAVY} if name in sys.modules])"
    assert run(code).strip() == "[]"


def test_every_name_is_there() -> None:
    assert set(hf_recurrent.__all__) <= set(dir(hf_recurrent))
    for name in hf_recurrent.__all__:
        assert getattr(hf_recurrent, name) is getattr(hf_recurrent, name)
    assert hf_recurrent.models.__name__ == "hf_recurrent.models"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hf_recurrent.nothing
