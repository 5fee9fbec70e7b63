"""The one guarded import of LiteLLM, silenced first."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# LiteLLM's module object is partly untyped.

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
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
        from litellm.types.utils import LlmProviders

        litellm.ModelResponse()  # builds most of its data classes now
except ImportError as error:
    raise MissingExtraError("litellm", needed_for="A model outside of agentkit") from error

# Its data classes, some of them built at the first call, warn about their own annotations.
warnings.filterwarnings("ignore", message=r"Items? '.*' on TypedDict class '\w+' (?:is|are) using the `ReadOnly`")
# It prints hints about providers to standard output, which belongs to the report.
litellm.suppress_debug_info = True

__all__ = ["AsyncHTTPHandler", "LlmProviders", "exceptions", "litellm", "openai"]
