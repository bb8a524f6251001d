"""Plans, outcomes, errors and drift as Markdown for comments and job summaries.

A body always obeys a budget of characters and bytes, begins with a hidden marker by which its comment is found again,
and shows whatever comes from data as code. It holds no personal data: a plan whose samples are in clear is refused.
"""

from sfdd_declare.render.markdown.budget import COMMENT, JOB_SUMMARY, MINIMUM, Budget
from sfdd_declare.render.markdown.drift import drift_fingerprint, drift_markdown
from sfdd_declare.render.markdown.errors import error_markdown
from sfdd_declare.render.markdown.findings import findings_markdown
from sfdd_declare.render.markdown.outcome import outcome_markdown
from sfdd_declare.render.markdown.place import Place
from sfdd_declare.render.markdown.plan import plan_markdown

__all__ = [
    "COMMENT",
    "JOB_SUMMARY",
    "MINIMUM",
    "Budget",
    "Place",
    "drift_fingerprint",
    "drift_markdown",
    "error_markdown",
    "findings_markdown",
    "outcome_markdown",
    "plan_markdown",
]
