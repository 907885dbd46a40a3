import sys

import pytest

from hf_recurrent._extras import require


def test_gives_the_module() -> None:
    assert require("json.decoder", "train", "Reading") is sys.modules["json.decoder"]


def test_names_the_extra() -> None:
    with pytest.raises(ImportError) as caught:
        require("no_such_library.part", "train", "Training GloVe vectors")
    assert str(caught.value) == (
        "Training GloVe vectors needs no_such_library: pip install 'hf-recurrent[train]'"
    )


def test_what_is_missing_behind_the_library_is_not_hidden(tmp_path, monkeypatch) -> None:
    (tmp_path / "half_there.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        require("half_there", "train", "Training")
