"""A small phrase bank with an index over it, for tests that do not hang on the wording of the real one."""

from __future__ import annotations

from pathlib import Path

from llmops.assistants.companion.assistant import CompanionAssistant
from llmops.assistants.companion.persona import Persona
from llmops.assistants.dialogue import Dialogue
from llmops.protocols import Assistant, ReplyStream, Retriever
from llmops.retrieval.build import build
from llmops.retrieval.index import HybridRetriever
from llmops.schemas import Area, Corpus, Entry, Feedback, Line, Reaction, Reply, Report, Turn, TurnRecord
from llmops.settings import load_settings
from llmops.store.conversations import new_conversation
from llmops.wiring import parts

PERSONAS = {
    "vera": Persona(
        id="vera", name="Вера", title="подруга", gender="female", address="ты", manner="Просто.",
        greeting=("Привет! Я Вера.",), introductions=("Меня зовут Вера, я программа.",),
    ),
    "andrey": Persona(
        id="andrey", name="Андрей Ильич", title="наставник", gender="male", address="вы", manner="Ровно.",
        greeting=("Здравствуйте.",), introductions=("Меня зовут Андрей Ильич, я программа.",),
    ),
}  # fmt: skip


def situation(identifier: str, says: list[str], replies: list[str], **more: object) -> Entry:
    """Return a situation of the test's bank."""
    reaction = {
        "replies": [Line(text=text) for text in replies],
        **{
            name: [Line(text=text) for text in value] if isinstance(value, list) else value
            for name, value in more.items()
        },
    }
    return Entry(
        id=identifier,
        area="greetings" if identifier.startswith(("small-", "hello-", "bye-")) else "talk",
        title=identifier,
        questions=tuple(says),
        answer=replies[0],
        reaction=Reaction.model_validate(reaction),
    )


SITUATIONS = (
    situation(
        "hello-plain",
        ["привет", "здравствуй", "приветик", "хай", "доброго дня", "салют"],
        [f"Приветствие номер {n}." for n in range(12)],
    ),
    situation(
        "food-burnt",
        ["у меня подгорела каша", "сожгла котлеты", "ужин превратился в угли", "пригорела картошка", "спалил яичницу"],
        [f"{{Твоя|Ваша}} сковорода шалит, случай {n}." for n in range(12)],
        asks=["Что было в меню?", "Спасти что-нибудь удалось?"],
        yes=["Хоть что-то спасено.", "Уже неплохо."],
        no=["Тогда бутерброды.", "Ничего, бывает."],
        more=[f"Продолжение про кухню {n}." for n in range(6)],
        mood="upset",
    ),
    situation(
        "cat-naughty",
        ["кот скинул кружку", "кошка разбила вазу", "котёнок дерёт диван", "кот опять хулиганит"],
        ["Я [рад|рада], что кот цел.", *(f"Кошачий закон номер {n}." for n in range(8))],
        asks=["Что он смотрит теперь?"],
        more=[f"Хвостатая история {n}." for n in range(6)],
    ),
    situation("bot-name", ["как тебя зовут", "твоё имя", "ты кто такой"], ["Меня зовут."]),
    situation(
        "handover-invest",
        ["куда вложить деньги", "какой вклад выбрать", "покупать ли доллары", "в какие акции зайти"],
        [f"С деньгами - к финансовому помощнику, раз {n}." for n in range(8)],
        kind="handover",
    ),
    situation("small-yes", ["да", "ага", "угу", "ну да"], [f"Согласие {n}." for n in range(8)]),
)
FOREIGN = (
    "столица австралии",
    "переведи слово на латынь",
    "формула бензола",
    "таблица интегралов",
    "версия ядра linux",
)


class Silent:
    """A recorder that keeps the last turns in memory."""

    def __init__(self) -> None:
        self.private, self.lost = False, 0
        self.records: list[TurnRecord] = []

    def turn(self, record: TurnRecord) -> None:
        self.records.append(record)

    def feedback(self, feedback: Feedback) -> None:
        """Take a rating."""

    def run(self, report: Report) -> None:
        """Take a report."""


def small_retriever(folder: Path) -> HybridRetriever:
    """Build the small bank's index and open it."""
    embedder, table = parts(load_settings())
    corpus = Corpus(entries=SITUATIONS, out_of_scope=FOREIGN, areas=(Area(id="talk", title="Разговор"),))
    build(corpus, folder / "index", embedder, table)
    return HybridRetriever(folder / "index", embedder, table)


def small_companion(retriever: Retriever, **more: object) -> CompanionAssistant:
    """Return the companion over the small bank."""
    return CompanionAssistant(retriever, PERSONAS, "тест", **more)  # type: ignore[arg-type]


def dialogue(assistant: Assistant, persona: str = "vera") -> Dialogue:
    """Open a dialogue that is kept nowhere; its id is fixed, and so is what chance chooses."""
    conversation = new_conversation("companion").model_copy(update={"id": "c-test", "persona": persona})
    return Dialogue(assistant, conversation, None, Silent())


def drain(stream: ReplyStream) -> None:
    """Take an answer to its end."""
    for _ in stream:
        pass


def say(talk: Dialogue, *messages: str) -> Reply:
    """Say something and return the last reply."""
    reply = None
    for message in messages:
        reply = talk.ask(message, drain)
    assert reply is not None
    return reply


def turn_of(assistant: Assistant, talk: Dialogue, message: str) -> Turn:
    """Return what is decided about a message, without saying it."""
    return assistant.prepare(talk.conversation, message)
