"""LlamaIndex's own classes on both sides of the retriever port."""

import json
from pathlib import Path

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from agentkit.adapters.llamaindex import AgentKitRetriever, LlamaIndexRetriever
from agentkit.adapters.llamaindex.retriever import to_node, to_passage
from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.app import AgentKit
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Passage, Prompt

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


async def test_our_retriever_is_one_of_theirs() -> None:
    theirs = AgentKitRetriever(Bm25Retriever(lambda: PASSAGES), top_k=1)
    nodes = await theirs.aretrieve("when is the rent due")
    assert [node.node.node_id for node in nodes] == ["d0p0"]
    assert nodes[0].node.metadata["locator"] == "§ 1"


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
