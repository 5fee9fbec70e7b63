"""Whole chains of LlamaIndex with our parts in them, and its parts in ours: nothing is lost on the way."""

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core import Document, MockEmbedding, PromptTemplate
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.indices.utils import default_format_node_batch_fn
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.postprocessor import LLMRerank, SimilarityPostprocessor
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.readers import SimpleDirectoryReader
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, TextNode
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery, VectorStoreQueryResult
from pydantic import Field

from agentkit import Gateway
from agentkit.adapters.llamaindex import (
    AgentKitLLM,
    AgentKitNodeParser,
    AgentKitReader,
    AgentKitReranker,
    AgentKitRetriever,
    LlamaIndexRetriever,
    RerankedRetriever,
    VectorStoreRetriever,
    entry_to_node,
    node_to_entry,
)
from agentkit.adapters.llamaindex.embedding import LlamaIndexEmbedding
from agentkit.adapters.memory.corpus import as_entries
from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.composition import make_rails
from agentkit.config import Config
from agentkit.errors import ConfigError, RetrievalError, UsageError
from agentkit.indexed import Entry, Principal
from agentkit.reading import read_document
from agentkit.retrieving import as_retriever, seen_by
from agentkit.state import Task
from agentkit.testing.fakes import ScriptedBackend
from agentkit.text.splitting import split_document
from agentkit.types import Limits, Passage

# The usual prompt of `LLMRerank` dictates how an answer begins: to the rails, that is what an injection does.
NEUTRAL = PromptTemplate("{context_messages}\nWhich of these documents say something about: {query_str}")
DOCUMENTS = Path(__file__).parents[2] / "examples" / "documents"
PASSAGES = [
    Passage("d0p0", 0, 0, 34, "The rent is due on the first of May.", 1, "§ 1", "1 Rent"),
    Passage("d0p1", 0, 40, 80, "Notice is given two months in advance.", 2, "§ 2", "2 Notice"),
]
ANN = Principal("ann", frozenset({"M1"}), frozenset({"board"}))


class Kept(SimpleVectorStore):
    """LlamaIndex's own store in memory, which leaves the texts to others, with the nodes beside it."""

    stores_text: bool = True
    held: dict[str, TextNode] = Field(default_factory=dict)

    def add(self, nodes: Sequence[TextNode], **more: object) -> list[str]:
        self.held |= {node.node_id: TextNode.from_json(node.to_json()) for node in nodes}
        return super().add(list(nodes), **more)

    def query(self, query: VectorStoreQuery, **more: object) -> VectorStoreQueryResult:
        found = super().query(query, **more)
        return VectorStoreQueryResult([self.held[one] for one in found.ids or []], found.similarities, found.ids)


class Backwards(BaseNodePostprocessor):
    """A reranker of the user's own: the last first, and the very last left out."""

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        assert query_bundle is not None
        return nodes[-2::-1] if len(nodes) > 1 else nodes


class Failing(BaseNodePostprocessor):
    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        raise RuntimeError("sk-secret-key")


class Fixed(BaseRetriever):
    """A retriever of the user's own, over passages of two matters."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        held = [("M1", ("board",)), ("M2", ()), ("", ()), ("M1", ("secret",))]
        return [
            NodeWithScore(node=entry_to_node(Entry(f"d#{n}", "d", "", 0, 4, "rent", matter=m, labels=ls)), score=0.5)
            for n, (m, ls) in enumerate(held)
        ]


def test_our_reader_and_splitting_in_their_pipeline_give_the_passages_of_our_index() -> None:
    for name in ("lease.pdf", "nda.md"):
        pipeline = IngestionPipeline(
            transformations=[AgentKitNodeParser(), MockEmbedding(embed_dim=4)],
            docstore=SimpleDocumentStore(),
            docstore_strategy=DocstoreStrategy.DUPLICATES_ONLY,
        )
        given = AgentKitReader().load_data(DOCUMENTS / name, matter="M1", labels=["board"])
        nodes = pipeline.run(documents=given)
        document = read_document(DOCUMENTS / name, index=0)
        expected = as_entries(split_document(document), document.name, version=document.sha256)
        found = [node_to_entry(node) for node in nodes]
        assert len(found) > 10
        for one, ours in zip(found, expected, strict=True):
            assert one is not None
            assert (one.matter, one.labels) == ("M1", ("board",))
            assert (one.id, one.title, one.page, one.locator, one.kind) == (
                ours.id, ours.title, ours.page, ours.locator, ours.kind
            )  # fmt: skip
            assert one.text == given[0].text[one.start : one.end] == ours.text
            assert (one.start, one.end, one.version) == (ours.start, ours.end, ours.version)
        assert all(len(node.embedding or []) == 4 for node in nodes)
        assert nodes[0].relationships[NodeRelationship.NEXT].node_id == nodes[1].node_id  # pyright: ignore[reportAttributeAccessIssue]
        # Again, and nothing is done again.
        assert pipeline.run(documents=given) == []


def test_documents_of_their_readers_are_split_by_structure_and_keep_their_own_metadata() -> None:
    given = SimpleDirectoryReader(input_files=[str(DOCUMENTS / "nda.md")]).load_data()
    nodes = AgentKitNodeParser(max_chars=400).get_nodes_from_documents(given)
    texts = {document.node_id: document.text for document in given}
    for node in nodes:
        assert isinstance(node, TextNode)
        entry = node_to_entry(node)
        assert entry is not None
        assert entry.document == "nda.md"
        assert texts[node.ref_doc_id or ""][entry.start : entry.end] == node.text
        assert len(node.text) <= 400
        assert node.metadata["file_path"]
    assert any(node.metadata["locator"] for node in nodes)


def test_who_may_see_a_document_is_read_as_strictly_as_it_is_written() -> None:
    for labels, held in (('["a", "b"]', ("a", "b")), (["b", "a"], ("a", "b")), ("secret", ("secret",)), ("7", ("7",))):
        document = Document(text="1. The rent is due.", metadata={"matter": "M1", "labels": labels})
        (entry,) = map(node_to_entry, AgentKitNodeParser().get_nodes_from_documents([document]))
        assert entry is not None
        assert (entry.matter, entry.labels) == ("M1", held)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["Rent", "1. Rent", "The Rent is due.", "(a) Rent", "", "ARTICLE II", "🏛️ Rent"])))
def test_spans_are_exact_where_the_same_words_stand_in_several_places(lines: list[str]) -> None:
    text = "\n".join(lines) or "x"
    nodes = AgentKitNodeParser().get_nodes_from_documents([Document(text=text)])
    spans = [(node.start_char_idx, node.end_char_idx) for node in nodes if isinstance(node, TextNode)]
    assert all(text[start:end] == node.text for (start, end), node in zip(spans, nodes, strict=True))  # pyright: ignore[reportAttributeAccessIssue]
    assert all(one[1] <= other[0] for one, other in pairwise(spans))  # pyright: ignore[reportOptionalOperand]


def test_a_text_that_was_changed_on_the_way_is_split_as_it_now_is() -> None:
    (given,) = AgentKitReader().load_data(DOCUMENTS / "nda.md")
    given.set_content("1. Rent\nThe rent is due.")
    for node in AgentKitNodeParser().get_nodes_from_documents([given]):
        assert isinstance(node, TextNode)
        assert node.text in given.text


async def test_a_raw_vector_store_of_theirs_is_a_retriever_and_shows_nobody_what_others_own() -> None:
    store, embedding = Kept(), MockEmbedding(embed_dim=4)
    for matter, name in (("M1", "nda.md"), ("M2", "lease.pdf")):
        given = AgentKitReader().load_data(DOCUMENTS / name, matter=matter)
        IngestionPipeline(transformations=[AgentKitNodeParser(), embedding], vector_store=store).run(documents=given)
    assert isinstance(store, BasePydanticVectorStore)
    with pytest.raises(ConfigError, match=r"index\.embedding"):
        as_retriever(store, Config())
    theirs = VectorStoreRetriever(store, embedding=LlamaIndexEmbedding(embedding), top_k=1000)
    assert len(theirs.retrieve("rent")) == len(store.held)
    ours = LlamaIndexRetriever(theirs)
    assert await ours.retrieve("rent", top_k=1000) == []
    for matter in ("M1", "M2"):
        mine = seen_by(ours, matter, Task("ask", Limits(), Limits()))
        assert mine is not None
        found = await mine.retrieve("rent", top_k=1000)
        entries = {entry.id: entry for entry in map(node_to_entry, store.held.values()) if entry is not None}
        assert found
        assert {entries[one.id].matter for one in found} == {matter}
        assert all((one.start, one.text) == (entries[one.id].start, entries[one.id].text) for one in found)


async def test_what_a_retriever_of_theirs_finds_is_passed_on_to_those_who_may_see_it() -> None:
    ours = LlamaIndexRetriever(Fixed())
    assert [one.id for one in await ours.retrieve("rent", top_k=9)] == ["d#2"]
    assert [one.id for one in await ours.seen_by(ANN).retrieve("rent", top_k=9)] == ["d#0", "d#2"]
    assert [one.id for one in await ours.seen_by(None).retrieve("rent", top_k=9)] == ["d#2"]


async def test_a_reranker_of_theirs_orders_what_any_retriever_finds() -> None:
    found = await RerankedRetriever(Bm25Retriever(lambda: PASSAGES), Backwards()).retrieve("rent notice due", top_k=9)
    plain = await Bm25Retriever(lambda: PASSAGES).retrieve("rent notice due", top_k=9)
    assert found == plain[-2::-1]
    assert found[0] in PASSAGES
    cut = SimilarityPostprocessor(similarity_cutoff=0.9)
    assert await RerankedRetriever(Bm25Retriever(lambda: PASSAGES), cut).retrieve("rent notice", top_k=9) == plain[:1]
    with pytest.raises(RetrievalError, match="Failing could not order passages: RuntimeError"):
        await RerankedRetriever(Bm25Retriever(lambda: PASSAGES), Failing()).retrieve("rent", top_k=9)


async def test_retriever_and_reranker_can_be_named_in_the_configuration() -> None:
    here = f"{__name__}:"
    config = Config.model_validate({"retrieval": {"retriever": here + "Fixed", "reranker": here + "Backwards"}})
    found = as_retriever(None, config)
    mine = seen_by(found, "M1", Task("ask", Limits(), Limits(), labels=["board", "secret"]))
    assert mine is not None
    assert [one.id for one in await mine.retrieve("rent", top_k=9)] == ["d#2", "d#0"]
    assert as_retriever(None, Config()) is None
    for key, value, told in (
        ("retriever", "nowhere:nothing", "There is no retriever"),
        ("reranker", "nowhere:nothing", "There is no reranker"),
        ("reranker", "pathlib:Path", "no LlamaIndex BaseNodePostprocessor"),
    ):
        wrong = Config.model_validate({"retrieval": {"retriever": here + "Fixed"} | {key: value}})
        with pytest.raises(UsageError, match=told):
            as_retriever(None, wrong)


async def test_their_language_model_reranker_asks_through_our_door_and_reads_placeholders() -> None:
    model = ScriptedBackend("Doc: 2, Relevance: 9\nDoc: 1, Relevance: 2")
    texts = ["Mr. John Keller pays the rent. Write to john.keller@example.com.", "Notice takes two months."]
    nodes = [NodeWithScore(node=TextNode(text=text), score=0.5) for text in texts]
    async with Gateway(model=model, rails=make_rails("legal")) as gateway:
        reranker = LLMRerank(
            llm=AgentKitLLM(door=gateway.door()),
            choice_select_prompt=NEUTRAL,
            format_node_batch_fn=default_format_node_batch_fn,
            top_n=2,
        )
        found = await asyncio.to_thread(reranker.postprocess_nodes, nodes, None, "Who gives notice?")
    assert [node.node.get_content() for node in found] == [texts[1], texts[0]]
    read = json.dumps([[message.content for message in prompt.messages] for prompt in model.prompts], default=str)
    assert "Notice takes two months" in read
    assert "john.keller@example.com" not in read
    assert "Keller" not in read


async def test_our_parts_work_for_synchronous_callers_inside_a_running_loop() -> None:
    nodes = AgentKitRetriever(Bm25Retriever(lambda: PASSAGES), top_k=1).retrieve("when is the rent due")
    assert [node.node.node_id for node in nodes] == ["d0p0"]
    (kept,) = AgentKitReranker(Bm25Retriever, top_n=1).postprocess_nodes(nodes, query_str="rent")
    assert kept.node is nodes[0].node


def test_a_path_may_be_given_as_text() -> None:
    assert read_document(str(DOCUMENTS / "nda.md"), index=0) == read_document(DOCUMENTS / "nda.md", index=0)
