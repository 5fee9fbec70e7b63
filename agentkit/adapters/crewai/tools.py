# pyright: reportIncompatibleMethodOverride=false
# CrewAI's tools take whatever arguments their schema names.
"""Our retriever and our pipeline as tools of a CrewAI agent."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from crewai.tools import BaseTool
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SkipValidation

from agentkit.blocking import Blocking
from agentkit.offering import Kit, told
from agentkit.ports import Retriever


class _Query(BaseModel):
    query: str = Field(description="What to look for, in a few words.")


class _Question(BaseModel):
    question: str = Field(description="A whole question.")


class RetrieverTool(BaseTool):
    """Finds passages; a query's placeholders are looked for as what they stand for.

    Args:
        retriever: ours, or any `Retriever`.
        top_k: how many passages at most.
        restore: puts originals in place of placeholders (`House.restore`); by default a query stays as it is.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = "find_passages"
    description: str = "Finds the passages of the documents that are about something, each with its id."
    args_schema: type[BaseModel] = _Query
    retriever: SkipValidation[Retriever] = Field(exclude=True, repr=False)
    top_k: int = 5
    restore: Callable[[str], str] = Field(default=str, exclude=True, repr=False)
    _blocking: Blocking = PrivateAttr(default_factory=Blocking)

    def __init__(self, retriever: Retriever, **fields: Any) -> None:
        super().__init__(**cast(Any, {"retriever": retriever, **fields}))

    def _run(self, query: str) -> str:
        return self._blocking.run(self._arun(query))

    async def _arun(self, query: str) -> str:
        found = await self.retriever.retrieve(self.restore(query), top_k=self.top_k)
        return "\n\n".join(f"[{passage.id}] {passage.text}" for passage in found) or "Nothing was found."


class PipelineTool(BaseTool):
    """Answers a question from documents, with our graph: every claim reviewed and cited.

    Args:
        kit: an `AgentKit`; each question is a run of its own, with its own budget.
        paths: the documents.
        restore: as for `RetrieverTool`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = "ask_documents"
    description: str = "Answers a question from the documents, with the exact words that each claim rests on."
    args_schema: type[BaseModel] = _Question
    kit: SkipValidation[Kit] = Field(exclude=True, repr=False)
    paths: list[Path] = Field(exclude=True)
    restore: Callable[[str], str] = Field(default=str, exclude=True, repr=False)
    _blocking: Blocking = PrivateAttr(default_factory=Blocking)

    def __init__(self, kit: Kit, paths: Sequence[str | Path], **fields: Any) -> None:
        given = {"kit": kit, "paths": [Path(path) for path in paths], **fields}
        super().__init__(**cast(Any, given))

    def _run(self, question: str) -> str:
        return self._blocking.run(self._arun(question))

    async def _arun(self, question: str) -> str:
        return told(await self.kit.ask(self.paths, self.restore(question)))
