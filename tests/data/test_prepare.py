"""Source files to final_data.json: checks, atomic writing, the manifest."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from llmops.data.prepare import load, prepare
from llmops.errors import DataError, StorageError
from llmops.schemas import Report

TODAY = date(2026, 11, 23)


def run(tmp_path: Path, text: str, name: str = "a.yaml") -> tuple[Report, Path]:
    source = tmp_path / "source"
    source.mkdir(exist_ok=True)
    (source / name).write_text(text, encoding="utf-8")
    out = tmp_path / "out" / "final_data.json"
    return prepare(source, out, today=TODAY), out


def area(*entries: str) -> str:
    return "area: test\ntitle: Проба\nentries:\n" + "".join(entries)


def item(identifier: str, question: str, answer: str = "Ответ на вопрос.", extra: str = "") -> str:
    return f"  - id: {identifier}\n    title: Заголовок {identifier}\n    questions: ['{question}']\n    answer: '{answer}'\n{extra}"


def test_good_data_comes_through_whole_with_a_manifest(tmp_path: Path):
    report, out = run(tmp_path, area(item("a", "как вернуть налог"), item("b", "банк лопнул", "Другой ответ.")))
    corpus = load(out)
    assert [entry.id for entry in corpus.entries] == ["a", "b"]
    assert corpus.areas[0].title == "Проба"
    manifest = json.loads(out.with_name("final_data.manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"]["entry"] == 2
    assert list(manifest["sources"]) == ["a.yaml"]
    assert manifest["data_sha256"] == report.outputs["final_data.json"] == corpus.sha256


@pytest.mark.parametrize(
    ("text", "level", "line", "message"),
    [
        (area(item("a", "вопрос раз"), item("a", "вопрос два")), "error", 8, "id «a» уже есть"),
        (area(item("a", "как вернуть налог"), item("b", "как вернуть налог", "Другой.")), "error", 8, "повторяется с другим ответом"),
        (area(item("a", "как вернуть налог"), item("b", "налог вернуть как же", "Другой.")), "warning", 8, "почти повторяется"),
        (area(item("a", "вопрос", extra="    colour: red\n")), "error", 4, "неизвестное поле colour"),
        (area("  - id: a\n    title: Т\n    questions: [вопрос]\n"), "error", 4, "нет поля answer"),
        (area(item("a", " ")), "error", 4, "пустой текст"),
        (area(item("a", "вопрос", extra="    valid_until: 2026-01-31\n")), "warning", 4, "срок действия истёк 31.01.2026"),
        (area(item("a", "вопрос", extra="    patterns: ['{a|b']\n")), "error", 4, "скобка без пары"),
        (area(item("a", "how do I get my tax back")), "warning", 4, "не по-русски"),
        (area(item("a", "во\u200bпрос")), "repaired", 4, "невидимые знаки"),
        (area(item("a", "вопрос", extra="    related: [b]\n")), "warning", 4, "записи «b» нет"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_file_and_line(tmp_path: Path, text: str, level: str, line: int, message: str):
    report, _ = run(tmp_path, text)
    found = [problem for problem in report.problems if message in problem.message]
    assert found, report.problems
    assert (found[0].level, found[0].line) == (level, line)
    assert found[0].file.endswith("a.yaml")


def test_errors_leave_the_earlier_output_as_it_was(tmp_path: Path):
    _, out = run(tmp_path, area(item("a", "вопрос")))
    before = out.read_bytes()
    report, _ = run(tmp_path, area(item("a", "вопрос"), item("a", "другой")))
    assert not report.outputs
    assert out.read_bytes() == before
    assert sorted(path.name for path in out.parent.iterdir() if not path.name.endswith(".lock")) == [
        "final_data.json",
        "final_data.manifest.json",
    ]


def test_a_damaged_processed_file_is_one_sentence(tmp_path: Path):
    _, out = run(tmp_path, area(item("a", "вопрос")))
    out.write_text(out.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    with pytest.raises(DataError, match="испорчен"):
        load(out)
    with pytest.raises(DataError, match="данных нет"):
        load(tmp_path / "absent.json")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    source = tmp_path / "a.jsonl"
    source.write_text('{"question":"вопрос","answer":"ответ"}\n', encoding="utf-8")
    with pytest.raises(StorageError, match="Не удалось записать"):
        prepare(source, tmp_path / "file" / "out.json", today=TODAY)


def test_preparing_twice_gives_the_same_bytes(tmp_path: Path):
    _, out = run(tmp_path, area(item("a", "вопрос")))
    before = out.read_bytes()
    run(tmp_path, area(item("a", "вопрос")))
    assert out.read_bytes() == before
