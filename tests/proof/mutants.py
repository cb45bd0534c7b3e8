"""`make prove`'s last part: every small fault in what decides (tests/proof/mutation.py), and whether a test notices.

Each mutant gets a process of its own, forked off one in which pytest and botocore are loaded already and nothing of
ours is. `python -m tests.proof.mutants [MODULE...]` runs those modules alone. Survivors are printed; those that are no
faults stand in equivalents.txt, each with the reason below it.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from tests.proof.extent import FIGURES, figure
from tests.proof.mutation import Mutant, mutants

_ROOT = Path(__file__).parents[2]


def _named(*patterns: str) -> list[str]:
    """The tests whose files are named so: a room's tests may be several files."""
    found = [str(path.relative_to(_ROOT)) for name in patterns for path in sorted(_ROOT.glob(f"tests/{name}"))]
    assert found, patterns
    return found


_PLAN = _named("test_plan*.py", "test_chain*.py", "test_request.py", "test_explain.py")
_FILES = _named("test_ini.py", "test_profiles*.py", "test_section*.py")
_SHELLS = _named("shells/test_*.py", "test_install.py", "proof/test_quoting.py")  # the last in the real ones
# What tells where each is wrong.
TESTS = {
    "shellhook.plan": _PLAN,
    "shellhook.chain": _PLAN,
    "shellhook.hops": _PLAN,
    "shellhook.request": _PLAN,
    "shellhook.profiles": _FILES,
    "shellhook.ini": _FILES,
    **{f"shellhook.shells{name}": _SHELLS for name in ("", ".posix", ".bash", ".zsh", ".fish", ".powershell")},
}
_EQUIVALENT = frozenset(Path(__file__).with_name("equivalents.txt").read_text(encoding="utf-8").splitlines()[::2])
_SECONDS = 120  # a mutant that takes longer runs for ever


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutant in the place of the module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self._mutant.module:
            return None
        file = _file(name)
        within = [str(file.parent)] if file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, file, loader=self, submodule_search_locations=within)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._mutant.tree, str(_file(self._mutant.module)), "exec"), module.__dict__)  # noqa: S102


def _file(module: str) -> Path:
    path = _ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def main(modules: list[str]) -> int:
    """Try them all, print and keep the figures. 1 if one survived that is not listed, or tests fail without any."""
    _load()
    jobs, started = int(os.environ.get("JOBS", "2")), time.monotonic()
    for tests in {tuple(TESTS[module]) for module in modules or TESTS}:
        pid = _begin(None, list(tests))
        if os.waitpid(pid, 0)[1] != 0:
            print(f"these fail as it is: {' '.join(tests)}")
            return 1
    counts = {module: [0, 0, 0] for module in modules or TESTS}
    for mutant, survived in _tried(counts, jobs):
        count = counts[mutant.module]
        count[0] += 1
        if survived:
            known = f"{mutant.module}: {mutant.name}" in _EQUIVALENT
            count[2 if known else 1] += 1
            if not known:
                print(f"{mutant.module}:{mutant.line}: {mutant.name}", flush=True)
    for module, (number, alive, equal) in counts.items():
        found = f"{number} faults, {number - alive - equal} noticed, {equal} that change nothing, {alive} survivors"
        figure("Mutation", module, found)
        print(f"{module}: {found}")
    print(f"{time.monotonic() - started:.0f} s")
    return int(any(alive for _, alive, _ in counts.values()))


def _load() -> None:
    """What every one of them would load, none of it ours."""
    import boto3  # noqa: F401
    import botocore.session
    import hypothesis
    import pytest  # noqa: F401

    # The same examples each time, and none made small once it has failed.
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, phases=phases)
    hypothesis.settings.load_profile("mutants")

    botocore.session.Session().get_available_regions("sts")
    assert not [name for name in sys.modules if name.partition(".")[0] == "shellhook"]


def _tried(modules: dict[str, list[int]], jobs: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether no test noticed it, as they end."""
    running: dict[int, Mutant] = {}
    for mutant in (mutant for module in modules for mutant in mutants(_file(module), module)):
        while len(running) >= jobs:
            yield _ended(running)
        running[_begin(mutant, TESTS[mutant.module])] = mutant
    while running:
        yield _ended(running)


def _ended(running: dict[int, Mutant]) -> tuple[Mutant, bool]:
    pid, status = os.wait()
    return running.pop(pid), status == 0


def _begin(mutant: Mutant | None, tests: list[str]) -> int:
    """Start the tests with the mutant; the process, which ends with 0 if all of them passed."""
    if pid := os.fork():
        return pid
    status = 1
    with contextlib.suppress(BaseException):  # whatever it is, it was noticed
        import pytest

        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        os.environ.pop(FIGURES, None)  # the short length, under `make prove` too
        signal.alarm(_SECONDS)
        if mutant:
            sys.meta_path.insert(0, _Instead(mutant))
        os.chdir(_ROOT)
        early = "-Wignore::pytest.PytestAssertRewriteWarning"  # hypothesis is loaded already
        words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", early, *tests]
        status = int(pytest.main([*words, "-m", "not hypothesis"]) or pytest.main([*words, "-m", "hypothesis"]))
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
