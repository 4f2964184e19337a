"""Say it: the page and the workbook that a client reads."""

from ccopt.reporting.document import Report, report

__all__ = ["Report", "report"]
