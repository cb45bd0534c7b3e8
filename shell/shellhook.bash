# shellhook for bash 3.2 and later: eval "$(shellhook init bash)"
# The four hooks tell one story in one order under the same names. This file is valid as it lies; two placeholders are
# filled in when it is rendered. `\builtin` and `\command` see past the user's aliases and functions.
__shellhook_backend='@BACKEND@'
__shellhook_command='@COMMAND@'

# --- the session

# Runs the backend and takes its answer, code for this shell, all of it or none. Its questions go to the terminal.
function __shellhook_take() {
  \builtin local __shellhook_out __shellhook_trap __shellhook_rc=0
  # Ctrl-C at a question: without a trap bash drops the whole function, and 3.2 reports 1. `:` and not '', since an
  # ignored signal is inherited and the backend would not hear of it. The user's own trap is put back as it was.
  __shellhook_trap=$(\builtin trap -p INT)
  \builtin trap : INT
  __shellhook_out=$(\command "$__shellhook_backend" "$@") || __shellhook_rc=$?
  \builtin trap - INT
  \builtin eval "$__shellhook_trap"
  if [[ $__shellhook_rc -eq 0 && -n $__shellhook_out ]]; then
    \builtin eval "$__shellhook_out" || __shellhook_rc=$?
  fi
  \builtin return "$__shellhook_rc"
}

# --- the command

# Is this for people to read, or a command that needs the terminal? Then it is not captured.
function __shellhook_is_shown() {
  \builtin local word
  for word in ${1+"$@"}; do
    case $word in
      -- | -c | --console | --console=* | --status | --check | --print | --list | --json | --help | -h | --version)
        \builtin return 0 ;;
    esac
  done
  \builtin return 1
}

function __shellhook_assume() {
  # No secret in a trace: xtrace prints the words of every command, verbose the text that is evaluated. bash 4.4 has
  # `local -` for this; here both are put back by hand, for 3.2. Until then even the restoring is silent.
  { \builtin local __shellhook_flags=$- __shellhook_status=0; \builtin set +xv; } 2>/dev/null
  # $$ is the shell itself, also in ( ... ), where what is set dies with the parentheses and is not the shell's to undo.
  \builtin local -a __shellhook_call
  __shellhook_call=(assume --shell bash --pid $$ --hook 1 "--subshell=$BASH_SUBSHELL" --)
  if __shellhook_is_shown ${1+"$@"}; then
    \command "$__shellhook_backend" "${__shellhook_call[@]}" ${1+"$@"} || __shellhook_status=$?
  else
    __shellhook_take "${__shellhook_call[@]}" ${1+"$@"} || __shellhook_status=$?
  fi
  if [[ $__shellhook_status -eq 127 && ! -x $__shellhook_backend ]]; then
    \builtin printf '%s\n' "shellhook: $__shellhook_backend is gone: install shellhook again, then open a new shell" >&2
  fi
  case $__shellhook_flags in *v*) { \builtin set -v; } 2>/dev/null ;; esac
  case $__shellhook_flags in *x*) { \builtin set -x; } 2>/dev/null ;; esac
  \builtin return "$__shellhook_status"
}

# The user's own name for it. `function NAME` and not NAME(): an alias of that name, as granted makes one, would be
# expanded there; and it would stand before the function for ever.
\builtin unalias "$__shellhook_command" 2>/dev/null || \builtin :
\builtin eval "function $__shellhook_command { __shellhook_assume \${1+\"\$@\"}; }"
