"""A causal model of transformers → a folder that OpenVINO GenAI opens: 8-bit weights, the cache of attention inside.

The model is traced with its cache as inputs and outputs, which are then turned into state. Works where all layers
keep keys and values (GPT-2, Llama, Qwen). Knows no data.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # it reports conversions to a server, unasked
import nncf  # noqa: E402 - after the line above
import numpy as np  # noqa: E402
import openvino as ov  # noqa: E402
import openvino_tokenizers  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from openvino import opset13 as ops  # noqa: E402
from openvino._offline_transformations import apply_make_stateful_transformation  # noqa: E402
from transformers.cache_utils import DynamicCache, DynamicLayer  # noqa: E402

_INPUTS = ("input_ids", "attention_mask", "position_ids", "beam_idx")
_FREE = -1


class _Traced(torch.nn.Module):  # type: ignore[misc,unused-ignore] # torch is absent where the base install is checked
    """A model whose cache goes in and out as plain tensors: keys and values of each layer in turn."""

    def __init__(self, model: transformers.PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        position_ids: torch.Tensor,
        beam_idx: torch.Tensor,
        *past: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        cache = DynamicCache()
        for place in range(0, len(past), 2):
            cache.layers.append(
                _layer(past[place].index_select(0, beam_idx), past[place + 1].index_select(0, beam_idx))
            )
        output = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        present = [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]
        return (output.logits, *present)


def _layer(keys: torch.Tensor, values: torch.Tensor) -> DynamicLayer:
    layer = DynamicLayer()
    layer.dtype, layer.device, layer.is_initialized = keys.dtype, keys.device, True
    layer.keys, layer.values = keys, values
    return layer


def export(model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerBase, out: Path) -> None:
    """Write the model, its tokenizer and their settings into an existing folder."""
    with _quiet():
        converted = _convert(model)
        _keep_cache_inside(converted, *_cache_shape(model.config))
        converted = nncf.compress_weights(converted, mode=nncf.CompressWeightsMode.INT8_ASYM)
        pair = openvino_tokenizers.convert_tokenizer(tokenizer, with_detokenizer=True, skip_special_tokens=True)
    ov.save_model(converted, out / "openvino_model.xml", compress_to_fp16=False)
    for name, part in zip(("openvino_tokenizer", "openvino_detokenizer"), pair, strict=True):
        ov.save_model(part, out / f"{name}.xml")
    _write_settings(model, tokenizer, out)


def _write_settings(
    model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerBase, out: Path
) -> None:
    config = {key: value for key, value in model.config.to_diff_dict().items() if not key.startswith("_")}
    config["architectures"] = [type(model).__name__]
    ids = {"bos": tokenizer.bos_token_id, "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id}
    generation = {f"{name}_token_id": value for name, value in ids.items() if value is not None}
    files = {"config.json": config, "generation_config.json": generation}
    if tokenizer.chat_template:
        files["tokenizer_config.json"] = {
            "chat_template": tokenizer.chat_template,
            "bos_token": tokenizer.bos_token,
            "eos_token": tokenizer.eos_token,
            "pad_token": tokenizer.pad_token,
        }
    for name, fields in files.items():
        text = json.dumps(fields, ensure_ascii=False, indent=2, sort_keys=True)
        (out / name).write_text(text + "\n", encoding="utf-8")


def _cache_shape(config: transformers.PretrainedConfig) -> tuple[int, int, int]:
    """Return the numbers of layers and of heads that are kept, and a head's width."""
    heads = config.num_attention_heads
    kept = getattr(config, "num_key_value_heads", None) or heads
    return config.num_hidden_layers, kept, getattr(config, "head_dim", None) or config.hidden_size // heads


def _names(layers: int, prefix: str) -> list[str]:
    return [f"{prefix}.{layer}.{part}" for layer in range(layers) for part in ("key", "value")]


def _convert(model: transformers.PreTrainedModel) -> ov.Model:
    layers, heads, width = _cache_shape(model.config)
    rows, before, now = 2, 3, 4  # no ones: the tracer takes those for constants
    example = (
        torch.ones(rows, now, dtype=torch.int64),
        torch.ones(rows, before + now, dtype=torch.int64),
        torch.arange(before, before + now).repeat(rows, 1),
        torch.arange(rows, dtype=torch.int32),
        *(torch.zeros(rows, heads, before, width) for _ in range(2 * layers)),
    )
    with torch.no_grad():
        converted = ov.convert_model(_Traced(model.eval()), example_input=example)
    inputs = (*_INPUTS, *_names(layers, "past_key_values"))
    for port, name in zip(converted.inputs, inputs, strict=True):
        port.get_tensor().set_names({name})
    for port, name in zip(converted.outputs, ("logits", *_names(layers, "present")), strict=True):
        port.get_tensor().set_names({name})
    free = {name: [_FREE] if name == "beam_idx" else [_FREE, _FREE] for name in _INPUTS}
    cached = {name: [_FREE, heads, _FREE, width] for name in _names(layers, "past_key_values")}
    converted.reshape(free | cached)
    converted.validate_nodes_and_infer_types()
    return converted


def _keep_cache_inside(converted: ov.Model, layers: int, heads: int, width: int) -> None:
    """Turn the cache into state that begins empty, with as many rows as there are prompts."""
    names = zip(_names(layers, "past_key_values"), _names(layers, "present"), strict=True)
    apply_make_stateful_transformation(converted, dict(names))
    shape = ops.shape_of(converted.input("input_ids"), output_type="i64")
    rows = ops.gather(shape, ops.constant([0]), ops.constant(0))
    sizes = [rows, *(ops.constant(np.array([size], np.int64)) for size in (heads, 0, width))]
    for node in converted.get_ops():
        if node.get_type_name() == "ReadValue":
            empty = ops.constant(0.0, dtype=node.get_output_element_type(0))
            node.set_arguments([ops.broadcast(empty, ops.concat(sizes, 0))])
    converted.validate_nodes_and_infer_types()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converters' tables and warnings off the terminal."""
    nncf.set_log_level(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
