"""Nothing that strangers wrote is run: neither code beside a model nor pickled weights."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

import hf_recurrent
from hf_recurrent.__main__ import main
from hf_recurrent.tasks.encoders import load_encoder, reach_encoder
from hf_recurrent.tasks.text_classification.prediction import load_classifier

PACKAGE = Path(hf_recurrent.__file__).parent
AUTO = ("AutoConfig", "AutoTokenizer", "AutoModel", "AutoModelForSequenceClassification", "auto")


def careless_loads(source: str) -> list[str]:
    """Return the calls that load by an Auto class without saying that no code is trusted."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if node.func.attr != "from_pretrained" or name not in AUTO:
            continue
        said = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        # What is handed on is False unless the caller says otherwise: see the test below.
        named = said.get("trust_remote_code") in ("False", "trust_remote_code")
        careful = named or said.get(None) == "ours"
        weights = "Model" in name or name == "auto"
        if not careful or (weights and said.get("use_safetensors") != "True"):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE))
)
def test_every_load_says_that_no_code_is_trusted(file: Path) -> None:
    assert careless_loads(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE))
)
def test_no_function_trusts_by_default(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            named = [*node.args.posonlyargs, *node.args.args]
            pairs = [*zip(reversed(named), reversed(node.args.defaults), strict=False)]
            pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            defaults = {name.arg: value for name, value in pairs}
            names = [*named, *node.args.kwonlyargs]
            for name in names:
                if name.arg == "trust_remote_code":
                    default = defaults.get(name.arg)
                    assert default is not None, node.name
                    assert ast.unparse(default) == "False", node.name


@pytest.mark.parametrize(
    "call",
    [
        "AutoTokenizer.from_pretrained(a)",
        "transformers.AutoConfig.from_pretrained(a, trust_remote_code=None)",
        "AutoModel.from_pretrained(a, trust_remote_code=False)",
    ],
)
def test_the_check_sees(call: str) -> None:
    assert careless_loads(call)


def save_bert(folder: Path) -> Path:
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"])
    )
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"))
    size = {"vocab_size": 6, "hidden_size": 4, "intermediate_size": 4, "num_attention_heads": 1}
    BertForSequenceClassification(BertConfig(**size, num_hidden_layers=1)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def predict(folder: str) -> None:
    if main(["predict", folder, "a text"]):
        raise ValueError("it was refused")


LOADS: dict[str, Callable[[str], object]] = {
    "predict": predict,
    "classifier": load_classifier,
    "baseline": load_encoder,
    "baseline with labels": lambda folder: load_encoder(folder, id2label={0: "a", 1: "b"}),
}


@pytest.mark.parametrize("name", LOADS)
def test_code_beside_a_model_is_not_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is the user asked, on whose terminal a typed "y" would run it."""
    save_bert(tmp_path)
    monkeypatch.setattr("builtins.input", lambda *prompt: pytest.fail("it asked"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    (tmp_path / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n")
    config = json.loads((tmp_path / "config.json").read_text())
    names = ("AutoConfig", "AutoModel", "AutoModelForSequenceClassification")
    config |= {"model_type": "strange", "auto_map": dict.fromkeys(names, "code.Strange")}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises((OSError, ValueError)):
        LOADS[name](str(tmp_path))
    if name.startswith("baseline"):
        with pytest.raises(OSError, match="could not be loaded"):
            reach_encoder(str(tmp_path))
    assert not (tmp_path / "ran").exists()


def test_code_beside_a_model_runs_where_the_user_says_so(tmp_path: Path) -> None:
    save_bert(tmp_path)
    (tmp_path / "code.py").write_text(
        "from transformers import BertForSequenceClassification\n"
        f"open({str(tmp_path / 'ran')!r}, 'w')\n"
        "class Strange(BertForSequenceClassification):\n    pass\n"
    )
    config = json.loads((tmp_path / "config.json").read_text())
    config["auto_map"] = {"AutoModelForSequenceClassification": "code.Strange"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert main(["predict", str(tmp_path), "a text"]) == 0
    assert not (tmp_path / "ran").exists()
    assert main(["predict", str(tmp_path), "a text", "--trust-remote-code"]) == 0
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", LOADS)
def test_pickled_weights_are_not_loaded(name: str, tmp_path: Path) -> None:
    save_bert(tmp_path)
    LOADS[name](str(tmp_path))
    torch.save(load_file(tmp_path / "model.safetensors"), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises((OSError, ValueError)):
        LOADS[name](str(tmp_path))
