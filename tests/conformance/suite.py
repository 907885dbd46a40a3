"""Transformers' own common model tests, laid out so that they run on the classes of this package.

The tests are not in the wheel of transformers: they come from its source archive, which the user's
own pip downloads and a hash checks. Nothing of it is kept here. Parts of other libraries that the
tests import and that no family needs are replaced by empty stand-ins.
"""

import shutil
import tarfile
from importlib.metadata import version
from pathlib import Path

from hf_recurrent.data._package_clients import pip_download

# SHA-256 of the source archives.
ARCHIVES = {"5.23.0": "19d647a4d5d903a7c644ca5cde2d86efc3dde7d8c687ae7988806ff2205efa71"}
FAMILIES = Path(__file__).parent / "families"

_GENERATION = "class GenerationTesterMixin:\n    pass\n"
_EXPORT = "class ExportTesterMixin:\n    pass\n"
# What a configuration of any model takes; the values only have to differ from the defaults.
_CONFIG_FIELDS = """\
config_common_kwargs = {
    "return_dict": False,
    "output_hidden_states": True,
    "output_attentions": True,
    "dtype": "float16",
    "chunk_size_feed_forward": 5,
    "architectures": ["BertModel"],
    "id2label": {0: "label"},
    "label2id": {"label": "0"},
    "problem_type": "regression",
}
"""
_MARKERS = (
    "generate onnx_export_test executorch_export_test torch_export_test torch_compile_test "
    "flash_attn_test flash_attn_3_test flash_attn_4_test all_flash_attn_test flex_attention_test "
    "multi_gpu is_staging_test slow fsdp_test"
)


def lay_out(folder: Path) -> Path:
    """Download the tests that belong to the installed transformers and make a suite of them.

    Args:
        folder: an empty folder.

    Returns:
        The folder to run pytest in; the tests of the families lie in ``tests/models/families``.

    Raises:
        KeyError: if the hash of this version's archive is not known.
        PackageError: if the archive cannot be downloaded.
    """
    found = version("transformers")
    archive = pip_download(
        f"transformers=={found}", ARCHIVES[found], sdist=True, folder=folder / "archive"
    )
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (source,) = folder.glob("transformers-*")
    suite = folder / "suite"
    tests = suite / "tests"
    for name in ("generation", "exporters", "utils", "models/families"):
        (tests / name).mkdir(parents=True)
    for path in (source / "tests").glob("*.py"):
        shutil.copy(path, tests)
    for package in (tests, *(path for path in tests.rglob("*") if path.is_dir())):
        (package / "__init__.py").touch()
    (tests / "generation" / "test_utils.py").write_text(_GENERATION)
    (tests / "exporters" / "test_export.py").write_text(_EXPORT)
    (tests / "utils" / "test_configuration_utils.py").write_text(_CONFIG_FIELDS)
    for path in FAMILIES.glob("*.py"):
        shutil.copy(path, tests / "models" / "families" / f"test_{path.name}")
    lines = ["[pytest]", "markers =", *(f"    {name}: not ours" for name in _MARKERS.split())]
    (suite / "pytest.ini").write_text("\n".join(lines) + "\n")
    return suite
