"""Judge, by simulation: shares no formula with the queueing layer."""
