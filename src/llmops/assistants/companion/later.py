"""Coming back to what a person told earlier: «Как там Барсик?».

A fact is asked after once, and only where the talk allows it. Knows facts and situations; knows no retrieval.
"""

from __future__ import annotations

from llmops.assistants.companion import texts
from llmops.assistants.companion.choice import Chooser
from llmops.assistants.companion.recollection import where
from llmops.language.morphology import parses, to_second_person
from llmops.schemas import Entry, Line, PersonFact

_QUIET = frozenset({"tired", "bored", "neutral", "calm", "joy", "playful"})


def later_question(facts: tuple[PersonFact, ...], entry: Entry, chooser: Chooser) -> str:
    """Return a question about something told earlier that suits the situation; empty when nothing does."""
    mood = entry.reaction.mood if entry.reaction else "neutral"
    if mood not in _QUIET or entry.area in {"safety", "about_bot"}:
        return ""
    for fact in reversed(facts):
        lines = [Line(text=text) for text in _questions(fact, entry, chooser)]
        if lines and (said := chooser.choose(lines)):
            return said
    return ""


def _questions(fact: PersonFact, entry: Entry, chooser: Chooser) -> list[str]:
    mood = entry.reaction.mood if entry.reaction else "neutral"
    if fact.kind == "pet" and fact.value and entry.area in {"greetings", "pets_nature", "food_home"}:
        return [text.replace("{value}", fact.value) for text in texts.PET_LATER]
    if fact.kind == "city" and entry.area in {"weather_holidays", "greetings"}:
        return [text.replace("{where}", where(fact)) for text in texts.CITY_LATER]
    if fact.kind == "plan" and fact.about != "намерение" and entry.area == "greetings":
        return [
            text.replace("{plan}", to_second_person(fact.value, polite=chooser.voice.polite))
            for text in texts.PLAN_LATER
        ]
    if fact.kind == "hobby" and fact.about != "хобби" and mood in {"tired", "bored"}:
        return [text.replace("{doing}", _infinitive(fact.value)) for text in texts.HOBBY_LATER]
    return []


def _infinitive(phrase: str) -> str:
    """Turn «вяжу шарфы» into «вязать шарфы»."""
    verb, _, rest = phrase.partition(" ")
    return " ".join(filter(None, (parses(verb)[0].normal_form, rest)))
