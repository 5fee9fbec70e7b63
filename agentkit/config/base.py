"""What every section of the configuration is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A mapping of the file: frozen, and an unknown key is refused, and a number without end."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid", protected_namespaces=())
