"""Queueing of a scenario: tables and curves of agents against the load that they certify."""

from ccopt.staffing.curves import StaffingCurve, staffing_curves
from ccopt.staffing.group_types import TypeInGroup
from ccopt.staffing.tables import Mode, Table, staffing_table

__all__ = ["Mode", "StaffingCurve", "Table", "TypeInGroup", "staffing_curves", "staffing_table"]
