"""The suite's background jobs; domains declare their tasks on it, `jobs` keeps them going."""

from typing import Final

from quintet.jobs import Jobs
from softfactory.service import store

JOBS: Final = Jobs(store, "jobs")
WORK: Final = frozenset({"table:write", "storage:read", "storage:write", "queue:jobs"})
"""What a function needs in which any task may run."""
