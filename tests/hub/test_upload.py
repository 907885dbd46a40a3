"""One commit or none, also where the user stops it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from hf_recurrent.__main__ import main
from hf_recurrent.commands.publish import ending_well_when_killed
from hf_recurrent.hub.upload import PublishError, check_repo_id, upload
from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.store import Blob, Operation


def test_ctrl_c_takes_back_what_was_created() -> None:
    with LoopbackHub() as hub:
        api = HfApi(endpoint=hub.endpoint, token="hf_write")
        hub.store.create("model", "ada/there", "ada", False, None)
        files = [CommitOperationAdd("a.txt", b"a")]
        for name in ("ada/new", "ada/there"):
            with (
                mock.patch.object(api, "create_commit", side_effect=KeyboardInterrupt),
                pytest.raises(KeyboardInterrupt),
            ):
                upload(api, name, files, revision="trial", message="Add")
        assert [id for _, id in hub.store.repos] == ["ada/there"]
        assert set(hub.store.repo("model", "ada/there").branches) == {"main"}


def test_kill_takes_back_what_was_created(tmp_path: Path) -> None:
    def killed(*arguments: object, **options: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("it went on")

    before = signal.getsignal(signal.SIGTERM)
    with LoopbackHub() as hub:
        api = HfApi(endpoint=hub.endpoint, token="hf_write")
        with (
            mock.patch.object(api, "create_commit", side_effect=killed),
            pytest.raises(SystemExit) as ended,
            ending_well_when_killed(),
            tempfile.TemporaryDirectory(dir=tmp_path),
        ):
            upload(api, "ada/new", [CommitOperationAdd("a.txt", b"a")], message="Add")
        assert ended.value.code == 128 + signal.SIGTERM
        assert list(hub.store.repos) == []
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("of_others", ["tag", "pull request", "branch", "commit"])
def test_a_new_repository_that_others_use_is_not_deleted(of_others: str) -> None:
    """It was made by this call; what somebody put there in the meantime stays."""
    with LoopbackHub() as hub:
        api = HfApi(endpoint=hub.endpoint, token="hf_write")
        other = HfApi(endpoint=hub.endpoint, token="hf_write")

        def fails(repo: str, *arguments: object, **options: object) -> None:
            if of_others == "tag":
                other.create_tag(repo, tag="v1")
            elif of_others == "branch":
                other.create_branch(repo, branch="theirs")
            else:
                file = [CommitOperationAdd("b.txt", b"b")]
                pull = of_others == "pull request"
                other.create_commit(repo, file, commit_message="Theirs", create_pr=pull)
            raise OSError("the disk is full")

        with (
            mock.patch.object(api, "create_commit", side_effect=fails),
            pytest.raises(PublishError, match="the disk is full"),
        ):
            upload(api, "ada/new", [CommitOperationAdd("a.txt", b"a")], message="Add")
        assert [name for _, name in hub.store.repos] == ["ada/new"]


def test_a_repository_that_a_killed_upload_left_empty_is_used(tmp_path: Path) -> None:
    """`kill -9` before the commit lets nothing be taken back."""
    script = """
import os, sys
from unittest import mock
from huggingface_hub import CommitOperationAdd, HfApi
from hf_recurrent.hub.upload import upload

api = HfApi(endpoint=sys.argv[1], token="hf_write")
die = lambda *arguments, **options: os.kill(os.getpid(), 9)
with mock.patch.object(api, "create_commit", side_effect=die):
    upload(api, "ada/left", [CommitOperationAdd("a.txt", b"a")], message="Add")
"""
    files = [CommitOperationAdd("a.txt", b"a")]
    with LoopbackHub() as hub:
        api = HfApi(endpoint=hub.endpoint, token="hf_write")
        killed = subprocess.run([sys.executable, "-c", script, hub.endpoint], check=False)
        assert killed.returncode == -signal.SIGKILL
        repo = hub.store.repo("model", "ada/left")
        assert repo.private
        said: list[str] = []

        with (
            mock.patch.object(api, "create_commit", side_effect=OSError("broken")),
            pytest.raises(PublishError, match=r"uploading failed \(broken\)"),
        ):
            upload(api, "ada/left", files, private=False, message="Add", say=said.append)
        assert repo.private, "as it was"
        assert set(repo.resolve("main").files) == {".gitattributes"}

        upload(api, "ada/left", files, private=False, message="Add", say=said.append)
        empty = "ada/left is there already, and empty: it is used"
        assert said == [empty, "Uploading"] * 2
        assert not repo.private
        assert "a.txt" in repo.resolve("main").files

        said.clear()
        files = [CommitOperationAdd("b.txt", b"b")]
        upload(api, "ada/left", files, private=False, message="Add", say=said.append)
        assert said == ["Uploading"]


@pytest.mark.parametrize("private", [None, True])
def test_an_empty_repository_stays_private(private: bool | None) -> None:
    with LoopbackHub() as hub:
        repo = hub.store.create("model", "ada/left", "ada", True, None)
        api = HfApi(endpoint=hub.endpoint, token="hf_write")
        upload(api, "ada/left", [CommitOperationAdd("a", b"a")], private=private, message="Add")
        assert repo.private
        assert "a" in repo.resolve("main").files


def test_a_repository_with_files_keeps_its_visibility() -> None:
    with LoopbackHub() as hub:
        repo = hub.store.create("model", "ada/full", "ada", True, None)
        hub.store.commit(repo, "main", [Operation("b", Blob(b"b", False))], "Theirs", "", "ada")
        api = HfApi(endpoint=hub.endpoint, token="hf_write")
        said: list[str] = []
        add = [CommitOperationAdd("a", b"a")]
        upload(api, "ada/full", add, private=False, message="Add", say=said.append)
        assert repo.private
        assert said == ["ada/full is there already, and private: it stays so", "Uploading"]


@pytest.mark.parametrize("name", ["a b/c", "ada/a..b", "ada/-x", "ada/" + "x" * 97, "ada/ä"])
def test_a_name_that_no_repository_can_have_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match=r"^The repository is .*, which the Hub refuses: .*\.$"):
        check_repo_id(name)


def test_what_the_hub_lacks_is_said_in_words(tmp_path: Path) -> None:
    script = (
        "import json, sys; from hf_recurrent.__main__ import main\n"
        "for words in json.loads(sys.argv[1]): print(main(['inspect', *words]))"
    )
    with LoopbackHub() as hub:
        hub.store.create("model", "ada/there", "ada", False, None)
        home = {"HF_ENDPOINT": hub.endpoint, "HF_TOKEN": "hf_write", "HF_HOME": str(tmp_path)}
        asked = (
            (["ada/none"], "there is no such repository, or the token may not see it."),
            (["ada/there", "--revision", "x"], "there is no such branch, tag or commit."),
            (["a b"], "Repo id must use alphanumeric chars"),
        )
        done = subprocess.run(
            [sys.executable, "-c", script, json.dumps([words for words, _ in asked])],
            env=os.environ | home,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout.split() == ["1"] * len(asked), done.stderr
    for words, said in asked:
        assert f"{words[0]} is no folder here, and the Hub says: {said}" in done.stderr


@pytest.mark.parametrize("verb", [["publish", "x", "ada/x"], ["app", "--push", "ada/x"]])
def test_private_and_public_cannot_be_said_together(verb, capsys) -> None:
    with pytest.raises(SystemExit):
        main([*verb, "--private", "--public"])
    assert "--public: not allowed with argument --private" in capsys.readouterr().err
