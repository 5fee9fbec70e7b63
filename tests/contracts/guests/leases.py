"""A lease about which guests ask, and what stands in it."""

from pathlib import Path

from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.app import AgentKit
from agentkit.gateway import Gateway
from agentkit.reading import read_document
from agentkit.testing.fakes import ScriptedBackend
from agentkit.text.splitting import split_document

NAME = "Mary Quxzovbadeko"
RENT = f"The rent that Ms. {NAME} pays is EUR 1,250 a month."
TEXT = f"LEASE\n\n1. Rent. {RENT}\n\n2. Term. The term is five years.\n\n3. Notice. Notice is three months.\n"
QUESTION = "What is the rent?"


def write_lease(folder: Path) -> Path:
    """Return the path of the lease."""
    path = folder / "lease.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def retriever_of(path: Path) -> Bm25Retriever:
    """Return a retriever over one document."""
    passages = split_document(read_document(path, index=0))
    return Bm25Retriever(lambda: passages)


def make_kit() -> AgentKit:
    """Make a kit as a written pipeline names it."""
    return AgentKit()


def make_gateway() -> Gateway:
    """Make a gateway as a written pipeline names it: to a model that says one thing."""
    return Gateway(model=ScriptedBackend("It is due.", name="one"))
