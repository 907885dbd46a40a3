"""The wheel is one that pip installs, whatever way the package itself was installed."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import hf_recurrent
from hf_recurrent.app.wheel import make_wheel, requirements

PACKAGE = Path(hf_recurrent.__file__).parent


def test_pip_installs_it_and_it_imports(tmp_path: Path) -> None:
    wheel = make_wheel()
    (tmp_path / wheel.name).write_bytes(wheel.content)
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    pip += ["--disable-pip-version-check", "--target", str(target), str(tmp_path / wheel.name)]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    installed = {p.relative_to(target) for p in target.rglob("*") if p.suffix != ".pyc"}
    for file in PACKAGE.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert file.relative_to(PACKAGE.parent) in installed
    # Isolated: neither this folder nor the environment's own copy is looked at first.
    code = f"import sys; sys.path.insert(0, {str(target)!r}); import hf_recurrent as hr; "
    code += "from hf_recurrent.hub import Record; print(hr.__file__, hr.__version__)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        str(target / "hf_recurrent" / "__init__.py"),
        hf_recurrent.__version__,
    ]


def test_the_same_files_give_the_same_bytes_and_nothing_that_is_no_file_of_the_package() -> None:
    wheel = make_wheel()
    assert wheel == make_wheel()
    assert wheel.name == f"hf_recurrent-{hf_recurrent.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        record = archive.read(f"hf_recurrent-{hf_recurrent.__version__}.dist-info/RECORD").decode()
    assert not [name for name in names if "__pycache__" in name or "/." in name]
    assert not [name for name in names if name.startswith("tests")]
    assert [line.split(",")[0] for line in record.splitlines()] == names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)


def test_requirements_are_those_of_every_install() -> None:
    names = [line.split(">")[0].split("<")[0] for line in requirements()]
    assert {"torch", "transformers", "gensim"} <= set(names)
    assert not {"gradio", "numba", "pytest"} & set(names)
