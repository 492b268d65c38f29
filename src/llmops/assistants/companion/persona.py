"""Personas: who speaks, read from `personas/*.yaml`.

Knows files; knows no phrases.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

from llmops.errors import DataError
from llmops.language.wording import Gender, Voice
from llmops.schemas import PersonFact, Sampling, Text, Value

Regex = Annotated[str, Field(min_length=1)]


class Expectation(Value):
    """A check of a persona: after this message the answer must and must not match."""

    say: Text
    must: tuple[Regex, ...] = ()
    must_not: tuple[Regex, ...] = ()


class Persona(Value):
    """A character of the companion.

    Args:
        gender: All agreement follows from it.
        manner: One sentence for a generator.
        greeting: First lines of a conversation.
        introductions: Answers to «как тебя зовут».
    """

    id: str
    name: Text
    title: Text
    gender: Gender
    address: Literal["ты", "вы"]
    manner: Text
    interests: tuple[Text, ...] = ()
    taboos: tuple[Text, ...] = ()
    greeting: tuple[Text, ...] = Field(min_length=1)
    introductions: tuple[Text, ...] = Field(min_length=1)
    sampling: Sampling = Sampling()
    expect: tuple[Expectation, ...] = ()

    def voice(self, facts: tuple[PersonFact, ...] = ()) -> Voice:
        """Return how this persona speaks to the person of these facts."""
        known = {fact.kind: fact.value for fact in facts}
        gender = known.get("gender")
        return Voice(
            speaker=self.gender,
            polite=self.address == "вы",
            listener="male" if gender == "male" else "female" if gender == "female" else None,
            name=known.get("name", ""),
        )


def load_personas(folder: Path) -> dict[str, Persona]:
    """Read all personas of a folder, by the stem of their files.

    Raises:
        DataError: A file cannot be read, or a field is wrong; the sentence names file and field.
    """
    personas = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            fields = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
            personas[path.stem] = Persona.model_validate({**fields, "id": path.stem})
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise DataError(f"{path}: поле «{field}» неверно: {first['msg']}.") from error
        except (OSError, UnicodeError, yaml.YAMLError, TypeError) as error:
            raise DataError(f"Персонаж {path} не читается: {error}.") from error
    if not personas:
        raise DataError(f"Персонажей нет: {folder}.", hint="Положите туда хотя бы один файл .yaml.")
    return personas
