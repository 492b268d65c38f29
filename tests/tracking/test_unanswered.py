"""Refused questions gathered into topics: on realistic questions that no bound was fitted on."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter

import pytest

from llmops.retrieval.feature_table import FeatureTable
from llmops.retrieval.index import HybridRetriever
from llmops.retrieval.static_embedder import StaticEmbedder
from llmops.schemas import Guard, Reason, Retrieved
from llmops.tracking.unanswered import Refused, Topic, gather, topics
from tests.tracking.turns import NOW, keep, opened, record

Parts = tuple[StaticEmbedder, FeatureTable]

TOPICS = {
    "far-east-hectare": ("как получить дальневосточный гектар", "можно ли продать гектар на дальнем востоке", "дальневосточный гектар кому дают", "взял гектар бесплатно, что с ним делать дальше"),
    "yuan": ("как открыть счёт в юанях", "вклад в юанях какой процент", "стоит ли хранить сбережения в юанях", "купить юани в банке по курсу", "накопления в китайской валюте"),
    "tips": ("облагаются ли чаевые налогом", "официант получает чаевые на карту, надо ли платить", "чаевые по qr-коду это доход", "налог с чаевых бариста"),
    "garden-plot": ("как оформить дачный участок в собственность", "садовый участок без документов как узаконить", "дача в снт не оформлена, что делать", "приватизация дачной земли", "сколько стоит оформить дачу"),
    "car-import": ("сколько стоит утильсбор на машину из японии", "утилизационный сбор при ввозе автомобиля", "как посчитать утильсбор", "привёз машину из кореи, какой сбор платить", "растаможка авто из китая сколько"),
    "orphans-flat": ("положена ли квартира сироте", "жильё детям-сиротам после 18 лет", "сирота стоит в очереди на квартиру", "как сироте получить жилищный сертификат"),
    "pushkin-card": ("пушкинская карта на что потратить", "как получить пушкинскую карту", "сколько денег на пушкинской карте", "можно ли вернуть билет купленный по пушкинской карте"),
    "charity": ("как проверить благотворительный фонд", "куда пожертвовать деньги чтобы дошли до детей", "отменить ежемесячное пожертвование в фонд", "собирают на лечение ребёнка, не мошенники ли", "перевёл пожертвование по ошибке"),
    "rented-flat": ("сколько стоит снять квартиру в казани", "хозяин не возвращает залог за съёмную квартиру", "договор аренды квартиры как составить", "хозяйка выгоняет со съёмной квартиры раньше срока", "снимаю квартиру, подняли аренду"),
    "heating": ("почему такая большая плата за отопление", "пересчёт за отопление зимой", "в квартире холодно, снизят ли плату за тепло", "не согласен с начислением за отопление"),
    "meters": ("как передать показания счётчика воды", "забыл подать показания счётчиков", "просрочена поверка счётчика воды", "поменять счётчик на воду сколько стоит", "опломбировать счётчик"),
    "school-meals": ("бесплатное питание в школе кому положено", "как оформить льготное питание школьнику", "чем платить за обеды в школьной столовой", "компенсация за школьное питание деньгами"),
    "toll-roads": ("как оплатить платную дорогу без транспондера", "проехал по платной трассе и не заплатил", "штраф за неоплату платной дороги", "сколько стоит проезд по платной дороге м-11", "транспондер для платной дороги где купить"),
    "horoscope": ("гороскоп для весов на неделю", "какой сегодня гороскоп у стрельцов", "денежный гороскоп на месяц", "составь гороскоп для рыб"),
    "football": ("когда играет спартак", "кто выиграл матч спартак зенит", "расписание матчей спартака", "счёт вчерашнего матча зенита"),
}  # fmt: skip
LABEL = {question: name for name, questions in TOPICS.items() for question in questions}
FOREIGN = ("horoscope", "football")


def refuse(question: str, retriever: HybridRetriever | None = None, *, user: str = "u-1") -> Refused:
    """Return a refusal; with a retriever, what it found beside the question."""
    reason: Reason = "out_of_scope" if LABEL.get(question) in FOREIGN else "low_confidence"
    if retriever is None:
        return Refused(question=question, reason=reason, user=user)
    finding = retriever.search(question, 5)
    nearest = [
        Retrieved(id=hit.entry.id, area=hit.entry.area, title=hit.entry.title, score=hit.score) for hit in finding.hits
    ]
    chance = finding.in_scope / finding.threshold
    return Refused(question=question, reason=reason, user=user, nearest=tuple(nearest), chance=chance)


def pairs_f1(found: tuple[Topic, ...]) -> float:
    """Return the F1 of pairs of questions that stand in one topic; examples are cut, so topics must be small."""
    groups = [[LABEL[text] for text in (topic.question, *topic.examples)] for topic in found]
    pairs = [a == b for group in groups for a, b in itertools.combinations(group, 2)]
    right = sum(pairs)
    wanted = sum(count * (count - 1) // 2 for count in Counter(LABEL.values()).values())
    return 2 * right / (len(pairs) + wanted)


def test_questions_about_one_thing_come_together(parts: Parts, shipped: HybridRetriever):
    assert len(LABEL) >= 60
    found = topics([refuse(question, shipped) for question in LABEL], parts[0])
    assert sum(topic.size for topic in found) == len(LABEL)
    assert all(len(topic.examples) == topic.size - 1 for topic in found), "a topic too large to be told whole"
    assert pairs_f1(found) >= 0.75


def test_they_come_together_even_when_nothing_was_found_beside_them(parts: Parts):
    found = topics([refuse(question) for question in LABEL], parts[0])
    assert pairs_f1([topic for topic in found if topic.size <= 6]) >= 0.75  # type: ignore[arg-type]


def test_the_order_of_questions_changes_nothing(parts: Parts, shipped: HybridRetriever):
    refused = [refuse(question, shipped, user=f"u-{number % 9}") for number, question in enumerate(LABEL)]
    first = topics(refused, parts[0])
    random.Random(1).shuffle(refused)
    assert topics(refused, parts[0]) == first


def test_what_most_people_miss_comes_first(parts: Parts):
    yuan = [refuse(question, user="u-1") for question in TOPICS["yuan"]]
    tips = [refuse(question, user=f"u-{number}") for number, question in enumerate(TOPICS["tips"])]
    first, second = topics([*yuan, *tips], parts[0])[:2]
    assert (LABEL[first.question], first.people) == ("tips", 4)
    assert (LABEL[second.question], second.people, second.size) == ("yuan", 1, 5)


def test_a_topic_tells_its_words_and_its_middle(parts: Parts, shipped: HybridRetriever):
    found = topics([refuse(question, shipped) for question in LABEL], parts[0])
    words = {LABEL[topic.question]: topic.key_words for topic in found if topic.size >= 4}
    assert "гектар" in words["far-east-hectare"]
    assert "чаевые" in words["tips"]
    assert "гороскоп" in words["horoscope"]
    assert all("как" not in known for known in words.values())


def test_a_question_asked_often_is_told_once_and_first(parts: Parts):
    asked = ["налог с чаевых бариста"] * 3 + ["Налог с чаевых, бариста"] + list(TOPICS["tips"])
    topic = topics([refuse(question, user=str(number)) for number, question in enumerate(asked)], parts[0])[0]
    assert (topic.size, topic.people) == (8, 8)
    assert [topic.question, *topic.examples].count("налог с чаевых бариста") == 1


def test_foreign_questions_are_marked(parts: Parts, shipped: HybridRetriever):
    found = topics([refuse(question, shipped) for question in LABEL], parts[0])
    for topic in found:
        assert topic.foreign == (LABEL[topic.question] in FOREIGN), topic


@pytest.mark.parametrize(
    ("questions", "title", "score", "chance", "missing"),
    [
        (("продать гектар на дальнем востоке", "гектар кому дают"), "Дальневосточная ипотека", 0.7, 0.2, "entry"),
        (("позвали на стажировку бесплатно на неделю", "бесплатная стажировка это законно"), "Испытательный срок и бесплатная стажировка", 0.9, 0.8, "wording"),
        (("как приготовить плов",), "", 0.0, 0.0, "entry"),
    ],
)  # fmt: skip
def test_it_tells_whether_an_entry_or_a_wording_is_missing(
    parts: Parts, questions: tuple[str, ...], title: str, score: float, chance: float, missing: str
):
    nearest = (Retrieved(id="near", area="a", title=title, score=score),) if title else ()
    refused = [Refused(question=text, reason="low_confidence", nearest=nearest, chance=chance) for text in questions]
    found = topics(refused, parts[0])
    assert {topic.missing for topic in found} == {missing}
    assert all((topic.nearest is not None) == bool(title) for topic in found)


def test_labels_of_personal_data_bring_nothing_together(parts: Parts):
    refused = [refuse("[телефон] гороскоп для рыб"), refuse("[телефон] утильсбор из японии")]
    assert len(topics(refused, parts[0])) == 2


@pytest.mark.parametrize("text", ["", "???", "ыыыыы", "щ" * 5000, "12345"])
def test_strange_questions_break_nothing(parts: Parts, text: str):
    assert topics([refuse("???")], parts[0]) == ()
    found = topics([refuse(text), refuse("как посчитать утильсбор"), refuse("утильсбор как посчитать")], parts[0])
    assert found[0].size >= 2


@pytest.mark.slow
def test_five_thousand_questions_take_less_than_three_seconds(parts: Parts):
    chance = random.Random(0)
    tails = [f"в городе номер {number}" for number in range(80)]
    texts = [f"{question} {tail}" for question in LABEL for tail in tails][:5000]
    refused = [refuse(text, user=f"u-{chance.randrange(500)}") for text in texts]
    started = time.perf_counter()
    found = topics(refused, parts[0])
    assert time.perf_counter() - started < 3
    assert sum(topic.size for topic in found) == 5000


def test_more_questions_than_are_compared_at_once_still_find_their_topics(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("llmops.tracking.unanswered._MOST", 40)
    found = topics([refuse(question) for question in LABEL], parts[0])
    assert sum(topic.size for topic in found) == len(LABEL)


def test_recorded_refusals_are_read_without_policy_and_private_turns(parts: Parts):
    with opened() as outbox:
        guard = Guard(in_scope=0.2, threshold=0.4)
        for number, question in enumerate(TOPICS["yuan"]):
            turn = record(NOW + number, outcome="refused", reason="low_confidence", question=question)
            keep(outbox, turn.model_copy(update={"turn": turn.turn.model_copy(update={"guard": guard})}))
        keep(outbox, record(NOW, outcome="refused", reason="policy", question="какие акции купить"))
        keep(outbox, record(NOW, outcome="refused", reason="out_of_scope", question="тайна"), private=True)
        keep(outbox, record(NOW))
        keep(outbox, record(NOW - 99999, outcome="refused", reason="low_confidence", question="старый вопрос"))
        found = gather(outbox, parts[0], since=NOW - 10, assistant=None)
        none = gather(outbox, parts[0], since=NOW - 10, assistant="companion")
    assert (found.questions, found.people, found.without_texts) == (5, 1, 1)
    assert [topic.size for topic in found.topics] == [5]
    assert found.topics[0].nearest == Retrieved(id="entry", area="salary_work", title="Запись", score=0.8)
    assert none.topics == ()
