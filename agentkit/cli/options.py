"""Options that several commands share, spelled once."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agentkit.errors import UsageError


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"
    md = "md"
    html = "html"
    docx = "docx"


def check_paths(paths: Sequence[Path]) -> None:
    """Refuse `-` where documents are named: what a citation points to must stay.

    Raises:
        UsageError: `-` is among them.
    """
    if Path("-") in paths:
        raise UsageError("A document is a file, and standard input (-) is none: save it to a file and name that.")


class StageName(StrEnum):
    """Where a text is checked."""

    input = "input"
    retrieval = "retrieval"
    output = "output"


Paths = Annotated[list[Path], typer.Argument(help="Documents, or folders of them.", show_default=False)]
File = Annotated[str, typer.Argument(help="A file, or - for standard input.", metavar="[FILE|-]")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Configuration file.", metavar="FILE", show_default=False)
]
RailsDir = Annotated[
    str | None, typer.Option("--rails", help="NeMo Guardrails folder.", metavar="DIR", show_default=False)
]
Model = Annotated[
    str | None,
    typer.Option("--model", help="Model that writes: embedded/extractive, a deployment, or provider/model."),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="What to print.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Directory for the whole report.", metavar="DIR", show_default=False)
]
Force = Annotated[bool, typer.Option("--force", help="Replace the report that --out holds.")]
KeepRedacted = Annotated[bool, typer.Option("--keep-redacted", help="Leave placeholders in the report.")]
Password = Annotated[str | None, typer.Option("--password", help="Password of an encrypted PDF.", show_default=False)]
Matter = Annotated[str, typer.Option("--matter", help="Matter whose placeholders are used.", show_default=False)]
Tenant = Annotated[
    str, typer.Option("--tenant", help="Who pays; by default the configuration's tenant.", show_default=False)
]
Label = Annotated[
    list[str] | None,
    typer.Option("--label", help="Confidentiality label of everything in this run.", show_default=False),
]
Ocr = Annotated[bool, typer.Option("--ocr", help="Read pages without a text layer by OCR (Tesseract).")]
JsonLines = Annotated[bool, typer.Option("--jsonl", help='Read {"id","text"} lines; print one result line each.')]
Checklist = Annotated[
    str | None,
    typer.Option("--checklist", help="What to look for: a YAML file, or commercial, lease, nda.", metavar="FILE"),
]
MaxClaims = Annotated[int | None, typer.Option("--max-claims", min=1, help="At most so many claims.")]
MaxWords = Annotated[int | None, typer.Option("--max-words", min=1, help="Hard limit over all claims.")]
