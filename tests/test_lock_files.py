"""What may be published: pinned dependencies without addresses, and no trace of anybody's machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))

_PINNED = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==[^\s;]+( ; .+)? \\$")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?$")
# Home directories as they look on Linux, macOS and Windows.
_MACHINE_PATH = re.compile(
    r"""(?<![\w.~$}/*-])/(?:root|work|home/[a-z]\w+|Users/\w+)(?=[/"'\s:,)]|$)|[A-Z]:\\Users""",
    re.MULTILINE,
)


def _requirements(lock: Path) -> list[list[str]]:
    """Each requirement with the lines that belong to it."""
    blocks: list[list[str]] = []
    for line in lock.read_text().splitlines():
        if line.startswith((" ", "#")) and blocks:
            blocks[-1].append(line)
        elif not line.startswith("#"):
            blocks.append([line])
    return blocks


def test_there_are_two_lock_files() -> None:
    assert [lock.name for lock in LOCKS] == ["requirements-dev.lock", "requirements.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_to_one_version_with_its_hashes(lock: Path) -> None:
    requirements = _requirements(lock)

    assert len(requirements) > 10
    for first, *rest in requirements:
        assert _PINNED.match(first), first
        hashes = [line for line in rest if not line.lstrip().startswith("#")]
        assert hashes, first
        assert all(_HASH.match(line) for line in hashes), first


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
@pytest.mark.parametrize(
    "word", ["://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", " @ ", "file:"]
)
def test_no_lock_file_names_an_address_or_a_path(lock: Path, word: str) -> None:
    assert word not in lock.read_text()


def test_the_dependencies_of_the_project_are_locked_for_development_at_the_same_versions() -> None:
    development, production = ({block[0] for block in _requirements(lock)} for lock in LOCKS)

    assert production <= development


def _published() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("This is not a git checkout.")
    return [ROOT / name for name in listed.decode().split("\0") if name]


def test_no_published_file_names_a_path_of_a_machine() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _published()
        if path.is_file() and path != Path(__file__)
        for match in _MACHINE_PATH.finditer(path.read_text(errors="replace"))
    }

    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("text", ["|root|x", '"|work"', "cd |home|alice|src", "|Users|bob", "C:\\Users\\eve"])
def test_a_path_of_a_machine_would_be_found(text: str) -> None:
    # Written with other separators, so that this file names none either.
    assert _MACHINE_PATH.search(text.replace("|", "/"))


@pytest.mark.parametrize(
    "text", ["~/x", "$HOME/root/", "a/root/b", "/rooted", "https://example.org/work/1", "/workers/"]
)
def test_other_paths_are_no_matter(text: str) -> None:
    assert not _MACHINE_PATH.search(text)
