# shellhook for bash 3.2 and later: eval "$(shellhook init bash)"
# The four hooks tell one story in one order under the same names. This file is valid as it lies; three placeholders are
# filled in when it is rendered. `\builtin` and `\command` see past the user's aliases and functions; behind `\builtin`,
# `local` and `export` are words like others, so their values stand in quotes.
__shellhook_backend='@BACKEND@'
__shellhook_command='@COMMAND@'
__shellhook_completions='@COMPLETIONS@'

# --- the session

# Runs the backend and takes its answer, code for this shell, all of it or none. Its questions go to the terminal.
function __shellhook_take() {
  \builtin local __shellhook_out __shellhook_trap __shellhook_rc=0
  # Ctrl-C at a question: without a trap bash drops the whole function, and 3.2 reports 1. `:` and not '', since an
  # ignored signal is inherited and the backend would not hear of it. The user's own trap is put back as it was.
  if [[ "${FUNCNAME[*]}" == *__shellhook_debug* ]]; then
    # Not within a DEBUG trap: before bash 5 a Ctrl-C in the same line would then end the shell. At a question Ctrl-C is
    # a letter to the backend; while that calls AWS it ends the line, as it should.
    __shellhook_out=$(\command "$__shellhook_backend" "$@") || __shellhook_rc=$?
  else
    __shellhook_trap=$(\builtin trap -p INT)
    \builtin trap : INT
    __shellhook_out=$(\command "$__shellhook_backend" "$@") || __shellhook_rc=$?
    \builtin trap - INT
    # `trap -p` writes `trap -- ...`, where an alias of the user's would be expanded.
    \builtin eval "${__shellhook_trap:+\\builtin $__shellhook_trap}"
  fi
  if [[ $__shellhook_rc -eq 0 && -n $__shellhook_out ]]; then
    \builtin unset -v __shellhook_drawn
    \builtin eval "$__shellhook_out" || __shellhook_rc=$?
  fi
  \builtin return "$__shellhook_rc"
}

# No secret in a trace: xtrace prints the words of every command, verbose the text that is evaluated, and functrace (or
# extdebug, which is the same flag) gives every command to a DEBUG trap of the user's. bash 4.4 has `local -` for this;
# here they are off for a function and put back by hand, for 3.2. Even that is silent. Only where they are on: in a
# DEBUG trap 3.2's SHELLOPTS loses the word `history` by any `set`. keyword is off, too, and assignments are plain until
# then: under it `\builtin export a=b` is an `export` without words, which shows the whole environment.
function __shellhook_untraced() {
  {
    \builtin local __shellhook_flags __shellhook_status
    __shellhook_flags=$- __shellhook_status=0
    case $- in *[xvTk]*) \builtin set +xvTk ;; esac
  } 2>/dev/null
  "$@" || __shellhook_status=$?
  {
    case $__shellhook_flags in *k*) \builtin set -k ;; esac
    case $__shellhook_flags in *T*) \builtin set -T ;; esac
    case $__shellhook_flags in *v*) \builtin set -v ;; esac
    case $__shellhook_flags in *x*) \builtin set -x ;; esac
    \builtin return "$__shellhook_status"
  } 2>/dev/null
}

# Now, into __shellhook_now, as SHELLHOOK_EXPIRES counts. No process: a variable of bash 5.0, a format of 4.2's printf;
# for 3.2 `date`, once a shell, and from then on SECONDS.
if [[ -n ${EPOCHSECONDS-} ]]; then
  function __shellhook_clock() { __shellhook_now=$EPOCHSECONDS; }
elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then
  function __shellhook_clock() { \builtin printf -v __shellhook_now '%(%s)T' -1; }
else
  __shellhook_born=
  function __shellhook_clock() {
    [[ -n $__shellhook_born ]] || __shellhook_born=$(($(\command -p date +%s) - SECONDS))
    __shellhook_now=$((__shellhook_born + SECONDS))
  }
fi

# The seconds that are left, into __shellhook_left; false if no session is on or nobody knows its end.
function __shellhook_look() {
  # Digits are digits before any arithmetic: `x[$(...)0]` would be run there.
  case ${SHELLHOOK_EXPIRES-} in '' | *[!0-9]* | ???????????????*) \builtin return 1 ;; esac
  __shellhook_clock
  __shellhook_left=$((10#$SHELLHOOK_EXPIRES - __shellhook_now))
}

# Has somebody else put their keys over ours, or a profile beside them? Then renewal leaves them alone.
function __shellhook_is_changed() {
  [[ ${AWS_ACCESS_KEY_ID-} != "${SHELLHOOK_KEY_ID-}" || -n ${AWS_PROFILE+set} ]]
}

# --- renewal

# The newest expiry of the request that any shell has got, as its marker tells, into __shellhook_newest.
function __shellhook_read_marker() {
  \builtin local state="${XDG_STATE_HOME-}"
  __shellhook_newest='' __shellhook_marker=''
  # Not =~, which would overwrite the user's BASH_REMATCH.
  [[ ${#SHELLHOOK_REQUEST} -eq 32 && $SHELLHOOK_REQUEST != *[!0-9a-f]* ]] || \builtin return 0
  [[ $state == /* ]] || state=${HOME-}/.local/state
  __shellhook_marker=$state/shellhook/markers/$SHELLHOOK_REQUEST
  { IFS= \builtin read -r __shellhook_newest <"$__shellhook_marker"; } 2>/dev/null || \builtin :
}

# A session that another shell, or the background, has got for the same request: its marker tells of a later expiry.
function __shellhook_pick_up() {
  __shellhook_read_marker
  case $__shellhook_newest in '' | *[!0-9]* | ???????????????*) \builtin return 0 ;; esac
  # Noted first: one that cannot be picked up is not tried at every prompt.
  if ((10#$__shellhook_newest > 10#$SHELLHOOK_EXPIRES)) && [[ ${__shellhook_taken-} != "$__shellhook_newest" ]]; then
    __shellhook_taken=$__shellhook_newest
    __shellhook_untraced __shellhook_take renew --shell bash --pid "$$" --hook 1 --pick-up || \builtin :
    __shellhook_look || __shellhook_left=1
  fi
}

# Silently, once per expiry. False if that was started now. In a subshell of its own, so that no job is reported; it
# leaves the terminal by itself.
function __shellhook_renew() {
  case ${SHELLHOOK_RENEW-} in '' | *[!0-9]* | ???????????????*) \builtin return 0 ;; esac
  if ((10#$SHELLHOOK_EXPIRES - __shellhook_left >= 10#$SHELLHOOK_RENEW)) &&
    [[ ${__shellhook_renewing-} != "$SHELLHOOK_EXPIRES" ]]; then
    __shellhook_renewing=$SHELLHOOK_EXPIRES
    (\command "$__shellhook_backend" renew --shell bash --pid "$$" --hook 1 --background </dev/null >/dev/null 2>&1 &)
    \builtin return 1
  fi
  \builtin return 0
}

# The question, at the 'prompt' or before a 'command', once per expiry and place. Noted before it is asked: Ctrl-C can't
# bring it back. Not in a pipe, a subshell or a shell that no one is looking at.
function __shellhook_ask() {
  case ${SHELLHOOK_REPROMPT:-both} in both | "$1") ;; *) \builtin return 0 ;; esac
  [[ $- == *i* && $BASH_SUBSHELL -eq 0 && -t 0 && -t 2 ]] || \builtin return 0
  \builtin local noted="__shellhook_asked_$1"
  [[ ${!noted-} != "$SHELLHOOK_EXPIRES" ]] || \builtin return 0
  \builtin printf -v "$noted" %s "$SHELLHOOK_EXPIRES"
  \builtin shift
  __shellhook_untraced __shellhook_take renew --shell bash --pid "$$" --hook 1 --ask "${noted##*_}" "$@"
}

# A duration as it is written in a setting, 900, 15m or 1h, in seconds, into __shellhook_seconds; else the default.
function __shellhook_seconds_of() {
  __shellhook_seconds=$2
  \builtin local digits="${1%[smh]}"
  case $digits in '' | *[!0-9]* | ?????????*) \builtin return 0 ;; esac
  case $1 in
    *m) __shellhook_seconds=$((10#$digits * 60)) ;;
    *h) __shellhook_seconds=$((10#$digits * 3600)) ;;
    *) __shellhook_seconds=$((10#$digits)) ;;
  esac
}

# Is a word one of a list, separated by blanks, in which * and ? are patterns?
function __shellhook_is_listed() {
  \builtin local word rest="$2 "
  while [[ $rest == *[![:space:]]* ]]; do
    rest=${rest#"${rest%%[![:space:]]*}"}
    word=${rest%%[[:space:]]*}
    rest=${rest#"$word"}
    word=${word//\\/\\\\}
    word=${word//\[/\\[}
    # shellcheck disable=SC2053 # a pattern is what it is
    [[ $1 == $word ]] && \builtin return 0
  done
  \builtin return 1
}

# Does the line run a program that uses AWS, also behind sudo, env or time, in a pipe or after &&? Not if it names a
# profile or sets AWS_* itself, nor for what needs no credentials. Quotes are seen, substitutions looked into.
function __shellhook_uses_aws() {
  \builtin local line="$1" word name='' wrapped='' start=1 first='' before inner done=''
  case " $line" in *[[:space:]]--profile[=[:space:]]* | *[[:space:]\;\&\|\(\{\`]AWS_*=*) \builtin return 1 ;; esac
  # What stands in single quotes is a word, whatever is in it. Within double ones they are apostrophes.
  while [[ $line == *[\'\"]* ]]; do
    before=${line%%[\'\"]*}
    line=${line#"$before"}
    inner=${line:1}
    case $line in
      \'*\'*) done+=${before}_ line=${inner#*\'} ;;
      \"*\"*) done+=$before${inner%%\"*} line=${inner#*\"} ;;
      *) done+=$before line=$inner ;;
    esac
  done
  line=$done$line
  line=${line//[\`|\&;(){\}$'\n']/ ; } line="${line//\$/} "
  while [[ $line == *[![:space:]]* ]]; do
    line=${line#"${line%%[![:space:]]*}"}
    word=${line%%[[:space:]]*}
    line=${line#"$word"}
    case $word in
      ';' | if | then | elif | else | do | while | until | !)
        [[ -z $name ]] || \builtin return 0
        start=1 wrapped=''
        continue
        ;;
    esac
    if [[ -n $name ]]; then
      case $word in
        help | --help | -help | --version | -version) name='' ;;
        -*) ;;
        configure | sso | login | logout | fmt | validate | version | completion) [[ -z $first ]] || name='' first='' ;;
        *) first='' ;;
      esac
    elif [[ -n $start ]]; then
      if [[ -z $wrapped ]] && ((BASH_VERSINFO[0] >= 4)) && [[ -n ${BASH_ALIASES[$word]-} ]]; then
        word=${BASH_ALIASES[$word]%%[[:space:]]*}
      fi
      if [[ $word == -* || ${word##*/} == *=* ]]; then
        :
      elif __shellhook_is_listed "${word##*/}" "$__shellhook_wrappers"; then
        wrapped=1
      elif __shellhook_is_listed "${word##*/}" "${SHELLHOOK_COMMANDS:-$__shellhook_commands}"; then
        name=$word first=1 start=''
      elif [[ -z $wrapped ]]; then
        start=''
      fi
    fi
  done
  [[ -n $name ]]
}
__shellhook_wrappers='sudo doas env time nice nohup command exec builtin xargs watch timeout stdbuf'
__shellhook_commands='aws aws-* terraform tofu terragrunt cdk cdktf sam eksctl pulumi packer copilot s5cmd'

# --- the prompt

# The text for anyone's prompt into SHELLHOOK_SEGMENT: "power-user 1h05m", "x 14m!", "x 4m!!", "x expired", "x changed".
# And its colour into __shellhook_color. States differ by more than colour.
function __shellhook_segment() {
  \builtin local left='' name="${SHELLHOOK_ROLE:-${SHELLHOOK_PROFILE-}}" state=OK format out=''
  # It stays as it is until so many seconds are left.
  __shellhook_stays=0
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
  \builtin export SHELLHOOK_SEGMENT="$out"
  if [[ $state == OK || $state == WARN ]] && [[ -n ${SHELLHOOK_DANGER-} ]] && {
    __shellhook_is_listed "${SHELLHOOK_ROLE-}" "$SHELLHOOK_DANGER" ||
      __shellhook_is_listed "${SHELLHOOK_PROFILE-}" "$SHELLHOOK_DANGER"
  }; then
    state=DANGER
  fi
  __shellhook_color=
  if [[ -z ${NO_COLOR-} && ${TERM-} != dumb ]]; then
    case $state in
      OK) __shellhook_color=${SHELLHOOK_COLOR_OK:-32} ;;
      WARN) __shellhook_color=${SHELLHOOK_COLOR_WARN:-33} ;;
      ALARM) __shellhook_color=${SHELLHOOK_COLOR_ALARM:-31} ;;
      CHANGED) __shellhook_color=${SHELLHOOK_COLOR_CHANGED:-35} ;;
      DANGER) __shellhook_color=${SHELLHOOK_COLOR_DANGER:-'1;31'} ;;
    esac
    case $__shellhook_color in *[!0-9\;]*) __shellhook_color= ;; esac
  fi
}

# Puts the segment before the prompt, by reference: by value, `$(...)` in a role's name would be run. Looked at anew
# each time, since themes write PS1 anew. The text between the brackets stays when no session is on, and shows nothing.
function __shellhook_place() {
  case ${SHELLHOOK_PROMPT:-left} in off | manual) [[ ${PS1-} != *__shellhook_esc* ]] || __shellhook_unplace ;; *)
    if [[ ${PS1-} != *__shellhook_esc* ]] && ! __shellhook_is_shown_elsewhere && \builtin shopt -q promptvars; then
      PS1=$__shellhook_placed${PS1-}
    fi
    ;;
  esac
  if [[ -n ${SHELLHOOK_SEGMENT-} && -n $__shellhook_color ]]; then
    __shellhook_esc=$'\e['${__shellhook_color}m __shellhook_end=$'\e[0m'
  else
    __shellhook_esc='' __shellhook_end=''
  fi
}
# shellcheck disable=SC2016 # expanded when the prompt is drawn
__shellhook_placed='\[${__shellhook_esc-}\]${SHELLHOOK_SEGMENT:+[$SHELLHOOK_SEGMENT]}\[${__shellhook_end-}\]'
# shellcheck disable=SC2016
__shellhook_placed+='${SHELLHOOK_SEGMENT:+ }'
function __shellhook_unplace() {
  PS1=${PS1/"$__shellhook_placed"/}
}

# Does somebody else's prompt show profile *and* time? Only starship does, where its aws module is on. Its
# configuration is read once for each path, with a builtin.
function __shellhook_is_shown_elsewhere() {
  [[ -n ${STARSHIP_SHELL-} && "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-} ${PS1-}" == *starship* ]] ||
    \builtin return 1
  \builtin local file="${STARSHIP_CONFIG:-${HOME-}/.config/starship.toml}" text='' format
  if [[ ${__shellhook_starship-} != "$file"* ]]; then
    { IFS= \builtin read -r -d '' text <"$file"; } 2>/dev/null || \builtin :
    format=${text#*format}
    __shellhook_starship="$file yes"
    case ${text#*'[aws]'} in "$text") ;; *disabled*=*true*) __shellhook_starship="$file no" ;; esac
    # shellcheck disable=SC2016 # starship's own names
    case $'\n'$text in
      *$'\nformat'*) case $format in *'$aws'* | *'$all'*) ;; *) __shellhook_starship="$file no" ;; esac ;;
    esac
  fi
  [[ $__shellhook_starship == *' yes' ]]
}

# At each prompt. The user's own status comes back. The first words leave it alone, and under `set -x` they are all that
# is seen of this.
function __shellhook_precmd() {
  case $- in *[xvk]*) __shellhook_untraced __shellhook_draw "$?" ;; *) __shellhook_draw "$?" ;; esac
}
# Is all that the segment is made of as it was when it was made, the minute included? Most prompts have no more to do.
# What is looked at: the clock; the variables, put together; the marker; and whether a theme has written PS1 anew. What
# only an assume changes is drawn anew by that; what is only a matter of colour is looked at when the text changes.
function __shellhook_draw() {
  if [[ -n ${SHELLHOOK_REQUEST-} ]]; then
    __shellhook_made_of="$SHELLHOOK_REQUEST|${AWS_ACCESS_KEY_ID-}|${AWS_PROFILE+set}|${SHELLHOOK_KEY_ID-}|\
${SHELLHOOK_EXPIRES-}|${SHELLHOOK_PROMPT-}|${SHELLHOOK_FORMAT-}|${SHELLHOOK_WARN-}|${SHELLHOOK_ALARM-}|\
${SHELLHOOK_DANGER-}"
    [[ -n ${EPOCHSECONDS-} ]] || __shellhook_clock
    if [[ $__shellhook_made_of == "${__shellhook_drawn-}" && ${EPOCHSECONDS-$__shellhook_now} -le $__shellhook_until &&
      -r $__shellhook_marker ]] && \builtin read -r __shellhook_seen <"$__shellhook_marker" &&
      [[ $__shellhook_seen == "$__shellhook_newest" && ${PS1-} == *"$__shellhook_in_place"* ]]; then
      \builtin return "$1"
    fi
  elif [[ -z ${SHELLHOOK_SEGMENT+set} ]]; then
    # With no session on there is nothing to draw, nor to remove.
    \builtin return "$1"
  fi
  __shellhook_at_prompt
  \builtin return "$1"
}

function __shellhook_at_prompt() {
  if [[ -z ${SHELLHOOK_REQUEST-} ]]; then
    \builtin unset -v SHELLHOOK_SEGMENT
    __shellhook_esc='' __shellhook_end='' __shellhook_drawn=''
    \builtin return 0
  fi
  __shellhook_drawn=''
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
  if ! __shellhook_is_changed && __shellhook_look; then
    ((__shellhook_left > 0)) || \builtin return 0
    __shellhook_until=$((10#$SHELLHOOK_EXPIRES - __shellhook_stays))
  else
    __shellhook_until=99999999999999
    __shellhook_read_marker
  fi
  # As it was before: where that brought another session, the next prompt draws once more.
  __shellhook_drawn=$__shellhook_made_of
  # By the one name in it: the whole text takes a microsecond more to find, at each prompt.
  __shellhook_in_place=
  [[ ${PS1-} != *__shellhook_esc* ]] || __shellhook_in_place=__shellhook_esc
}

# --- the line

# Before a line runs: is it one that wants the session, and has that run out? Without an argument the line is found in
# the history; false if it may not be there. Where the question ends with Ctrl-C the line is not run: bash has no way of
# refusing it, but it can be interrupted.
# shellcheck disable=SC2120 # bash-preexec gives the line
function __shellhook_preexec() {
  \builtin local line letters
  [[ -n ${SHELLHOOK_REQUEST-} && $BASH_SUBSHELL -eq 0 ]] && ! __shellhook_is_changed && __shellhook_look ||
    \builtin return 0
  __shellhook_pick_up
  __shellhook_seconds_of "${SHELLHOOK_MIN_TTL-}" 0
  ((__shellhook_left <= __shellhook_seconds)) && [[ ${__shellhook_asked_command-} != "$SHELLHOOK_EXPIRES" ]] ||
    \builtin return 0
  if (($#)); then line=$1; else
    line=$(HISTTIMEFORMAT='' \builtin history 1)
    line=${line#"${line%%[![:space:]]*}"}
    line=${line#*[[:space:]]}
    # HISTCONTROL and HISTIGNORE keep lines out of the history: then its last is another one. A DEBUG trap knows the
    # line's first command, and shows it with blanks of its own and its alias expanded; 5.3 knows the line's number.
    letters=${line//[^[:alnum:]]/}
    if [[ "${FUNCNAME[*]}" != *__shellhook_debug* ]]; then
      [[ ${HISTCMD-} != "${__shellhook_number-}" ]] || \builtin return 1
    elif [[ $letters != *"${BASH_COMMAND//[^[:alnum:]]/}"* ]]; then
      \builtin alias -- "${line%%[[:space:]]*}" >/dev/null 2>&1 || line=''
      line="$BASH_COMMAND; $line"
    fi
  fi
  __shellhook_uses_aws "$line" || \builtin return 0
  __shellhook_ask command --min-ttl "$__shellhook_seconds" || [[ $? -ne 130 ]] || \builtin kill -INT "$$"
  \builtin return 0
}

# bash 5.3 expands PS0 in this shell, once a line is read.
function __shellhook_before_line() {
  # shellcheck disable=SC2119
  __shellhook_untraced __shellhook_preexec
}

# Where that may not have the line, a DEBUG trap sees its first command: once, and if the user has none (what is given
# is theirs). It removes itself, and hands `$_` through.
# shellcheck disable=SC2016 # expanded then
function __shellhook_before_command() {
  [[ -n $1 ]] || \builtin trap '__shellhook_underscore=$_; \builtin trap - DEBUG
    __shellhook_untraced __shellhook_debug "$__shellhook_underscore"' DEBUG
}

# Older ones have a DEBUG trap, which is run before each command; only the first of a line matters, not one of
# PROMPT_COMMAND, nor what a key or a completion runs.
function __shellhook_debug() {
  if [[ -z ${COMP_LINE+set}${READLINE_LINE+set} && ${PROMPT_COMMAND[*]-} != *"$BASH_COMMAND"* ]]; then
    __shellhook_waiting=''
    # shellcheck disable=SC2119
    __shellhook_preexec
  fi
}

# --- the command

# Is this for people to read, or a command that needs the terminal? Then it is not captured.
function __shellhook_is_shown() {
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
  \builtin local __shellhook_status=0
  # $$ is the shell itself, also in ( ... ), where what is set dies with the parentheses and is not the shell's to undo.
  \builtin local -a __shellhook_call
  __shellhook_call=(assume --shell bash --pid "$$" --hook 1 "--subshell=$BASH_SUBSHELL" --)
  if __shellhook_is_shown "$@"; then
    \command "$__shellhook_backend" "${__shellhook_call[@]}" "$@" || __shellhook_status=$?
  else
    __shellhook_take "${__shellhook_call[@]}" "$@" || __shellhook_status=$?
  fi
  # It can also be there and not start: its Python is gone. What is shown may be a command, whose status is its own.
  if [[ $__shellhook_status == 12[67] ]] && { [[ ! -x $__shellhook_backend ]] || ! __shellhook_is_shown "$@"; }; then
    \builtin printf '%s\n' "shellhook: $__shellhook_backend is gone or cannot be started: \
install shellhook again, then open a new shell" >&2
  fi
  \builtin return "$__shellhook_status"
}

# The user's own name for it. `function NAME` and not NAME(): an alias of that name, as granted makes one, would be
# expanded there; and it would stand before the function for ever.
\builtin unalias "$__shellhook_command" 2>/dev/null || \builtin :
\builtin eval "function $__shellhook_command { __shellhook_untraced __shellhook_assume \"\$@\"; }"

# --- completion

# At the first TAB: loads the file, whose function takes this one's place and answers that very TAB. If it is gone,
# readline goes on with file names, as for any command.
function __shellhook_complete() {
  { __shellhook_untraced builtin source "$__shellhook_completions/shellhook.bash"; } 2>/dev/null || \builtin :
  if \builtin declare -F __shellhook_answer >/dev/null; then
    __shellhook_complete "$@"
  elif ((BASH_VERSINFO[0] >= 4)); then
    \builtin compopt -o bashdefault -o default
  else
    # shellcheck disable=SC2207
    COMPREPLY=($(\builtin compgen -f -- "$2"))
  fi
}

# --- the shell's own events

# Appended, not prepended: before starship it would cost that its PIPESTATUS. Only what is missing, so that the file can
# be read twice.
function __shellhook_register() {
  if [[ ${BLE_VERSION-} && ${_ble_version-0} -ge 400 ]]; then
    blehook PRECMD!=__shellhook_precmd
    blehook PREEXEC!=__shellhook_preexec
  elif [[ -n ${bash_preexec_imported-} ]]; then
    case " ${precmd_functions[*]-} " in *' __shellhook_precmd '*) ;; *)
      precmd_functions+=(__shellhook_precmd __shellhook_last) ;;
    esac
  else
    case ";${PROMPT_COMMAND[*]-};${STARSHIP_PROMPT_COMMAND-};" in *__shellhook_precmd*) ;; *)
      __shellhook_append "{ __shellhook_precmd; $__shellhook_at_end" ;;
    esac
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 503)); then
      # shellcheck disable=SC2016 # expanded when a line was read
      case ${PS0-} in *__shellhook_before_line*) ;; *)
        PS0=${PS0-}'${ __shellhook_before_line || __shellhook_before_command "${ \builtin trap -p DEBUG; }"; }' ;;
      esac
    fi
  fi
}

# The end of what stands in PROMPT_COMMAND. It hands the user's status on; without `&&` that would reach their ERR trap,
# as a command's that failed. What is behind `&&` is of use: our DEBUG trap would take any other word for the user's.
__shellhook_at_end='__shellhook_last; } && __shellhook_waiting=1'

# Puts a command at the end of PROMPT_COMMAND, a text or an array. Of that, bash before 5.1 runs the first entry alone.
function __shellhook_append() {
  \builtin local commands
  case $((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501))$(\builtin declare -p PROMPT_COMMAND 2>/dev/null) in
    '1declare -a'*) PROMPT_COMMAND+=("$1") ;;
    *)
      commands="${PROMPT_COMMAND-}"
      commands=${commands%"${commands##*[![:space:];]}"} # a ; at its end would stand alone
      # shellcheck disable=SC2178 # no array here
      PROMPT_COMMAND="${commands:+$commands$'\n'}$1" # on a line of its own: a & or a remark may stand before it
      ;;
  esac
}

# After everybody else at the prompt: a theme may have written PS1 anew, and from now on a command is the user's.
function __shellhook_last() {
  case $?:${__shellhook_is_settled-no}:$- in
    *:no:*) __shellhook_settle "$?" ;;
    *[xvk]*) __shellhook_untraced __shellhook_at_last "$?" ;;
    0:*)
      # As below, where nothing failed: the call alone would be a quarter more.
      __shellhook_number=${HISTCMD-}
      [[ -z ${SHELLHOOK_SEGMENT-} || ${PS1-} == *"${__shellhook_in_place-}"* ]] || __shellhook_place
      \builtin return 0
      ;;
    *) __shellhook_at_last "$?" ;;
  esac
}
function __shellhook_at_last() {
  [[ $1 -eq 0 ]] || __shellhook_waiting=1 # else it is set behind us, in PROMPT_COMMAND
  __shellhook_number=${HISTCMD-}
  [[ -z ${SHELLHOOK_SEGMENT-} || ${PS1-} == *"${__shellhook_in_place-}"* ]] || __shellhook_place
  \builtin return "$1"
}

# Once, when everybody is there: what was loaded after us may stand behind us, and a DEBUG trap of the user's stays
# (then the question comes at the prompt only). That trap is not seen in a sourced file, and in a function only at the
# top and with the attribute `t`. So where starship has taken us into a function of its own, this waits at the end.
function __shellhook_settle() {
  \builtin local commands
  if [[ -n ${bash_preexec_imported-} ]]; then
    [[ " ${preexec_functions[*]-} " == *' __shellhook_preexec '* ]] || preexec_functions+=(__shellhook_preexec)
    [[ " ${precmd_functions[*]-}" == *' __shellhook_last' ]] || precmd_functions+=(__shellhook_last)
  else
    [[ "${PROMPT_COMMAND[*]-}" == *"$__shellhook_at_end" || ${PROMPT_COMMAND-} == *"$__shellhook_at_end" ]] ||
      __shellhook_append "{ $__shellhook_at_end"
    [[ ${#FUNCNAME[@]} -eq 2 ]] || \builtin return "$1"
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 503)) && [[ -z $(\builtin trap -p DEBUG) ]]; then
      # `$_` is handed through: it stays what the user's last command made it. Under `set -T` functions, ours too, have
      # this trap as well, and what they run was not typed.
      # shellcheck disable=SC2016 # expanded then
      commands='[[ ${__shellhook_waiting-}${FUNCNAME-} != 1 ]] || __shellhook_untraced __shellhook_debug "$_"'
      # shellcheck disable=SC2064 # what is expanded now is the text
      \builtin trap "$commands" DEBUG
    fi
  fi
  __shellhook_is_settled=1
  \builtin declare -f +t __shellhook_last __shellhook_settle
  __shellhook_at_last "$1"
}

if [[ $- == *i* ]]; then
  [[ -n ${__shellhook_is_settled-} ]] || \builtin declare -ft __shellhook_last __shellhook_settle
  __shellhook_register
  \builtin complete -F __shellhook_complete "$__shellhook_command" shellhook
fi
