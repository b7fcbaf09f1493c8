"""What is shipped: the wheel and the sdist hold the canonical files, and every module has its place."""

import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

import campaignrules

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LAYERS = next(c for c in PYPROJECT["tool"]["importlinter"]["contracts"] if c["id"] == "layers")["layers"]


def files_under(folder):
    """Path inside the repository → content, for each file of one canonical folder."""
    return {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in (ROOT / folder).rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist and the wheel built from it, as a user's pip would; without isolation, so without the network."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def test_the_wheel_built_from_the_sdist_carries_the_canonical_files(built):
    """The wheel holds every campaign and schema of the repository, byte for byte, no others, and the type marker."""
    (wheel,) = built.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        data = {
            name.removeprefix("campaignrules/_data/"): archive.read(name)
            for name in names
            if name.startswith("campaignrules/_data/")
        }
    assert data == files_under("campaigns") | files_under("schemas")
    assert "campaignrules/py.typed" in names
    top = {name.partition("/")[0] for name in names}
    assert top == {"campaignrules", f"campaignrules-{campaignrules.__version__}.dist-info"}


def test_the_sdist_can_be_tested_where_it_is_unpacked(built):
    """The sdist holds the tests, the examples and the README, so that a distributor can check what they pack."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "LICENSE", ".ci/run", "tests/test_package.py", "pyproject.toml"} <= names
    assert set(files_under("examples")) <= names


def test_every_module_has_its_place_in_the_import_order():
    """The layer list names each module of the package once; only a name in parentheses may be without a module yet."""
    listed = [name.strip() for line in LAYERS for name in line.split("|")]
    required = {name for name in listed if not name.startswith("(")}
    package = ROOT / "src" / "campaignrules"
    modules = {p.stem for p in package.glob("*.py")} | {p.parent.name for p in package.glob("*/__init__.py")}
    places = [name.strip("()") for name in listed]
    assert len(places) == len(set(places))
    assert required <= modules
    assert modules - {"__init__"} <= set(places)
