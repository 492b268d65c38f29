"""The way from a rating back into the answers: rate, export, prepare, build, ask again; and unanswered questions."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

import pytest

from llmops import wiring
from llmops.assistants.dialogue import Dialogue
from llmops.protocols import ReplyStream
from llmops.schemas import Reply, Source
from llmops.settings import load_settings
from llmops.tracking.unanswered import Unanswered
from tests.cli.test_chat import llmops
from tests.tracking.test_ratings import ask as write_turn
from tests.tracking.test_ratings import rate as write_rating
from tests.tracking.test_ratings import recorder
from tests.tracking.turns import keep, opened, rate, record

BASE = """area: test
title: Проба
entries:
  - id: bank
    title: Сколько застраховано
    questions: [сколько вернут если банк лопнул, лимит страхования вклада, на какую сумму застрахованы вклады, банк закрылся сколько отдадут денег]
    answer: АСВ вернёт до 1 400 000 ₽ на человека в одном банке.
  - id: home
    title: Вычет за квартиру
    questions: [вычет за покупку квартиры, вернуть налог за жильё, сколько вернёт налоговая за новостройку, купил квартиру хочу вернуть ндфл]
    answer: С покупки жилья можно вернуть до 260 000 ₽.
  - id: mrot
    title: Минимальная зарплата
    questions: [какой сейчас мрот, минимальная зарплата в месяц, меньше какой суммы нельзя платить работнику, минималка на работе]
    answer: МРОТ - 27 093 ₽ в месяц.
out_of_scope: [как сварить борщ, какая завтра погода, расскажи анекдот, кто выиграл матч, рецепт котлет, столица франции, кошка чихает, реши уравнение]
held_out:
  - {entry: bank, questions: [сколько вернут если банк лопнул подскажите, лимит страхования вкладов скажите]}
  - {entry: home, questions: [вычет за покупку квартиры подскажите, как вернуть налог за жильё]}
"""


def chat() -> Dialogue:
    """Open the dialogue of this state folder, in the way the terminal does."""
    return wiring.finance_dialogue(load_settings())[0]


def ask(dialogue: Dialogue, question: str) -> Reply:
    def show(stream: ReplyStream) -> None:
        for _ in stream:
            pass

    return dialogue.ask(question, show)


def prepare_and_build(source: Path, data: Path) -> str:
    """Run both stages; return what the first one printed."""
    prepared = llmops("prepare-data", "finance", "--source", str(source), "--out", str(data), "--strict")
    assert prepared.returncode == 0, prepared.stderr
    built = llmops("build-index", "finance", "--data", str(data))
    assert built.returncode == 0, built.stderr
    return prepared.stdout + prepared.stderr


@pytest.mark.slow
def test_a_rated_answer_teaches_its_entry_a_new_wording(tmp_path: Path):
    source, data = tmp_path / "finance", tmp_path / "final_data.json"
    source.mkdir()
    (source / "base.yaml").write_text(BASE, encoding="utf-8")
    prepare_and_build(source, data)
    question = "банк закрылся сколько отдадут денег из кубышки"
    dialogue = chat()
    assert ask(dialogue, question).outcome == "refused"
    dialogue.renew()
    assert ask(dialogue, "минималка на работе").sources[0].id == "mrot"
    assert dialogue.rate(-1, "а в москве больше")
    with opened(load_settings().database_path) as outbox:  # as if a better index had answered
        writer = recorder(outbox)
        write_turn(writer, "t-good", question, sources=(Source(id="bank", title="Сколько застраховано", score=0.9),))
        write_rating(writer, "t-good", 1, "то что надо")

    done = llmops("feedback", "export", "--out", str(source / "feedback.jsonl"))
    assert (done.returncode, done.stdout) == (0, "")
    assert "Выгружены 2 оценки: 1 хорошая, 1 плохая." in done.stderr
    told = prepare_and_build(source, data)
    assert "формулировок выучено из оценок: 1" in told
    assert "а в москве больше" in told
    assert json.loads(data.read_text(encoding="utf-8"))["rated"] == [{"entry": "bank", "question": question}]

    again = ask(chat(), question)
    assert (again.outcome, [source.id for source in again.sources]) == ("answered", ["bank"])
    before = data.read_bytes()
    prepare_and_build(source, data)
    assert data.read_bytes() == before


def fill(home: Path) -> None:
    """Write rated turns: two good ones, a bad one, a private one."""
    now = time.time()
    with opened(home / "llmops.db") as outbox:
        for number, rating in enumerate((1, -1, 1)):
            turn = record(now - 60, identifier=f"t-{number}", question=f"вопрос номер {number}")
            keep(outbox, turn)
            rate(outbox, turn, rating, now - 30 + number)
        private = record(now - 60, identifier="t-private")
        keep(outbox, private, private=True)
        rate(outbox, private, 1, now)


def test_rows_go_to_stdout_and_everything_else_to_stderr(home: Path):
    fill(home)
    done = llmops("feedback", "export")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["question"], row["rating"]) for row in rows] == [("вопрос номер 0", 1), ("вопрос номер 1", -1), ("вопрос номер 2", 1)]  # fmt: skip
    assert set(rows[0]) == {"question", "answer", "rating", "comment", "assistant", "rated_at"}
    assert "Выгружены 3 оценки: 2 хорошие, 1 плохая." in done.stderr
    assert "Пропущено: 1 оценка из приватных разговоров." in done.stderr


def test_ratings_are_chosen_by_sign_time_and_assistant(home: Path):
    fill(home)
    assert len(llmops("feedback", "export", "--rating", "+").stdout.splitlines()) == 2
    assert len(llmops("feedback", "export", "--rating", "-").stdout.splitlines()) == 1
    assert len(llmops("feedback", "export", "--since", "1h").stdout.splitlines()) == 3
    none = llmops("feedback", "export", "--assistant", "companion", "--since", "30d")
    assert (none.returncode, none.stdout) == (0, "")
    assert "Таких оценок нет" in none.stderr
    wrong = llmops("feedback", "export", "--since", "вчера")
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_without_ratings_it_says_how_to_rate_and_makes_nothing(home: Path, tmp_path: Path):
    done = llmops("feedback", "export")
    assert (done.returncode, done.stdout) == (0, "")
    assert "/rate" in done.stderr
    assert not home.exists()
    out = tmp_path / "empty.jsonl"
    assert llmops("feedback", "export", "--out", str(out)).returncode == 0
    assert out.read_bytes() == b""


def test_the_file_appears_whole_and_is_the_owners_alone(home: Path, tmp_path: Path):
    fill(home)
    out = tmp_path / "new" / "feedback.jsonl"
    assert llmops("feedback", "export", "--out", str(out)).returncode == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert list(out.parent.iterdir()) == [out]
    (tmp_path / "file").write_text("x", encoding="utf-8")
    failed = llmops("feedback", "export", "--out", str(tmp_path / "file" / "out.jsonl"))
    assert failed.returncode == 3
    assert "Не удалось записать" in failed.stderr


def refuse(home: Path) -> None:
    """Write refused turns of several people."""
    now = time.time()
    asked = ("вклад в юанях какой процент", "как открыть счёт в юанях", "стоит ли хранить сбережения в юанях")
    with opened(home / "llmops.db") as outbox:
        for number, question in enumerate(asked):
            turn = record(now - 60, outcome="refused", reason="low_confidence", question=question, conversation=f"c-{number}")  # fmt: skip
            keep(outbox, turn, user=f"u-{number % 2:016d}")
        keep(
            outbox,
            record(now - 60, outcome="refused", reason="out_of_scope", question="составь гороскоп для рыб"),
            user="u-9",
        )


def test_unanswered_questions_are_told_as_topics(home: Path):
    refuse(home)
    done = llmops("monitor", "--unanswered", "--since", "1h")
    assert done.returncode == 0, done.stderr
    assert "4 вопроса от 3 человек, 2 темы" in done.stdout
    assert " 1. 3 вопроса от 2 человек: «" in done.stdout
    assert "слова: юанях" in done.stdout
    assert "ближайшая запись: «Запись» (0,80)" in done.stdout
    assert "Приняты за чужие темы:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_unanswered_questions_are_one_json_document(home: Path):
    refuse(home)
    found = Unanswered.model_validate_json(llmops("monitor", "--unanswered", "--json").stdout)
    assert [(topic.size, topic.people, topic.out_of_scope) for topic in found.topics] == [(3, 2, 0), (1, 1, 1)]


@pytest.mark.parametrize("option", ["--watch", "--check"])
def test_unanswered_goes_with_neither_watching_nor_checking(option: str):
    assert llmops("monitor", "--unanswered", option).returncode == 2


def test_no_unanswered_questions_is_a_sentence():
    assert "Вопросов без ответа" in llmops("monitor", "--unanswered").stdout
