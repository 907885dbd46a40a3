"""The unmodified client finds on the test's Hub what it would find on the real one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.loopback_hub import LoopbackHub
from tests.loopback_hub.flows import run_flow
from tests.loopback_hub.server import Fault

FLOWS = Path(__file__).with_name("flows")
REPO = "ada/model"
WEIGHTS = bytes(range(256)) * 40


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with LoopbackHub() as hub:
        yield hub


@pytest.fixture
def api(hub: LoopbackHub) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token="hf_write")


def as_user(hub: LoopbackHub, token: str | bool) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=token)


def upload(api: HfApi, **files: bytes) -> str:
    """Commit files (``_`` in a name stands for a dot) and return the commit's oid."""
    operations = [
        CommitOperationAdd(name.replace("_", "."), content) for name, content in files.items()
    ]
    return api.create_commit(REPO, operations, commit_message="Files").oid


def download(hub: LoopbackHub, folder: Path, name: str, **options: object) -> bytes:
    options = {"token": "hf_write", "cache_dir": folder} | options
    return Path(hf_hub_download(REPO, name, endpoint=hub.endpoint, **options)).read_bytes()


def test_who_asks(hub: LoopbackHub, api: HfApi) -> None:
    known = api.whoami()
    assert (known["name"], [org["name"] for org in known["orgs"]]) == ("ada", ["analysts"])
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        as_user(hub, "hf_wrong").whoami()


def test_what_is_uploaded_comes_back(hub: LoopbackHub, api: HfApi, tmp_path: Path) -> None:
    assert api.create_repo(REPO) == f"{hub.endpoint}/{REPO}"
    oid = upload(api, README_md=b"---\nlicense: mit\ntags: [rnn]\n---\nHi", model_bin=WEIGHTS)
    stored = hub.store.repo("model", REPO).resolve("main").files
    assert {name: blob.lfs for name, blob in stored.items()} == {
        ".gitattributes": False,
        "README.md": False,
        "model.bin": True,
    }
    assert download(hub, tmp_path, "model.bin") == WEIGHTS
    assert download(hub, tmp_path, "README.md").endswith(b"Hi")
    assert (tmp_path / "models--ada--model" / "snapshots" / oid).is_dir()
    info = api.model_info(REPO, files_metadata=True)
    assert (info.sha, info.private, info.card_data.license) == (oid, False, "mit")
    assert info.tags == ["rnn", "license:mit"]
    (large,) = [s for s in info.siblings if s.rfilename == "model.bin"]
    assert (large.size, large.lfs.size) == (len(WEIGHTS), len(WEIGHTS))
    # The same content is not sent again.
    sent = len(hub.requests)
    upload(api, other_bin=WEIGHTS)
    assert not [path for method, path, _ in hub.requests[sent:] if method == "PUT"]


@pytest.mark.parametrize("kind", ["dataset", "space"])
def test_other_kinds(hub: LoopbackHub, api: HfApi, tmp_path: Path, kind: str) -> None:
    sdk = {"space_sdk": "static"} if kind == "space" else {}
    api.create_repo(REPO, repo_type=kind, **sdk)
    api.upload_file(
        path_or_fileobj=WEIGHTS, path_in_repo="a/b.parquet", repo_id=REPO, repo_type=kind
    )
    assert download(hub, tmp_path, "a/b.parquet", repo_type=kind) == WEIGHTS
    assert api.repo_info(REPO, repo_type=kind).id == REPO
    with pytest.raises(RepositoryNotFoundError):
        api.model_info(REPO)


def test_a_repository_that_is_there(api: HfApi) -> None:
    url = api.create_repo(REPO)
    assert api.create_repo(REPO, exist_ok=True) == url
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_repo(REPO)
    api.move_repo(REPO, "ada/renamed")
    assert api.repo_exists("ada/renamed")
    assert not api.repo_exists(REPO)
    api.delete_repo("ada/renamed")
    with pytest.raises(RepositoryNotFoundError):
        api.delete_repo("ada/renamed")


def test_what_others_may_not(hub: LoopbackHub, api: HfApi, tmp_path: Path) -> None:
    api.create_repo(REPO, private=True)
    upload(api, a_txt=b"secret")
    for token in ("hf_other", False):
        with pytest.raises(RepositoryNotFoundError):
            as_user(hub, token).model_info(REPO)
        with pytest.raises(RepositoryNotFoundError):
            download(hub, tmp_path, "a.txt", token=token)
    reader = as_user(hub, "hf_read")
    assert reader.model_info(REPO).private
    with pytest.raises(HfHubHTTPError, match="403"):
        upload(reader, a_txt=b"changed")
    with pytest.raises(HfHubHTTPError, match="403"):
        as_user(hub, "hf_other").create_repo("ada/new")
    api.update_repo_settings(REPO, private=False)
    assert not as_user(hub, False).model_info(REPO).private
    api.create_repo("analysts/shared")  # an organization that ada is in


def test_revisions(hub: LoopbackHub, api: HfApi, tmp_path: Path) -> None:
    api.create_repo(REPO)
    first = upload(api, a_txt=b"1")
    api.create_tag(REPO, tag="v1")
    api.create_branch(REPO, branch="try/it", revision="v1")
    api.upload_file(path_or_fileobj=b"2", path_in_repo="a.txt", repo_id=REPO, revision="try/it")
    found = {r: download(hub, tmp_path, "a.txt", revision=r) for r in ("main", "v1", "try/it")}
    assert found == {"main": b"1", "v1": b"1", "try/it": b"2"}
    assert download(hub, tmp_path, "a.txt", revision=first) == b"1"
    refs = api.list_repo_refs(REPO)
    assert {b.name for b in refs.branches} == {"main", "try/it"}
    assert [(t.name, t.target_commit) for t in refs.tags] == [("v1", first)]
    titles = [c.title for c in api.list_repo_commits(REPO, revision="try/it")]
    assert titles == ["Upload a.txt with huggingface_hub", "Files", "initial commit"]
    with pytest.raises(RevisionNotFoundError):
        download(hub, tmp_path, "a.txt", revision="v2")
    with pytest.raises(EntryNotFoundError):
        download(hub, tmp_path, "b.txt")
    assert (tmp_path / "models--ada--model" / ".no_exist" / first / "b.txt").is_file()
    api.create_tag(REPO, tag="v1", exist_ok=True)
    api.create_branch(REPO, branch="try/it", exist_ok=True)
    api.delete_tag(REPO, tag="v1")
    api.delete_branch(REPO, branch="try/it")
    refs = api.list_repo_refs(REPO)
    assert [b.name for b in refs.branches] == ["main"]
    assert refs.tags == []


def test_deleting_and_conflicts(hub: LoopbackHub, api: HfApi) -> None:
    api.create_repo(REPO)
    first = upload(api, a_txt=b"1", b_txt=b"2")
    api.create_commit(REPO, [CommitOperationDelete("a.txt")], commit_message="Less")
    assert api.list_repo_files(REPO) == [".gitattributes", "b.txt"]
    addition = [CommitOperationAdd("c.txt", b"3")]
    with pytest.raises(HfHubHTTPError, match="412"):
        api.create_commit(REPO, addition, commit_message="Late", parent_commit=first)
    with pytest.raises(EntryNotFoundError):
        api.create_commit(REPO, [CommitOperationDelete("a.txt")], commit_message="Again")


def test_pull_requests(hub: LoopbackHub, api: HfApi, tmp_path: Path) -> None:
    api.create_repo(REPO)
    upload(api, a_txt=b"1", b_txt=b"1")
    made = as_user(hub, "hf_other").create_commit(
        REPO, [CommitOperationAdd("a.txt", b"2")], commit_message="Better", create_pr=True
    )
    assert made.pr_revision == "refs/pr/1"
    assert download(hub, tmp_path, "a.txt") == b"1"
    assert download(hub, tmp_path, "a.txt", revision="refs/pr/1") == b"2"
    api.create_commit(
        REPO, [CommitOperationAdd("c.txt", b"3")], commit_message="More", revision="refs/pr/1"
    )
    upload(api, b_txt=b"9")
    assert [p.name for p in api.list_repo_refs(REPO, include_pull_requests=True).pull_requests] == [
        "1"
    ]
    api.merge_pull_request(REPO, 1)
    files = hub.store.repo("model", REPO).resolve("main").files
    assert {n: b.content for n, b in files.items() if n != ".gitattributes"} == {
        "a.txt": b"2",
        "b.txt": b"9",
        "c.txt": b"3",
    }
    assert api.get_discussion_details(REPO, 1).status == "merged"


def test_listings_come_in_pages(hub: LoopbackHub, api: HfApi) -> None:
    api.create_repo(REPO)
    operations = [CommitOperationAdd(f"d/{i % 3}/{i}.txt", b"x" * i) for i in range(10)]
    api.create_commit(REPO, operations, commit_message="Many")
    hub.page_size = 4
    tree = list(api.list_repo_tree(REPO, "d", recursive=True, expand=True))
    assert {f.path: f.size for f in tree if hasattr(f, "size")} == {
        f"d/{i % 3}/{i}.txt": i for i in range(10)
    }
    assert [f.path for f in api.list_repo_tree(REPO, "d")] == ["d/0", "d/1", "d/2"]
    (found,) = api.get_paths_info(REPO, ["d/1/4.txt", "gone"])
    assert (found.path, found.size) == ("d/1/4.txt", 4)
    with pytest.raises(EntryNotFoundError):
        list(api.list_repo_tree(REPO, "nowhere"))


def test_repositories_are_listed(hub: LoopbackHub, api: HfApi) -> None:
    api.create_repo(REPO)
    upload(api, README_md=b"---\ntags: [rnn, text]\n---\n")
    for name in ("ada/other", "ada/vectors", "analysts/vectors"):
        api.create_repo(name, private=name == "ada/other")
    api.create_repo("ada/data", repo_type="dataset")
    hub.page_size = 2
    found = {model.id: model for model in api.list_models()}
    assert found.keys() == {REPO, "ada/other", "ada/vectors", "analysts/vectors"}
    assert found[REPO].tags == ["rnn", "text"]
    assert [m.id for m in api.list_models(filter=["rnn", "text"])] == [REPO]
    assert [m.id for m in api.list_models(author="ada", search="VECT")] == ["ada/vectors"]
    assert [d.id for d in api.list_datasets()] == ["ada/data"]
    assert "ada/other" not in {m.id for m in as_user(hub, "hf_other").list_models()}


def test_folders_and_snapshots(hub: LoopbackHub, api: HfApi, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").write_text("a")
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    api.create_repo(REPO)
    api.upload_folder(repo_id=REPO, folder_path=folder)
    found = Path(api.snapshot_download(REPO, cache_dir=tmp_path / "cache"))
    assert (found / "sub" / "a.txt").read_text() == "a"
    assert (found / "model.safetensors").read_bytes() == WEIGHTS


def test_ranges(hub: LoopbackHub, api: HfApi) -> None:
    api.create_repo(REPO)
    upload(api, model_bin=WEIGHTS, a_txt=b"0123456789")
    for name, content in (("model.bin", WEIGHTS), ("a.txt", b"0123456789")):
        url = f"{hub.endpoint}/{REPO}/resolve/main/{name}"
        for asked, expected in (("2-5", content[2:6]), ("7-", content[7:]), ("-3", content[-3:])):
            request = Request(url, headers={"Range": f"bytes={asked}"})
            with urlopen(request) as answer:
                assert (answer.status, answer.read()) == (206, expected)


def test_faults(hub: LoopbackHub, api: HfApi) -> None:
    api.create_repo(REPO)
    hub.fault = lambda number, request: Fault(507) if request.method == "POST" else None
    with pytest.raises(HfHubHTTPError, match="507"):
        upload(api, a_txt=b"1")
    assert api.list_repo_files(REPO) == [".gitattributes"]


def test_a_flow_reaches_no_other_host(hub: LoopbackHub, tmp_path: Path) -> None:
    done = run_flow(hub, FLOWS / "reach_out.py", home=tmp_path)
    assert done.stdout.splitlines() == [
        "ada",
        "a test tried to reach 192.0.2.1",
        "a test tried to reach example.org",
    ], done.stderr


@pytest.mark.parametrize("endpoint", ["https://example.org", ""])
def test_the_guard_refuses_another_endpoint(endpoint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import tests.loopback_hub.guard"],
        env=os.environ | {"HF_ENDPOINT": endpoint},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "expected a server on 127.0.0.1" in done.stderr
