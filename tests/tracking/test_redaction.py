"""The key of the hashes, and what a record keeps of a person."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from llmops.tracking.redaction import load_key, pseudonym, redact
from tests.cli.test_chat import llmops

KEY = b"k" * 32


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path):
    path = tmp_path / "дом" / "secret.key"
    key = load_key(path)
    assert len(key) == 32
    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_many_that_make_the_key_at_once_have_one(tmp_path: Path):
    path, end = tmp_path / "secret.key", tmp_path / "keys"
    children = []
    for _ in range(8):
        if (child := os.fork()) == 0:
            with end.open("a", encoding="ascii") as stream:
                stream.write(load_key(path).hex() + "\n")
            os._exit(0)
        children.append(child)
    assert all(os.waitpid(child, 0)[1] == 0 for child in children)
    assert len(set(end.read_text(encoding="ascii").split())) == 1


def test_a_damaged_key_is_not_replaced(tmp_path: Path):
    path = tmp_path / "secret.key"
    path.write_text("не ключ", encoding="utf-8")
    with pytest.raises(OSError, match="испорчен"):
        load_key(path)
    assert path.read_text(encoding="utf-8") == "не ключ"


def test_with_a_damaged_key_the_chat_answers_and_forgetting_says_why(home: Path):
    home.mkdir()
    (home / "secret.key").write_text("не ключ", encoding="utf-8")
    assert llmops("chat", "finance", "какой сейчас мрот").returncode == 0
    done = llmops("track", "forget", "me")
    assert done.returncode == 3
    assert "Ключ хешей" in done.stderr


def test_a_person_is_a_hash_that_needs_the_key():
    name = pseudonym(KEY, "123456789")
    assert name.startswith("u-")
    assert "123456789" not in name
    assert name != pseudonym(b"x" * 32, "123456789")
    assert pseudonym(KEY, name) == name


@pytest.mark.parametrize(
    ("capture", "kept"), [("full", "тел. 8 916 123-45-67"), ("redacted", "тел. [телефон]"), ("none", "")]
)
def test_what_is_kept_of_a_text(capture, kept: str):
    assert redact("тел. 8 916 123-45-67", capture) == kept
