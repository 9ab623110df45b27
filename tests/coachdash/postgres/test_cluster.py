import socket
import stat
from pathlib import Path
from typing import Literal

import psycopg
import pytest

from coachdash import postgres
from coachdash.postgres.binaries import BIN_VARIABLE, Binaries

from .conftest import DEBIAN
from .processes import connect, execute, is_gone, query, server


def test_it_starts_from_nothing_and_its_data_survives_a_stop(directory: Path, programs: Binaries) -> None:
    postgres.ensure_running(directory, fast=True)
    execute(directory, "CREATE TABLE kept AS SELECT 'Zoë' AS name")
    postgres.stop(directory)
    with pytest.raises(psycopg.OperationalError):
        connect(directory)

    postgres.ensure_running(directory)

    assert query(directory, "SELECT name FROM kept") == "Zoë"
    assert query(directory, "SHOW server_version").startswith(str(programs.major))


def test_a_new_cluster_is_announced_in_one_line_and_nothing_else_is_printed(
    directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    postgres.ensure_running(directory, fast=True)
    created = capfd.readouterr()
    postgres.ensure_running(directory)
    postgres.restart(directory)

    assert created.out == ""
    assert created.err.startswith("Creating the embedded PostgreSQL")
    assert created.err.count("\n") == 1
    assert capfd.readouterr() == ("", "")


def test_several_clusters_live_side_by_side(open_folder: Path, directory: Path, running: Path) -> None:
    postgres.ensure_running(directory, fast=True)
    execute(directory, "CREATE TABLE mine ()")

    assert query(directory, "SELECT to_regclass('mine')::text") == "mine"
    assert query(running, "SELECT to_regclass('mine')::text") is None


def test_only_the_owner_may_enter(running: Path) -> None:
    for folder in (running, running / "data", running / "socket"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_listens_on_tcp(running: Path) -> None:
    listening = [connection for connection in server(running).net_connections() if connection.family != socket.AF_UNIX]
    assert listening == []
    assert query(running, "SHOW listen_addresses") == ""


def test_text_is_utf_8_sorted_the_same_everywhere(directory: Path, programs: Binaries) -> None:
    postgres.ensure_running(directory, fast=True)

    assert query(directory, "SHOW server_encoding") == "UTF8"
    assert query(directory, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{b,B,a,é}'::text[]) x") == "Babé"
    assert query(directory, "SELECT upper('é')") == "É"


def test_it_has_room_for_many_workers_and_checks_its_pages(running: Path) -> None:
    assert query(running, "SHOW max_connections") == "200"
    assert query(running, "SHOW data_checksums") == "on"


def test_a_cluster_is_durable_unless_made_for_tests(directory: Path, running: Path) -> None:
    postgres.ensure_running(directory)

    assert query(directory, "SHOW fsync") == "on"
    assert query(running, "SHOW fsync") == "off"


def test_a_dropped_database_is_made_again(directory: Path) -> None:
    postgres.ensure_running(directory, fast=True)
    with connect(directory) as connection:
        connection.execute("CREATE DATABASE other")
    settings = postgres.django_settings(directory)
    with psycopg.connect(host=settings["HOST"], user=settings["USER"], dbname="other", autocommit=True) as other:
        other.execute("DROP DATABASE coachdash")

    postgres.ensure_running(directory)

    assert query(directory, "SELECT current_database()") == "coachdash"


@pytest.mark.fault
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_breaks_connections_and_keeps_data(directory: Path, mode: Literal["fast", "immediate"]) -> None:
    postgres.ensure_running(directory, fast=True)
    execute(directory, f"CREATE TABLE {mode} ()")
    before = server(directory)

    with connect(directory) as open_connection:
        postgres.restart(directory, mode=mode)
        with pytest.raises(psycopg.OperationalError):
            open_connection.execute("SELECT 1")

    assert server(directory) != before
    assert query(directory, f"SELECT to_regclass('{mode}')::text") == mode


def test_the_status_tells_what_there_is(directory: Path) -> None:
    nothing = postgres.status(directory)
    assert (nothing.version, nothing.process, nothing.ready) == (None, None, False)
    assert not directory.exists()

    postgres.ensure_running(directory, fast=True)
    up = postgres.status(directory)
    assert up.ready
    assert query(directory, "SHOW server_version").startswith(f"{up.version}.")

    postgres.stop(directory)
    down = postgres.status(directory)
    assert (down.version, down.process, down.ready) == (up.version, None, False)


def test_the_last_user_that_leaves_stops_the_server_at_once(directory: Path) -> None:
    postgres.ensure_running(directory, fast=True)
    postgres.leave(directory)
    assert postgres.status(directory).process is None


def test_stopping_what_never_ran_is_no_error(directory: Path) -> None:
    postgres.stop(directory)
    postgres.leave(directory)
    assert is_gone(directory)
    assert not directory.exists()


def test_data_of_another_version_is_refused_with_both_versions_named(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not DEBIAN.exists():
        pytest.skip(f"Debian's PostgreSQL 15 is not installed in {DEBIAN}")
    postgres.ensure_running(directory, fast=True)
    version = postgres.status(directory).version
    postgres.stop(directory)
    monkeypatch.setenv(BIN_VARIABLE, str(DEBIAN))

    with pytest.raises(postgres.PostgresError, match=f"was made by PostgreSQL {version}, .* version 15 in"):
        postgres.ensure_running(directory)


def test_a_folder_that_cannot_be_made_is_a_sentence(open_folder: Path) -> None:
    (open_folder / "var").write_text("")
    with pytest.raises(postgres.PostgresError, match=r"cannot use its folder .*/var/postgres \(Not a directory\)"):
        postgres.ensure_running(open_folder / "var" / "postgres")
