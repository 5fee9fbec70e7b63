"""What a red-team run found, as text, Markdown or JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from agentkit.cli.cost_table import table

Data = Mapping[str, Any]  # plain data, as `--out` has it


def render(data: Data, *, form: str) -> str:
    """Return the tables: by risk, by family, honest runs, the adaptive attacker, and examples."""
    if form == "json":
        return json.dumps(data, ensure_ascii=False, indent=1)
    pipelines = cast(Sequence[Data], data["pipelines"])
    parts = [
        _title(f"Attacks by risk (OWASP Top 10 for LLM applications, {data['owasp']['edition']})", form),
        *rates(data, "categories", form=form),
        "",
        "Share of attacks that had an effect, of so many, with the 95 % interval; ! how many were shipped unflagged.",
        "",
        *(f"{_dash(form)}{item['against']}: {item['about']} ({item['model']})" for item in pipelines),
        "",
        _title("Attacks by family", form),
        *rates(data, "families", form=form),
        "",
        _title("Honest documents", form),
        *(_honest(item, form) for item in pipelines),
        *_adaptive(data, form),
        *_examples(cast(Sequence[Mapping[str, str]], data["examples"]), form),
    ]
    return "\n".join(parts)


def rates(data: Data, key: str, *, form: str = "text") -> list[str]:
    """Return the table of rates by OWASP's risks ("categories"), with their sum, or by "families"."""
    pipelines = cast(Sequence[Data], data["pipelines"])
    shown = {name: name for name in data["families"]} if key == "families" else _risks(data)
    heads = ["attack", *(item["against"] for item in pipelines)]
    rows = [
        [about, *(_cell(item[key].get(name)) for item in pipelines)]
        for name, about in shown.items()
        if any(name in item[key] for item in pipelines)
    ]
    if key == "categories":
        rows.append(["all", *(_cell(item["overall"]) for item in pipelines)])
    return table(heads, rows, form=form)


def _risks(data: Data) -> dict[str, str]:
    return {name: f"{name} {about}" for name, about in cast(Mapping[str, str], data["owasp"]["categories"]).items()}


def _title(text: str, form: str) -> str:
    return f"**{text}**\n" if form == "md" else text


def _dash(form: str) -> str:
    return "- " if form == "md" else "  "


def _cell(rate: Data | None) -> str:
    if rate is None:
        return "-"
    shown = f"{rate['rate']:.0%} of {rate['attempts']} ({rate['low']:.0%} to {rate['high']:.0%})"
    unflagged = rate["successes"] - rate["flagged"]
    return f"{shown} !{unflagged}" if unflagged else shown


def _honest(item: Data, form: str) -> str:
    told = f"{item['honest']['spoiled']} of {item['honest']['runs']} were refused, unanswered or had text withheld"
    return f"{_dash(form)}{item['against']}: {told}"


def _adaptive(data: Data, form: str) -> list[str]:
    found, classifier = data["adaptive"], data["classifier"]
    lines: list[str] = []
    if found:
        before, after = found["rails_passed_before"], found["rails_passed_after"]
        lines += [
            "",
            _title("An attacker who adapts", form),
            f"{_dash(form)}The rails let {before['orders']} of {found['orders']} orders pass as written, and "
            f"{after['orders']} after {found['queries']} queries.",
            *(
                f"{_dash(form)}{name}: {_cell(item['before'])} before, {_cell(item['after'])} after"
                for name, item in found["pipelines"].items()
            ),
        ]
    if classifier:
        lines.append(
            f"{_dash(form)}Who knows the classifier's weights evades it in {classifier['classifier_evaded']} of "
            f"{classifier['texts']} texts (median {classifier['classifier_median_edits']} edits), all layers in "
            f"{classifier['detector_evaded']} (median {classifier['detector_median_edits']})."
        )
    return lines


def _examples(examples: Sequence[Mapping[str, str]], form: str) -> list[str]:
    if not examples:
        return []
    lines = ["", _title("What got through", form)]
    for item in examples:
        output = " ".join(item["output"].split())
        shown = f"`{output.replace('`', ' ')}`" if form == "md" else output
        lines.append(f"{_dash(form)}{item['id']}, {item['against']} ({item['technique']}): {item['effects']}: {shown}")
    return lines
