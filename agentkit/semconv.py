"""Names of spans and attributes, spelled once.

OpenTelemetry's GenAI conventions are still in development, so a rename upstream is a change here and
nowhere else. Values under `agentkit.*` are ours; `openinference.span.kind` is OpenInference's.
"""

OPERATION_NAME = "gen_ai.operation.name"
PROVIDER_NAME = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
RESPONSE_MODEL = "gen_ai.response.model"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
FINISH_REASONS = "gen_ai.response.finish_reasons"
AGENT_NAME = "gen_ai.agent.name"
CONVERSATION_ID = "gen_ai.conversation.id"
ERROR_TYPE = "error.type"
SPAN_KIND = "openinference.span.kind"

RUN_ID = "agentkit.run_id"
MATTER = "agentkit.matter"
NODE = "agentkit.node"
PROMPT_VERSION = "agentkit.prompt.version"
COST_USD = "agentkit.cost_usd"
PASSAGES = "agentkit.passages"
RAIL_STAGE = "agentkit.rail.stage"
RAIL_NAME = "agentkit.rail.name"
RAIL_ACTION = "agentkit.rail.action"
VERDICT_LABEL = "agentkit.verdict.label"
STATUS = "agentkit.status"

OP_WORKFLOW = "invoke_workflow"
OP_AGENT = "invoke_agent"
OP_CHAT = "chat"
OP_RETRIEVAL = "retrieval"

KIND_CHAIN = "CHAIN"
KIND_AGENT = "AGENT"
KIND_LLM = "LLM"
KIND_RETRIEVER = "RETRIEVER"
KIND_GUARDRAIL = "GUARDRAIL"
KIND_EVALUATOR = "EVALUATOR"

NODE_KINDS = {
    "screen_request": KIND_GUARDRAIL,
    "screen_passages": KIND_GUARDRAIL,
    "screen_answer": KIND_GUARDRAIL,
    "retrieve": KIND_RETRIEVER,
    "review": KIND_EVALUATOR,
}
