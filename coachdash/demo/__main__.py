"""`python -m coachdash.demo`: everything on one machine, until Ctrl-C."""

import sys

if sys.version_info < (3, 12):  # noqa: UP036  whoever starts it by hand with an old one gets a sentence
    sys.exit("The demo needs Python 3.12 or newer; this is {}.{}.".format(*sys.version_info))

import os
import signal
from pathlib import Path

import django

from coachdash.demo.alone import alone
from coachdash.demo.exceptions import DemoError
from coachdash.demo.options import Options, read_options, set_environment
from coachdash.demo.ports import check_ports

CHECKOUT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the demo until it is told to stop; returns the exit status."""
    try:
        options = read_options(sys.argv[1:], os.environ)
        os.chdir(CHECKOUT)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)  # all three ways to stop it are one
        _run(options, CHECKOUT / "var")
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.")
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _run(options: Options, var: Path) -> None:
    with alone(var / "demo.lock"):
        check_ports(options)
        set_environment(options)
        django.setup()
        from coachdash.demo.performance import perform  # its models need the set-up

        perform(options, var)


if __name__ == "__main__":
    sys.exit(main())
