"""`manage.py crontab add`, `show` and `remove`: which lines are ours, and that no other is touched."""

import sys

import pytest

from .conftest import MakeProject
from .project import ROOT, Project

FUNCTIONS = ["jobqueue.crontab.tick", "jobqueue.crontab.cycle", "jobqueue.crontab.cleanup"]
FOREIGN = (
    b"# m h dom mon dow command\nMAILTO=alice@example.org\nPATH = /usr/bin:/bin\n\n \t \n"
    b"0 5 * * 1 tar -zcf /var/backups/home.tgz /home/ # weekly\r\n"
    b"@reboot caf\xc3\xa9 100\\% \xff\x00\x0b\x1c\xe2\x80\xa8 \n"
    b"* * * * * /srv/other/.venv/bin/python /srv/other/manage.py crontab run 0123 # django-cronjobs for coachdash\n"
)


def test_adding_installs_a_line_for_each_entry(project: Project) -> None:
    said = project.crontab("add")

    assert said.status == 0
    assert said.out.count("Added: ") == 3
    assert said.out.endswith("3 entries of CRONJOBS in your crontab.\n")
    lines = project.lines()
    assert [line.split()[:5] for line in lines] == [["*"] * 5, ["*"] * 5, ["25", "3", "*", "*", "*"]]
    for line in lines:
        assert f" {sys.executable} {ROOT / 'manage.py'} crontab run " in line
    assert project.table.read_text().endswith("\n")


def test_lines_of_others_stay_byte_for_byte(project: Project) -> None:
    project.table.write_bytes(FOREIGN)

    project.crontab("add")
    assert project.table.read_bytes().startswith(FOREIGN)
    assert len(project.table.read_bytes()) > len(FOREIGN)

    said = project.crontab("remove")
    assert said.status == 0
    assert said.out.endswith("3 entries removed from your crontab.\n")
    assert project.table.read_bytes() == FOREIGN


@pytest.mark.parametrize("unfinished", [b"@daily true", b"MAILTO=x\n@daily true", b"@daily echo \x0b1", b" "])
def test_a_last_line_without_its_end_stays_so_and_alone(project: Project, unfinished: bytes) -> None:
    project.table.write_bytes(unfinished)

    project.crontab("add")
    added = project.table.read_bytes()
    assert added.endswith(b"\n" + unfinished.splitlines()[-1])
    assert len(added.splitlines()) == len(unfinished.splitlines()) + 3

    project.crontab("remove")
    assert project.table.read_bytes() == unfinished


def test_adding_again_changes_nothing(project: Project) -> None:
    project.table.write_bytes(FOREIGN)
    project.crontab("add")
    before, writes = project.table.read_bytes(), project.calls().count("-")

    said = project.crontab("add")

    assert (said.status, said.out) == (0, "3 entries of CRONJOBS in your crontab.\n")
    assert project.table.read_bytes() == before
    assert project.calls().count("-") == writes == 1


def test_outdated_lines_are_replaced_where_they_are(project: Project) -> None:
    project.set(CRONJOBS=[("0 1 * * *", FUNCTIONS[0]), ("0 2 * * *", FUNCTIONS[2])])
    project.crontab("add")
    project.table.write_bytes(b"A=1\n" + project.table.read_bytes() + b"B=2\n")

    project.set(CRONJOBS=[("0 3 * * *", FUNCTIONS[1]), ("0 2 * * *", FUNCTIONS[2])])
    said = project.crontab("add")

    assert (said.out.count("Added: "), said.out.count("Removed: ")) == (1, 1)
    assert [line[:5] for line in project.lines()] == ["A=1", "0 3 *", "0 2 *", "B=2"]


def test_doubled_lines_of_ours_become_one(project: Project) -> None:
    lines = project.add()
    project.table.write_bytes(project.table.read_bytes() * 2)

    assert project.add() == lines


def test_a_line_of_ours_that_somebody_switched_off_is_a_comment_of_theirs(project: Project) -> None:
    first, *_ = project.add()
    project.table.write_text(f"#{first}\n")

    project.crontab("remove")

    assert project.lines() == [f"#{first}"]


def test_two_checkouts_leave_each_other_alone(make_project: MakeProject) -> None:
    one, other = make_project("app"), make_project("app2")
    mine = one.add()
    both = other.add()
    assert both[:3] == mine
    assert len(both) == 6

    assert one.add() == both
    one.crontab("remove")
    assert other.lines() == both[3:]
    assert other.crontab("show").out.count("installed") == 3
    assert one.crontab("show").out.count("missing") == 3


def test_showing_tells_what_is_installed_missing_and_outdated(project: Project) -> None:
    said = project.crontab("show")
    assert said.status == 0
    assert [line.split()[::6] for line in said.out.splitlines()[1:4]] == [["missing", name] for name in FUNCTIONS]
    assert "run manage.py crontab add" in said.out
    assert not project.table.exists()

    project.add()
    said = project.crontab("show")
    assert [line.split()[::6] for line in said.out.splitlines()[1:]] == [["installed", name] for name in FUNCTIONS]

    tick, *others = project.lines()
    old = tick.replace(sys.executable, "/usr/bin/python3.9")
    project.table.write_text("\n".join([old, *others, ""]))
    said = project.crontab("show")
    assert [line.split()[0] for line in said.out.splitlines()[1:4]] == ["missing", "installed", "installed"]
    assert f"outdated: {old}\n" in said.out
    assert "run manage.py crontab add" in said.out


def test_without_entries_adding_removes_what_there_is(project: Project) -> None:
    project.add()
    project.set(CRONJOBS=[], CRONTAB_COMMENT="django-cronjobs for tests")

    said = project.crontab("add")

    assert said.out.endswith("0 entries of CRONJOBS in your crontab.\n")
    assert project.table.read_bytes() == b""
    assert "CRONJOBS has no entries" in project.crontab("show").out


def test_what_somebody_gave_on_the_way_stays_in_the_lines(project: Project) -> None:
    project.set(
        CRONJOBS=[("@hourly", FUNCTIONS[0], ">> /tmp/a.log"), ("@daily", FUNCTIONS[1], [], {"limit": 5}, "2>&1")],
        CRONTAB_COMMAND_PREFIX="STAGE=production",
        CRONTAB_PYTHON_EXECUTABLE="/usr/bin/python3",
        CRONTAB_COMMENT="50% mine",
    )

    hourly, daily = project.add()

    assert hourly.startswith("@hourly STAGE=production /usr/bin/python3 ")
    assert hourly.endswith(r"--settings=own_settings >> /tmp/a.log # 50\% mine")
    assert daily.endswith(r"--settings=own_settings 2>&1 # 50\% mine")
    assert project.add() == [hourly, daily]
