from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from llmops.data.companion.cleaning import Keep
from llmops.data.companion.load import load
from llmops.data.companion.prepare import prepare
from llmops.errors import DataError

_SAYS = [f"подгорела {food}" for food in ["каша", "рыба", "гречка", "котлета", "картошка", "пицца", "блины", "яичница"]]
_REPLIES = [
    "Угольки вместо ужина - обидно.",
    "{Твоя|Ваша} сковорода показала характер.",
    "Бывает и такой ужин.",
    "Запах, наверное, на весь подъезд.",
    "Зато теперь известно, сколько это не держать на огне.",
    "Сковородка запомнит этот день.",
    "Пусть это будет самая большая беда недели.",
    "Хлеб с маслом ещё никого не подводил.",
]
BANK = {
    "area": "food",
    "title": "Еда",
    "situations": [
        {
            "id": "food-burnt",
            "title": "Подгорела еда",
            "mood": "upset",
            "says": _SAYS,
            "replies": _REPLIES,
            "personas": {"gleb": ["Термообработка прошла успешно."]},
            "asks": ["Что было в меню?"],
            "then": {"yes": ["Хорошо."], "no": ["Ну и ладно."], "more": ["Ясно."]},
        }
    ],
}
PERSONAS = {"gleb": False, "andrey": True}


def run(source: Path, out: Path, **options):
    return prepare(source, out, personas=PERSONAS, **options)


def rows(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def pairs(out: Path) -> list[tuple[str, str]]:
    found = rows(out)
    said = {row["situation"]: row["text"] for row in found if row["role"] == "says"}
    return [(said[row["situation"]], row["text"]) for row in found if row["role"] == "reply"]


def bank(folder: Path, document: object = BANK) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "food.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return folder


def test_the_bank_becomes_rows_and_a_corpus(tmp_path):
    report = run(bank(tmp_path / "source"), tmp_path / "phrases.csv")
    assert report.problems == ()
    corpus = load(tmp_path / "phrases.csv")
    entry = corpus.entries[0]
    assert entry.reaction is not None
    assert (entry.id, entry.area, len(entry.questions), len(entry.reaction.replies)) == ("food-burnt", "food", 8, 9)
    assert entry.reaction.replies[-1].persona == "gleb"
    assert (corpus.areas[0].title, entry.reaction.mood, entry.reaction.yes[0].text) == ("Еда", "upset", "Хорошо.")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Ты справишься.", "без развилки"),
        ("Вам виднее.", "в обращении на «ты»"),
        ("Знаешь, это обидно.", "без развилки"),
        ("Я тоже ел такое.", "человеческий опыт"),
        ("Понимаю {твои|ваши} чувства.", "пустые слова"),
        ("Всё будет хорошо.", "пустые слова"),
        ("{Твоя|Ваша сковорода.", "развилка испорчена"),
    ],
)
def test_an_author_is_told_what_is_wrong_with_a_line(tmp_path, line, complaint):
    document = json.loads(json.dumps(BANK))
    document["situations"][0]["replies"][0] = line
    report = run(bank(tmp_path / "source", document), tmp_path / "phrases.csv")
    assert [problem.level for problem in report.problems] == ["warning"]
    assert complaint in report.problems[0].message
    assert report.problems[0].line == 1


def test_a_repeated_wording_and_a_repeated_reply_are_told(tmp_path):
    document = json.loads(json.dumps(BANK))
    document["situations"].append({**document["situations"][0], "id": "food-again"})
    report = run(bank(tmp_path / "source", document), tmp_path / "phrases.csv")
    told = " ".join(problem.message for problem in report.problems)
    assert "так говорят уже в «food-burnt»" in told
    assert "этот ответ уже есть в «food-burnt»" in told


def test_a_broken_record_names_its_line_and_nothing_is_written(tmp_path):
    document = json.loads(json.dumps(BANK))
    del document["situations"][0]["replies"]
    report = run(bank(tmp_path / "source", document), tmp_path / "phrases.csv")
    assert [(problem.level, problem.line) for problem in report.problems] == [("error", 1)]
    assert not (tmp_path / "phrases.csv").exists()


def test_named_lines_answer_one_another(tmp_path):
    file = tmp_path / "phrases.txt"
    file.write_text(
        "Маша: Как прошёл день?\nПетя: Долго!!!\nПетя: Но хорошо.\n\nМаша: Другая беседа началась\n", "utf-8"
    )
    run(file, tmp_path / "out.csv")
    assert pairs(tmp_path / "out.csv") == [("Как прошёл день?", "Долго! Но хорошо.")]


def test_dashes_are_a_dialogue_and_bare_lines_are_phrases(tmp_path):
    file = tmp_path / "phrases.txt"
    file.write_text("- Будешь чай?\n— Буду, спасибо.\n\nПросто мысль вслух.\n", "utf-8")
    run(file, tmp_path / "out.csv")
    assert pairs(tmp_path / "out.csv") == [("Будешь чай?", "Буду, спасибо.")]
    assert [row["text"] for row in rows(tmp_path / "out.csv") if row["role"] == "phrase"] == ["Просто мысль вслух."]


def test_a_dropped_message_breaks_the_talk(tmp_path):
    file = tmp_path / "phrases.txt"
    file.write_text("А: Где встретимся?\nБ: мой номер +7 912 345-67-89\nА: Хорошо, жду.\n", "utf-8")
    report = run(file, tmp_path / "out.csv")
    assert pairs(tmp_path / "out.csv") == []
    assert "912" not in report.model_dump_json()
    assert any(count.name == "убрано: личные данные" for count in report.counts)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "вопрос;ответ\nКак дела сегодня?;Неплохо, спасибо\n"),
        ("a.jsonl", '{"message": "Как дела сегодня?", "reply": "Неплохо, спасибо"}\n'),
        (
            "b.jsonl",
            '{"messages": [{"role": "user", "content": "Как дела сегодня?"}, {"role": "assistant", "content": "Неплохо, спасибо"}]}\n',
        ),
    ],
)
def test_tables_and_json_lines_are_read(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    run(tmp_path / name, tmp_path / "out.csv")
    assert pairs(tmp_path / "out.csv") == [("Как дела сегодня?", "Неплохо, спасибо")]


def telegram(*messages: dict[str, object]) -> dict[str, object]:
    return {"name": "Чат", "type": "personal_chat", "id": 1, "messages": list(messages)}


def message(number: int, who: str, text: object, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "type": "message",
        "date": "2026-01-01T10:00:00",
        "from": who,
        "from_id": who,
        "text": text,
        **more,
    }


CHAT = telegram(
    {"id": 0, "type": "service", "action": "phone_call", "text": ""},
    message(1, "u1", ["Смотри ", {"type": "bold", "text": "какой"}, " закат"]),
    message(2, "u2", "Красота невероятная!"),
    message(3, "u1", "чужое письмо", forwarded_from="Канал"),
    message(4, "u1", "", media_type="sticker"),
)


@pytest.mark.parametrize("document", [CHAT, {"about": "…", "chats": {"about": "…", "list": [CHAT]}}])
def test_an_export_of_telegram_is_read(tmp_path, document):
    file = tmp_path / "result.json"
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    run(file, tmp_path / "out.csv")
    assert pairs(tmp_path / "out.csv") == [("Смотри какой закат", "Красота невероятная!")]


def test_another_json_is_told(tmp_path):
    (tmp_path / "result.json").write_text('{"a": 1}', encoding="utf-8")
    report = run(tmp_path / "result.json", tmp_path / "out.csv")
    assert "не выгрузка Telegram" in report.problems[0].message


def test_good_ratings_are_learnt_and_bad_ones_told(tmp_path):
    source = bank(tmp_path / "source")
    (source / "rated.jsonl").write_text(
        '{"question": "спалил ужин дотла", "answer": "…", "rating": 1, "entry": "food-burnt"}\n'
        '{"question": "какая погода", "answer": "…", "rating": -1, "entry": "food-burnt"}\n'
    )
    report = run(source, tmp_path / "out.csv")
    assert "спалил ужин дотла" in load(tmp_path / "out.csv").entries[0].questions
    assert any(problem.level == "info" and "плохая оценка" in problem.message for problem in report.problems)


def test_repeats_are_dropped_unless_they_are_wanted(tmp_path):
    file = tmp_path / "a.csv"
    line = "Какая сегодня хорошая погода на улице;Да, гулять бы весь день до вечера\n"
    file.write_text("message;reply\n" + line + line.replace(" на улице", " на улице!") + line.upper(), encoding="utf-8")
    run(file, tmp_path / "out.csv")
    assert len(pairs(tmp_path / "out.csv")) == 1
    run(file, tmp_path / "out.csv", keep=Keep(duplicates=True))
    assert len(pairs(tmp_path / "out.csv")) == 3


def test_its_own_output_goes_through_unchanged(tmp_path):
    source = bank(tmp_path / "source")
    (source / "talk.txt").write_text("А: Как дела???\nБ: Норм 😂\n", encoding="utf-8")
    run(source, tmp_path / "phrases.csv")
    first = (tmp_path / "phrases.csv").read_bytes()
    run(tmp_path / "phrases.csv", tmp_path / "again" / "phrases.csv")
    assert (tmp_path / "again" / "phrases.csv").read_bytes() == first


def test_two_workers_do_what_one_does(tmp_path, monkeypatch):
    monkeypatch.setattr("llmops.data.companion.imported.BATCH", 400)
    file = tmp_path / "a.txt"
    file.write_text("".join(f"{'АБ'[n % 2]}: слово{n} и ещё слово{n * 7}!!!\n" for n in range(3000)), encoding="utf-8")
    run(file, tmp_path / "one.csv")
    run(file, tmp_path / "two.csv", workers=2)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_the_newest_imported_situations_stay_within_the_limit(tmp_path):
    source = bank(tmp_path / "source")
    texts = "".join(f"сообщение номер {n} про дело {n * n};ответ {n} на дело {n * 3}\n" for n in range(5))
    (source / "a.csv").write_text("message;reply\n" + texts, encoding="utf-8")
    run(source, tmp_path / "out.csv", keep=Keep(duplicates=True))
    corpus = load(tmp_path / "out.csv", limit=2)
    assert [entry.id for entry in corpus.entries] == ["food-burnt", "import-a-5", "import-a-6"]


def test_an_unknown_file_and_an_empty_folder_are_one_sentence(tmp_path):
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(DataError, match="вид неизвестен"):
        run(tmp_path / "a.docx", tmp_path / "out.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="нет файлов с фразами"):
        run(tmp_path / "empty", tmp_path / "out.csv")


def test_damaged_phrases_are_told(tmp_path):
    (tmp_path / "phrases.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="столбцы не те"):
        load(tmp_path / "phrases.csv")
