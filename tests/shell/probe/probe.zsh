# Sourced by the start-up file of a zsh under test, after PROBE_DIRECTORY is set.
# The same as probe.bash: Ctrl-X Ctrl-P writes down the whole state of the shell, Ctrl-X Ctrl-O what it exports.

unset zle_bracketed_paste
HISTSIZE=1000
PROBE_PROMPTS=0
PROMPT='[%1v:%?]> ' # not $((..)): that is counted again at every redraw, and only under prompt_subst
PROMPT2='> '

__probe_count() {
  builtin emulate -L zsh
  psvar[1]=$((PROBE_PROMPTS += 1))
}
precmd_functions+=(__probe_count)

__probe() {
  {
    builtin printf 'setting options\0'
    builtin set -o
    builtin printf '\0setting aliases\0'
    builtin alias -L
    builtin printf '\0setting traps\0'
    builtin trap
    builtin printf '\0'
  } >|"$PROBE_DIRECTORY/shell" 2>/dev/null
  builtin emulate -L zsh +x +v
  builtin local PROBE_NAME
  {
    for PROBE_NAME in ${(ok)parameters}; do
      # Special ones that only mirror others ($functions, $history ...) and those that are no identifiers ($?, $1)
      [[ $PROBE_NAME != [A-Za-z_]* || $parameters[$PROBE_NAME] == *hideval* ]] && continue
      builtin printf 'variable %s\0' $PROBE_NAME
      builtin typeset -p -- $PROBE_NAME
      builtin printf '\0'
    done
    for PROBE_NAME in ${(ok)functions}; do
      builtin printf 'function %s\0' $PROBE_NAME
      builtin functions -- $PROBE_NAME
      builtin printf '\0'
    done
    builtin printf 'setting completions\0'
    builtin print -r -- ${(kv)_comps}
    builtin printf '\0setting history\0'
    for PROBE_NAME in ${(kon)history}; do # not fc: it refuses to work in a widget
      builtin print -r -- $history[$PROBE_NAME]
    done
    builtin printf '\0'
  } >>|"$PROBE_DIRECTORY/shell" 2>/dev/null
  __probe_environment
}
__probe_environment() {
  builtin emulate -L zsh +x +v
  builtin command /usr/bin/env -0 >|"$PROBE_DIRECTORY/new"
  builtin command /bin/mv "$PROBE_DIRECTORY/new" "$PROBE_DIRECTORY/environment"
}
zle -N __probe
zle -N __probe_environment
bindkey '^X^P' __probe
bindkey '^X^O' __probe_environment
