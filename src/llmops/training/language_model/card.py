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

Маленькая модель языка для собеседника из `llmops`: продолжает русский разговор одной-двумя фразами. Обучена с нуля на
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

* Отвечать в тоне персонажа, на «ты» или на «вы», в его роде, на темы банка реплик: настроение, работа, дом, люди рядом.
* Подхватить примеры: если показать ей похожие обмены репликами, ответ чаще остаётся в теме.

## Чего не умеет

* Знать и рассуждать. Фактов, чисел, дат, новостей, советов о деньгах и здоровье от неё быть не может.
* Отвечать о том, чего нет в банке: скажет гладкую фразу не к месту. Поэтому в программе она не отвечает одна: готовые
  реплики из банка остаются ответом по умолчанию, а её строки проходят отбор.
* Говорить с человеком в беде: такие разговоры ведёт не модель.
* Надёжно помнить имена и долгий разговор: за память отвечает программа.

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
