"""Training, killing, resuming, exporting and adapting a tiny model; needs the `torch` extra."""
# ruff: noqa: E402 - what is imported may be absent

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from threading import Event

import pytest

pytest.importorskip("torch", reason="нет дополнения torch: pip install 'llmops[torch]'")
pytest.importorskip("peft", reason="нет дополнения torch: pip install 'llmops[torch]'")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # torch's, nncf's and transformers' own
]

import torch
from transformers import AutoTokenizer, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from llmops.backends.openvino import OpenvinoBackend
from llmops.errors import MissingModelError
from llmops.schemas import Message, Phrase, Sampling
from llmops.training.language_model import adapt, train
from llmops.training.language_model.export import export
from llmops.training.language_model.fit import Plan
from llmops.training.language_model.model import Shape
from llmops.training.language_model.task import Task
from llmops.training.language_model.tokenizer import END, learn
from tests.training.test_language_model import _rows

_SHAPE = Shape(vocabulary=500, context=96, layers=2, width=32, heads=2)
_PERSONA = """\
name: Ада
title: проба
gender: female
address: ты
manner: Коротко.
greeting: [Привет.]
introductions: [Я программа.]
"""
_TALK = [Message(role="system", content="Ада, проба. Говорит на «ты»."), Message(role="user", content="опять дождь")]


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.setattr(train, "_TOKENIZER_TALKS", 300)
    monkeypatch.setattr("llmops.training.language_model.fit._SAVED_EVERY", 5)
    phrases = tmp_path / "phrases.csv"
    with phrases.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(Phrase.model_fields))
        writer.writeheader()
        writer.writerows(row.model_dump() for row in _rows())
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "ada.yaml").write_text(_PERSONA, encoding="utf-8")
    return Task(phrases, tmp_path / "personas", tmp_path / "out" / "модель", tmp_path / "work")


def _quiet(title: str, share: float) -> None:
    del title, share


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _learnt(folder: Path) -> dict[str, bytes]:
    """Return what training decides; in the .xml files the engine numbers nodes anew in every process."""
    return {name: content for name, content in _files(folder).items() if not name.endswith(".xml")}


class _Killed(BaseException):
    """Stands for `kill -9`: nothing of ours sees it coming."""


def test_a_killed_run_goes_on_and_ends_with_the_same_files(task: Task):
    train.train(task, Plan(steps=17, batch=1), _quiet, _SHAPE)
    whole = _learnt(task.out)
    shutil.rmtree(task.out)

    def kill(title: str, share: float) -> None:
        del share
        if title.startswith("Шаг 13,"):
            raise _Killed

    with pytest.raises(_Killed):
        train.train(task, Plan(steps=17, batch=1), kill, _SHAPE)
    assert not task.out.exists()
    seen: list[str] = []
    report = train.train(task, Plan(steps=17, batch=1), lambda title, share: seen.append(title), _SHAPE)
    assert sum(title.startswith("Шаг") for title in seen) == 7, "from the checkpoint of step 10 on"
    assert _learnt(task.out) == whole
    assert report.outputs
    assert report.inputs["phrases.csv"]
    assert all(Path(path).is_file() for path in report.artefacts)
    assert not list(task.work.glob("*.safetensors"))


def test_a_checkpoint_of_other_data_or_a_damaged_one_begins_anew(task: Task):
    task.work.mkdir()
    (task.work / "own.safetensors").write_bytes(b"half a file")
    report = train.train(task, Plan(steps=2, batch=1), _quiet, _SHAPE)
    assert report.counts[0].value == 2


def test_the_folder_is_small_opens_and_holds_no_paths_of_this_machine(task: Task, tmp_path: Path):
    train.train(task, Plan(steps=3, batch=1), _quiet, _SHAPE)
    names = set(_files(task.out))
    assert {
        "openvino_model.xml",
        "openvino_tokenizer.xml",
        "config.json",
        "generation_config.json",
        "README.md",
    } <= names
    for content in _files(task.out).values():
        assert str(tmp_path).encode() not in content
        assert b"site-packages" not in content
    assert list(OpenvinoBackend(task.out).generate(_TALK, Sampling(max_tokens=4), Event()))[-1].usage


def test_the_exported_model_reckons_as_the_trained_one(task: Task, monkeypatch: pytest.MonkeyPatch):
    kept: list[GPT2LMHeadModel] = []

    def keep(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
        kept.append(model)
        export(model, tokenizer, out)

    monkeypatch.setattr(train, "export", keep)
    train.train(task, Plan(steps=30, batch=2), _quiet, _SHAPE)
    backend = OpenvinoBackend(task.out)
    ids = backend._ids(_TALK)  # noqa: SLF001
    answer = kept[0].generate(torch.tensor([ids]), max_new_tokens=6, do_sample=False)[0][len(ids) :].tolist()
    text = backend._tokenizer.decode(answer)  # noqa: SLF001
    plain = Sampling(temperature=0, max_tokens=6, repetition_penalty=1)
    said = "".join(token.text for token in backend.generate(_TALK, plain, Event()))
    assert text.split("\n")[0].lstrip().startswith(said[:4])


def _base(folder: Path, *, chat: bool) -> Path:
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=learn((row.text for row in _rows()), 400), eos_token=END, pad_token=END
    )
    if chat:
        tokenizer.chat_template = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}<assistant>"
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=96,
    )
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("chat", [False, True])
def test_any_causal_model_is_adapted_merged_and_exported(task: Task, tmp_path: Path, *, chat: bool):
    base = _base(tmp_path / "base", chat=chat)
    before = {path.name: path.read_bytes() for path in base.iterdir()}
    report = adapt.adapt(task, base, Plan(steps=6, batch=1, rate=1e-2), _quiet)
    assert {path.name: path.read_bytes() for path in base.iterdir()} == before
    assert report.parameters["base"] == "base"
    merged = LlamaForCausalLM.from_pretrained(task.out / "transformers")
    original = LlamaForCausalLM.from_pretrained(base)
    changed = [name for name, weight in merged.state_dict().items() if not weight.equal(original.state_dict()[name])]
    assert changed
    assert not any("lora" in name for name in merged.state_dict())
    settings = json.loads((task.out / "transformers" / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert "local_files_only" not in settings
    assert AutoTokenizer.from_pretrained(task.out / "transformers").eos_token == END
    backend = OpenvinoBackend(task.out)
    assert backend._chat is chat  # noqa: SLF001
    assert list(backend.generate(_TALK, Sampling(max_tokens=4), Event()))[-1].usage


def test_a_base_that_is_none_is_told(task: Task, tmp_path: Path):
    with pytest.raises(MissingModelError, match="нет модели"):
        adapt.adapt(task, tmp_path / "нет", Plan(steps=1), _quiet)
    (tmp_path / "пусто").mkdir()
    (tmp_path / "пусто" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(MissingModelError, match="не открывается"):
        adapt.adapt(task, tmp_path / "пусто", Plan(steps=1), _quiet)
