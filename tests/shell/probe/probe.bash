# shellcheck shell=bash
# Sourced by the start-up file of a bash under test, after PROBE_DIRECTORY is set.
# Ctrl-X Ctrl-P writes down the whole state of the shell, Ctrl-X Ctrl-O what it exports: no command is typed for it, so
# that neither the history nor $? nor the screen knows of it. Nothing here may depend on options or IFS: tests set them as badly as they can.

# shellcheck disable=SC2016,SC2034  # counted and looked up whenever a prompt is drawn
PROBE_PROMPTS=0
# shellcheck disable=SC2016
PS1='[$((PROBE_PROMPTS += 1)):$?]> '
PS2='> '

__probe() {
  {
    builtin compgen -v >|"$PROBE_DIRECTORY/variables"
    builtin compgen -A function >|"$PROBE_DIRECTORY/functions"
    {
      while IFS= builtin read -r PROBE_NAME; do
        builtin printf 'variable %s\0' "$PROBE_NAME"
        builtin declare -p -- "$PROBE_NAME"
        builtin printf '\0'
      done <"$PROBE_DIRECTORY/variables"
      while IFS= builtin read -r PROBE_NAME; do
        builtin printf 'function %s\0' "$PROBE_NAME"
        builtin declare -f -- "$PROBE_NAME"
        builtin printf '\0'
      done <"$PROBE_DIRECTORY/functions"
      builtin printf 'setting options\0'
      builtin set +o
      builtin shopt -p
      builtin printf '\0setting aliases\0'
      builtin alias -p
      builtin printf '\0setting traps\0'
      builtin trap -p
      builtin printf '\0setting completions\0'
      builtin complete -p
      builtin printf '\0setting history\0'
      HISTTIMEFORMAT='' builtin history
      builtin printf '\0'
    } >|"$PROBE_DIRECTORY/shell"
    __probe_environment
  } 2>/dev/null
}

# By renaming: whoever sees the file can read all of it. No shell stands between: it would drop odd names.
__probe_environment() {
  {
    builtin command /usr/bin/env -0 >|"$PROBE_DIRECTORY/new"
    builtin command /bin/mv "$PROBE_DIRECTORY/new" "$PROBE_DIRECTORY/environment"
  } 2>/dev/null
}
builtin bind -x '"\C-x\C-p": __probe'
builtin bind -x '"\C-x\C-o": __probe_environment'
