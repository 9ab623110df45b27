"""What may keep `manage.py crontab` from its work, and what it says then."""

from pathlib import Path

import pytest

from .project import Project

FOREIGN = b"@daily true\n"


@pytest.mark.parametrize("arguments", [[], ["install"], ["run"], ["add", "0123"], ["remove", "--all"]])
def test_a_wrong_call_is_answered_by_what_is_right(project: Project, arguments: list[str]) -> None:
    said = project.crontab(*arguments)

    assert said.status == 2
    assert "add" in said.err
    assert "remove" in said.err
    assert project.calls() == []


@pytest.mark.parametrize("subcommand", ["add", "show", "remove"])
def test_a_missing_program_is_an_error_that_says_what_to_install(project: Project, subcommand: str) -> None:
    said = project.crontab(subcommand, PATH="/nowhere")

    assert said.status == 1
    assert "There is no program crontab: install Debian's `cron` package" in said.err
    assert said.out == ""


def test_the_program_may_be_named(project: Project, tmp_path: Path) -> None:
    project.set(CRONTAB_EXECUTABLE=f"'{tmp_path}/no such' -u alice")
    assert f"There is no program {tmp_path}/no such: " in project.crontab("show").err

    project.set(CRONTAB_EXECUTABLE=str(tmp_path))
    said = project.crontab("show")
    assert (said.status, said.err) == (1, f"CommandError: {tmp_path} cannot be started: Permission denied.\n")


@pytest.mark.parametrize("subcommand", ["add", "remove"])
def test_what_cannot_be_read_is_not_overwritten(project: Project, subcommand: str) -> None:
    project.table.write_bytes(FOREIGN)

    said = project.crontab(subcommand, FAKE_REFUSED="-l")

    assert said.status == 1
    assert "You (alice) are not allowed to use this program" in said.err
    assert project.calls() == ["-l"]
    assert project.table.read_bytes() == FOREIGN


def test_a_table_that_is_refused_is_an_error(project: Project) -> None:
    project.table.write_bytes(FOREIGN)

    said = project.crontab("add", FAKE_REFUSED="-")

    assert said.status == 1
    assert "Nothing was changed" in said.err
    assert "You (alice) are not allowed to use this program" in said.err
    assert said.out == ""
    assert project.table.read_bytes() == FOREIGN


def test_a_table_that_is_taken_but_not_kept_is_an_error(project: Project) -> None:
    said = project.crontab("add", FAKE_FORGETS="yes")

    assert said.status == 1
    assert "crontab took the lines, but `crontab -l` does not show them" in said.err


@pytest.mark.parametrize("name", ["jobqueue.crontab.tock", "no.such.module", "nothing", "jobqueue.crontab.log"])
def test_an_entry_that_names_no_function_is_not_installed(project: Project, name: str) -> None:
    project.set(CRONJOBS=[("* * * * *", name)])

    said = project.crontab("add")

    assert said.status == 1
    assert f"CRONJOBS names {name}, which is" in said.err
    assert project.calls() == []


def test_a_project_without_entries_is_told_of_them(project: Project, tmp_path: Path) -> None:
    project.set()
    with (tmp_path / "own_settings.py").open("a") as settings:
        settings.write("del CRONJOBS\n")

    said = project.crontab("add")

    assert said.status == 1
    assert 'There is no setting CRONJOBS. Expected, for example: CRONJOBS = [("* * * * *", ' in said.err


def test_without_the_package_it_says_what_to_install(project: Project, tmp_path: Path) -> None:
    # An interpreter that does not find it, with an app list that does not name it.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['django_crontab'] = None\n")
    project.set()
    with (tmp_path / "own_settings.py").open("a") as settings:
        settings.write("INSTALLED_APPS.remove('django_crontab')\n")

    said = project.crontab("add")

    assert (said.status, said.out) == (1, "")
    assert "django-crontab is not installed: pip install django-crontab" in said.err


@pytest.mark.parametrize("path", [None, "manage.py", "__main__.py"])
def test_a_manage_py_that_is_not_there_is_an_error(project: Project, tmp_path: Path, path: str | None) -> None:
    (tmp_path / "__main__.py").touch()
    project.set(CRONTAB_DJANGO_MANAGE_PATH=str(tmp_path / (path or "no.py")))

    said = project.crontab("add")

    assert said.status == 1
    assert "set CRONTAB_DJANGO_MANAGE_PATH" in said.err
    assert said.out == ""


def test_text_that_a_crontab_cannot_hold_is_refused(project: Project) -> None:
    project.set(CRONTAB_COMMENT="two\nlines")

    said = project.crontab("add")

    assert (said.status, said.err) == (1, "CommandError: A crontab cannot hold 'two\\nlines'.\n")
