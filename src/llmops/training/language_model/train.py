"""`llmops train companion`: phrases and personas → our own small language model in OpenVINO format, with its card.

The same data, steps and seed give the same weights on the same processor. Knows no tracker and no terminal.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

import torch
import transformers
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from llmops.assistants.companion.persona import load_personas
from llmops.backends.dialogue import introduction, render
from llmops.schemas import Message, Report
from llmops.training.language_model import card, samples
from llmops.training.language_model.bank import read_bank, read_phrases
from llmops.training.language_model.export import export
from llmops.training.language_model.fit import Plan, Step, fit
from llmops.training.language_model.model import Shape, new_model
from llmops.training.language_model.talk import Composer
from llmops.training.language_model.task import Task, counts, fresh_folder, hashes, shown, write_curve
from llmops.training.language_model.tokenizer import END, END_ID, learn
from llmops.training.language_model.validation import validate
from llmops.training.language_model.windows import Window, encode, pack

STEPS = 1500  # 25 minutes on two cores of 2023, in single precision
_EXAMPLE = render(
    [
        Message(role="system", content=introduction("Вера", "тёплая подруга", polite=False, known=["Тебя зовут Аня."])),
        Message(role="user", content="Привет! Опять всё подгорело."),
    ]
)
_TOKENIZER_TALKS = 12_000
_TOKENIZER_SEED = -1  # other talks than the model reads


def train(task: Task, plan: Plan, step: Step, shape: Shape = Shape()) -> Report:  # noqa: B008 - a frozen value
    """Train, validate and export; a run that was killed is taken up from `task.work`.

    Raises:
        DataError: The phrases or the personas cannot be used.
    """
    started = time.perf_counter()
    transformers.logging.set_verbosity_error()
    bank, personas = read_bank(read_phrases(task.phrases)), tuple(load_personas(task.personas).values())
    composer = Composer(bank, personas)
    step("Словарь", 0.0)
    tokenizer = learn(
        (render(composer.talk(number, _TOKENIZER_SEED)) for number in range(_TOKENIZER_TALKS)), shape.vocabulary
    )
    torch.manual_seed(task.seed)
    model = new_model(shape, tokenizer.get_vocab_size(), END_ID)
    checkpoint = task.work / "own.safetensors"
    windows = partial(_window, tokenizer, composer, task.seed, shape.context + 1)
    progress = fit(model, windows, plan, checkpoint, task.fingerprint(shape, plan), step)
    step("Проверка", 1.0)
    says, replies = validate(model, partial(encode, tokenizer, person_weight=0.0), bank, composer)
    figures = {
        "layers": str(shape.layers),
        "width": str(shape.width),
        "heads": str(shape.heads),
        "context": str(shape.context),
        "tokens": shown(tokenizer.get_vocab_size(), 0),
        "parameters": shown(model.num_parameters(), 0),
        "steps": str(progress.step),
        "batch": str(plan.batch),
        "arithmetic": "bfloat16" if plan.half else "одинарная точность",
        "flag": " --bf16" if plan.half else "",
        "situations": str(len(bank.situations)),
        "lines": shown(bank.lines, 0),
        "unseen_says": str(len(bank.unseen_says)),
        "unseen_replies": str(len(bank.unseen_replies)),
        "train_nats": shown(progress.losses[-1][1]) if progress.losses else "-",
        "says_nats": shown(says.nats),
        "says_bits": shown(says.bits),
        "replies_nats": shown(replies.nats),
        "replies_bits": shown(replies.bits),
    }
    step("Экспорт", 1.0)
    with fresh_folder(task.out) as folder:
        export(model, PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token=END), folder)
        (folder / "samples.md").write_text(samples.written(samples.sample(folder, bank, personas)), encoding="utf-8")
        (folder / "README.md").write_text(card.written(figures, _EXAMPLE), encoding="utf-8")
    checkpoint.unlink(missing_ok=True)
    curve = write_curve(task.work / "losses.csv", progress)
    return Report(
        stage="train-companion",
        parameters={
            **_settings(figures),
            "seed": str(task.seed),
            "rate": str(plan.rate),
            "matrix_rate": str(plan.matrix_rate),
        },
        counts=counts(progress, says, replies, task.out),
        artefacts=(str(task.out / "README.md"), str(task.out / "samples.md"), str(curve)),
        inputs=task.inputs,
        outputs=hashes(task.out),
        seconds=time.perf_counter() - started,
    )


def _window(tokenizer: Tokenizer, composer: Composer, seed: int, length: int, number: int) -> Window:
    return pack(lambda talk: encode(tokenizer, composer.talk(talk, seed)), number, length, END_ID)


def _settings(figures: Mapping[str, str]) -> dict[str, str]:
    """Return what was chosen, without what came of it."""
    return {
        name: figures[name]
        for name in ("layers", "width", "heads", "context", "tokens", "steps", "batch", "arithmetic")
    }
