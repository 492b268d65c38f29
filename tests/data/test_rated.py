"""Rated answers as source data: what becomes a wording, what does not, and how it is told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from llmops.data.prepare import load, prepare
from llmops.schemas import Report

TODAY = date(2026, 11, 23)
BASE = """area: test
title: Проба
entries:
  - {id: tax, title: Вычет, questions: [как вернуть налог за квартиру], answer: Подайте декларацию.}
  - {id: bank, title: Страхование вкладов, questions: [банк лопнул что с вкладом], answer: АСВ вернёт до 1 400 000 ₽.}
policy:
  - {id: rule, title: Что купить, questions: [какие акции купить сегодня], answer: Не советую.}
out_of_scope: [как сварить борщ]
held_out:
  - {entry: tax, questions: [сколько вернут с покупки жилья]}
"""


def row(question: str, rating: Any = 1, entry: str | None = "tax", **more: Any) -> dict[str, Any]:
    return {"question": question, "answer": "Ответ.", "rating": rating} | ({"entry": entry} if entry else {}) | more


def run(tmp_path: Path, *rows: dict[str, Any], base: str = BASE) -> tuple[Report, Path]:
    source = tmp_path / "source"
    source.mkdir(exist_ok=True)
    (source / "a.yaml").write_text(base, encoding="utf-8")
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
    (source / "feedback.jsonl").write_text(lines, encoding="utf-8")
    out = tmp_path / "out" / "final_data.json"
    return prepare(source, out, today=TODAY), out


def wordings(out: Path, entry: str = "tax") -> tuple[str, ...]:
    return next(item.questions for item in load(out).entries if item.id == entry)


def counts(report: Report) -> dict[str, int]:
    return {count.key: int(count.value) for count in report.counts if count.key.startswith("rated")}


def told(report: Report) -> list[tuple[str, int, str]]:
    return [(problem.level, problem.line, problem.message) for problem in report.problems]


def test_a_good_question_becomes_one_more_wording_of_its_entry(tmp_path: Path):
    report, out = run(tmp_path, row("купил хату, где мои тринадцать процентов"))
    assert wordings(out) == ("как вернуть налог за квартиру", "купил хату, где мои тринадцать процентов")
    assert len(load(out).entries) == 2
    assert counts(report) == {"rated": 1}
    assert not report.problems


def test_without_ratings_the_output_has_no_section_for_them(tmp_path: Path):
    _, out = run(tmp_path)
    assert "rated" not in json.loads(out.read_text(encoding="utf-8"))
    before = load(out).entries
    run(tmp_path, row("хочу мой налог назад", -1))
    assert "rated" not in json.loads(out.read_text(encoding="utf-8"))
    assert load(out).entries == before


def test_preparing_twice_changes_nothing(tmp_path: Path):
    rows = [row("верните мой налог"), row("верните мой налог"), row("Верните мой налог!"), row("где мой вычет", -1)]
    report, out = run(tmp_path, *rows)
    before = out.read_bytes()
    again, _ = run(tmp_path, *rows)
    assert out.read_bytes() == before
    assert counts(again) == counts(report) == {"rated": 1, "rated_known": 2, "rated_bad": 1}


def test_a_known_wording_is_not_added_again(tmp_path: Path):
    report, out = run(tmp_path, row("Как вернуть налог за квартиру?"))
    assert wordings(out) == ("как вернуть налог за квартиру",)
    assert counts(report) == {"rated_known": 1}


def test_a_bad_rating_is_told_with_its_comment_and_teaches_nothing(tmp_path: Path):
    report, out = run(tmp_path, row("верните мой налог", -1, comment="ответ не о том"))
    assert wordings(out) == ("как вернуть налог за квартиру",)
    assert told(report) == [("info", 1, "плохая оценка: «верните мой налог» (запись «tax») - ответ не о том")]
    assert report.outputs


def test_labels_of_personal_data_are_taken_out(tmp_path: Path):
    report, out = run(tmp_path, row("звонят с [телефон], вернуть налог обещают"), row("[телефон] мой [карта]?"))
    assert wordings(out)[1:] == ("звонят с, вернуть налог обещают",)
    assert counts(report) == {"rated": 1, "rated_left": 1}
    assert "слишком мало слов" in report.problems[0].message


@pytest.mark.parametrize(
    ("rated", "level", "message"),
    [
        (row("верните мой налог", entry="no-such"), "warning", "записи «no-such» в базе нет"),
        (row("верните мой налог", entry="rule"), "warning", "записи «rule» в базе нет"),
        (row("сколько вернут с покупки жилья?"), "info", "отложен для проверки"),
        (row("жилья с покупки сколько вернут"), "info", "отложен для проверки"),
        (row("как сварить борщ"), "info", "сообщение вне темы"),
        (row("банк лопнул, что с вкладом?"), "info", "так же спрашивают о другом"),
        (row("какие акции купить сегодня"), "info", "так же спрашивают о другом"),
        (row("верните налог", also="bank"), "info", "показаны две записи, «tax» и «bank»"),
        (row("rfr dthyenm yfkju"), "info", "не по-русски"),
        (row("история такая: " + "очень длинная " * 30), "info", "длиннее 250 знаков"),
    ],
)
def test_what_cannot_be_a_wording_is_left_out_and_told(tmp_path: Path, rated: dict[str, Any], level: str, message: str):
    report, out = run(tmp_path, rated)
    assert sum(len(entry.questions) for entry in load(out).entries) == 2
    assert counts(report) == {"rated_left": 1}
    assert report.problems[0].level == level
    assert message in report.problems[0].message


def test_a_rated_calculation_is_only_counted(tmp_path: Path):
    report, _ = run(tmp_path, row("кредит 500 тысяч под 18", entry=None))
    assert counts(report) == {"rated_left": 1}
    assert not report.problems


def test_people_who_disagree_teach_nothing(tmp_path: Path):
    report, out = run(tmp_path, row("верните мой налог"), row("Верните мой налог", -1))
    assert wordings(out) == ("как вернуть налог за квартиру",)
    assert any("оценили и плохо" in message for _, _, message in told(report))


def test_one_question_praised_for_two_entries_is_learnt_once(tmp_path: Path):
    _, out = run(tmp_path, row("верните мои деньги"), row("верните мои деньги", entry="bank"))
    assert wordings(out)[1:] == ("верните мои деньги",)
    assert wordings(out, "bank") == ("банк лопнул что с вкладом",)


def test_ratings_may_stand_before_the_entries_they_name(tmp_path: Path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "0.jsonl").write_text(json.dumps(row("верните мой налог")) + "\n", encoding="utf-8")
    (source / "a.yaml").write_text(BASE, encoding="utf-8")
    prepare(source, tmp_path / "out.json", today=TODAY)
    assert wordings(tmp_path / "out.json")[1:] == ("верните мой налог",)


def test_a_rating_that_is_none_is_an_error_with_its_line(tmp_path: Path):
    report, _ = run(tmp_path, row("верните мой налог"), row("второй вопрос", 5), row("третий вопрос", None))
    assert [(level, line) for level, line, _ in told(report)][:2] == [("error", 2), ("error", 3)]
    assert "не +1 и не -1 в поле rating" in report.problems[0].message
    assert not report.outputs


@pytest.mark.parametrize("mark", ["+", "1", "+1", 1, 1.0])
def test_tables_with_a_column_of_ratings_are_read_too(tmp_path: Path, mark: object):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.yaml").write_text(BASE, encoding="utf-8")
    (source / "b.csv").write_text(f"вопрос;оценка;запись\nверните мой налог;{mark};tax\n", encoding="utf-8")
    book = openpyxl.Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(["question", "answer", "rating", "comment", "entry"])
    sheet.append(["где мой вычет за дом", "Ответ.", mark, None, "tax"])
    book.save(source / "c.xlsx")
    report = prepare(source, tmp_path / "out.json", today=TODAY)
    assert counts(report) == {"rated": 2}, report.problems
    assert wordings(tmp_path / "out.json")[1:] == ("верните мой налог", "где мой вычет за дом")


def test_a_row_of_a_rated_table_without_a_rating_is_no_entry(tmp_path: Path):
    source = tmp_path / "b.csv"
    source.write_text("question,answer,rating\nвопрос,ответ,\n", encoding="utf-8")
    report = prepare(source, tmp_path / "out.json", today=TODAY)
    assert [problem.level for problem in report.problems] == ["error"]
