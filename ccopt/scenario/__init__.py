"""What is given: scenario documents, their checks, their files, and the packaged instances."""

from ccopt.scenario.checks import check, warnings_of
from ccopt.scenario.entities import Scenario
from ccopt.scenario.io import Instance, list_instances, load_instance, read_scenario, to_json
from ccopt.scenario.workbook import read_workbook, write_template, write_workbook

__all__ = [
    "Instance", "Scenario", "check", "list_instances", "load_instance", "read_scenario", "read_workbook", "to_json", "warnings_of",
    "write_template", "write_workbook",
]
