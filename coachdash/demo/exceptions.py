"""What can keep the demo from starting, or end it."""


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""
