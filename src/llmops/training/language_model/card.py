"""The model card of the folder that ships: what the model is, what it was made of, what it cannot do.

Knows figures; judges nothing that was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping

_CARD = """\
---
license: mit
language: ru
pipeline_tag: text-generation
library_name: openvino
---

# ru-companion-small

Маленькая модель языка для собеседника из `llmops`: пишет строку, похожую на реплику. Обучена с нуля на
двух ядрах процессора на репликах, написанных для этого проекта; чужих текстов и чужих весов в ней нет.

| | |
|---|---|
| устройство | GPT-2: слоёв {layers}, ширина {width}, голов {heads} |
| параметров | {parameters} |
| словарь | {tokens} токенов, побайтовый BPE, обучен на том же тексте |
| контекст | {context} токенов, вместе с ответом |
| веса | OpenVINO, 8 бит |
| обучение | {steps} шагов по {batch} × {context} токенов; Muon и AdamW, {arithmetic} |
| данные | ситуаций {situations}, строк {lines}; отложено: формулировок {unseen_says}, ответов {unseen_replies} |
| потери в конце обучения | {train_nats} ната на токен |
| потери на известных ответах после новых формулировок | {says_nats} ната на токен, {says_bits} бита на знак |
| потери на ответах, которых не было при обучении | {replies_nats} ната на токен, {replies_bits} бита на знак |
| лицензия | MIT |

## Что умеет

* Писать русские строки, похожие на реплики банка: длина, знаки, обращение на «ты» или на «вы», обороты персонажей.
* Служить настоящей моделью для всего, что вокруг генерации: движок, поток, отмена, фильтры, запись.

## Чего не умеет

* Отвечать по смыслу. Она мала и обучена недолго; связная и уместная реплика - редкость, попадаются слова, которых нет
  в языке. Судить надо по `samples.md`. В программе она по умолчанию молчит: отвечает банк реплик.
* Знать и рассуждать. Фактов, чисел, дат, новостей, советов о деньгах и здоровье от неё быть не может.
* Говорить с человеком в беде: такие разговоры ведёт не модель.
* Помнить имена и долгий разговор: за память отвечает программа.

## Как пользоваться

Текст - введение, пустая строка, реплики через тире; ответ кончается переводом строки (`backends/dialogue.py`):

```text
{example}
```

```python
import openvino_genai
model = openvino_genai.LLMPipeline("ru-companion-small", "CPU")
```

Обучить заново: `llmops train companion --steps {steps}{flag}` (нужно дополнение `torch`).
Примеры ответов без отбора - в `samples.md`.
"""


def written(figures: Mapping[str, str], example: str) -> str:
    """Return the card.

    Args:
        figures: By the names that stand in the card.
        example: A prompt, up to the model's turn.
    """
    return _CARD.format(**figures, example=example)
