"""What is given: scenario documents, their checks, their files, and the packaged instances."""

from ccopt.scenario.checks import check, warnings_of
from ccopt.scenario.entities import Scenario
from ccopt.scenario.io import Instance, list_instances, load_instance, read_scenario, to_json

__all__ = ["Instance", "Scenario", "check", "list_instances", "load_instance", "read_scenario", "to_json", "warnings_of"]
