"""The processes that run handlers: a zygote that forks children, and the children."""
