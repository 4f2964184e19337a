"""Sweeps: many runs on local processes or on a cluster, streamed to disk and resumable."""

from ccopt.studies.sweeps.run import SweepProgress, Task, grid, sweep

__all__ = ["SweepProgress", "Task", "grid", "sweep"]
