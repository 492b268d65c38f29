"""`llmops train companion --base FOLDER`: any causal model of transformers → one that talks like the phrase bank.

LoRA on all linear layers, merged when done; the result is saved twice: as safetensors, and for OpenVINO. A base with a
chat template is taught through it, any other as a dialogue in plain text, just as the backend will speak to it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from llmops.assistants.companion.persona import load_personas
from llmops.errors import MissingModelError
from llmops.schemas import Message, Report
from llmops.training.language_model.bank import read_bank, read_phrases
from llmops.training.language_model.export import export
from llmops.training.language_model.fit import Plan, Step, fit
from llmops.training.language_model.talk import Composer
from llmops.training.language_model.task import Task, counts, fresh_folder, hashes, shown, write_curve
from llmops.training.language_model.validation import validate
from llmops.training.language_model.windows import Window, encode, pack, weigh

STEPS = 300
RATE = 2e-4
_RANK = 16
_LONGEST = 512
_MACHINE_KEYS = ("_name_or_path", "name_or_path", "local_files_only", "is_local")
_CARD = """\
# {name}

Модель `{base}`, дообученная на репликах собеседника `llmops` (LoRA, ранг {rank}, шагов {steps}; слита с весами).
В папке - формат OpenVINO с 8-битными весами, в `transformers/` - те же веса в safetensors. Лицензия - как у исходной.

Потери, натов на токен: на известных ответах после новых формулировок {says}, на новых ответах {replies}.
Фактов, советов о деньгах и здоровье от неё ждать нельзя: учится только тон.
"""


def adapt(task: Task, base: Path, plan: Plan, step: Step) -> Report:
    """Teach a model, merge, save and export; a run that was killed is taken up from `task.work`.

    Raises:
        DataError: The phrases or the personas cannot be used.
        MissingModelError: The base cannot be opened.
    """
    started = time.perf_counter()
    transformers.logging.set_verbosity_error()
    bank = read_bank(read_phrases(task.phrases))
    composer = Composer(bank, tuple(load_personas(task.personas).values()))
    tokenizer, model = _open(base)
    torch.manual_seed(task.seed)
    taught = get_peft_model(model, _lora())
    checkpoint = task.work / "adapted.safetensors"
    encoded = partial(_encode, tokenizer)
    length = min(_LONGEST, getattr(model.config, "max_position_embeddings", _LONGEST)) + 1
    end = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else 0

    def window(number: int) -> Window:
        return pack(lambda talk: encoded(composer.talk(talk, task.seed)), number, length, end)

    fingerprint = task.fingerprint(base.resolve().name, hashes(base), plan)
    progress = fit(taught.get_base_model(), window, plan, checkpoint, fingerprint, step)
    step("Проверка", 1.0)
    says, replies = validate(taught.get_base_model(), encoded, bank, composer)
    merged = taught.merge_and_unload()
    step("Экспорт", 1.0)
    with fresh_folder(task.out) as folder:
        _save(merged, tokenizer, folder / "transformers")
        export(merged, tokenizer, folder)
        figures = {"says": shown(says.nats), "replies": shown(replies.nats), "steps": str(progress.step)}
        text = _CARD.format(name=task.out.name, base=base.resolve().name, rank=_RANK, **figures)
        (folder / "README.md").write_text(text, encoding="utf-8")
    checkpoint.unlink(missing_ok=True)
    curve = write_curve(task.work / "losses.csv", progress)
    return Report(
        stage="adapt-companion",
        parameters={
            "base": base.resolve().name,
            "steps": str(progress.step),
            "batch": str(plan.batch),
            "rank": str(_RANK),
            "rate": str(plan.rate),
            "seed": str(task.seed),
        },
        counts=counts(progress, says, replies, task.out),
        artefacts=(str(task.out / "README.md"), str(curve)),
        inputs=task.inputs,
        outputs=hashes(task.out),
        seconds=time.perf_counter() - started,
    )


def _lora() -> LoraConfig:
    return LoraConfig(
        task_type="CAUSAL_LM", r=_RANK, lora_alpha=2 * _RANK, lora_dropout=0.05, target_modules="all-linear"
    )


def _open(base: Path) -> tuple[transformers.PreTrainedTokenizerFast, transformers.PreTrainedModel]:
    """Open a folder, and only a folder: nothing is fetched."""
    hint = "Нужна папка в формате transformers: config.json, model.safetensors, tokenizer.json."
    if not (base / "config.json").is_file():
        raise MissingModelError(f"В {base} нет модели.", hint=hint)
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(base, local_files_only=True, dtype=torch.float32)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise MissingModelError(f"Модель в {base} не открывается.", hint=hint) from error
    if not tokenizer.is_fast:
        raise MissingModelError(f"У модели в {base} нет быстрого токенизатора.", hint=hint)
    return tokenizer, model


def _encode(tokenizer: transformers.PreTrainedTokenizerFast, messages: list[Message]) -> Window:
    """Return a talk's tokens; through a chat template only the last answer is learnt, after the prompt of run time."""
    if not tokenizer.chat_template:
        return encode(tokenizer.backend_tokenizer, messages)
    history = [{"role": message.role, "content": message.content} for message in messages[:-1]]
    template: Callable[..., str] = tokenizer.apply_chat_template
    prompt = template(history, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    answer = messages[-1].content + (tokenizer.eos_token or "")
    return weigh(tokenizer.backend_tokenizer, [(prompt, 0.0), (answer, 1.0)])


def _save(model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerFast, folder: Path) -> None:
    """Save in transformers' own format, without the paths of this machine."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    for path in sorted(folder.glob("*.json")):
        fields = json.loads(path.read_text(encoding="utf-8"))
        if any(key in fields for key in _MACHINE_KEYS):
            kept = {key: value for key, value in fields.items() if key not in _MACHINE_KEYS}
            path.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
