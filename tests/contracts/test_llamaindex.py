"""LlamaIndex's own classes on both sides of the retriever port."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core import MockEmbedding, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from agentkit.adapters.llamaindex import (
    AgentKitReranker,
    AgentKitRetriever,
    LlamaIndexRetriever,
    entry_to_node,
    node_to_entry,
)
from agentkit.adapters.llamaindex.retriever import to_node, to_passage
from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.app import AgentKit, Options
from agentkit.errors import RetrievalError, UsageError
from agentkit.indexed import Entry
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import ChecklistItem, Passage, Prompt

PASSAGES = [
    Passage("d0p0", 0, 0, 34, "The rent is due on the first of May.", 1, "§ 1", "1 Rent"),
    Passage("d0p1", 0, 40, 80, "Notice is given two months in advance.", 2, "§ 2", "2 Notice"),
]


class Foreign(BaseRetriever):
    """A retriever of the user's own, over an index that knows nothing of us."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        texts = ["The caretaker is Mr. John Keller.", "The lift is serviced each March."]
        return [NodeWithScore(node=TextNode(text=text), score=1.0 - n) for n, text in enumerate(texts)]


def test_a_passage_survives_the_way_through_a_node() -> None:
    assert [to_passage(NodeWithScore(node=to_node(p), score=1.0)).locator for p in PASSAGES] == ["§ 1", "§ 2"]
    back = to_passage(NodeWithScore(node=to_node(PASSAGES[1]), score=1.0))
    assert (back.id, back.start, back.page, back.text) == ("d0p1", 40, 2, PASSAGES[1].text)


def test_what_kind_a_passage_is_and_who_may_see_it_survive_too() -> None:
    passage = Passage("d0p9", 0, 5, 6, "x", None, None, "Annex", "table", ["board", "secret"])
    assert to_passage(NodeWithScore(node=to_node(passage), score=1.0)) == passage


WORDS = st.text(max_size=12)
ENTRIES = st.builds(
    Entry,
    id=WORDS,
    document=WORDS,
    title=WORDS,
    start=st.integers(0, 1 << 30),
    end=st.integers(0, 1 << 30),
    text=WORDS,
    page=st.none() | st.integers(1, 9999),
    locator=st.none() | WORDS,
    kind=st.sampled_from(["body", "heading", "definition", "table", "footnote", "contents", "signatures"]),
    matter=WORDS,
    labels=st.sets(WORDS, max_size=3).map(lambda labels: tuple(sorted(labels))),
    version=WORDS,
)


@given(ENTRIES)
def test_a_passage_of_an_index_survives_as_a_node_and_as_its_json(entry: Entry) -> None:
    node = entry_to_node(entry)
    assert node_to_entry(node) == entry
    assert node_to_entry(TextNode.from_json(node.to_json())) == entry
    assert all(value is None or isinstance(value, str | int) for value in node.metadata.values())
    assert node_to_entry(TextNode(text="x")) is None


def test_a_passage_of_an_index_survives_llamaindexs_own_store(tmp_path: Path) -> None:
    entry = Entry("a#3", "a", "1 > 1.2", 7, 31, "The rent is due in May.", 2, "§ 1.2", "table", "acme", ("board",), "v")
    index = VectorStoreIndex([entry_to_node(entry)], embed_model=MockEmbedding(embed_dim=4))
    index.storage_context.persist(tmp_path)
    loaded = load_index_from_storage(
        StorageContext.from_defaults(persist_dir=str(tmp_path)), embed_model=MockEmbedding(embed_dim=4)
    )
    (found,) = loaded.as_retriever().retrieve("rent")
    assert node_to_entry(found.node) == entry


async def test_our_retriever_is_one_of_theirs() -> None:
    theirs = AgentKitRetriever(Bm25Retriever(lambda: PASSAGES), top_k=1)
    nodes = await theirs.aretrieve("when is the rent due")
    assert [node.node.node_id for node in nodes] == ["d0p0"]
    assert nodes[0].node.metadata["locator"] == "§ 1"


async def test_our_ranking_orders_their_nodes_and_keeps_their_spans() -> None:
    nodes = [NodeWithScore(node=to_node(passage), score=0.5) for passage in PASSAGES]
    reranker = AgentKitReranker(Bm25Retriever, top_n=1)
    asked = PASSAGES[-1].text
    (kept,) = await reranker.apostprocess_nodes(nodes, query_str=asked)
    assert kept.node is nodes[-1].node
    (again,) = await asyncio.to_thread(reranker.postprocess_nodes, nodes, query_str=asked)
    assert again.node is nodes[-1].node
    assert await reranker.apostprocess_nodes(nodes) == nodes[:1]


async def test_their_retriever_is_one_of_ours_best_first() -> None:
    found = await LlamaIndexRetriever(Foreign()).retrieve("caretaker", top_k=1)
    assert [passage.text for passage in found] == ["The caretaker is Mr. John Keller."]


async def test_a_foreign_node_is_redacted_cited_exactly_and_reported_as_a_source(tmp_path: Path) -> None:
    def answer(prompt: Prompt) -> str:
        passage = next(p for p in prompt.passages if "caretaker" in p.text)
        claim = {"text": passage.text, "citations": [{"passage": passage.id, "quote": passage.text}], "topic": ""}
        return json.dumps({"answered": True, "claims": [claim]})

    (tmp_path / "house.txt").write_text("The house has four floors.", encoding="utf-8")
    model = ScriptedBackend(answer)
    async with AgentKit(model=model, retriever=Foreign()) as kit:
        report = await kit.ask([tmp_path / "house.txt"], "Who is the caretaker?")
    assert all("Keller" not in passage.text for prompt in model.prompts for passage in prompt.passages)
    (claim,) = report.claims
    assert claim.text == "The caretaker is Mr. John Keller."
    citation = claim.citations[0]
    assert report.texts[citation.source][citation.start : citation.end] == citation.quote
    assert len(report.sources) == 3


class Bank(BaseRetriever):
    """A retriever over paragraphs of the user's, by shared words, that remembers what it was asked."""

    def __init__(self, *texts: str) -> None:
        self._texts, self.asked = texts, []
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        self.asked.append(query_bundle.query_str)
        words = set(query_bundle.query_str.lower().strip("?").split())
        scored = [(len(words & set(text.lower().split())), text) for text in self._texts]
        return [NodeWithScore(node=TextNode(text=text), score=float(score)) for score, text in scored if score]


RENT = "The monthly rent of the flat is 940 euros."
GARAGE = "The monthly rent of the garage is 75 euros."


async def test_the_embedded_model_answers_from_what_a_retriever_finds(tmp_path: Path) -> None:
    (tmp_path / "house.txt").write_text("The house has four floors. The monthly rent is set apart.", encoding="utf-8")
    bank = Bank(RENT, "The caretaker lives on the first floor.")
    async with AgentKit(retriever=bank) as kit:
        report = await kit.ask([tmp_path / "house.txt"], "What is the monthly rent?")
    assert bank.asked == ["What is the monthly rent?"]
    assert report.claims[0].text == RENT
    quoted = report.claims[0].citations[0]
    assert report.texts[quoted.source][quoted.start : quoted.end] == quoted.quote
    # What the retriever did not return is not read.
    assert "set apart" not in " ".join(claim.text for claim in report.claims)


async def test_a_focus_asks_the_retriever_and_a_whole_summary_reads_the_documents(tmp_path: Path) -> None:
    (tmp_path / "house.txt").write_text("The tenant shall pay the deposit of 300 euros in May.", encoding="utf-8")
    bank = Bank(RENT, GARAGE)
    async with AgentKit(retriever=bank) as kit:
        focused = await kit.summarize([tmp_path / "house.txt"], focus="garage rent")
        whole = await kit.summarize([tmp_path / "house.txt"])
    assert bank.asked == ["garage rent"]
    assert GARAGE in [claim.text for claim in focused.claims]
    assert ["deposit" in claim.text for claim in whole.claims] == [True]


async def test_a_checklist_item_of_the_embedded_model_reads_the_whole_document(tmp_path: Path) -> None:
    (tmp_path / "house.txt").write_text("The tenant shall pay a deposit of 300 euros in May.", encoding="utf-8")
    item = ChecklistItem("deposit", "Deposit", question="What is the deposit?", terms=["deposit"])
    async with AgentKit(retriever=Bank(RENT)) as kit:
        report = await kit.summarize([tmp_path / "house.txt"], options=Options(checklist=[item]))
    assert [(entry.item, entry.found) for entry in report.checklist] == [("Deposit", True)]


async def test_a_retriever_that_finds_nothing_leaves_a_question_unanswered(tmp_path: Path) -> None:
    (tmp_path / "house.txt").write_text(RENT, encoding="utf-8")
    async with AgentKit(retriever=Bank("Nothing of the kind.")) as kit:
        report = await kit.ask([tmp_path / "house.txt"], "What was the monthly rent?")
    assert (report.status, report.claims) == ("unanswered", [])


class Broken(BaseRetriever):
    """A retriever whose index is gone."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        raise OSError("the index is gone")


async def test_a_retriever_that_cannot_search_ends_the_run_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "house.txt").write_text(RENT, encoding="utf-8")
    async with AgentKit(retriever=Broken()) as kit:
        with pytest.raises(RetrievalError, match="Broken could not search its index: the index is gone"):
            await kit.ask([tmp_path / "house.txt"], "What is the monthly rent?")


def test_what_is_no_retriever_is_refused() -> None:
    with pytest.raises(UsageError, match="list is no retriever: give a Retriever or a LlamaIndex BaseRetriever"):
        AgentKit(retriever=[RENT])


async def test_a_vector_index_of_llamaindex_feeds_the_answer(tmp_path: Path) -> None:
    (tmp_path / "house.txt").write_text("The house has four floors.", encoding="utf-8")
    index = VectorStoreIndex([TextNode(text=RENT), TextNode(text=GARAGE)], embed_model=MockEmbedding(embed_dim=4))
    async with AgentKit(retriever=index.as_retriever(similarity_top_k=2)) as kit:
        report = await kit.ask([tmp_path / "house.txt"], "What is the rent of the garage?")
    assert report.claims[0].text == GARAGE
