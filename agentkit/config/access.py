"""Sections of the configuration about who may see which passages."""

from pydantic import Field

from agentkit.config.base import Section


class AccessRule(Section):
    """Who may see the documents whose path fits a pattern: `*` within a folder, `**` over folders.

    A pattern that does not begin at the root is looked for below the working directory. The first rule that fits
    counts; one without matter and labels opens its documents to everybody.
    """

    path: str = Field(min_length=1)
    matter: str = ""
    labels: list[str] = Field(default_factory=list[str])


class PrincipalConfig(Section):
    """One who may ask: the matters they work on and the labels they hold."""

    matters: list[str] = Field(default_factory=list[str])
    labels: list[str] = Field(default_factory=list[str])
