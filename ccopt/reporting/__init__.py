"""Say it: the page and the workbook that a client reads, and figures that an analyst can change."""

from ccopt.reporting.charts import plot_bridge, plot_map, plot_service, plot_staff
from ccopt.reporting.document import Report, report

__all__ = ["Report", "plot_bridge", "plot_map", "plot_service", "plot_staff", "report"]
