"""The shape of the program: what start-up imports, what errors share, what the README promises."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys

import llmops
from llmops import errors
from tests.conftest import REPOSITORY

HEAVY = ("numpy", "faiss", "torch", "mlflow", "aiogram", "openvino_genai", "transformers", "pydantic", "rich", "yaml")


def test_help_imports_nothing_heavy():
    code = f"import sys; import llmops.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_chat_imports_neither_torch_nor_mlflow_nor_sklearn():
    code = (
        "import sys; from llmops.cli import app; from typer.testing import CliRunner;"
        "r = CliRunner().invoke(app, ['chat', 'finance', 'какой мрот']); assert r.exit_code == 0, r.output;"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'sklearn', 'scipy', 'mlflow', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_all_expected_failures_share_one_base():
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(kind, errors.LlmopsError) for kind in classes)
    drawn = inspect.getdoc(errors) or ""
    assert all(kind.__name__ in drawn for kind in classes), "the tree in the docstring names every class"


def test_every_module_says_what_it_is():
    for module in pkgutil.walk_packages(llmops.__path__, "llmops."):
        if not module.name.startswith("llmops.training") and module.name != "llmops.__main__":
            assert importlib.import_module(module.name).__doc__, module.name


def test_no_module_is_longer_than_400_lines():
    long = {
        path.name: n
        for path in (REPOSITORY / "src").rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_the_tree_in_the_readme_is_the_tree_on_disk():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```text\n(.*?)```", readme, re.DOTALL)
    assert block
    named = {line.split()[0].rstrip("/") for line in block.group(1).splitlines() if re.match(r"\S+/?\s", line)}
    assert named
    for name in named:
        assert (REPOSITORY / name).exists(), name
    packages = {
        path.name for path in (REPOSITORY / "src" / "llmops").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert packages <= {part for name in named for part in name.split("/")}
