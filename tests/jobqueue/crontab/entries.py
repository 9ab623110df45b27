"""What CRONJOBS of tests may name."""

from jobqueue.exceptions import InvalidOptionError


def greet(name: str = "nobody", *, times: int = 1) -> None:
    print(f"Hello {name}! " * times)


def fail(text: str = "the disk is full") -> None:
    raise OSError(text)


def misuse() -> None:
    raise InvalidOptionError("There is no coach 12.")
