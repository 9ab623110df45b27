"""The screens of schedules: the list, their form, their history and their templates."""
