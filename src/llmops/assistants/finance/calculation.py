"""Placeholder until the recogniser lands."""

from __future__ import annotations

from dataclasses import dataclass

from llmops.schemas import CalculatorState


@dataclass(frozen=True, slots=True)
class CalculationAnswer:
    text: str
    title: str
    reference: str


@dataclass(frozen=True, slots=True)
class CalculationQuestion:
    text: str
    state: CalculatorState


def calculate(
    text: str, *, pending: CalculatorState | None = None, forced: bool = False
) -> CalculationAnswer | CalculationQuestion | None:
    return None


def catalogue() -> list[tuple[str, str, str]]:
    return []
