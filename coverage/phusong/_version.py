"""Which program this is: its version and, where known, the commit it was made from."""

import functools
import json
import re
from pathlib import Path

__version__ = "0.1.0"

_PACKAGE = Path(__file__).resolve().parent


def program() -> str:
    """Return name, version and, where known, commit in one line."""
    return program_of(__version__, commit())


def program_of(version: str, made_from: str | None) -> str:
    """Return the line of a version and commit, such as those of a written folder."""
    return f"phusong {version}" + (f" (commit {made_from})" if made_from else "")


@functools.cache
def commit() -> str | None:
    """Return the commit of the checkout that runs, or that pip installed from; None if unknown.

    Changes of a checkout that are not committed yet cannot be seen from it.
    """
    try:
        # Only our own checkout: a package copied into someone's repository is not its commit.
        found = _head(_PACKAGE.parents[1]) if _PACKAGE.parent.name == "coverage" else None
        found = found or _installed_from()
    except (OSError, ValueError, LookupError, TypeError, ImportError):  # no such package
        return None
    return found if found and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found) else None


def _head(checkout: Path) -> str | None:
    """Return what HEAD stands for, read from git's own files: git need not be installed."""
    git = checkout / ".git"
    if not git.exists():
        return None
    if git.is_file():  # in a second worktree the file names the folder
        git = checkout / git.read_text("utf-8").removeprefix("gitdir:").strip()
    head = (git / "HEAD").read_text("utf-8").strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    shared = git / "commondir"
    common = git / shared.read_text("utf-8").strip() if shared.is_file() else git
    if (common / name).is_file():
        return (common / name).read_text("utf-8").strip()
    lines = (common / "packed-refs").read_text("utf-8").splitlines()
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)


def _installed_from() -> str | None:
    """Return the commit that ``pip install git+https://…`` wrote down (PEP 610)."""
    from importlib.metadata import distribution  # a tenth of what `phusong --help` takes

    origin = distribution("phusong").read_text("direct_url.json")
    return None if origin is None else str(json.loads(origin)["vcs_info"]["commit_id"])
