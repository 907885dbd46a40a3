"""The published weights: the expected vectors of the original, and files that are damaged."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hf_recurrent import ElmoModel, ElmoTokenizer
from hf_recurrent.__main__ import main
from hf_recurrent.models.projected_cell import Clips, projected_lstm_cell
from hf_recurrent.vectors import convert_elmo

from .files import CELL, OPTIONS, arrays, write

h5py = pytest.importorskip("h5py")


def by_formula(options: dict[str, Any], weights: dict[str, np.ndarray], words: list) -> np.ndarray:
    """Return the layers (3, words, 2 * size), by the steps of TensorFlow's cell on the arrays."""
    w = {name: torch.from_numpy(values) for name, values in weights.items()}
    lstm, cnn = options["lstm"], options["char_cnn"]

    def vector(inner: list[int]) -> torch.Tensor:
        ids = [258, *inner, 259] + [260] * (cnn["max_characters_per_token"] - 2 - len(inner))
        characters, best = w["char_embed"][ids], []
        for i, (window, _) in enumerate(cnn["filters"]):
            sums = [
                torch.einsum("wd,wdn->n", characters[s : s + window], w[f"CNN/W_cnn_{i}"][0])
                for s in range(len(ids) - window + 1)
            ]
            best.append(torch.stack(sums).amax(0) + w[f"CNN/b_cnn_{i}"])
        x = torch.cat(best)
        x = x.tanh() if cnn["activation"] == "tanh" else x.relu()
        for i in range(cnn["n_highway"]):
            high = f"CNN_high_{i}/"
            carry = (x @ w[high + "W_carry"] + w[high + "b_carry"]).sigmoid()
            new = (x @ w[high + "W_transform"] + w[high + "b_transform"]).relu()
            x = carry * new + (1 - carry) * x
        return x @ w["CNN_proj/W_proj"] + w["CNN_proj/b_proj"] if "CNN_proj/W_proj" in w else x

    inner = [[256], *([*word.encode()] for word in words), [257]]
    tokens = torch.stack([vector(each) for each in inner])
    found = [torch.cat([tokens, tokens], dim=1)]
    sides = [tokens, tokens]
    for layer in range(lstm["n_layers"]):
        for direction in range(2):
            group, size = CELL.format(direction, layer), lstm["projection_dim"]
            i, j, f, o = w[group + "W_0"].T.chunk(4)  # TensorFlow's order
            both = torch.cat([i, f, j, o])
            b_i, b_j, b_f, b_o = w[group + "B"].chunk(4)
            bias, w_hr = torch.cat([b_i, b_f + 1, b_j, b_o]), w.get(group + "W_P_0")
            rows = sides[direction].flip(0) if direction else sides[direction]
            h, c, outputs = torch.zeros(1, size), torch.zeros(1, lstm["dim"]), []
            for x in rows:
                h, c = projected_lstm_cell(
                    x[None], h, c, both[:, :size], both[:, size:], bias,
                    None if w_hr is None else w_hr.T,
                    Clips(lstm["cell_clip"], lstm["proj_clip"]),
                )  # fmt: skip
                outputs.append(h[0])
            output = torch.stack(outputs)
            output = output.flip(0) if direction else output
            skips = lstm["use_skip_connections"] and layer
            sides[direction] = output + sides[direction] if skips else output
        found.append(torch.cat(sides, dim=1))
    return torch.stack(found)[:, 1:-1].numpy()


@pytest.mark.parametrize("kind", ["projected", "plain"])
def test_every_layer_by_its_formula(kind: str, tmp_path: Path, capsys: Any) -> None:
    options = copy.deepcopy(OPTIONS)
    if kind == "plain":  # no projections, no highway layer, no clipping of the output
        options["lstm"] |= {"dim": 7, "projection_dim": 7, "cell_clip": None}
        options["lstm"] |= {"use_skip_connections": False, "n_layers": 1}
        options["char_cnn"] |= {"n_highway": 0, "activation": "relu", "n_characters": 262}
    weights = arrays(options)
    folder = tmp_path / "elmo"
    assert main(["convert-elmo", *write(tmp_path, options, weights), str(folder)]) == 0
    assert "ELMo with" in capsys.readouterr().out
    model = ElmoModel.from_pretrained(folder)
    tokenizer = ElmoTokenizer.from_pretrained(folder)
    assert model.config.hidden_dropout == 0.1
    assert model.config.pad_token_id == tokenizer.pad_token_id
    words = ["né", "bank", "ab"]
    given = tokenizer([words, ["x"]], is_split_into_words=True, padding=True, return_tensors="pt")
    with torch.no_grad():
        found = torch.stack(model.eval()(**given, output_hidden_states=True).hidden_states)
    expected = by_formula(options, weights, words)
    np.testing.assert_allclose(found[:, 0].numpy(), expected, atol=1e-5)
    # A second run in the same folder replaces the model.
    assert main(["convert-elmo", *write(tmp_path, options, weights), str(folder)]) == 0


def test_the_expected_vectors_of_the_original(real_data: Path, tmp_path: Path) -> None:
    """Ten batches of three sentences, whose states go on from batch to batch."""
    source = real_data / "elmo"
    if not source.is_dir():
        pytest.skip("no folder elmo among the data")
    convert_elmo(source / "options.json", source / "lm_weights.hdf5", tmp_path / "elmo")
    sentences = json.loads((source / "lm_embeddings_sentences.json").read_text())
    tokenizer = ElmoTokenizer.from_pretrained(tmp_path / "elmo")
    model = ElmoModel.from_pretrained(tmp_path / "elmo", stateful=True).eval()
    files = [h5py.File(source / f"lm_embeddings_{slot}.hdf5") for slot in range(3)]
    for number, texts in enumerate(zip(*sentences, strict=True)):
        with torch.no_grad():
            output = model(
                **tokenizer(list(texts), padding=True, return_tensors="pt"),
                output_hidden_states=True,
            )
        for slot, text in enumerate(texts):
            expected = np.concatenate(files[slot][str(number)][...], axis=-1)
            found = output.hidden_states[-1][slot, : len(text.split())].numpy()
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_folders_are_made_and_old_weights_replaced(tmp_path: Path) -> None:
    files = write(tmp_path, OPTIONS, arrays(OPTIONS))
    given = Path(files[0]).read_bytes()
    Path(files[0]).write_bytes(b"\xef\xbb\xbf" + given)  # as some editors save a file
    folder = tmp_path / "new" / "elmo"
    convert_elmo(*files, folder)
    weights = (folder / "model.safetensors").read_bytes()
    for name in ("notes.txt", "model.safetensors", "model.safetensors.index.json"):
        (folder / name).write_text("old")
    convert_elmo(*files, folder)
    assert (folder / "model.safetensors").read_bytes() == weights
    assert not (folder / "model.safetensors.index.json").exists()
    assert (folder / "notes.txt").read_text() == "old"


def changed(part: str, **fields: Any) -> dict[str, Any]:
    options = copy.deepcopy(OPTIONS)
    (options[part] if part else options).update(fields)
    return options


WRONG_OPTIONS: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "not a JSON file"),
    "a list": ("[]", "the options is []"),
    "activation": (changed("char_cnn", activation="gelu"), "char_cnn.activation is 'gelu'"),
    "activations": (changed("char_cnn", activation=["relu"]), "char_cnn.activation is ['relu']"),
    "highway": (changed("char_cnn", n_highway=False), "char_cnn.n_highway is False"),
    "characters": (changed("char_cnn", n_characters=300), "char_cnn.n_characters is 300"),
    "unknown": (changed("lstm", peepholes=True), "the field lstm.peepholes is not known"),
    "word input": ({"lstm": OPTIONS["lstm"]}, "the field char_cnn is missing"),
    "one direction": (changed("", bidirectional=False), "bidirectional is False"),
    "filters": (changed("char_cnn", filters=[[1]]), "char_cnn.filters is [[1]]"),
    "a wide filter": (changed("char_cnn", filters=[[9, 1]]), "max_characters_per_token 8"),
    "short words": (changed("char_cnn", max_characters_per_token=2), "options.json: max_char"),
    "projection": (changed("lstm", projection_dim=9), "cell_size is 6"),
    "other layers": (changed("lstm", n_layers=1), "do not ask for the data set 'RNN_0"),
    "other sizes": (changed("lstm", dim=7), "has the shape"),
    "more layers": (changed("lstm", n_layers=3), "is missing, which the options ask for"),
}


@pytest.mark.parametrize("case", WRONG_OPTIONS)
def test_options_that_are_wrong_or_of_other_weights(case: str, tmp_path: Path, capsys: Any) -> None:
    options, named = WRONG_OPTIONS[case]
    files = write(tmp_path, options, arrays(OPTIONS))
    assert main(["convert-elmo", *files, str(tmp_path / "elmo")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert named in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["options.json", "weights.hdf5"]


@pytest.mark.parametrize("damage", ["truncated", "text", "lacking", "infinite", "words", "missing"])
def test_weights_that_are_damaged(damage: str, tmp_path: Path, capsys: Any) -> None:
    weights = arrays(OPTIONS)
    if damage == "lacking":
        del weights["CNN/b_cnn_1"]
    if damage == "infinite":
        weights["CNN/b_cnn_1"][0] = np.inf
    if damage == "words":
        weights["CNN/b_cnn_1"] = np.array(["a", "b", "c", "d"], dtype=object)
    files = write(tmp_path, OPTIONS, weights)
    path = Path(files[1])
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-500])
    if damage == "text":
        path.write_text("no weights")
    if damage == "missing":
        path.unlink()
    assert main(["convert-elmo", *files, str(tmp_path / "new" / "elmo")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "weights.hdf5" in line
    if damage in ("lacking", "infinite"):
        assert "'CNN/b_cnn_1'" in line
    assert not (tmp_path / "new").exists()


def test_nothing_is_left_after_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hf_recurrent.vectors.elmo.conversion.write_tensors", stop)
    files = write(tmp_path, OPTIONS, arrays(OPTIONS))
    assert main(["convert-elmo", *files, str(tmp_path / "new" / "elmo")]) == 130
    assert "Nothing was written." in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
