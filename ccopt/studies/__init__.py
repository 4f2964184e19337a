"""Many runs: sweeps, comparisons, refinement, back-tests."""

from ccopt.studies.comparison import compare

__all__ = ["compare"]
