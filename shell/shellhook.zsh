# shellhook for zsh 5.0 and later: eval "$(shellhook init zsh)"
# The four hooks tell one story in one order under the same names. This file is valid as it lies; two placeholders are
# filled in when it is rendered. `\builtin` and `\command` see past the user's aliases and functions.
__shellhook_backend='@BACKEND@'
__shellhook_command='@COMMAND@'

# --- the session

# Runs the backend and takes its answer, code for this shell, all of it or none. Its questions go to the terminal.
function __shellhook_take() {
  # One cure for KSH_ARRAYS, SH_WORD_SPLIT, GLOB_SUBST, NOUNSET and their like; and no secret in a trace.
  \builtin emulate -L zsh
  \builtin setopt local_traps no_xtrace no_verbose
  \builtin local __shellhook_out
  \builtin local -i __shellhook_rc=0
  # Ctrl-C at a question: without a trap zsh drops the whole function and reports 2. `:` and not '', since an ignored
  # signal is inherited and the backend would not hear of it. local_traps puts the user's own back.
  \builtin trap : INT
  __shellhook_out=$(\command "$__shellhook_backend" "$@") || __shellhook_rc=$?
  if [[ $__shellhook_rc -eq 0 && -n $__shellhook_out ]]; then
    \builtin eval "$__shellhook_out" || __shellhook_rc=$?
  fi
  \builtin return $__shellhook_rc
}

# --- the command

# Is this for people to read, or a command that needs the terminal? Then it is not captured.
function __shellhook_is_shown() {
  \builtin emulate -L zsh
  \builtin local word
  for word in "$@"; do
    case $word in
      -- | -c | --console | --console=* | --status | --check | --print | --list | --json | --help | -h | --version)
        \builtin return 0 ;;
    esac
  done
  \builtin return 1
}

function __shellhook_assume() {
  \builtin emulate -L zsh
  \builtin setopt no_xtrace no_verbose
  \builtin local -i __shellhook_status=0
  # $$ is the shell itself, also in ( ... ), where what is set dies with the parentheses and is not the shell's to undo.
  \builtin local -a __shellhook_call
  __shellhook_call=(assume --shell zsh --pid $$ --hook 1 --subshell=$ZSH_SUBSHELL --)
  if __shellhook_is_shown "$@"; then
    \command "$__shellhook_backend" $__shellhook_call "$@" || __shellhook_status=$?
  else
    __shellhook_take $__shellhook_call "$@" || __shellhook_status=$?
  fi
  if [[ $__shellhook_status -eq 127 && ! -x $__shellhook_backend ]]; then
    \builtin print -ru2 -- "shellhook: $__shellhook_backend is gone: install shellhook again, then open a new shell"
  fi
  \builtin return $__shellhook_status
}

# The user's own name for it. `function NAME` and not NAME(): an alias of that name, as granted makes one, would be
# expanded there; and it would stand before the function for ever.
\builtin unalias "$__shellhook_command" 2>/dev/null || \builtin :
\builtin eval "function $__shellhook_command { __shellhook_assume \"\$@\" }"
