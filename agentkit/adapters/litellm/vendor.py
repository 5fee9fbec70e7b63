"""The one guarded import of LiteLLM, silenced first."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# LiteLLM's module object is partly untyped.

import logging
import warnings

from agentkit.errors import MissingExtraError
from agentkit.quiet import silence

silence()
try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import litellm
        import openai
        from litellm import exceptions
        from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
        from litellm.llms.ollama.common_utils import OllamaModelInfo
        from litellm.types.utils import LlmProviders, StreamingChoices

        litellm.ModelResponse()  # builds most of its data classes now
        litellm.ModelResponseStream(choices=[StreamingChoices()])
except ImportError as error:
    raise MissingExtraError("litellm", needed_for="A model outside of agentkit") from error

# Its data classes, some of them built at the first call, warn about their own annotations.
warnings.filterwarnings("ignore", message=r"Items? '.*' on TypedDict class '\w+' (?:is|are) using the `ReadOnly`")
# Below WARNING they log prompts, and answers' headers with whatever a provider echoes there. A host application that
# turns everything up does not mean that; one that sets the level of these very loggers does.
for _name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx", "httpcore"):
    if logging.getLogger(_name).level == logging.NOTSET:
        logging.getLogger(_name).setLevel(logging.WARNING)
# It prints hints about providers to standard output, which belongs to the report.
litellm.suppress_debug_info = True
# To count tokens it fetches a tokenizer in the middle of a call, and where that is denied tries again for a minute. A
# host that has chosen, has chosen.
if litellm.disable_hf_tokenizer_download is None:
    litellm.disable_hf_tokenizer_download = True


def _ask_nobody(*_: object, **__: object) -> None:
    """Stand in for a question to Ollama about the model that an answer names."""


# LiteLLM puts it in the middle of the event loop, to the default address, with a client that is not ours, and waits.
setattr(OllamaModelInfo, "get_runtime_model_info", _ask_nobody)  # noqa: B010 - its type forbids the assignment

__all__ = ["GLOBAL_LOGGING_WORKER", "AsyncHTTPHandler", "LlmProviders", "exceptions", "litellm", "openai"]
