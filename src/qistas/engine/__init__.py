"""Plan, schedule, cache, run, stop, resume."""
