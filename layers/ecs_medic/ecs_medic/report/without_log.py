"""A report for a channel in which no line of a log may stand."""

from ecs_medic.report.model import Evidence, Finding, Report

_LINES = "logs:GetLogEvents"
"""The source of evidence that quotes a log."""


def without_log_lines(report: Report) -> Report:
    """The same report, which says that there are last lines, and not what they say."""
    return report.model_copy(
        update={
            "log_tail": None,
            "verdict": _finding(report.verdict),
            "findings": tuple(map(_finding, report.findings)),
            "ruled_out": tuple(
                out.model_copy(update={"evidence": tuple(map(_evidence, out.evidence))}) for out in report.ruled_out
            ),
        }
    )


def _finding(finding: Finding) -> Finding:
    return finding.model_copy(update={"evidence": tuple(map(_evidence, finding.evidence))})


def _evidence(evidence: Evidence) -> Evidence:
    if evidence.source != _LINES or not evidence.observed.startswith("its last lines"):
        return evidence
    return evidence.model_copy(update={"observed": "its last lines are in the log, and are not shown here"})
