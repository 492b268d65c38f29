"""Cold one-shot answer from the shell, against two peers with the same corpus and question, in the same run.

usage: python -m benchmarks.answer [--runs 7] [--json FILE]      (needs the `bench` extra for the peers)

The peers are what a tutorial gives: sentence-transformers + FAISS, and LangChain's FAISS store. Both use an encoder of
rubert-mini-frida's shape (7 layers of 312, vocabulary 83 828) with random weights, made here, and an index made
beforehand, so that only start, loading, one encoding and one search are timed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import keep, machine, process_seconds, summary

QUESTION = "как вернуть налог за квартиру"
_DATA = Path(__file__).parents[1] / "data" / "processed" / "final_data.json"

_MAKE = """
import json, sys
from pathlib import Path
import faiss, numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel, BertTokenizerFast
folder, data = Path(sys.argv[1]), sys.argv[2]
entries = json.loads(Path(data).read_text(encoding="utf-8"))["entries"]
texts = [question for entry in entries for question in entry["questions"][:20]]
owners = [number for number, entry in enumerate(entries) for _ in entry["questions"][:20]]
trained = BertWordPieceTokenizer(lowercase=True)
trained.train_from_iterator(texts, vocab_size=83828, min_frequency=1, show_progress=False)
(folder / "bert").mkdir()
trained.save_model(str(folder / "bert"))
tokenizer = BertTokenizerFast(str(folder / "bert" / "vocab.txt"), model_max_length=512)
config = BertConfig(vocab_size=83828, hidden_size=312, num_hidden_layers=7, num_attention_heads=12, intermediate_size=600)
BertModel(config).save_pretrained(folder / "bert")
tokenizer.save_pretrained(folder / "bert")
word = Transformer(str(folder / "bert"))
model = SentenceTransformer(modules=[word, Pooling(312)], device="cpu")
model.save(str(folder / "model"))
vectors = model.encode(texts, batch_size=256, normalize_embeddings=True, show_progress_bar=False)
index = faiss.IndexFlatIP(312)
index.add(vectors)
faiss.write_index(index, str(folder / "plain.faiss"))
(folder / "answers.json").write_text(json.dumps([[owners[i], entries[owners[i]]["answer"]] for i in range(len(texts))], ensure_ascii=False))
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings
embeddings = HuggingFaceEmbeddings(model_name=str(folder / "model"), encode_kwargs={"normalize_embeddings": True})
pairs = list(zip(texts, vectors.tolist()))
store = FAISS.from_embeddings(pairs, embeddings, metadatas=[{"answer": entries[o]["answer"]} for o in owners])
store.save_local(str(folder / "langchain"))
"""
_PLAIN = """
import json, sys
from pathlib import Path
import faiss
from sentence_transformers import SentenceTransformer
folder = Path(sys.argv[1])
model = SentenceTransformer(str(folder / "model"), device="cpu")
index = faiss.read_index(str(folder / "plain.faiss"))
answers = json.loads((folder / "answers.json").read_text())
_, found = index.search(model.encode([sys.argv[2]], normalize_embeddings=True, show_progress_bar=False), 3)
print(answers[int(found[0][0])][1])
"""
_LANGCHAIN = """
import sys
from pathlib import Path
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings
folder = Path(sys.argv[1])
embeddings = HuggingFaceEmbeddings(model_name=str(folder / "model"), encode_kwargs={"normalize_embeddings": True})
store = FAISS.load_local(str(folder / "langchain"), embeddings, allow_dangerous_deserialization=True)
print(store.similarity_search(sys.argv[2], k=3)[0].metadata["answer"])
"""


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the bench extra")
    given = parser.parse_args()
    offline = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    with tempfile.TemporaryDirectory() as name:
        ours = [sys.executable, "-m", "llmops", "chat", "finance", QUESTION]
        state = {"LLMOPS_HOME": str(Path(name) / "home")}
        process_seconds(ours, 1, **state)
        figures: dict[str, list[float]] = {}
        figures["llmops chat finance"], peak = process_seconds(ours, given.runs, **state)
        figures["llmops --help"], _ = process_seconds([sys.executable, "-m", "llmops", "--help"], given.runs, **state)
        process_seconds([given.peers, "-c", _MAKE + "\nprint('made')", name, str(_DATA)], 1, **offline)
        for title, code in (("sentence-transformers + FAISS", _PLAIN), ("LangChain + FAISS", _LANGCHAIN)):
            process_seconds([given.peers, "-c", code, name, QUESTION], 1, **offline)
            figures[title], _ = process_seconds(
                [given.peers, "-c", code, name, QUESTION], max(3, given.runs // 2), **offline
            )
    print(machine())
    base = statistics.median(figures["llmops chat finance"])
    for title, seconds in figures.items():
        print(f"{title:32} {summary(seconds)} s   ×{statistics.median(seconds) / base:.1f}")
    print(f"peak memory of a chat: {peak / 1024:.0f} MB")
    keep(given.json, {"seconds": figures, "peak_mb": peak / 1024})


if __name__ == "__main__":
    main()
