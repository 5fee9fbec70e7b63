"""What agents of one's own brought and reviewers said, in every format of the report."""

import io
import re
from pathlib import Path

import docx
from specialist_samples import Note

from agentkit.app import AgentKit
from agentkit.rendering.html import render_html
from agentkit.rendering.loading import load_report
from agentkit.rendering.markdown import render_markdown
from agentkit.rendering.terminal import render_terminal
from agentkit.rendering.word import render_docx
from agentkit.rendering.words import claim_numbers
from agentkit.rendering.writing import write_report
from agentkit.report import Report
from agentkit.specialists import AgentContext
from agentkit.testing.fakes import WordRails
from agentkit.types import Claim, Verdict


async def _told(lease: Path) -> Report:
    async def marked(ctx: AgentContext) -> list[Note]:
        return [Note("Fish & <b>chips</b> | _peas_"), Note("output:bad words")]

    async def term(ctx: AgentContext) -> list[Claim]:
        return await ctx.ask("When does the lease end?", max_claims=1)

    async def privilege(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict(claim.id, "unverified", 0.4, "words", "A person | is named.") for claim in claims]

    kit = AgentKit(rails=WordRails()).with_agent(marked, before="report").with_agent(privilege, beside="review")
    async with kit.with_agent(term, beside="summarize") as kit:
        return await kit.summarize([lease])


async def test_every_format_shows_each_reviewer_and_what_agents_brought_as_text(lease: Path) -> None:
    report = await _told(lease)
    number = claim_numbers(report)[report.agents[0].claims[0]]
    page = render_html(report)
    assert "<li>privilege: unverified, A person | is named.</li>" in page
    assert "Fish &amp; &lt;b&gt;chips&lt;/b&gt;" in page
    assert '<a href="#agents">Agents</a>' in page
    (linked,) = re.findall(r'<th scope="row">term</th><td><a href="#([^"]+)"', page)
    assert f'<li class="claim" id="{linked}"' in page
    told = render_markdown(report)
    assert "  - privilege: unverified, A person \\| is named." in told
    assert f"| term | {number} |" in told
    assert "Fish &amp; &lt;b>chips&lt;/b> \\| \\_peas\\_" in told
    shown = " ".join(render_terminal(report, colour=False).split())
    assert "grounding: supported, The cited text has these words." in shown
    assert "- marked: [{" in shown
    assert "(1 text withheld by rails)" in shown
    assert f"- term: claims {number}" in shown
    document = docx.Document(io.BytesIO(render_docx(report)))
    assert any("privilege: unverified, A person | is named." in item.text for item in document.paragraphs)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert ["term", str(number)] == cells[cells.index("term") : cells.index("term") + 2]
    assert any("Fish & <b>chips</b>" in text for text in cells)
    write_report(report, lease.parent / "out", force=False)
    again = load_report(lease.parent / "out")
    assert (again.agents, again.claims[0].opinions) == (report.agents, report.claims[0].opinions)


async def test_a_report_without_agents_shows_none(lease: Path) -> None:
    async with AgentKit() as kit:
        report = await kit.summarize([lease])
    for told in (render_html(report), render_markdown(report), render_terminal(report, colour=False)):
        assert "What agents brought" not in told
        assert "grounding" not in told
