"""One commit or none, also where the user stops it."""

from unittest import mock

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from hf_recurrent.hub.upload import upload
from tests.loopback_hub import LoopbackHub


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
