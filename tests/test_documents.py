"""The documents: what they link to and the files that they name are there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
_FOLDERS = {"coachdash", "docs", "gameplatform", "jobqueue", "templates", "tests"}


def prose_of(document: Path) -> str:
    """Without code: what stands there is an example, no link."""
    prose = re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", prose)


def anchors_of(document: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(document)):
        # Addresses of the web are others' to keep, those of the admin are tried by test_playbook.py.
        if re.match(r"https?:|admin:", target):
            continue
        path, _, anchor = target.partition("#")
        file = document.parent / path if path else document
        assert file.exists(), target
        assert not anchor or anchor in anchors_of(file), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_table_has_as_many_cells_in_each_row(document: Path) -> None:
    table: list[int] = []
    for line in document.read_text().splitlines():
        if not line.startswith("|"):
            table = []
            continue
        table.append(len(re.findall(r"(?<!\\)\|", re.sub(r"`[^`]*`", lambda code: code[0].replace("\\|", ""), line))))
        assert table[-1] == table[0], line
        assert len(table) != 2 or re.fullmatch(r"[|: -]+", line), f"no line below the head: {line}"


def named_files() -> Iterator[tuple[str, str]]:
    """Each file and folder that the README names, with the line in which it does so."""
    for line in (ROOT / "README.md").read_text().splitlines():
        in_last_cell = line.rpartition(" | ")[2]
        for name in re.findall(r"`([\w.…-]+(?:/[\w.…-]*)*)`", in_last_cell):
            if name.partition("/")[0] in _FOLDERS or (line.startswith("|") and ("/" in name or name.endswith(".py"))):
                yield name, line


def test_every_file_that_the_readme_names_is_there() -> None:
    found = list(named_files())
    assert len(found) > 100
    for name, line in found:
        assert any(list(folder.glob(name.replace("…", "*"))) for folder in folders_of(line)), f"{name} in: {line}"


def folders_of(line: str) -> Iterator[Path]:
    """Whence a name in this line may be meant: the root, the tests, or the folder of another name in it."""
    roots = (ROOT, ROOT / "tests")
    yield from roots
    for name in re.findall(r"`([^` ]+/[^` ]*)`", line):
        for path in [root / name for root in roots if (root / name).exists()]:
            yield path if path.is_dir() else path.parent
