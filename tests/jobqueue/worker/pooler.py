"""A pgbouncer of a test's own, in front of a server of a test's own."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from .cluster import Cluster

_ACCOUNT = "postgres"  # pgbouncer refuses root
_CONF = """
[databases]
by_transaction = host=127.0.0.1 port={server} dbname=outage user=postgres pool_mode=transaction pool_size=4
by_session = host=127.0.0.1 port={server} dbname=outage user=postgres pool_mode=session pool_size=40
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
pidfile = {folder}/pid
admin_users = postgres
"""


class Pooler:
    """Clients of its database `by_transaction` share four connections; of `by_session` each has its own."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        conf = folder / "pgbouncer.ini"
        conf.write_text(_CONF.format(server=cluster.port, port=self.port, folder=folder))
        is_root = os.geteuid() == 0
        if is_root:
            for path in (folder, conf):
                shutil.chown(path, _ACCOUNT)
        self._process = subprocess.Popen(
            ["/usr/sbin/pgbouncer", "-q", str(conf)],
            user=_ACCOUNT if is_root else None,
            group=_ACCOUNT if is_root else None,
            extra_groups=[] if is_root else None,
            cwd="/",
        )

    def url(self, database: str) -> str:
        """For DATABASE_URL; cursors on the server would outlive the transaction that the pooler lends them."""
        return f"postgres://{_ACCOUNT}@127.0.0.1:{self.port}/{database}?DISABLE_SERVER_SIDE_CURSORS=true"

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        assert self._process.poll() is None, "pgbouncer ended at once"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
