"""Messages of imported files → cleaned exchanges: cleaning in batches, on several processes when there is much to do.

Knows messages; knows no output file.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain, islice

from llmops.data.companion.cleaning import Cleaned, Keep, clean_all
from llmops.data.companion.duplicates import Duplicates
from llmops.data.companion.pairing import Exchanged, Pairing
from llmops.data.companion.steps import LINK
from llmops.data.companion.talks import Item, Rated, Spoken
from llmops.errors import StorageError
from llmops.language.personal_data import mask
from llmops.schemas import Problem

BATCH = 4000
_AHEAD = 2
_SAMPLES = 3
_SAMPLE_CHARS = 60
_SWEPT = 16
_UNSHOWN = "личные данные"

Batch = tuple[list[Item], list[Cleaned | None]]


@dataclass(slots=True)
class Tally:
    """What happened to imported messages.

    Args:
        samples: The first few of each kind, with file and line; never with personal data.
    """

    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Problem] = field(default_factory=list)

    def note(self, name: str, file: str, line: int, text: str) -> None:
        """Count a change or a loss, and keep a sample of it."""
        self.counts[name] += 1
        if self.counts[name] <= _SAMPLES:
            shown = "" if name.endswith(_UNSHOWN) else f": «{shortened(text)}»"
            self.samples.append(Problem(level="info", file=file, line=line, message=f"{name}{shown}"))


def shortened(text: str) -> str:
    """Return the beginning of a text as a report may show it."""
    shown = " ".join(LINK.sub("…", mask(text)).split())
    return shown if len(shown) <= _SAMPLE_CHARS else f"{shown[:_SAMPLE_CHARS].rstrip()}…"


def exchanges(items: Iterable[Item], keep: Keep, workers: int, tally: Tally) -> Iterator[Exchanged | Rated | Problem]:
    """Clean messages and pair them, in order; ratings and problems pass through.

    Args:
        workers: Processes that clean; with one everything is done here.
    """
    pairing, duplicates = Pairing(), Duplicates()
    for batch, cleaned in _cleaned(iter(items), keep, workers):
        found: list[Exchanged | Rated | Problem] = []
        results = iter(cleaned)
        for item in batch:
            if not isinstance(item, Spoken):
                found.append(item)
                continue
            result = next(results)
            if result is None:
                found += pairing.take(item, item.text)
                continue
            for change in result.changes:
                tally.note(f"изменено: {change}", item.file, item.line, item.text)
            if result.dropped:
                tally.note(f"убрано: {result.dropped}", item.file, item.line, item.text)
            found += pairing.take(item, result.text)
        tally.counts["прочитано"] += len(cleaned)
        tally.counts["изменено"] += sum(1 for result in cleaned if result and result.text)
        yield from _without_repeats(found, duplicates, keep, tally)
    yield from _without_repeats(list(pairing.rest()), duplicates, keep, tally)


def _without_repeats(
    found: list[Exchanged | Rated | Problem], duplicates: Duplicates, keep: Keep, tally: Tally
) -> Iterator[Exchanged | Rated | Problem]:
    if keep.duplicates:
        yield from found
        return
    pairs = [item for item in found if isinstance(item, Exchanged)]
    verdicts = iter(duplicates.look([f"{pair.message} {pair.reply}" for pair in pairs]))
    for item in found:
        verdict = next(verdicts) if isinstance(item, Exchanged) else ""
        if verdict and isinstance(item, Exchanged):
            tally.note(f"убрано: {verdict}", item.file, item.line, item.reply)
        else:
            yield item


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    while batch := list(islice(items, BATCH)):
        yield batch


def _cleaned(items: Iterator[Item], keep: Keep, workers: int) -> Iterator[Batch]:
    """Yield batches with the cleaned texts of their messages, in order.

    Raises:
        StorageError: A process was killed.
    """
    batches = _batches(items)
    head = list(islice(batches, workers * _AHEAD))
    if workers < 2 or len(head) < workers * _AHEAD:
        for batch in chain(head, batches):
            yield batch, clean_all(_texts(batch), keep)
        return
    try:
        yield from _by_pool(chain(head, batches), keep, workers)
    except BrokenProcessPool as error:
        raise StorageError("Рабочий процесс прерван: вероятно, не хватило памяти.", hint="Повторите.") from error


def _by_pool(batches: Iterator[list[Item]], keep: Keep, workers: int) -> Iterator[Batch]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[tuple[list[Item], Future[list[Cleaned | None]]]] = deque()
        for number, batch in enumerate(batches):
            waiting.append((batch, pool.submit(clean_all, _texts(batch), keep)))
            if number % _SWEPT == 0:
                gc.collect()  # the command line lets garbage lie, and a pool leaves some with every batch
            if len(waiting) > workers * _AHEAD:
                done, result = waiting.popleft()
                yield done, result.result()
        while waiting:
            done, result = waiting.popleft()
            yield done, result.result()


def _texts(batch: list[Item]) -> list[str]:
    return [item.text for item in batch if isinstance(item, Spoken)]
