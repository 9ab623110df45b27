"""Django's tasks framework on this queue; the backend itself is `jobqueue.backend`."""
