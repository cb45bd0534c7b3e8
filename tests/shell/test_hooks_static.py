"""The hooks as files: lint, silence, and that sourcing works under the strictest and oddest settings of each shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell import shells
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.session import Start
from tests.shell.shells import PROBES, Shell, clean_environment

HOOKS = Path(__file__).parents[2] / "shell"
SESSION = {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cr'et $(id) *", "SHELLHOOK_PROFILE": "a b"}
GONE = ("AWS_PROFILE", "AWS_VAULT")

COMMANDS = "builtin command echo emulate eval export local printf return set setopt test trap typeset unset"
ALIASES = "; ".join(f"alias {word}='echo aliased'" for word in COMMANDS.split())
# Functions of these names too: all but `builtin` and `command`, by which one sees past the others.
SHADOWED = (
    "[ cat date declare echo eval export false let local printf read set shift shopt test trap true typeset unset"
)
FUNCTIONS = "; ".join(f"{word}() {{ :; }}" for word in SHADOWED.split())
GLOBAL_ALIASES = "; ".join(f"alias -g {word}='| cat'" for word in ("G", "L", "H", "T", "NUL", "..", "C"))

# What a user may have set before the hook is sourced and `assume` is called: options of the shell, code.
STRICT = {
    "bash": [
        ("plain", [], ""),
        ("errexit nounset pipefail", ["-e", "-u", "-o", "pipefail"], ""),
        ("posix", ["--posix"], ""),
        ("posix errexit nounset", ["--posix", "-e", "-u"], ""),
        ("noglob noclobber", ["-f", "-C"], ""),
        ("IFS of letters", [], "IFS=aeiours-"),
        ("IFS of digits", [], "IFS=0123456789"),
        ("IFS empty", [], "IFS="),
        ("aliases", ["-O", "expand_aliases"], ALIASES),
        ("posix aliases", ["--posix", "-e", "-u"], ALIASES),
        ("globbing", ["-O", "nullglob", "-O", "extglob", "-O", "dotglob", "-O", "nocasematch"], ""),
        ("functions", [], FUNCTIONS),
        ("traps", ["-E", "-T"], "trap 'trapped=1' ERR; trap ':' DEBUG RETURN; trap 'echo int' INT"),
    ],
    "zsh": [
        ("plain", [], ""),
        ("errexit nounset", ["-e", "-u"], ""),
        ("ksh arrays", ["-e", "-u", "-o", "ksh_arrays", "-o", "sh_word_split", "-o", "glob_subst"], ""),
        ("sh", ["--emulate", "sh"], ""),
        ("ksh", ["--emulate", "ksh"], ""),
        ("noglob noclobber", ["-o", "noglob", "-o", "noclobber", "-o", "nomatch", "-o", "null_glob"], ""),
        ("IFS of letters", ["-o", "sh_word_split"], "IFS=aeiours-"),
        ("IFS of digits", ["-o", "sh_word_split"], "IFS=0123456789"),
        ("IFS empty", [], "IFS="),
        ("aliases", ["-o", "aliases"], ALIASES),
        ("global aliases", ["-o", "aliases"], GLOBAL_ALIASES),
        ("warnings", ["-o", "warn_create_global", "-o", "warn_nested_var", "-o", "err_return"], ""),
        ("functions", [], FUNCTIONS),
        ("traps", [], "trap 'trapped=1' ZERR; trap ':' DEBUG; trap 'echo int' INT"),
    ],
    "fish": [
        ("plain", [], ""),
        (
            "functions",
            [],
            "; ".join(f"function {w}; echo aliased; end" for w in ("echo", "cat", "id", "env", "shellhook")),
        ),
        ("aliases", [], "alias cat=false; alias shellhook=false; alias assume=false"),
        ("features", ["--features", "all"], ""),
        ("path", [], "set -gx PATH"),
    ],
}


def strict_modes() -> list[object]:
    """Every shell with every mode."""
    return [
        pytest.param(shell, options, code, id=f"{shell}-{name}")
        for shell in shells.ALL
        for name, options, code in STRICT.get(shell.kind, [])
    ]


def tool(name: str) -> str:
    """A program of the test's environment, or of the machine."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    return found or pytest.skip(f"{name} is not on this machine")


@pytest.mark.parametrize(("shell", "options", "code"), strict_modes())
def test_under_every_setting(shell: Shell, options: list[str], code: str, backend: Backend, tmp_path: Path) -> None:
    """Sourcing says nothing; then `assume` sets and removes, says nothing either, and its words arrive."""
    present(shell)
    backend.gives(shell, SESSION, GONE)
    write = [sys.executable, "-I", "-S", str(PROBES / "write_state.py"), str(tmp_path)]
    typed = ["a b", "--region", "x-", "*"]
    script = [
        code,
        shell.source(backend.hook(shell)),
        " ".join(["assume", *map(shell.quote, typed)]),
        " ".join(map(shell.quote, write)),
    ]
    environment = clean_environment(tmp_path) | {"AWS_PROFILE": "old", "AWS_VAULT": ""}
    done = shell.run("\n".join(script), *options, env=environment, cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)
    (call,) = backend.calls()
    assert (call.words[0], call.option("--shell"), call.option("--hook")) == ("assume", shell.kind, "1")
    assert call.option("--pid").isdigit()
    assert call.typed == typed
    after = dict(entry.split(b"=", 1) for entry in (tmp_path / "environment").read_bytes().split(b"\0") if entry)
    assert {name: after.get(name.encode()) for name in (*SESSION, *GONE)} == {
        **{name: value.encode() for name, value in SESSION.items()},
        **dict.fromkeys(GONE),
    }


@pytest.mark.parametrize(("shell", "options", "code"), strict_modes())
def test_sourcing_changes_no_setting(
    shell: Shell, options: list[str], code: str, backend: Backend, tmp_path: Path
) -> None:
    present(shell)
    show = {"bash": "set +o; shopt; trap", "zsh": "setopt; trap", "fish": "status features"}[shell.kind]
    environment = clean_environment(tmp_path)
    show = f"\\builtin unalias -a; \\builtin unset -f {SHADOWED}; " * (shell.kind != "fish") + show
    without = shell.run("\n".join([code, show]), *options, env=environment, cwd=tmp_path)
    sourced = shell.run(
        "\n".join([code, shell.source(backend.hook(shell)), show]), *options, env=environment, cwd=tmp_path
    )
    assert sourced.stdout == without.stdout


def test_sourcing_adds_names_of_ours_alone(evaluating: Shell, backend: Backend, start: Start) -> None:
    session = start(evaluating, columns=300)
    before = session.state()
    assert session.run(evaluating.source(backend.hook(evaluating))).output == ""
    added = session.state().differences(before)
    foreign = [
        name
        for name, (after, earlier) in added.items()
        if earlier is not None or not name.split()[1].lower().startswith(("__shellhook_", "shellhook_", "assume"))
    ]
    # fish lists its event handlers under traps, and bash before 5.3 has a trap of ours; zsh keeps its hooks in arrays.
    ours = {"settings completions", "settings traps", "functions add-zsh-hook"}
    ours |= {"variables precmd_functions", "variables preexec_functions"}
    assert (
        set(foreign) - ours - {"variables PROMPT_COMMAND", "variables PS0", "variables PS1", "variables PROMPT"}
        == set()
    )
    assert added


def test_sourcing_twice_changes_nothing(shell: Shell, backend: Backend, start: Start) -> None:
    load = shell.source(backend.hook(shell))
    session = start(shell, rc=load, columns=300)
    assert session.started.screen == ""
    before = session.state()
    assert session.run(load).output == ""
    assert session.state().differences(before) == {}


def test_another_name_for_the_command(shell: Shell, backend: Backend, start: Start) -> None:
    session = start(shell, rc=shell.source(backend.hook(shell, "become")))
    assert session.run("become it").status == 0
    assert [call.typed for call in backend.calls()] == [["it"]]
    assert "assume" not in session.state().functions


@pytest.mark.parametrize("file", sorted(HOOKS.iterdir()), ids=lambda path: path.name)
def test_hooks_are_plain_ascii_with_short_lines(file: Path) -> None:
    text = file.read_text(encoding="ascii")
    assert max(map(len, text.splitlines())) <= 120
    assert text.endswith("\n")
    assert "\r" not in text
    assert "\t" not in text


def test_shellcheck_has_nothing_to_say(backend: Backend) -> None:
    for file in (HOOKS / "shellhook.bash", backend.hook(shells.Bash("bash"))):
        done = subprocess.run(
            [tool("shellcheck"), "-s", "bash", str(file)], capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("rendered", [False, True], ids=["as it lies", "rendered"])
def test_each_shell_can_parse_its_hook(evaluating: Shell, backend: Backend, tmp_path: Path, rendered: bool) -> None:
    file = backend.hook(evaluating) if rendered else HOOKS / f"shellhook.{evaluating.extension}"
    option = "--no-execute" if evaluating.kind == "fish" else "-n"
    command = [evaluating.program or "", option, str(file)]
    done = subprocess.run(command, env=clean_environment(tmp_path), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_the_fish_hook_is_laid_out_as_fish_does(backend: Backend) -> None:
    done = subprocess.run(
        [tool("fish_indent"), "--check", str(HOOKS / "shellhook.fish")], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
