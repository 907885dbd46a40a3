import pytest

from hf_recurrent.vectors.evaluation import available_sets, load_word_set
from hf_recurrent.vectors.evaluation.named_sets import word_set_name

from ..files import write


def test_names_in_any_form() -> None:
    for name in ("ws353", "WS353", "WordSim353", "wordsim-353"):
        assert word_set_name(name) == "ws353"
    assert word_set_name("SimLex-999") == word_set_name("simlex") == "simlex999"
    assert word_set_name("Google_Analogies") == "google-analogies"
    assert word_set_name("pairs.txt") is None
    assert len(load_word_set("ws353").pairs) == 353
    assert len(load_word_set("SimLex-999").pairs) == 999


def test_sets_of_a_data_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("HF_RECURRENT_DATA", raising=False)
    assert "men" not in available_sets()
    with pytest.raises(FileNotFoundError, match="'men' is the file men-tr-3k"):
        load_word_set("men")
    (tmp_path / "words").mkdir()
    write(tmp_path / "words", "sun\tsunlight\t50\n", "men-tr-3k.txt")
    assert load_word_set("MEN", tmp_path).pairs == (("sun", "sunlight"),)
    assert load_word_set("men", tmp_path / "words").name == "men"
    assert available_sets(tmp_path)[-1] == "men"
    monkeypatch.setenv("HF_RECURRENT_DATA", str(tmp_path))
    assert load_word_set("men").ratings == (50.0,)
    with pytest.raises(FileNotFoundError, match="lacks it"):
        load_word_set("rg65")


def test_a_file_or_nothing(tmp_path) -> None:
    path = write(tmp_path, "a b 1\n", "mine.txt")
    assert load_word_set(path).name == "mine"
    with pytest.raises(FileNotFoundError, match="neither a file of words to judge by nor a known"):
        load_word_set(tmp_path / "none.txt")
    with pytest.raises(NotADirectoryError, match="no folder here"):
        available_sets(path)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("simlex99", "simlex999"), ("google-analogy", "google-analogies"), ("mem", "men")],
)
def test_a_mistyped_name_is_guessed(given, meant) -> None:
    with pytest.raises(FileNotFoundError, match=rf"rg65\. Did you mean '{meant}'\?$"):
        load_word_set(given)


def test_the_real_sets(real_data) -> None:
    assert len(load_word_set("men", real_data).pairs) == 3000
    assert len(load_word_set("rg65", real_data).pairs) == 65
    # Those that gensim brings are the same as those of the folder.
    for name, file in (("ws353", "ws353.txt"), ("simlex999", "simlex-999.txt")):
        theirs = load_word_set(real_data / "words" / file)
        assert theirs.pairs == load_word_set(name).pairs
        assert theirs.ratings == load_word_set(name).ratings
