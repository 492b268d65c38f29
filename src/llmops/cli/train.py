"""`llmops train`: trains the small models that ship with the package."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from llmops.cli.output import Output, progress
from llmops.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmops.schemas import Report
    from llmops.settings import Settings

HELP = "Обучить модели, которые идут с пакетом (нужно дополнение torch)."
_COMPANION_MODEL = "ru-companion-small"


class What(StrEnum):
    """What may be trained: the search of both assistants, or the companion's language model."""

    search = "search"
    companion = "companion"


class _Length(NamedTuple):
    """How long to train, and in which arithmetic."""

    steps: int | None
    minutes: float | None
    half: bool

    def steps_or(self, usual: int) -> int | None:
        """Return the number of steps; none when minutes decide."""
        return self.steps if self.steps or self.minutes else usual


def train(
    what: Annotated[What, typer.Argument(help="Поиск обоих ассистентов или модель языка собеседника.")] = What.search,
    data: Annotated[Path | None, typer.Option(help="companion: файл phrases.csv.")] = None,
    out: Annotated[Path | None, typer.Option(help="Папка моделей; для companion - папка модели.")] = None,
    base: Annotated[
        Path | None, typer.Option(help="companion: дообучить модель из этой папки, а не учить свою.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="companion: сколько шагов.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="companion: сколько минут вместо числа шагов.")] = None,
    seed: Annotated[int, typer.Option(help="companion: начало случайных чисел.")] = 0,
    half: Annotated[
        bool,
        typer.Option("--bf16", help="companion: считать в bfloat16, вдвое быстрее там, где есть AVX512_BF16 или AMX."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Отчёт в JSON.")] = False,
) -> None:
    """Run the stage and print its report."""
    from llmops import wiring
    from llmops.settings import load_settings

    output, settings = Output(), load_settings()
    if what is What.companion:
        if steps is not None and minutes is not None:
            raise ConfigError("Заданы и --steps, и --minutes.", hint="Оставьте одно из двух.")
        data = data or wiring.readable_data(settings, "companion")
        report = _train_companion(settings, data, out, base, _Length(steps, minutes, half), seed)
    else:
        if data or base or steps or minutes or seed or half:
            raise ConfigError(
                "--data, --base, --steps, --minutes, --seed и --bf16 есть только у companion.", hint="Уберите их."
            )
        report = wiring.train_search(settings, out or settings.home / "models" / "search")
    wiring.keep_run(settings, report)
    if as_json:
        output.json(report)
    else:
        output.report(report)


def _train_companion(
    settings: Settings,
    data: Path,
    out: Path | None,
    base: Path | None,
    length: _Length,
    seed: int,
) -> Report:
    """Train our own language model, or adapt the one that `base` holds."""
    from llmops import wiring

    try:
        from llmops.training.language_model import adapt, train
        from llmops.training.language_model.fit import Plan
        from llmops.training.language_model.task import Task
    except ImportError as error:
        raise MissingExtraError(
            f"Для обучения не хватает пакета {error.name}.", hint="Установите: pip install 'llmops[torch]'"
        ) from error
    name = f"{base.resolve().name}-companion" if base else _COMPANION_MODEL
    out = out or settings.home / "models" / name
    task = Task(data, wiring.personas_dir(), out, settings.home / "training" / name, seed)
    with progress("Обучение") as bar:
        step: Callable[[str, float], None] = lambda title, share: bar.update(  # noqa: E731 - as in build-index
            bar.task_ids[0], description=title, completed=share
        )
        if base:
            steps = length.steps_or(adapt.STEPS)
            plan = Plan(steps, length.minutes, rate=adapt.RATE, matrix_rate=None, decay=0.0, half=length.half)
            return adapt.adapt(task, base, plan, step)
        return train.train(task, Plan(length.steps_or(train.STEPS), length.minutes, half=length.half), step)
