"""The index: answers, fingerprints, atomic building, damage."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmops.errors import MissingIndexError, StorageError
from llmops.retrieval.build import build
from llmops.retrieval.feature_table import FeatureTable
from llmops.retrieval.index import HybridRetriever
from llmops.retrieval.layout import FILES, IndexLayout
from llmops.retrieval.static_embedder import StaticEmbedder
from llmops.retrieval.writing import recover, write_index
from llmops.schemas import Corpus
from tests.conftest import REPOSITORY

Parts = tuple[StaticEmbedder, FeatureTable]


@pytest.mark.parametrize(
    ("question", "identifier"),
    [
        ("сколько отдадут если банк закрылся", "deposit-limit"),
        ("у банка отозвали лицензию", "deposit-limit"),
        ("jnjpdfkb kbwtypb. e ,fyrf", "deposit-limit"),
        ("вернуть ндфл за квартеру", "deduction-home"),
        ("украли карту", "card-lost"),
        ("минималка", "mrot"),
    ],
)
def test_the_right_entry_comes_first(retriever: HybridRetriever, question: str, identifier: str):
    assert retriever.search(question, 3).hits[0].entry.id == identifier


def test_a_policy_message_brings_its_rule(retriever: HybridRetriever):
    finding = retriever.search("какие акции купить на рост", 3)
    assert finding.policy
    assert finding.policy.id == "policy-picks"


def test_the_context_breaks_a_tie(retriever: HybridRetriever):
    plain = {hit.entry.id: hit.score for hit in retriever.search("сколько", 4).hits}
    swayed = {hit.entry.id: hit.score for hit in retriever.search("сколько", 4, context=["mrot"]).hits}
    assert swayed["mrot"] > plain["mrot"]


@given(st.text(max_size=300))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_question_breaks_the_search(retriever: HybridRetriever, question: str):
    finding = retriever.search(question, 5)
    assert 0.0 <= finding.in_scope <= 1.0
    assert all(0.0 <= hit.score <= 1.0 for hit in finding.hits)


def test_an_index_of_another_embedder_is_refused_with_the_command(small_index: Path, parts: Parts, tmp_path: Path):
    copy = tmp_path / "индекс с пробелом"
    shutil.copytree(small_index, copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["embedder"]["golden"][0][0] += 0.5
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(MissingIndexError, match="другой моделью") as caught:
        HybridRetriever(copy, *parts)
    assert "build-index --force" in caught.value.hint


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_or_cut_file_is_one_sentence(small_index: Path, parts: Parts, tmp_path: Path, name: str):
    copy = tmp_path / "copy"
    shutil.copytree(small_index, copy)
    whole = (copy / name).read_bytes()
    (copy / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MissingIndexError):
        IndexLayout(copy).verify()
    (copy / name).unlink()
    with pytest.raises(MissingIndexError, match=r"нет|неполон"):
        HybridRetriever(copy, *parts)


def test_building_again_without_change_embeds_nothing(corpus: Corpus, parts: Parts, tmp_path: Path):
    folder = tmp_path / "i"
    first = {count.name: count.value for count in build(corpus, folder, *parts).counts}
    second = {count.name: count.value for count in build(corpus, folder, *parts).counts}
    assert first["посчитано векторов"] > 0
    assert second["посчитано векторов"] == 0


def test_a_failed_build_leaves_the_old_index(small_index: Path, parts: Parts, tmp_path: Path):
    folder = tmp_path / "i"
    shutil.copytree(small_index, folder)

    def explode(_: Path):
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left"):
        write_index(IndexLayout(folder), explode)
    assert HybridRetriever(folder, *parts).search("какой мрот", 1).hits
    assert [path.name for path in tmp_path.iterdir() if ".new-" in path.name] == []


def test_an_index_left_between_two_renames_comes_back(small_index: Path, parts: Parts, tmp_path: Path):
    shutil.copytree(small_index, tmp_path / ".i.old")
    recover(IndexLayout(tmp_path / "i"))
    assert HybridRetriever(tmp_path / "i", *parts).search("какой мрот", 1).hits


_KILLED = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from llmops import wiring
from llmops.retrieval.build import build
from llmops.retrieval.feature_table import load_parts
from llmops.schemas import Corpus
corpus = Corpus.model_validate_json(Path({corpus!r}).read_text(encoding="utf-8"))
while True:
    print("go", flush=True)
    build(corpus, Path({folder!r}), *load_parts(wiring.SHIPPED / "models"), force=True)
"""


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_a_whole_index(corpus: Corpus, parts: Parts, tmp_path: Path):
    folder, document = tmp_path / "i", tmp_path / "corpus.json"
    document.write_text(corpus.model_dump_json(), encoding="utf-8")
    build(corpus, folder, *parts)
    script = textwrap.dedent(_KILLED).format(root=str(REPOSITORY / "src"), corpus=str(document), folder=str(folder))
    for pause in np.linspace(0.02, 0.5, 6):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(float(pause))
            os.kill(process.pid, signal.SIGKILL)
        recover(IndexLayout(folder))
        assert HybridRetriever(folder, *parts).search("какой мрот", 1).hits[0].entry.id == "mrot"
        IndexLayout(folder).verify()


def test_two_builds_at_once_leave_a_whole_index(corpus: Corpus, tmp_path: Path):
    folder, document = tmp_path / "i", tmp_path / "corpus.json"
    document.write_text(corpus.model_dump_json(), encoding="utf-8")
    script = (
        textwrap.dedent(_KILLED)
        .format(root=str(REPOSITORY / "src"), corpus=str(document), folder=str(folder))
        .replace("while True:", "for _ in range(3):")
    )
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    IndexLayout(folder).verify()


def test_the_shipped_embedder_gives_unit_vectors_and_zero_for_nothing(parts: Parts):
    vectors = parts[0].embed(["вклад в банке", "", "!!!"], "query")
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-4)
    assert not vectors[1:].any()


def test_what_ships_is_small():
    shipped = REPOSITORY / "src" / "llmops" / "shipped"

    def size(*names: str) -> int:
        files = (path for name in names for path in (shipped / name, *(shipped / name).rglob("*")) if path.is_file())
        return sum(path.stat().st_size for path in files)

    assert size("models/static-ru", "models/table.safetensors", "index/finance") <= 20e6
    assert size("index/companion") <= 6e6
    assert size("models/ru-companion-small") <= 12e6


def test_the_shipped_index_is_whole_and_of_the_committed_data(shipped: HybridRetriever):
    layout = IndexLayout(REPOSITORY / "src" / "llmops" / "shipped" / "index" / "finance")
    manifest = json.loads((REPOSITORY / "data" / "processed" / "final_data.manifest.json").read_text(encoding="utf-8"))
    assert layout.verify().data_sha256 == manifest["data_sha256"], "run: scripts/release-index"
    assert shipped.manifest.entries >= 550
