# shellhook for fish 3.2 and later: shellhook init fish | source
# The four hooks tell one story in one order under the same names. This file is valid as it lies; two placeholders are
# filled in when it is rendered. `builtin` and `command` see past the user's functions.
set -g __shellhook_backend '@BACKEND@'
set -g __shellhook_command '@COMMAND@'

# --- the session

# Runs the backend and takes its answer, code for this shell, all of it or none. Its questions go to the terminal.
function __shellhook_take
    builtin set -l fish_trace # local and empty: no secret in a trace
    builtin set -l __shellhook_out (command $__shellhook_backend $argv | builtin string collect)
    # $status is `string collect`'s, which fails for an empty answer.
    builtin set -l __shellhook_rc $pipestatus[1]
    if builtin test $__shellhook_rc -eq 0; and builtin test -n "$__shellhook_out"
        builtin printf '%s\n' $__shellhook_out | builtin source
        builtin set __shellhook_rc $status
    end
    builtin return $__shellhook_rc
end

# --- the command

# Is this for people to read, or a command that needs the terminal? Then it is not captured.
function __shellhook_is_shown
    for word in $argv
        # Not `switch`: its `case` takes --help for itself.
        builtin contains -- $word -- -c --console --status --check --print --list --json --help -h --version
        and builtin return 0
        builtin string match -q -- '--console=*' $word
        and builtin return 0
    end
    builtin return 1
end

function __shellhook_assume
    builtin set -l fish_trace
    # fish has no subshells: what ( ... ) sets, the shell keeps.
    builtin set -l __shellhook_call assume --shell fish --pid $fish_pid --hook 1 --
    builtin set -l __shellhook_status
    if __shellhook_is_shown $argv
        command $__shellhook_backend $__shellhook_call $argv
        builtin set __shellhook_status $status
    else
        __shellhook_take $__shellhook_call $argv
        builtin set __shellhook_status $status
    end
    if builtin test $__shellhook_status -eq 127; and not builtin test -x $__shellhook_backend
        builtin echo "shellhook: $__shellhook_backend is gone: install shellhook again, then open a new shell" >&2
    end
    builtin return $__shellhook_status
end

# The user's own name for it. An alias is a function here, so this takes its place.
function $__shellhook_command --description 'Assume an AWS role in this shell'
    __shellhook_assume $argv
end
