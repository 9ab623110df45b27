"""The screens of jobs: the list, a job's page, and the verbs behind their buttons."""
