"""What the platform does in the background: the tasks that jobs and the steps of workflows are made of.

Access patterns: those of jobs (`quintet.jobs`), with the organization of the one who asked as their tenant (the account
itself where it belongs to none), and those of the domains whose work the tasks do.
"""
