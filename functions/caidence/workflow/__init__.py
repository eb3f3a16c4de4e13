"""Workflows: lists of steps, and their runs, each step of which is a job.

A run pins the steps that it began with. The job of a step ends in one transaction with what the run knows of it and the
job of the step that follows, so that a run is never between two steps: whoever dies, a step that ended is not done
again, and the next one has its job.

Access patterns (key → query)
    a workflow, an organization's workflows, all    rows of an organization, WORKFLOWS (`access.rows`)
    the runs of a workflow, newest first            ORG#<id>#WORKFLOW#<id>#RUNS / <id>        Query, counted
    one run                                         the same key                              GetItem
    what a run is at now                            its current job                           BatchGetItem of those open
"""
