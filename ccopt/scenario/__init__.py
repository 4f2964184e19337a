"""What is given: scenario documents, their checks, their files, and the packaged instances."""

from ccopt.scenario.entities import Scenario
from ccopt.scenario.io import load_instance, read_scenario

__all__ = ["Scenario", "load_instance", "read_scenario"]
