"""The configuration file as types. An unknown key is refused, with the nearest valid name; it holds no secrets."""

from agentkit.config.gateway import (
    BudgetConfig,
    BudgetPeriod,
    CacheConfig,
    Deployment,
    GatewayConfig,
    Hardware,
    LabelConfig,
    LedgerConfig,
    ModelParams,
    Roles,
    RuleConfig,
)
from agentkit.config.loading import (
    Config,
    home_directory,
)
from agentkit.config.sections import (
    AgentConfig,
    CheckpointConfig,
    EdgeConfig,
    IndexConfig,
    PrivacyConfig,
    RailsConfig,
    RetrievalConfig,
    ReviewConfig,
    TracingConfig,
)

__all__ = [
    "AgentConfig",
    "BudgetConfig",
    "BudgetPeriod",
    "CacheConfig",
    "CheckpointConfig",
    "Config",
    "Deployment",
    "EdgeConfig",
    "GatewayConfig",
    "Hardware",
    "IndexConfig",
    "LabelConfig",
    "LedgerConfig",
    "ModelParams",
    "PrivacyConfig",
    "RailsConfig",
    "RetrievalConfig",
    "ReviewConfig",
    "Roles",
    "RuleConfig",
    "TracingConfig",
    "home_directory",
]
