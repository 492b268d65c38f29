"""Shared fixtures: a state folder of its own for every test, a small corpus, the models that ship."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from llmops import wiring
from llmops.retrieval.build import build
from llmops.retrieval.feature_table import FeatureTable, load_parts
from llmops.retrieval.index import HybridRetriever
from llmops.retrieval.static_embedder import StaticEmbedder
from llmops.schemas import Area, Concept, Corpus, Entry, HeldOut, PolicyRule

REPOSITORY = Path(__file__).parents[1]

_TOPICS = {
    "deposit-limit": ("Сколько застраховано", "АСВ вернёт до 1 400 000 ₽ на человека в одном банке.", ["сколько вернут если банк лопнул", "лимит страхования вклада", "на какую сумму застрахованы вклады", "банк закрылся сколько отдадут денег"]),
    "deduction-home": ("Вычет за квартиру", "С покупки жилья можно вернуть до 260 000 ₽.", ["вычет за покупку квартиры", "вернуть налог за жильё", "сколько вернёт налоговая за новостройку", "купил квартиру хочу вернуть ндфл"]),
    "card-lost": ("Потеряли карту", "Сразу заблокируйте карту в приложении или по телефону банка.", ["потерял карту что делать", "украли банковскую карту", "карту вытащили в автобусе", "как заблокировать утерянную карту"]),
    "mrot": ("Минимальная зарплата", "МРОТ с 1 января 2026 года - 27 093 ₽ в месяц.", ["какой сейчас мрот", "минимальная зарплата в месяц", "меньше какой суммы нельзя платить работнику", "минималка на работе"]),
}  # fmt: skip


def entry(
    identifier: str,
    title: str = "Заголовок",
    answer: str = "Ответ из базы.",
    questions: tuple[str, ...] = ("какой вопрос",),
) -> Entry:
    """Return an entry with little in it."""
    return Entry(
        id=identifier,
        area="test",
        title=title,
        questions=questions,
        answer=answer,
        reference="закон, ст. 1",
        as_of=date(2026, 11, 1),
    )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the state folder at a folder of the test's own, with a blank and Cyrillic letters in its name."""
    folder = tmp_path / "папка с данными"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))  # rows of an unusable state folder go there
    monkeypatch.setenv("LLMOPS_HOME", str(folder))
    monkeypatch.setenv("LLMOPS_AUTO_EXPORT", "0")
    monkeypatch.delenv("LLMOPS_DATABASE_URL", raising=False)
    monkeypatch.delenv("LLMOPS_EMBEDDER", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return folder


@pytest.fixture(scope="session")
def parts() -> tuple[StaticEmbedder, FeatureTable]:
    """The embedder and the feature table that ship."""
    return load_parts(wiring.SHIPPED / "models")


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Four entries, one policy rule, some foreign messages."""
    entries = tuple(
        entry(name, title, answer, tuple(questions)) for name, (title, answer, questions) in _TOPICS.items()
    )
    foreign = (
        "как сварить борщ",
        "какая завтра погода",
        "курс молодого бойца",
        "расскажи анекдот",
        "кто выиграл матч",
        "рецепт котлет",
        "столица франции",
        "кошка чихает",
        "реши уравнение",
        "стих про осень",
        "починить утюг",
        "напиши код на питоне",
    )
    return Corpus(
        entries=entries,
        areas=(Area(id="test", title="Проба"),),
        policy=(
            PolicyRule(
                id="policy-picks",
                title="Что купить",
                questions=("какие акции купить", "посоветуй акции на рост", "назови акции которые вырастут"),
                answer="Бумаг не советую.",
            ),
        ),
        out_of_scope=foreign,
        concepts=(Concept(id="bank-failure", expressions=("банк лопнул", "банк закрылся", "отозвали лицензию")),),
        held_out=tuple(
            HeldOut(entry=name, questions=(questions[0] + " подскажите", questions[1] + " пожалуйста"))
            for name, (_, _, questions) in _TOPICS.items()
        ),
        sha256="test",
    )


@pytest.fixture(scope="session")
def small_index(
    corpus: Corpus, parts: tuple[StaticEmbedder, FeatureTable], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An index of the small corpus."""
    folder = tmp_path_factory.mktemp("index") / "finance"
    build(corpus, folder, *parts)
    return folder


@pytest.fixture
def retriever(small_index: Path, parts: tuple[StaticEmbedder, FeatureTable]) -> HybridRetriever:
    """The small index, opened."""
    return HybridRetriever(small_index, *parts)


@pytest.fixture(scope="session")
def shipped() -> HybridRetriever:
    """The index that ships, opened."""
    return HybridRetriever(wiring.SHIPPED / "index" / "finance", *load_parts(wiring.SHIPPED / "models"))
