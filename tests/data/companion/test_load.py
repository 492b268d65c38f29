"""`phrases.csv` to a corpus: what is left out, joined, and told."""

from __future__ import annotations

from pathlib import Path

from llmops.data.companion.load import load
from llmops.data.companion.prepare import FIELDS, prepare


def corpus(tmp_path: Path, *rows: str):
    path = tmp_path / "phrases.csv"
    path.write_text("\n".join([",".join(FIELDS), *rows]) + "\n", encoding="utf-8")
    return load(path)


def bank(*rows: str) -> list[str]:
    return [f"hello,t,Привет,talk,joy,{row}" for row in rows]


def imported(identifier: str, says: str, reply: str) -> list[str]:
    return [
        f"{identifier},imported,{says},talk,neutral,says,,{says}",
        f"{identifier},imported,{says},talk,neutral,reply,,{reply}",
    ]


def test_answers_to_one_message_are_one_situation(tmp_path: Path):
    found = corpus(tmp_path, *imported("a-1", "Как дела?", "Хорошо"), *imported("a-2", "как дела", "Так себе"))
    assert [entry.id for entry in found.entries] == ["a-1"]
    reaction = found.entries[0].reaction
    assert reaction
    assert [line.text for line in reaction.replies] == ["Хорошо", "Так себе"]


def test_what_the_bank_answers_is_answered_by_the_bank(tmp_path: Path):
    rows = bank("says,,привет", "reply,,Здравствуй.")
    found = corpus(
        tmp_path, *rows, *imported("a-1", "Привет!", "Хай"), *imported("a-2", "Что нового?", "Всё по-старому")
    )
    assert [entry.id for entry in found.entries] == ["hello", "a-2"]


def test_a_situation_without_an_answer_and_its_held_out_messages_are_left_out(tmp_path: Path):
    found = corpus(
        tmp_path, *bank("says,,привет"), "hello,,,talk,neutral,held_out,,хай", ",,,talk,neutral,phrase,,Просто так"
    )
    assert (found.entries, found.held_out) == ((), ())


def test_a_damaged_row_of_our_own_format_is_an_error_with_its_line(tmp_path: Path):
    source = tmp_path / "phrases.csv"
    source.write_text(",".join(FIELDS) + "\nhello,t,Привет,talk,joy,says,,привет\nhello,t,Привет\n", encoding="utf-8")
    report = prepare(source, tmp_path / "out" / "phrases.csv", personas={})
    assert [(problem.level, problem.line) for problem in report.problems] == [("error", 3)]


def test_dirt_that_a_hand_put_into_imported_rows_is_cleaned(tmp_path: Path):
    source, out = tmp_path / "phrases.csv", tmp_path / "out" / "phrases.csv"
    rows = [*imported("a-1", "Как дела????", "Норм :)"), *imported("a-2", "мой номер 8 916 123-45-67", "Понял")]
    source.write_text("\n".join([",".join(FIELDS), *rows]) + "\n", encoding="utf-8")
    prepare(source, out, personas={})
    assert [line.split(",")[-1] for line in out.read_text(encoding="utf-8").splitlines()[1:]] == ["Как дела?", "Норм"]
