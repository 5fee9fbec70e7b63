"""LangChain's own standard tests for chat models, over the whole governed door and a model server."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from obliging import oblige
from pydantic import BaseModel

from agentkit.adapters.langchain import ChatAgentKit
from agentkit.blocking import Blocking
from agentkit.calls import Completion, ToolCall
from agentkit.config import Config
from agentkit.errors import InvalidResponseError, UsageError
from agentkit.gateway import Gateway
from agentkit.testing.fakes import ScriptedBackend
from agentkit.testing.server import ModelServer

# LangChain's suite holds what its own deprecations say, and traces what it runs.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::langchain_core._api.beta_decorator.LangChainBetaWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module", params=["litellm", "openai"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    blocking = Blocking()
    server = blocking.run(ModelServer([oblige]).__aenter__())
    params = {"model": "openai/served", "api_base": server.url}
    config = Config.model_validate(
        {
            "models": [{"model_name": "served", "litellm_params": params, "client": request.param}],
            "roles": {"writer": "served"},
        }
    )
    gateway = Gateway(config, home=tmp_path_factory.mktemp("home"))
    yield gateway.door()
    blocking.run(gateway.aclose())
    blocking.run(server.__aexit__(None, None, None))
    blocking.close()


class Standard:
    """What the suite asks of both halves."""

    @pytest.fixture(autouse=True)
    def _given(self, door: object) -> None:
        self._door = door

    @pytest.fixture
    def benchmark(self) -> Callable[..., object]:
        """Stand in for pytest-benchmark: what is timed there is run here."""
        return lambda function, *args, **kwargs: function(*args, **kwargs)

    @pytest.fixture
    def vcr(self) -> None:
        """Stand in for pytest-recording: nothing is recorded here, and the test that asks for it skips itself."""

    @pytest.fixture
    def snapshot(self) -> None:
        """Stand in for syrupy: a model that holds a door is not serializable, and the test skips itself."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatAgentKit

    @property
    def chat_model_params(self) -> dict[str, object]:
        return {"door": self._door}


class TestStandardUnit(Standard, ChatModelUnitTests):
    pass


class TestStandardIntegration(Standard, ChatModelIntegrationTests):
    @property
    def supports_json_mode(self) -> bool:
        return False

    @property
    def supported_usage_metadata_details(self) -> dict[Literal["invoke", "stream"], list[str]]:
        return {"invoke": [], "stream": []}


class Joke(BaseModel):
    setup: str


async def test_an_object_is_repaired_and_one_that_does_not_fit_is_an_error() -> None:
    model = ChatAgentKit(door=ScriptedBackend("Here: {setup: 'A cat'", '{"set": 1}'))
    assert await model.with_structured_output(Joke).ainvoke("A joke?") == Joke(setup="A cat")
    with pytest.raises(InvalidResponseError, match="gave no Joke: setup: field required"):
        await model.with_structured_output(Joke).ainvoke("A joke?")


async def test_the_raw_answer_can_be_had_beside_the_object_and_its_fault() -> None:
    model = ChatAgentKit(door=ScriptedBackend("no joke")).with_structured_output(Joke, include_raw=True)
    answer = await model.ainvoke("A joke?")
    assert (answer["raw"].content, answer["parsed"]) == ("no joke", None)
    assert isinstance(answer["parsing_error"], InvalidResponseError)


@pytest.mark.parametrize("arguments", ["{'a':", "[1]", '{"a":' * 100_000], ids=["cut", "no object", "too deep"])
async def test_a_tool_call_with_broken_arguments_is_invalid_and_not_lost(arguments: str) -> None:
    broken = Completion("", "m", tool_calls=[ToolCall("1", "look", arguments)])
    message = await ChatAgentKit(door=ScriptedBackend(broken)).ainvoke("Look.")
    assert isinstance(message, AIMessage)
    assert (message.tool_calls, message.invalid_tool_calls[0]["name"]) == ([], "look")


async def test_a_picture_is_refused_in_one_sentence() -> None:
    picture = HumanMessage([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}])
    with pytest.raises(UsageError, match="type 'image_url', and only text"):
        await ChatAgentKit(door=ScriptedBackend("x")).ainvoke([picture])


async def test_an_option_that_would_be_ignored_is_refused() -> None:
    with pytest.raises(UsageError, match="takes no option top_p"):
        await ChatAgentKit(door=ScriptedBackend("x")).ainvoke("Hello", top_p=0.5)


async def test_it_can_be_called_without_a_loop_from_inside_one() -> None:
    model = ChatAgentKit(door=ScriptedBackend("yes"))
    assert model.invoke("May I?").content == "yes"
    model.close()
