"""`make coverage`: the lines and branches of shellhook that the tests reach, in whatever process they run.

Most of shellhook runs in processes of its own, whose environment a test makes from nothing: no variable gets there. So
a .pth file stands in this environment's packages while the tests run, and starts the measuring in each Python.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from coverage import Coverage

_ROOT = Path(__file__).parents[2]
_SETTINGS = """\
[run]
data_file = {data}
source_pkgs = shellhook
branch = true
parallel = true
# A process that leaves at once, as ours does where a thread is alive, still tells.
patch = _exit
# Said on standard error, which tests read. The last is of a sandbox that is ended by a signal.
disable_warnings = no-data-collected, module-not-measured, module-not-imported
"""
# They ask what was loaded, and the measuring loads more.
_NOT_THESE = ["--deselect=tests/cli/test_credentials.py::test_the_path_that_has_to_be_quick_loads_nothing_heavy"]
_NOT_THESE += ["--deselect=tests/shell/test_login.py::test_nothing_of_ours_is_loaded_for_a_stored_session"]
_NOT_THESE += ["--deselect=tests/test_main.py::test_a_command_loads_what_it_needs"]
_START = """\
import os, coverage; os.environ["COVERAGE_PROCESS_START"] = {settings!r}; coverage.process_startup(); \
del os.environ["COVERAGE_PROCESS_START"]
"""


def main() -> int:
    """Run the tests, print the table, and end as pytest did. Arguments are pytest's."""
    directory = _ROOT / "build" / "coverage"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    settings = directory / "settings"
    settings.write_text(_SETTINGS.format(data=directory / "data"), encoding="utf-8")
    hook = Path(sysconfig.get_path("purelib")) / "shellhook-coverage.pth"
    hook.write_text(_START.format(settings=str(settings)), encoding="utf-8")
    try:
        words = [sys.executable, "-m", "pytest", *_NOT_THESE, *sys.argv[1:]]
        done = subprocess.run(words, cwd=_ROOT, check=False)
    finally:
        hook.unlink()
    found = Coverage(config_file=str(settings))
    found.combine()
    found.save()
    found.report(show_missing=True, skip_covered=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
