"""The static embedder: a subword vocabulary of Russian stems whose vectors are trained contrastively.

The vocabulary and the first vectors come from Navec (MIT), the word vectors that the PyPI package `natasha` carries:
forms of one stem are averaged and reduced by PCA. sentence-transformers then pulls wordings of one entry together.
The result is a folder that `SentenceTransformer(folder)` opens. Knows no index.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import natasha
import numpy as np
import torch
from datasets import Dataset
from navec import Navec
from numpy.typing import NDArray
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.losses import MultipleNegativesRankingLoss
from sentence_transformers.models import StaticEmbedding
from sentence_transformers.training_args import BatchSamplers
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordPiece

from llmops.language.stems import stem
from llmops.language.text import fold, words

DIM = 128
_VOCABULARY = 20_000
_SUFFIXES = 600
_EPOCHS = 2
_BATCH = 512
_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz0123456789"


def _word_vectors() -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """Return the summed vectors of each stem's forms, and the suffixes of forms, the most frequent first."""
    path = next((Path(natasha.__file__).parent / "data" / "emb").glob("navec_*.tar"))
    navec = Navec.load(path)
    sums: dict[str, NDArray[np.float32]] = defaultdict(lambda: np.zeros(300, np.float32))
    forms: Counter[str] = Counter()
    suffixes: Counter[str] = Counter()
    for number, word in enumerate(navec.vocab.words):
        folded = fold(word)
        if not folded.isalpha() or folded.isascii():
            continue
        root = stem(folded)
        sums[root] += navec.pq[number]
        forms[root] += 1
        if folded.startswith(root) and len(folded) > len(root):
            suffixes[folded[len(root) :]] += 1
    return {root: np.asarray(vector / forms[root], np.float32) for root, vector in sums.items()}, [
        suffix for suffix, _ in suffixes.most_common(_SUFFIXES)
    ]


def _tokenizer(roots: Sequence[str], suffixes: Sequence[str]) -> Tokenizer:
    pieces = [
        "[UNK]",
        *dict.fromkeys([*roots, *_LETTERS, *("##" + s for s in suffixes), *("##" + c for c in _LETTERS)]),
    ]
    tokenizer = Tokenizer(
        WordPiece(
            {piece: number for number, piece in enumerate(pieces)},
            unk_token="[UNK]",
            max_input_chars_per_word=64,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("ё", "е")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[^а-яa-z0-9]+"), behavior="removed"),
            pre_tokenizers.Digits(individual_digits=False),
        ]
    )
    return tokenizer


def _start(texts: Sequence[str]) -> StaticEmbedding:
    """Build the vocabulary and its first vectors: PCA of the word vectors, weighted by inverse document frequency."""
    vectors, suffixes = _word_vectors()
    frequency = Counter(root for text in texts for root in {stem(word) for word in words(text)})
    known = [root for root in vectors if root in frequency]
    common = [root for root in vectors if root not in frequency][: max(0, _VOCABULARY - len(frequency))]
    roots = sorted(frequency) + common
    tokenizer = _tokenizer(roots, suffixes)
    base = np.stack([vectors[root] for root in known + common])
    centred = base - base.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    projected = centred @ axes[:, ::-1][:, :DIM]
    projected /= np.linalg.norm(projected, axis=1, keepdims=True) + 1e-6
    rows = np.random.default_rng(0).normal(0, 0.02, (tokenizer.get_vocab_size(), DIM)).astype(np.float32)
    highest = np.log(len(texts) + 1.0)
    for root, row in zip(known + common, projected, strict=True):
        rows[tokenizer.token_to_id(root)] = row * (np.log((len(texts) + 1) / (frequency[root] + 1)) / highest + 0.1)
    return StaticEmbedding(tokenizer, embedding_weights=rows)


def _pairs(wordings: Mapping[str, Sequence[str]], passages: Mapping[str, Sequence[str]], seed: int) -> Dataset:
    chance = random.Random(seed)
    anchors, positives = [], []
    for identifier, texts in wordings.items():
        for text in texts:
            others = passages[identifier] if chance.random() < 0.25 else texts
            other = chance.choice(others)
            if other != text:
                anchors.append(text)
                positives.append(other)
    order = list(range(len(anchors)))
    chance.shuffle(order)
    return Dataset.from_dict({"anchor": [anchors[i] for i in order], "positive": [positives[i] for i in order]})


def train(
    wordings: Mapping[str, Sequence[str]], passages: Mapping[str, Sequence[str]], out: Path, *, seed: int = 0
) -> None:
    """Train the embedder and write it to `out` in half precision.

    Args:
        wordings: Entry id to the ways of asking for it.
        passages: Entry id to its title and the sentences of its answer.
    """
    torch.manual_seed(seed)
    texts = [text for group in (*wordings.values(), *passages.values()) for text in group]
    model = SentenceTransformer(modules=[_start(texts)], device="cpu")
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(out.with_name(out.name + ".trainer")),
        num_train_epochs=_EPOCHS,
        per_device_train_batch_size=_BATCH,
        learning_rate=0.02,
        warmup_steps=10,
        batch_sampler=BatchSamplers.NO_DUPLICATES,
        save_strategy="no",
        report_to=[],
        seed=seed,
        use_cpu=True,
        logging_strategy="no",
        disable_tqdm=True,
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=_pairs(wordings, passages, seed),
        loss=MultipleNegativesRankingLoss(model, scale=20.0),
    )
    trainer.train()
    model.half().save(str(out), create_model_card=False)
