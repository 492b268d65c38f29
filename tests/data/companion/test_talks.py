"""Other people's files to exchanges: who answers whom, where a talk ends, and what a damaged file costs."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from llmops.data.companion.json_stream import JsonStream
from llmops.data.companion.prepare import prepare
from llmops.errors import DataError
from llmops.schemas import Report


def run(tmp_path: Path, **files: str | bytes) -> tuple[Report, list[dict[str, str]]]:
    source = tmp_path / "source"
    for name, text in files.items():
        path = source / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = tmp_path / "phrases.csv"
    report = prepare(source, out, personas={})
    with out.open(encoding="utf-8", newline="") as stream:
        return report, list(csv.DictReader(stream))


def pairs(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    said = {row["situation"]: row["text"] for row in rows if row["role"] == "says"}
    return [(said[row["situation"]], row["text"]) for row in rows if row["role"] == "reply"]


def phrases(rows: list[dict[str, str]]) -> list[str]:
    return [row["text"] for row in rows if row["role"] == "phrase"]


def said(number: int, who: str, text: Any, minute: int = 0, **more: Any) -> dict[str, Any]:
    date = f"2026-01-01T{10 + minute // 60}:{minute % 60:02}:00"
    return {"id": number, "type": "message", "date": date, "from": who, "from_id": who, "text": text, **more}


def chat(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Чат", "type": "personal_chat", "id": 7, "messages": list(messages)}


def test_a_compact_export_on_one_line_keeps_its_exchanges_apart(tmp_path: Path):
    export = chat(said(1, "а", "Как прошёл день?"), said(2, "б", "Долго и весело"), said(3, "а", "Расскажи скорее"))
    _, rows = run(tmp_path, result_json=json.dumps(export, ensure_ascii=False))
    assert pairs(rows) == [("Как прошёл день?", "Долго и весело"), ("Долго и весело", "Расскажи скорее")]
    assert {row["situation"] for row in rows} == {"import-result-1", "import-result-1_2"}


def test_a_chat_of_an_export_does_not_answer_the_chat_before(tmp_path: Path):
    first, second = (
        chat(said(1, "а", "Пойдём гулять?"), said(2, "б", "Пойдём, конечно")),
        chat(said(1, "в", "Что нового?")),
    )
    _, rows = run(tmp_path, result_json=json.dumps({"chats": {"list": [first, second]}}, ensure_ascii=False))
    assert pairs(rows) == [("Пойдём гулять?", "Пойдём, конечно")]
    assert phrases(rows) == ["Что нового?"]


def test_a_reply_answers_the_message_that_it_names(tmp_path: Path):
    export = chat(
        said(1, "а", "Какой фильм посмотреть?"),
        said(2, "б", "Смотря какое настроение"),
        said(3, "а", "Весёлое, конечно"),
        said(4, "б", "Тогда старую комедию", reply_to_message_id=1),
    )
    _, rows = run(tmp_path, result_json=json.dumps(export, ensure_ascii=False, indent=1))
    assert ("Какой фильм посмотреть?", "Тогда старую комедию") in pairs(rows)
    assert ("Весёлое, конечно", "Тогда старую комедию") not in pairs(rows)


def test_a_message_after_a_long_pause_answers_nothing(tmp_path: Path):
    export = chat(said(1, "а", "Ложусь спать, пока"), said(2, "б", "Подъём, уже утро", minute=8 * 60))
    _, rows = run(tmp_path, result_json=json.dumps(export, ensure_ascii=False))
    assert pairs(rows) == []


@pytest.mark.parametrize("cut", [30, 200])
def test_an_export_that_is_cut_off_is_told_and_not_taken_for_whole(tmp_path: Path, cut: int):
    export = chat(*(said(number, "аб"[number % 2], f"Сообщение о деле {number}") for number in range(9)))
    with pytest.raises(DataError, match="обрывается"):
        run(tmp_path, result_json=json.dumps(export, ensure_ascii=False)[:-cut])


def test_an_export_larger_than_memory_is_read_an_item_at_a_time(tmp_path: Path):
    file = tmp_path / "result.json"
    item = json.dumps(said(1, "а", "Текст сообщения " * 20), ensure_ascii=False, indent=1)
    with file.open("w", encoding="utf-8") as stream:
        stream.write('{"messages": [' + ",\n".join([item] * 20_000) + "]}")
    tracemalloc.start()
    with file.open(encoding="utf-8") as stream:
        lines = [listed.line for listed in JsonStream(stream, file).items()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(lines) == 20_000
    assert lines[-1] == item.count("\n") * 19_999 + 20_000
    assert peak < 6_000_000 < file.stat().st_size


def test_files_of_the_same_name_do_not_share_situations(tmp_path: Path):
    talk = "- Вопрос {0} о погоде?\n- Ответ {0} о погоде\n"
    _, rows = run(
        tmp_path, чат_txt=talk.format("первый"), б__чат_txt=talk.format("второй"), беседа_txt=talk.format("третий")
    )
    assert len(pairs(rows)) == 3
    assert len({row["situation"] for row in rows}) == 3


def test_a_label_is_a_speaker_only_where_somebody_answers(tmp_path: Path):
    text = "Сначала просто мысль\nСовет: пейте больше воды\n\nМаша: Ты где?\nПётр Ильич: Уже дома\n\n- купить хлеба\n"
    _, rows = run(tmp_path, a_txt=text)
    assert pairs(rows) == [("Ты где?", "Уже дома")]
    assert phrases(rows) == ["Сначала просто мысль", "Совет: пейте больше воды", "купить хлеба"]


def test_what_answered_a_dropped_message_is_no_phrase_and_no_reply(tmp_path: Path):
    _, rows = run(
        tmp_path, a_csv="message,reply\nзвони на 8 916 123-45-67,Хорошо, вечером\n".replace("Хорошо,", "Хорошо")
    )
    assert rows == []


def test_a_user_does_not_answer_an_assistant(tmp_path: Path):
    turns = [("assistant", "Привет, я программа"), ("user", "Чем займёмся?"), ("assistant", "Поговорим о книгах")]
    record = {"messages": [{"role": role, "content": text} for role, text in turns]}
    _, rows = run(tmp_path, a_jsonl=json.dumps(record, ensure_ascii=False))
    assert pairs(rows) == [("Чем займёмся?", "Поговорим о книгах")]


def test_one_broken_record_costs_only_itself(tmp_path: Path):
    good = '{"message": "Как дела сегодня?", "reply": "Отлично, спасибо"}\n'
    report, rows = run(
        tmp_path, a_jsonl="{broken\n" + good, b_csv="message,reply\nодна ячейка\nЧто читаешь?,Старые письма\n"
    )
    assert len(pairs(rows)) == 2
    assert [(problem.level, problem.line) for problem in report.problems[:2]] == [("warning", 1), ("warning", 2)]


def test_one_broken_byte_does_not_damn_a_file(tmp_path: Path):
    _, rows = run(tmp_path, a_txt="Первая фраза\n".encode() + b"\xff\n" + "Вторая мысль\n".encode() * 1)
    assert phrases(rows) == ["Первая фраза", "Вторая мысль"]


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16", "utf-8-sig", "koi8-r"])
def test_files_in_other_encodings_are_read(tmp_path: Path, encoding: str):
    text = "Сегодня весь день шёл дождь, и мы никуда не ходили\n" * 3 + "Завтра обещали солнце, пойдём гулять в парк\n"
    _, rows = run(tmp_path, a_txt=text.encode(encoding))
    assert phrases(rows) == [text.split("\n")[0], text.split("\n")[-2]]


def test_ratings_are_cleaned_and_personal_data_is_shown_nowhere(tmp_path: Path):
    bank = {
        "area": "t",
        "title": "Т",
        "situations": [
            {"id": "hello", "title": "Привет", "mood": "joy", "says": ["привет"], "replies": ["Здравствуй."]}
        ],
    }
    rated = [
        {"question": "здорово, приятель!!!!", "rating": 1, "entry": "hello", "assistant": "companion"},
        {"question": "Привет", "rating": 1, "entry": "hello"},
        {"question": "мой номер 8 916 123-45-67", "rating": 1, "entry": "hello"},
        {"question": "какая ставка", "rating": 1, "entry": "deposit", "assistant": "finance"},
        {"question": "грубо", "rating": -1, "comment": "звони 8 916 123-45-67", "entry": "hello"},
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rated)
    report, rows = run(tmp_path, t_yaml=json.dumps(bank, ensure_ascii=False), r_jsonl=lines)
    learnt = [row for row in rows if row["role"] == "says"]
    assert [row["text"] for row in learnt] == ["привет", "здорово, приятель!"]
    assert (learnt[1]["title"], learnt[1]["mood"]) == ("Привет", "joy")
    assert "916" not in report.model_dump_json()
    assert not any("deposit" in problem.message for problem in report.problems)


def test_imported_text_cannot_be_read_as_a_fork_or_a_name(tmp_path: Path):
    _, rows = run(
        tmp_path, a_txt="Ну {привет|пока} тебе\nСпасибо, $имя, за всё\nСкажи [да|нет] сейчас\n<он|она|вы> идёт домой\n"
    )
    assert not any(set(row["text"]) & set("{}[]<>|$") for row in rows)
    assert len(rows) == 4
