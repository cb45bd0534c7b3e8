# shellhook for zsh 5.0 and later: eval "$(shellhook init zsh)"
# The four hooks tell one story in one order under the same names. This file is valid as it lies; three placeholders
# are filled in when it is rendered. `\builtin` and `\command` see past the user's aliases and functions. `emulate -L
# zsh` is the cure for KSH_ARRAYS, SH_WORD_SPLIT, GLOB_SUBST, NOUNSET and their like.
__shellhook_backend='@BACKEND@'
__shellhook_command='@COMMAND@'
__shellhook_completions='@COMPLETIONS@'

# --- the session

# Runs the backend and takes its answer, code for this shell, all of it or none. Its questions go to the terminal.
function __shellhook_take() {
  \builtin emulate -L zsh
  \builtin setopt local_traps no_aliases no_xtrace no_verbose # no secret in a trace
  \builtin trap - DEBUG # nor in the user's trap, which is given every command; local_traps puts it back
  \builtin local __shellhook_out
  \builtin local -i __shellhook_rc=0
  # Ctrl-C at a question: without a trap zsh drops the whole function and reports 2. `:` and not '', since an ignored
  # signal is inherited and the backend would not hear of it. local_traps puts the user's own back.
  \builtin trap : INT
  __shellhook_out=$(\command "$__shellhook_backend" "$@") || __shellhook_rc=$?
  if [[ $__shellhook_rc -eq 0 && -n $__shellhook_out ]]; then
    \builtin unset -v __shellhook_drawn
    \builtin eval "$__shellhook_out" || __shellhook_rc=$?
  fi
  \builtin return $__shellhook_rc
}

# Now, into __shellhook_now, as SHELLHOOK_EXPIRES counts. No process: a module's variable, else the prompt's own clock.
function __shellhook_clock() {
  \builtin typeset -gi __shellhook_now
  if [[ -n ${EPOCHSECONDS-} ]] || \builtin zmodload zsh/datetime 2>/dev/null; then
    __shellhook_now=$EPOCHSECONDS
  else
    __shellhook_now=${(%):-%D{%s}}
  fi
}

# The seconds that are left, into __shellhook_left; false if no session is on or nobody knows its end.
function __shellhook_look() {
  # Digits are digits before any arithmetic.
  case ${SHELLHOOK_EXPIRES-} in '' | *[^0-9]* | ???????????????*) \builtin return 1 ;; esac
  __shellhook_clock
  \builtin typeset -gi __shellhook_left=$((SHELLHOOK_EXPIRES - __shellhook_now))
}

# Has somebody else put their keys over ours, or a profile beside them? Then renewal leaves them alone.
function __shellhook_is_changed() {
  [[ ${AWS_ACCESS_KEY_ID-} != "${SHELLHOOK_KEY_ID-}" || -n ${AWS_PROFILE+set} ]]
}

# --- renewal

# The newest expiry of the request that any shell has got, as its marker tells, into __shellhook_newest.
function __shellhook_read_marker() {
  \builtin local state=${XDG_STATE_HOME-}
  \builtin typeset -g __shellhook_newest= __shellhook_marker=
  [[ ${#SHELLHOOK_REQUEST} -eq 32 && $SHELLHOOK_REQUEST != *[^0-9a-f]* ]] || \builtin return 0
  [[ $state == /* ]] || state=${HOME-}/.local/state
  __shellhook_marker=$state/shellhook/markers/$SHELLHOOK_REQUEST
  { IFS= \builtin read -r __shellhook_newest <"$__shellhook_marker"; } 2>/dev/null || \builtin :
}

# A session that another shell, or the background, has got for the same request: its marker tells of a later expiry.
function __shellhook_pick_up() {
  __shellhook_read_marker
  case $__shellhook_newest in '' | *[^0-9]* | ???????????????*) \builtin return 0 ;; esac
  # Noted first: one that cannot be picked up is not tried at every prompt.
  if ((__shellhook_newest > SHELLHOOK_EXPIRES)) && [[ ${__shellhook_taken-} != $__shellhook_newest ]]; then
    \builtin typeset -g __shellhook_taken=$__shellhook_newest
    __shellhook_take renew --shell zsh --pid $$ --hook 1 --pick-up || \builtin :
    __shellhook_look || __shellhook_left=1
  fi
}

# Silently, once per expiry. False if that was started now. `&!` makes no job of it; it leaves the terminal by itself.
function __shellhook_renew() {
  case ${SHELLHOOK_RENEW-} in '' | *[^0-9]* | ???????????????*) \builtin return 0 ;; esac
  if ((SHELLHOOK_EXPIRES - __shellhook_left >= SHELLHOOK_RENEW)) &&
    [[ ${__shellhook_renewing-} != $SHELLHOOK_EXPIRES ]]; then
    \builtin typeset -g __shellhook_renewing=$SHELLHOOK_EXPIRES
    \command "$__shellhook_backend" renew --shell zsh --pid $$ --hook 1 --background </dev/null >/dev/null 2>&1 &!
    \builtin return 1
  fi
  \builtin return 0
}

# The question, at the 'prompt' or before a 'command', once per expiry and place. Noted before it is asked: Ctrl-C can't
# bring it back. Not in a pipe, a subshell or a shell that no one is looking at.
function __shellhook_ask() {
  case ${SHELLHOOK_REPROMPT:-both} in both | "$1") ;; *) \builtin return 0 ;; esac
  [[ -o interactive && $ZSH_SUBSHELL -eq 0 && -t 0 && -t 2 ]] || \builtin return 0
  \builtin local noted=__shellhook_asked_$1
  [[ ${(P)noted-} != $SHELLHOOK_EXPIRES ]] || \builtin return 0
  \builtin typeset -g $noted=$SHELLHOOK_EXPIRES
  \builtin local place=$1
  \builtin shift
  __shellhook_take renew --shell zsh --pid $$ --hook 1 --ask $place "$@"
}

# A duration as it is written in a setting, 900, 15m or 1h, in seconds, into __shellhook_seconds; else the default.
function __shellhook_seconds_of() {
  \builtin typeset -gi __shellhook_seconds=$2
  \builtin local digits=${1%[smh]}
  case $digits in '' | *[^0-9]* | ?????????*) \builtin return 0 ;; esac
  case $1 in
    *m) __shellhook_seconds=$((digits * 60)) ;;
    *h) __shellhook_seconds=$((digits * 3600)) ;;
    *) __shellhook_seconds=$digits ;;
  esac
}

# Is a word one of a list, separated by blanks, in which * and ? are patterns?
function __shellhook_is_listed() {
  \builtin local pattern
  for pattern in ${=2}; do
    # Every letter but those two stands for itself: (b) quotes all patterns, then the two are freed.
    pattern=${(b)pattern}
    pattern=${pattern//\\\*/*}
    pattern=${pattern//\\\?/?}
    [[ $1 == ${~pattern} ]] && \builtin return 0
  done
  \builtin return 1
}

# Does the line run a program that uses AWS, also behind sudo, env or time, in a pipe or after &&? Not if it names a
# profile or sets AWS_* itself, nor for what needs no credentials. The words are those of zsh's own lexer. zsh has
# expanded their aliases, except in what is substituted.
function __shellhook_uses_aws() {
  \builtin local word name= wrapped= first= start=1
  case " $1" in *[[:space:]]--profile[=[:space:]]* | *[[:space:]\;\&\|\(\{\`]AWS_*=*) \builtin return 1 ;; esac
  for word in ${(z)1}; do
    case $word in
      ';' | '&' | '&&' | '||' | '|' | '|&' | '&!' | '&|' | '(' | ')' | '{' | '}' | \
        '!' | if | then | elif | else | do | while | until)
        [[ -z $name ]] || \builtin return 0
        start=1 wrapped=
        continue
        ;;
    esac
    # What is substituted is a line of its own: $(...), <(...), >(...) and =(...).
    if [[ $word == *[\$\<\>=]'('*')'* ]] && __shellhook_uses_aws "${${word#*[\$\<\>=]\(}%\)*}"; then
      \builtin return 0
    elif [[ $word == *\`*\`* ]] && __shellhook_uses_aws "${${word#*\`}%\`*}"; then
      \builtin return 0
    fi
    if [[ -n $name ]]; then
      case $word in
        help | --help | -help | --version | -version) name= ;;
        -*) ;;
        configure | sso | login | logout | fmt | validate | version | completion) [[ -z $first ]] || name= first= ;;
        *) first= ;;
      esac
    elif [[ -n $start ]]; then
      if [[ -z $wrapped ]] && [[ -n ${aliases[$word]-} ]]; then
        word=${aliases[$word]%%[[:space:]]*}
      fi
      if [[ $word == -* || ${word:t} == *=* ]]; then
        :
      elif __shellhook_is_listed "${word:t}" "$__shellhook_wrappers"; then
        wrapped=1
      elif __shellhook_is_listed "${word:t}" "${SHELLHOOK_COMMANDS:-$__shellhook_commands}"; then
        name=$word first=1 start=
      elif [[ -z $wrapped ]]; then
        start=
      fi
    fi
  done
  [[ -n $name ]]
}
__shellhook_wrappers='sudo doas env time nice nohup command exec builtin xargs watch timeout stdbuf noglob nocorrect'
__shellhook_commands='aws aws-* terraform tofu terragrunt cdk cdktf sam eksctl pulumi packer copilot s5cmd'

# --- the prompt

# The text for anyone's prompt into SHELLHOOK_SEGMENT: "power-user 1h05m", "x 14m!", "x 4m!!", "x expired", "x changed".
# And its colour into __shellhook_color. States differ by more than colour.
function __shellhook_segment() {
  \builtin local left= name=${SHELLHOOK_ROLE:-${SHELLHOOK_PROFILE-}} state=OK format out=
  # It stays as it is until so many seconds are left.
  \builtin typeset -gi __shellhook_stays=0
  if __shellhook_is_changed; then
    left=changed state=CHANGED
  elif __shellhook_look; then
    __shellhook_seconds_of "${SHELLHOOK_WARN-}" 900
    if ((__shellhook_left >= 3600)); then
      left=$((__shellhook_left / 3600))h$((__shellhook_left % 3600 / 600))$((__shellhook_left % 600 / 60))m
    elif ((__shellhook_left >= 60)); then
      left=$((__shellhook_left / 60))m
    else
      left=${__shellhook_left}s
    fi
    __shellhook_stays=$((__shellhook_left < 60 ? __shellhook_left : __shellhook_left / 60 * 60))
    if ((__shellhook_left <= 0)); then
      left=expired state=ALARM
    elif ((__shellhook_left < __shellhook_seconds)); then
      __shellhook_seconds_of "${SHELLHOOK_ALARM-}" 300
      if ((__shellhook_left < __shellhook_seconds)); then left+='!!' state=ALARM; else left+='!' state=WARN; fi
    fi
    if ((__shellhook_left >= __shellhook_seconds && __shellhook_stays < __shellhook_seconds)); then
      __shellhook_stays=$__shellhook_seconds
    fi
  fi
  if [[ -n ${SHELLHOOK_FORMAT-} ]]; then
    # Taken apart from the left, once: a role named {left} stays a name.
    format=$SHELLHOOK_FORMAT
    while [[ $format == *'{'* ]]; do
      out+=${format%%'{'*} format=${format#*'{'}
      case $format in
        profile\}*) out+=${SHELLHOOK_PROFILE-} format=${format#*'}'} ;;
        role\}*) out+=${SHELLHOOK_ROLE-} format=${format#*'}'} ;;
        account\}*) out+=${SHELLHOOK_ACCOUNT-} format=${format#*'}'} ;;
        region\}*) out+=${SHELLHOOK_REGION-} format=${format#*'}'} ;;
        left\}*) out+=$left format=${format#*'}'} ;;
        *) out+='{' ;;
      esac
    done
    out+=$format
  else
    [[ $name == "${SHELLHOOK_PROFILE-}" || -z ${SHELLHOOK_PROFILE-} ]] || name+=" ($SHELLHOOK_PROFILE)"
    out=$name${left:+ $left}
  fi
  # Inherited text is no more trusted than typed: what is not printable could drive the terminal.
  out=${out//[[:cntrl:]]/?}
  \builtin export SHELLHOOK_SEGMENT=$out
  if [[ $state == OK || $state == WARN ]] && [[ -n ${SHELLHOOK_DANGER-} ]] && {
    __shellhook_is_listed "${SHELLHOOK_ROLE-}" "$SHELLHOOK_DANGER" ||
      __shellhook_is_listed "${SHELLHOOK_PROFILE-}" "$SHELLHOOK_DANGER"
  }; then
    state=DANGER
  fi
  \builtin typeset -g __shellhook_color=
  if [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]]; then
    case $state in
      OK) __shellhook_color=${SHELLHOOK_COLOR_OK:-32} ;;
      WARN) __shellhook_color=${SHELLHOOK_COLOR_WARN:-33} ;;
      ALARM) __shellhook_color=${SHELLHOOK_COLOR_ALARM:-31} ;;
      CHANGED) __shellhook_color=${SHELLHOOK_COLOR_CHANGED:-35} ;;
      DANGER) __shellhook_color=${SHELLHOOK_COLOR_DANGER:-'1;31'} ;;
    esac
    [[ $__shellhook_color != *[^0-9\;]* ]] || __shellhook_color=
  fi
}

# Puts the segment into the right prompt, or before the left one. The text goes through psvar, which no option expands a
# second time: what is placed holds nothing of anybody's. Looked at anew each time, since themes write prompts anew.
function __shellhook_place() {
  \builtin local where=RPROMPT placed=
  case ${SHELLHOOK_PROMPT:-right} in
    off | manual) where= ;;
    left) where=PROMPT ;;
    *) [[ ${TERM-} != dumb ]] || where=PROMPT ;; # which has no right prompt
  esac
  psvar[20]=${SHELLHOOK_SEGMENT-}
  # Without prompt_percent prompts are shown as they are written. (`emulate` leaves that option alone.)
  if [[ -n $where && -n ${SHELLHOOK_SEGMENT-} && -o prompt_percent ]] && ! __shellhook_is_shown_elsewhere; then
    placed='[%20v]'
    [[ -z $__shellhook_color ]] || placed="%{"$'\e['"${__shellhook_color}m%}$placed%{"$'\e['"0m%}"
    if [[ $where == PROMPT ]]; then placed+=' '; else placed=" $placed"; fi
  fi
  if [[ -n ${__shellhook_placed-} ]]; then
    PROMPT=${PROMPT/"$__shellhook_placed"/}
    RPROMPT=${RPROMPT/"$__shellhook_placed"/}
  fi
  \builtin typeset -g __shellhook_placed=$placed
  case $where in
    PROMPT) PROMPT=$placed${PROMPT-} ;;
    RPROMPT) [[ -z $placed ]] || RPROMPT=${RPROMPT-}$placed ;;
  esac
}

# Does somebody else's prompt show profile *and* time? Only starship does, where its aws module is on, and powerlevel10k
# by a segment made for it. starship's configuration is read once for each path, with a builtin.
function __shellhook_is_shown_elsewhere() {
  [[ -z ${functions[p10k]-} || -z ${functions[prompt_shellhook]-} ]] || \builtin return 0
  [[ -n ${STARSHIP_SHELL-} && "${precmd_functions-} ${PROMPT-}" == *starship* ]] || \builtin return 1
  \builtin local file=${STARSHIP_CONFIG:-${HOME-}/.config/starship.toml} text= format
  if [[ ${__shellhook_starship-} != $file* ]]; then
    { IFS= \builtin read -r -d '' text <"$file"; } 2>/dev/null || \builtin :
    format=${text#*format}
    \builtin typeset -g __shellhook_starship="$file yes"
    case ${text#*'[aws]'} in "$text") ;; *disabled*=*true*) __shellhook_starship="$file no" ;; esac
    case $'\n'$text in
      *$'\nformat'*) case $format in *'$aws'* | *'$all'*) ;; *) __shellhook_starship="$file no" ;; esac ;;
    esac
  fi
  [[ $__shellhook_starship == *' yes' ]]
}

# At each prompt. zsh gives every hook the user's own status, and keeps it.
function __shellhook_precmd() {
  \builtin emulate -L zsh +x +v
  [[ ${precmd_functions[-1]-} == "${__shellhook_is_settled-}" ]] || __shellhook_settle
  # Is all that the segment is made of as it was when it was made, the minute included? Most prompts have no more to do.
  # What is looked at: the clock; the variables, put together; the marker, whose time is what its first line says, which
  # zsh would read letter by letter; and whether a theme has written a prompt anew. What only an assume changes is drawn
  # anew by that; what is only a matter of colour is looked at when the text changes.
  if [[ -n ${SHELLHOOK_REQUEST-} ]]; then
    \builtin typeset -g __shellhook_made_of="$SHELLHOOK_REQUEST|${AWS_ACCESS_KEY_ID-}|${AWS_PROFILE+set}|\
${SHELLHOOK_KEY_ID-}|${SHELLHOOK_EXPIRES-}|${SHELLHOOK_PROMPT-}|${SHELLHOOK_FORMAT-}|${SHELLHOOK_WARN-}|\
${SHELLHOOK_ALARM-}|${SHELLHOOK_DANGER-}"
    if [[ $__shellhook_made_of == "${__shellhook_drawn-}" ]]; then
      [[ -n ${EPOCHSECONDS-} ]] || __shellhook_clock
      [[ ${EPOCHSECONDS-$__shellhook_now} -le $__shellhook_until && -r $__shellhook_marker ]] &&
        \builtin zstat -A __shellhook_seen +mtime -- $__shellhook_marker &&
        [[ "$__shellhook_seen" == "$__shellhook_newest" && ${PROMPT-}${RPROMPT-} == *"$__shellhook_placed"* ]] && {
        (($#psvar > 19)) || psvar[20]=${SHELLHOOK_SEGMENT-} # a precmd with vcs_info empties psvar
        \builtin return 0
      }
    fi
  elif [[ -z ${SHELLHOOK_SEGMENT+set} ]]; then
    # With no session on there is nothing to draw, nor to remove.
    \builtin return 0
  fi
  __shellhook_at_prompt
}

function __shellhook_at_prompt() {
  \builtin typeset -g __shellhook_drawn= __shellhook_until
  \builtin typeset -ga __shellhook_seen
  if [[ -z ${SHELLHOOK_REQUEST-} ]]; then
    \builtin unset -v SHELLHOOK_SEGMENT
    __shellhook_place
    \builtin return 0
  fi
  if ! __shellhook_is_changed && __shellhook_look; then
    __shellhook_pick_up
    # Where silent renewal has only just been started, a question would wait for it.
    if __shellhook_renew && ((__shellhook_left <= 0)); then
      __shellhook_ask prompt || \builtin :
    fi
  fi
  __shellhook_segment
  __shellhook_place
  __shellhook_note
}

# Notes what was drawn, and until when that is right. Not where the session has run out: a question may be due.
function __shellhook_note() {
  \builtin zmodload -F zsh/stat b:zstat 2>/dev/null || \builtin return 0
  if ! __shellhook_is_changed && __shellhook_look; then
    ((__shellhook_left > 0)) || \builtin return 0
    __shellhook_until=$((SHELLHOOK_EXPIRES - __shellhook_stays))
  else
    __shellhook_until=99999999999999
    __shellhook_read_marker
  fi
  # As it was before: where that brought another session, the next prompt draws once more.
  __shellhook_drawn=$__shellhook_made_of
}

# --- the line

# Before a line runs: is it one that wants the session, and has that run out? The third argument is the line with its
# aliases expanded. Where the question ends with Ctrl-C the line is not run: an interrupt here takes it back.
function __shellhook_preexec() {
  \builtin emulate -L zsh +x +v
  [[ -n ${SHELLHOOK_REQUEST-} ]] && ! __shellhook_is_changed && __shellhook_look || \builtin return 0
  __shellhook_pick_up
  __shellhook_seconds_of "${SHELLHOOK_MIN_TTL-}" 0
  ((__shellhook_left <= __shellhook_seconds)) && [[ ${__shellhook_asked_command-} != $SHELLHOOK_EXPIRES ]] ||
    \builtin return 0
  __shellhook_uses_aws "${3-$1}" || \builtin return 0
  __shellhook_ask command --min-ttl $__shellhook_seconds || [[ $? -ne 130 ]] || \builtin kill -INT $$
  \builtin return 0
}

# --- the command

# Is this for people to read, or a command that needs the terminal? Then it is not captured.
function __shellhook_is_shown() {
  \builtin emulate -L zsh
  \builtin local word
  for word in "$@"; do
    case $word in
      -- | -c | -c=* | --console | --console=* | --status | --check | --print | --list | --json | --help | -h | \
        --version) \builtin return 0 ;;
    esac
  done
  \builtin return 1
}

function __shellhook_assume() {
  \builtin emulate -L zsh
  \builtin setopt no_xtrace no_verbose no_err_exit no_err_return
  \builtin local -i __shellhook_status=0
  # $$ is the shell itself, also in ( ... ), where what is set dies with the parentheses and is not the shell's to undo.
  \builtin local -a __shellhook_call
  # A backslash, since a global alias of that name would be expanded here.
  __shellhook_call=(\assume --shell zsh --pid $$ --hook 1 --subshell=$ZSH_SUBSHELL --)
  if __shellhook_is_shown "$@"; then
    # Not `|| status=$?`: zsh would report 1 where Ctrl-C ends the command. So it is 130, and ends a loop around it too.
    \command "$__shellhook_backend" $__shellhook_call "$@"
    __shellhook_status=$?
  else
    __shellhook_take $__shellhook_call "$@" || __shellhook_status=$?
  fi
  # It can also be there and not start: its Python is gone. What is shown may be a command, whose status is its own.
  if [[ $__shellhook_status == 12[67] ]] && { [[ ! -x $__shellhook_backend ]] || ! __shellhook_is_shown "$@"; }; then
    \builtin print -ru2 -- "shellhook: $__shellhook_backend is gone or cannot be started: \
install shellhook again, then open a new shell"
  fi
  \builtin return $__shellhook_status
}

# The user's own name for it. `function NAME` and not NAME(): an alias of that name, as granted makes one, would be
# expanded there; and it would stand before the function for ever.
\builtin unalias "$__shellhook_command" 2>/dev/null || \builtin :
\builtin eval "function $__shellhook_command { __shellhook_assume \"\$@\"; }"

# --- completion

# At the first TAB: the file has a function of this name, which takes over and answers that very TAB. Where the file is
# gone, TAB does what it does behind any command.
function __shellhook_complete() {
  if [[ -r $__shellhook_completions/_shellhook ]]; then
    \builtin . "$__shellhook_completions/_shellhook"
  else
    _default
  fi
}

# Once, at the first prompt after compinit, which may well run later than this file and forgets what was there. It is
# known by its array: to look for its function would load zsh/parameter, which can deadlock under Rosetta (mise).
function __shellhook_offer() {
  ((${+_comps})) || \builtin return 0 # at every prompt of those who have no completion, so nothing stands before it
  \builtin emulate -L zsh +x +v
  add-zsh-hook -d precmd __shellhook_offer
  compdef __shellhook_complete $__shellhook_command shellhook
}

# --- the shell's own events

# add-zsh-hook adds nothing twice, so the file can be read twice.
function __shellhook_register() {
  \builtin emulate -L zsh
  \builtin autoload -Uz add-zsh-hook
  add-zsh-hook precmd __shellhook_offer
  add-zsh-hook precmd __shellhook_precmd
  add-zsh-hook preexec __shellhook_preexec
}

# Once, when everybody is there, and where somebody comes later still (as zinit's turbo mode brings them): what was
# loaded after us may write the prompt anew each time. So we go last.
function __shellhook_settle() {
  \builtin typeset -g __shellhook_is_settled=__shellhook_precmd
  if [[ ${precmd_functions[-1]-} == _p9k_precmd && -n ${functions[prompt_shellhook]-} ]]; then
    __shellhook_is_settled=_p9k_precmd # which goes last at each prompt, and has a segment for ours
  elif [[ ${precmd_functions[-1]-} != __shellhook_precmd ]]; then
    precmd_functions=(${precmd_functions:#__shellhook_precmd} __shellhook_precmd)
  fi
  # powerlevel10k comes after the last, and again when it hears from git: what is not a segment of its own is lost.
  if [[ -n ${functions[p10k]-} && -z ${functions[prompt_shellhook]-} &&
    -n ${POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS+set} ]]; then
    functions[prompt_shellhook]='__shellhook_p10k'
    if [[ ${SHELLHOOK_PROMPT-} == left ]]; then
      POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(shellhook ${POWERLEVEL9K_LEFT_PROMPT_ELEMENTS-})
    else
      POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS+=(shellhook)
    fi
  fi
}

function __shellhook_p10k() {
  [[ -n ${SHELLHOOK_SEGMENT-} ]] || \builtin return 0
  case ${SHELLHOOK_PROMPT-} in off | manual) \builtin return 0 ;; esac
  \builtin local color=${__shellhook_color##*;}
  [[ $color == 3[0-7] ]] && color=$((color - 30)) || color=
  p10k segment ${color:+-f} ${color:+$color} -t '[%20v]'
}

if [[ -o interactive ]]; then __shellhook_register; fi
