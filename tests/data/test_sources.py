"""Reading source files: formats, encodings, and what must be refused."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from llmops.data.sources import Note, RawRecord, find, read
from llmops.errors import DataError

TEXT = "вопрос,ответ\nКак вернуть налог за квартиру?,Подайте декларацию 3-НДФЛ в налоговую.\n"


def records(path: Path) -> list[RawRecord]:
    return [item for item in read(path) if isinstance(item, RawRecord)]


def notes(path: Path) -> list[Note]:
    return [item for item in read(path) if isinstance(item, Note)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251", "koi8_r"])
def test_any_usual_encoding_is_read_as_it_is(tmp_path: Path, encoding: str):
    path = tmp_path / "вопросы.csv"
    path.write_bytes((TEXT * 3).encode(encoding))
    record = records(path)[0]
    assert record.fields["questions"] == ["Как вернуть налог за квартиру?"]
    assert record.fields["answer"].startswith("Подайте декларацию")


def test_text_decoded_twice_is_mended_and_told(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("question,answer\n" + "вклад".encode().decode("cp1251") + ",Ответ\n", encoding="utf-8")
    assert records(path)[0].fields["questions"] == ["вклад"]
    assert notes(path)[0].level == "repaired"


def test_a_csv_without_the_columns_is_one_sentence_with_the_line(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("q,a\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv:1: нет столбцов question и answer, есть: q, a"):
        records(path)


def test_a_row_with_a_missing_cell_is_told_and_the_rest_is_read(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("question,answer\nодин\nдва,ответ\n", encoding="utf-8")
    assert [note.line for note in notes(path)] == [2]
    assert len(records(path)) == 1


def test_jsonl_xlsx_and_a_literal_dictionary_give_the_same_entry(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"question": "вопрос", "answer": "ответ"}\n', encoding="utf-8")
    (tmp_path / "a.py").write_text('my_qa_prompts = {"вопрос": "ответ"}\n', encoding="utf-8")
    book = openpyxl.Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(["question", "answer"])
    sheet.append(["вопрос", "ответ"])
    book.save(tmp_path / "a.xlsx")
    for name in ("a.jsonl", "a.py", "a.xlsx"):
        fields = records(tmp_path / name)[0].fields
        assert (fields["questions"], fields["answer"]) == (["вопрос"], "ответ"), name


def test_python_is_never_executed(tmp_path: Path):
    target = tmp_path / "created"
    path = tmp_path / "a.py"
    path.write_text(f'x = {{"вопрос": open({str(target)!r}, "w").name}}\n', encoding="utf-8")
    assert notes(path)[0].level == "error"
    assert not target.exists()


def test_a_yaml_bomb_and_a_python_tag_are_refused(tmp_path: Path):
    bomb = tmp_path / "bomb.yaml"
    lines = ["area: x", "entries:", "  - &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"  - &a{n} [" + ", ".join([f"*a{n - 1 if n > 1 else ''}"] * 9) + "]" for n in range(1, 9)]
    bomb.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match="ссылки YAML"):
        records(bomb)
    tag = tmp_path / "tag.yaml"
    tag.write_text("area: !!python/object/apply:os.system ['true']\nentries: []\n", encoding="utf-8")
    with pytest.raises(DataError):
        records(tag)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("area: [", r":2: YAML не читается|:1: YAML не читается"), ("- 1", "ожидалась область"), ("area: x\nentrie: []", "неизвестный раздел"), ("area: x\narea: y\nentries:\n  - {id: a, id: b}", "повторяется")],
)  # fmt: skip
def test_broken_yaml_names_the_line(tmp_path: Path, text: str, complaint: str):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=complaint):
        records(path)


def test_binary_data_is_not_taken_for_text(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(DataError):
        records(path)


def test_nothing_to_read_is_told(tmp_path: Path):
    with pytest.raises(DataError, match="нет файлов"):
        find(tmp_path)
    with pytest.raises(DataError, match="Исходных данных нет"):
        find(tmp_path / "absent")
    (tmp_path / "a.doc").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="неизвестен"):
        find(tmp_path / "a.doc")
