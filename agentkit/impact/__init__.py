"""What a changed document means for what was written from it."""

from agentkit.impact.claims import CitationNow, ClaimNow, ReportNow, State, assess_report
from agentkit.impact.marking import STATUS_FILE, mark

__all__ = ["STATUS_FILE", "CitationNow", "ClaimNow", "ReportNow", "State", "assess_report", "mark"]
