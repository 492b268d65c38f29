"""`llmops train`: which options go together, and what is said when the training libraries are absent."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


def _train(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llmops", "train", *words], capture_output=True, text=True, cwd=REPOSITORY, check=False
    )


@pytest.mark.parametrize("words", [("--steps", "3"), ("--base", "x"), ("--minutes", "1"), ("--seed", "1"), ("--bf16",)])
def test_options_of_the_language_model_are_refused_elsewhere(words: tuple[str, ...]):
    done = _train(*words)
    assert done.returncode == 2
    assert "только у companion" in done.stderr
    assert "Traceback" not in done.stderr


def test_steps_and_minutes_exclude_each_other():
    done = _train("companion", "--steps", "3", "--minutes", "1")
    assert done.returncode == 2
    assert "--minutes" in done.stderr


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="дополнение torch установлено")
def test_a_missing_extra_is_one_line_and_a_hint(tmp_path: Path):
    done = _train("companion", "--out", str(tmp_path / "model"))
    assert done.returncode == 3
    assert done.stderr.strip().splitlines() == [done.stderr.strip()]
    assert "pip install 'llmops[torch]'" in done.stderr
    assert not (tmp_path / "model").exists()
