"""What other agents read about ours before they send it anything."""

from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentInterface,
    AgentSkill,
    HTTPAuthSecurityScheme,
    SecurityRequirement,
    SecurityScheme,
    StringList,
)
from a2a.utils.constants import AGENT_CARD_WELL_KNOWN_PATH

from agentkit import __version__

CARD_PATH = AGENT_CARD_WELL_KNOWN_PATH
_INPUTS = [
    "text/plain",
    "application/json",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/html",
    "text/markdown",
]
_OUTPUTS = ["application/json", "text/plain"]


def agent_card(url: str, *, needs_key: bool) -> AgentCard:
    """Return the card of an agent that is spoken to at `url`.

    Args:
        url: of its endpoint.
        needs_key: whether a request must carry a bearer key.
    """
    card = AgentCard(
        name="agentkit",
        description="Summaries of documents and answers from them: every claim cited, reviewed and checked.",
        version=__version__,
        supported_interfaces=[AgentInterface(url=url, protocol_binding="JSONRPC", protocol_version="1.0")],
        capabilities=AgentCapabilities(streaming=True, push_notifications=False),
        default_input_modes=_INPUTS,
        default_output_modes=_OUTPUTS,
        skills=[
            AgentSkill(
                id="summarize",
                name="Summarize documents",
                description="Summarizes the documents that come with a message; its text is what to look at.",
                tags=["summary", "citations", "documents"],
                examples=["termination"],
            ),
            AgentSkill(
                id="ask",
                name="Ask documents",
                description="Answers the question in a message's text from the documents that come with it.",
                tags=["question", "citations", "documents"],
                examples=["Who pays for repairs?"],
            ),
        ],
    )
    if needs_key:
        scheme = SecurityScheme(http_auth_security_scheme=HTTPAuthSecurityScheme(scheme="Bearer"))
        card.security_schemes["bearer"].CopyFrom(scheme)
        card.security_requirements.append(SecurityRequirement(schemes={"bearer": StringList()}))
    return card
