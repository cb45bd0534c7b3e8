# shellcheck shell=bash disable=SC2154 # the hook sets __shellhook_completions, the directory of this file
# Completion of assume and shellhook for bash 3.2 and later. The hook sources this at the first TAB.
# It reads the AWS files itself: no process is started, nothing is printed. What files say stays in locals; in the shell
# stay the profiles' names. As in the hook, `\builtin` sees past the user's aliases and functions.

# --- the entry

# Called by readline: $1 is the command. The user's options are set aside meanwhile, traps and traces with them, and are
# put back by hand for 3.2. `local -` of bash 4.4 does so after a Ctrl-C as well; without that, globbing is off for
# moments only.
function __shellhook_complete() {
  {
    \builtin local - || \builtin :
    \builtin local __shellhook_flags="$-" __shellhook_behind='' __shellhook_shopts=''
    \builtin set +xvueET
  } 2>/dev/null
  __shellhook_aside || \builtin :
  {
    \builtin eval "$__shellhook_shopts"
    case $__shellhook_flags in *u*) \builtin set -u ;; esac
    case $__shellhook_flags in *E*) \builtin set -E ;; esac
    case $__shellhook_flags in *T*) \builtin set -T ;; esac
  } 2>/dev/null
  # The user's own command, and what completes it, runs under the user's own options.
  if [[ -n $__shellhook_behind ]]; then
    __shellhook_complete_behind "$__shellhook_behind" || \builtin :
  fi
  {
    case $__shellhook_flags in *e*) \builtin set -e ;; esac
    case $__shellhook_flags in *v*) \builtin set -v ;; esac
    case $__shellhook_flags in *x*) \builtin set -x ;; esac
    \builtin return 0
  } 2>/dev/null
}

function __shellhook_aside() {
  \builtin local IFS=$' \t\n' option
  for option in nocasematch failglob; do
    if \builtin shopt -q "$option" 2>/dev/null; then
      \builtin shopt -u "$option"
      __shellhook_shopts+="\\builtin shopt -s $option;"
    fi
  done
  __shellhook_answer
}

# What completes at the cursor, into COMPREPLY.
function __shellhook_answer() {
  \builtin local -a typed ends found about
  \builtin local word cursor kept quote redirected where='' expected='' positional='' kind='' number=0 is_special=''
  COMPREPLY=()
  __shellhook_take_apart "${COMP_LINE:0:COMP_POINT}"
  __shellhook_words
  case ${typed[0]##*/} in shellhook) where=shellhook ;; *) where=assume kind=profile ;; esac
  for word in "${typed[@]:1}"; do
    number=$((number + 1))
    if [[ -n $expected ]]; then
      expected=''
    elif [[ $word == -- ]]; then
      # Behind it is the user's own command.
      [[ $where != assume && $kind != profile ]] || __shellhook_behind=${ends[number]}
      \builtin return 0
    elif [[ $word == -?* ]]; then
      __shellhook_kind "$where" "$word" expected
      case $expected in - | =*) expected='' ;; esac
    elif [[ $where == shellhook ]]; then
      __shellhook_kind "$where" "$word" kind
      where=$word
      [[ $kind != assume ]] || where=assume kind=profile
    elif [[ $where == assume ]]; then
      positional=1
    else
      # What follows a word of a list, as in `keys import`, is of the kind that the list has for it.
      __shellhook_kind "$kind" "$word" kind
    fi
  done
  if [[ -n $redirected ]]; then
    __shellhook_behind='file'
  elif [[ -n $expected ]]; then
    __shellhook_values "$expected" ''
  elif [[ $cursor == --*=* ]]; then
    __shellhook_kind "$where" "${cursor%%=*}" expected
    __shellhook_values "${expected#=}" "${cursor%%=*}="
  elif [[ $cursor == -* ]]; then
    __shellhook_list "$where" '' -
  elif [[ $where == shellhook ]]; then
    __shellhook_list "$where" '' ''
  elif [[ -z $positional ]]; then
    __shellhook_values "$kind" ''
  fi
  __shellhook_reply
}

# --- the line

# Takes a line apart as the shell would: what stands before the cursor's word into `typed`, without quotes, and where
# each word ends into `ends`; the cursor's word into `cursor`. Readline replaces the end of it: what is behind an open
# quote, else behind the last of COMP_WORDBREAKS that is not quoted. `@` is replaced too (a "special prefix"). The rest
# goes into `kept`, an open quote into `quote`. COMP_WORDS will not do: bash 4 splits it at `:` and `=`, 3.2 does not.
function __shellhook_take_apart() {
  \builtin local rest="$1" part in_word='' before=''
  typed=() ends=() cursor='' kept='' quote='' redirected=''
  while [[ -n $rest ]]; do
    case $quote in
      "'") part=${rest%%\'*} ;;
      '"') part=${rest%%[\"\\]*} ;;
      *)
        part=${rest%%[$' \t\n\'"\\']*}
        __shellhook_break "$part"
        ;;
    esac
    [[ -z $part ]] || in_word=1
    cursor+=$part
    rest=${rest#"$part"}
    [[ -n $rest ]] || \builtin break
    part=${rest:0:1}
    rest=${rest:1}
    case $quote$part in
      \'\' | \"\") quote='' kept=$before ;;
      \\) cursor+=${rest:0:1} rest=${rest:1} in_word=1 ;;
      \"\\)
        case $rest in [\$\`\"\\]*) ;; *) cursor+=\\ ;; esac
        cursor+=${rest:0:1} rest=${rest:1}
        ;;
      \' | \") quote=$part before=$kept kept=$cursor in_word=1 ;;
      *)
        [[ -z $in_word ]] || typed+=("$cursor") ends+=("$((${#1} - ${#rest}))")
        case $in_word$cursor in 1*[!\<\>]) redirected='' ;; esac
        cursor='' kept='' in_word=''
        ;;
    esac
  done
}

# The last break in a part that has no quotes.
function __shellhook_break() {
  \builtin local at=${#1} letter
  case $1 in *[\<\>]*) redirected=1 ;; *[=:@]*) ;; *) \builtin return 0 ;; esac
  while ((at > 0)); do
    letter=${1:at-1:1}
    if [[ $COMP_WORDBREAKS == *"$letter"* ]]; then
      kept=$cursor${1:0:at}
      [[ $letter != @ ]] || kept=$cursor${1:0:at-1}
      \builtin return 0
    fi
    at=$((at - 1))
  done
}

# --- the words

# The rows of the file `words`, once: where, a word there, what its value is, what it is for, with tabs between.
function __shellhook_words() {
  [[ -z ${__shellhook_rows+set} ]] || \builtin return 0
  \builtin local row
  __shellhook_rows=()
  [[ -f $__shellhook_completions/words && -r $__shellhook_completions/words ]] || \builtin return 0
  if ((BASH_VERSINFO[0] >= 4)); then
    \builtin mapfile -t __shellhook_rows <"$__shellhook_completions/words"
  else
    while \builtin read -r row; do __shellhook_rows+=("$row"); done <"$__shellhook_completions/words"
  fi
}

# What a word is followed by: sets the variable $3 to its kind, or to nothing. Without the file the option that names a
# profile is known all the same.
function __shellhook_kind() {
  \builtin local row
  \builtin printf -v "$3" %s ''
  for row in "${__shellhook_rows[@]}"; do
    if [[ $row == "$1"$'\t'"$2"$'\t'* ]]; then
      row=${row#*$'\t'*$'\t'}
      \builtin printf -v "$3" %s "${row%%$'\t'*}"
      \builtin return 0
    fi
  done
  case ${#__shellhook_rows[@]}$2 in 0--profile | 0-p) \builtin printf -v "$3" profile ;; esac
}

# The words of a list, with $2 before each, that begin as the cursor's word does: those with a dash or those without.
function __shellhook_list() {
  \builtin local row word
  for row in "${__shellhook_rows[@]}"; do
    [[ $row == "$1"$'\t'* ]] || continue
    word=${row#*$'\t'} word=${word%%$'\t'*}
    case $3$word in --* | [!-]*) ;; *) continue ;; esac
    if [[ $2$word == "$cursor"* ]]; then
      found+=("$2$word")
      about+=("${row##*$'\t'}")
    fi
  done
}

# The values of a kind, with $2 before each.
function __shellhook_values() {
  \builtin local name
  case $1 in
    '' | - | text) ;;
    profile)
      __shellhook_names
      if [[ -z $cursor ]]; then
        found=("${__shellhook_profiles[@]}")
      else
        for name in "${__shellhook_profiles[@]}"; do
          if [[ $2$name == "$cursor"* ]]; then found+=("$2$name"); fi
        done
      fi
      is_special=$__shellhook_is_special
      [[ ${COMP_TYPE-} != 63 ]] || ((BASH_VERSINFO[0] < 4)) || __shellhook_about "$2"
      ;;
    file) __shellhook_behind='file' ;;
    *) __shellhook_list "$1" "$2" '' ;;
  esac
}

# --- the answer

# What was found, as readline shall insert it. Only where it inserts nothing and lists (bash 4 says so) does it stand
# beside what it is for. One entry of more than half the width puts each into a row of its own.
function __shellhook_reply() {
  \builtin local at longest=0 width="${COLUMNS:-80}" entry
  if [[ ${COMP_TYPE-} == 63 && "${about[*]-}" == *[![:space:]]* ]]; then
    for entry in "${found[@]}"; do ((longest >= ${#entry})) || longest=${#entry}; done
    ((width > 20)) || width=80
    ((longest < width / 2)) || longest=$((width / 2))
    for ((at = 0; at < ${#found[@]}; at++)); do
      \builtin printf -v entry "%-${longest}s  %s" "${found[at]}" "${about[at]}"
      ((at)) || \builtin printf -v entry "%-$((width / 2 + 1))s" "$entry"
      COMPREPLY[at]=${entry:0:width-1}
    done
    \builtin return 0
  fi
  if [[ -z $quote$is_special ]]; then
    if [[ -z $kept ]]; then COMPREPLY=("${found[@]}"); else COMPREPLY=("${found[@]#"$kept"}"); fi
    \builtin return 0
  fi
  for entry in "${found[@]}"; do
    __shellhook_quote "${entry#"$kept"}"
    COMPREPLY+=("$__shellhook_quoted")
  done
}

# What has a meaning to the shell; `]` stands first and a backslash twice because it is used within brackets.
__shellhook_special=$']\\\\[ \t\'"`$!*?(){}<>|&;~#'

# Quotes a word as the open quote wants it, into __shellhook_quoted. Not by %q: before bash 5 that writes $'\303\244'.
function __shellhook_quote() {
  \builtin local rest="$1" part specials
  case $quote in
    "'") specials=\' ;;
    '"') specials=$'"$`\\\\' ;;
    *) specials=$__shellhook_special ;;
  esac
  __shellhook_quoted=
  while [[ $rest == *[$specials]* ]]; do
    # shellcheck disable=SC2295 # they are a pattern
    part=${rest%%[$specials]*}
    rest=${rest#"$part"}
    __shellhook_quoted+=$part
    if [[ $quote == "'" ]]; then __shellhook_quoted+="'\\''"; else __shellhook_quoted+=\\${rest:0:1}; fi
    rest=${rest:1}
  done
  __shellhook_quoted+=$rest
}

# --- the profiles

# The path of one AWS file, as the backend finds it, into __shellhook_path: $1 is the variable that names it, $2 its
# name in ~/.aws. `$NAME` and `${NAME}` are expanded, then `~`; a variable that is set and empty names no file.
function __shellhook_file() {
  \builtin local LC_ALL=C rest name home user
  rest=${!1-\~/.aws/$2} __shellhook_path=
  while [[ $rest == *\$* ]]; do
    __shellhook_path+=${rest%%\$*} rest=${rest#*\$}
    name=${rest%%[!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_]*} user=$name
    case $rest in \{*\}*) name=${rest#\{} name=${name%%\}*} user="{$name}" ;; esac
    rest=${rest#"$user"}
    case $name in
      '' | [0-9]* | *[!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_]*) __shellhook_path+=\$$user ;;
      *) if [[ -n ${!name+set} ]]; then __shellhook_path+=${!name}; else __shellhook_path+=\$$user; fi ;;
    esac
  done
  __shellhook_path+=$rest
  user=${__shellhook_path%%/*}
  case $user in
    \~) home=~ ;;
    \~*[!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-]*) home=$user ;;
    \~*) \builtin eval "home=$user" ;;
    *) home=$user ;;
  esac
  __shellhook_path=${home%/}${__shellhook_path#"$user"}
  [[ $__shellhook_path == /* ]] || __shellhook_path=$PWD/$__shellhook_path
}

# The names of all profiles, in the order of the files, into __shellhook_profiles. Read only where something changed.
function __shellhook_names() {
  \builtin local config credentials at bad='[![:print:]]' IFS=' '
  __shellhook_file AWS_CONFIG_FILE config
  config=$__shellhook_path
  __shellhook_file AWS_SHARED_CREDENTIALS_FILE credentials
  credentials=$__shellhook_path
  ! __shellhook_is_known "$config" "$credentials" || \builtin return 0
  # What is there twice is left so: readline shows it once.
  __shellhook_profiles=() __shellhook_is_special=''
  __shellhook_search config "$config" 0
  __shellhook_search credentials "$credentials" 1000000
  # What is not printable could drive the terminal. Where characters are bytes, those of UTF-8 are let through.
  [[ $'\303\244' == ? ]] || bad='[[:cntrl:]]'
  if [[ "${__shellhook_profiles[*]}" == *$bad* ]]; then
    for at in "${!__shellhook_profiles[@]}"; do
      [[ ${__shellhook_profiles[at]} != *$bad* ]] || \builtin unset -v "__shellhook_profiles[at]"
    done
  fi
  IFS=
  [[ "${__shellhook_profiles[*]}" != *[$__shellhook_special]* ]] || __shellhook_is_special=1
}

# Are the names in memory those of the files as they are? bash can only ask which of two files is newer. So one in the
# store is written before the files are read, and what is not strictly older than that is read again; strictly, since
# clocks have ticks (3.2 counts whole seconds). A directory is as new as the last change of its entries: by it a file is
# noticed that took another's place and is older. The stamp holds a word of whoever wrote it last, so that every shell
# knows whether it has read the same.
function __shellhook_is_known() {
  \builtin local state="${XDG_STATE_HOME-}" stamp word='' path now='' known is_older=1
  [[ $state == /* ]] || state=${HOME-}/.local/state
  stamp=$state/shellhook/completion known="$1|$2"
  { IFS= \builtin read -r word <"$stamp"; } 2>/dev/null || word=''
  for path in "$1" "$2" "${1%/*}" "${2%/*}"; do
    if [[ -e $path ]]; then known+='|1'; else known+='|0'; fi
    [[ $stamp -nt $path ]] || is_older=''
    # The directory may be a link itself.
    [[ ! -L $path || $stamp -nt ${path%/*} ]] || is_older=''
  done
  # A stamp of the future would be newer than everything.
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then \builtin printf -v now '%(%s)T' -1; fi
  case ${word%%.*} in
    '' | *[!0-9]* | ???????????????*) is_older='' ;;
    *) [[ -z $now ]] || ((10#${word%%.*} <= now)) || is_older='' ;;
  esac
  if [[ -n $is_older ]]; then
    [[ ${__shellhook_known-} != "$known|$word" ]] || \builtin return 0
  else
    word=${now:-0}.$$.$RANDOM$RANDOM
    # Where there is no store nothing is known for sure, and the files are read each time.
    if ! { [[ -O ${stamp%/*} ]] && \builtin printf '%s\n' "$word" >|"$stamp"; } 2>/dev/null; then word=$RANDOM; fi
  fi
  __shellhook_known="$known|$word"
  \builtin return 1
}

# Cuts a file at its opening brackets, into `pieces`: that takes a tenth of the time that all of its lines would take.
function __shellhook_cut() {
  \builtin local piece has_cr=''
  \builtin local -i number=0
  pieces=()
  [[ -f $1 && -r $1 ]] || \builtin return 0
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    {
      \builtin mapfile -t -n 2 -d $'\r' pieces <"$1"
      ((${#pieces[@]} < 2)) || has_cr=1
      \builtin mapfile -t -d '[' pieces <"$1"
    } 2>/dev/null
  else
    while IFS= \builtin read -r -d '[' piece || [[ -n $piece ]]; do
      case $piece in *$'\r'*) has_cr=1 ;; esac
      pieces[number++]=$piece
    done <"$1"
  fi
  # Empty lines mean nothing here, so that those of Windows may lie between.
  [[ -z $has_cr ]] || pieces=("${pieces[@]//$'\r'/$'\n'}")
  pieces[0]=$'\n'${pieces[0]#$'\xef\xbb\xbf'}
}

# The names in the file $2, the config or the credentials file as $1 says, to the profiles. Nearly all stand in a plain
# line. Each stands there as the number of its section in the file plus $3, to be found again by __shellhook_look_up.
function __shellhook_search() {
  \builtin local LC_ALL=C # patterns are matched with bytes twice as fast
  \builtin local -a pieces heads tails
  \builtin local head name before is_value='' plain='profile '
  \builtin local -i length=8 at=0
  [[ $1 == config ]] || plain='' length=0
  __shellhook_cut "$2"
  # The pieces' first and last lines at once: a loop over whole pieces costs more than all the rest.
  heads=("${pieces[@]%%$'\n'*}") tails=("${pieces[@]##*$'\n'}")
  for head in "${heads[@]:1}"; do
    before=${tails[at]}
    if [[ -z $before && -n ${pieces[at]} ]]; then
      is_value=''
    else
      # A bracket within a line. One in a header, or an indented one, is for a closer look.
      if [[ $before != "${pieces[at]}" ]]; then
        is_value=''
        [[ $before != *[![:space:]]* ]] || is_value=1
      fi
      if [[ -z $is_value ]]; then
        __shellhook_walk "$1" "$3"
        \builtin return 0
      fi
    fi
    at+=1
    [[ -z $is_value ]] || continue
    case $head in
      "$plain"*[]$' \t\'"\\']*']'* | 'DEFAULT]') __shellhook_header "$1" "$head" ;;
      "$plain"?*']') name=${head:length:${#head}-length-1} ;;
      *) __shellhook_header "$1" "$head" ;;
    esac
    [[ -z $name ]] || __shellhook_profiles[$3 + at]=$name
  done
}

# The same line by line: an indented bracket begins a section unless it continues the value of an option, because it
# stands deeper than that option's name. Blank lines and comments between them mean nothing. The numbers, from half a
# million on, are none of sections: what is said of these is not looked up.
function __shellhook_walk() {
  \builtin local IFS='[' globbing='' line bare depth in_option='' deep=0 in_section=''
  \builtin local -a lines
  \builtin local -i at="$2 + 500000"
  line="${pieces[*]}" IFS=$'\n'
  case $- in *f*) ;; *) globbing=1 && \builtin set -f ;; esac
  # shellcheck disable=SC2206 # to be divided is what it is here for
  lines=($line)
  [[ -z $globbing ]] || \builtin set +f
  # What was found before the odd line may be wrong.
  for line in "${!__shellhook_profiles[@]}"; do ((line < $2)) || \builtin unset -v "__shellhook_profiles[line]"; done
  for line in "${lines[@]}"; do
    bare=${line#"${line%%[![:space:]]*}"} depth=$((${#line} - ${#bare}))
    case $bare in '' | [#\;]*) continue ;; esac
    [[ -z $in_option || $depth -le $deep ]] || continue
    if [[ $bare == \[?*']'* ]]; then
      in_section=1 in_option='' deep=0
      __shellhook_header "$1" "${bare#\[}"
      [[ -z $name ]] || __shellhook_profiles[at]=$name
      at+=1
    elif [[ -n $in_section ]]; then
      deep=$depth
      case $bare in [=:]*) in_option='' ;; *[=:]*) in_option=1 ;; esac
    fi
  done
}

# The profile that a header names, into `name`: $2 is what follows its first bracket. The last bracket ends it; what
# follows that is ignored. In the config file these are two words as shlex divides them, the first of which begins with
# "profile"; or "default".
function __shellhook_header() {
  \builtin local rest="$2" part word='' in_word='' words=0 last=''
  name=
  [[ $rest == ?*']'* ]] || \builtin return 0
  rest=${rest%]*}
  case $1$rest in
    credentialsDEFAULT) ;;
    credentials* | configdefault) name=$rest ;;
  esac
  [[ $1$rest == configprofile* ]] || \builtin return 0
  while \builtin :; do
    part=${rest%%[$' \t\r\'"\\']*}
    word+=$part in_word+=$part rest=${rest#"$part"}
    part=${rest:0:1} rest=${rest:1}
    case $part in
      "'")
        [[ $rest == *"'"* ]] || \builtin return 0
        word+=${rest%%"'"*} rest=${rest#*"'"} in_word=1
        ;;
      '"')
        part=
        while [[ $rest == *[\"\\]* ]]; do
          word+=${rest%%[\"\\]*} rest=${rest#"${rest%%[\"\\]*}"}
          part=${rest:0:1} rest=${rest:1}
          [[ $part == \\ && -n $rest ]] || \builtin break
          case $rest in [\"\\]*) ;; *) word+=\\ ;; esac
          word+=${rest:0:1} rest=${rest:1} part=
        done
        [[ $part == '"' ]] || \builtin return 0
        in_word=1
        ;;
      \\)
        [[ -n $rest ]] || \builtin return 0
        word+=${rest:0:1} rest=${rest:1} in_word=1
        ;;
      *)
        if [[ -n $in_word ]]; then words=$((words + 1)) last=$word; fi
        word='' in_word=''
        [[ -n $part ]] || \builtin break
        ;;
    esac
  done
  [[ $words -ne 2 ]] || name=$last
}

# --- what stands beside a name

# For the profiles in `found`, up to 100, into `about`: account and role, and for how long a session is live. $1 stands
# before each name. Called for a listing alone.
function __shellhook_about() {
  \builtin local name now text at
  \builtin local -a places
  \builtin local -A wanted live
  ((${#found[@]} > 0 && ${#found[@]} <= 100)) || \builtin return 0
  for name in "${found[@]}"; do wanted[x${name#"$1"}]=' '; done
  \builtin printf -v now '%(%s)T' -1
  __shellhook_live
  for at in "${!__shellhook_profiles[@]}"; do
    [[ -z ${wanted[x${__shellhook_profiles[at]}]-} ]] || places+=("$at")
  done
  __shellhook_file AWS_CONFIG_FILE config
  __shellhook_look_up "$__shellhook_path" 0
  __shellhook_file AWS_SHARED_CREDENTIALS_FILE credentials
  __shellhook_look_up "$__shellhook_path" 1000000
  for name in "${found[@]}"; do
    name=${name#"$1"}
    text=${wanted[x$name]# }
    [[ -z $text ]] || [[ -z ${live[x$name]-} ]] || text+='  '
    about+=("$text${live[x$name]-}")
  done
}

# What the sections at `places`, less $2, of the file $1 say of the profiles, into `wanted`.
function __shellhook_look_up() {
  \builtin local LC_ALL=C
  \builtin local -a pieces
  __shellhook_cut "$1"
  for at in "${places[@]}"; do
    ((at >= $2 && at - $2 < ${#pieces[@]})) || continue
    name=${__shellhook_profiles[at]}
    [[ ${wanted[x$name]} != ' ' ]] || __shellhook_describe "${pieces[at - $2]}"
  done
}

# The newest expiry of each profile's sessions that are not over, into `live`.
function __shellhook_live() {
  \builtin local state="${XDG_STATE_HOME-}" file expires name left globbing=1
  \builtin local -A newest
  [[ $state == /* ]] || state=${HOME-}/.local/state
  case $- in *f*) globbing='' && \builtin set +f ;; esac
  for file in "$state"/shellhook/markers/*; do
    [[ -f $file && -r $file ]] || continue
    expires='' name=''
    { IFS= \builtin read -r expires && IFS= \builtin read -r name; } <"$file" 2>/dev/null || continue
    # Digits are digits before any arithmetic.
    case $expires in '' | *[!0-9]* | ???????????????*) continue ;; esac
    if ((10#$expires > now && 10#$expires > ${newest[x$name]-0})); then
      newest[x$name]=$((10#$expires)) left=$((10#$expires - now))
      if ((left >= 3600)); then
        left=$((left / 3600))h$((left % 3600 / 600))$((left % 600 / 60))m
      elif ((left >= 60)); then
        left=$((left / 60))m
      else
        left=${left}s
      fi
      live[x$name]="live $left"
    fi
  done
  [[ -n $globbing ]] || \builtin set -f
}

# One profile, whose section is $1.
function __shellhook_describe() {
  \builtin local body="$1"$'\n' line key value role='' account='' single='' kind=''
  body=${body#*$'\n'}
  while [[ $body == *$'\n'* ]]; do
    line=${body%%$'\n'*} body=${body#*$'\n'}
    key=${line%%[=:]*}
    [[ $key != "$line" ]] || continue
    value=${line#"$key"?} key=${key%"${key##*[![:space:]]}"}
    value=${value#"${value%%[![:space:]]*}"} value=${value%"${value##*[![:space:]]}"}
    case ${key,,} in
      role_arn) role=${value##*/} value=${value#*:*:*:*:} account=${value%%:*} kind=role ;;
      sso_account_id) [[ $kind == role ]] || account=$value kind=sso ;;
      sso_role_name) single=$value ;;
      credential_process) kind=${kind:-process} ;;
      aws_access_key_id) kind=${kind:-keys} ;;
    esac
  done
  case $kind in
    '') \builtin return 0 ;;
    role) kind="$account $role" ;;
    sso) kind="$account $single" ;;
  esac
  wanted[x$name]=${kind//[[:cntrl:]]/?}
}

# --- the user's own command

# Completes what stands behind `--`, at the place $1 of the line, as that command does itself; or a file. This alone may
# start processes, as most commands' completions do.
function __shellhook_complete_behind() {
  \builtin local rest="$COMP_LINE" index=0 line point
  \builtin local -a words
  COMPREPLY=()
  if [[ $1 == file ]]; then
    __shellhook_complete_file
    \builtin return 0
  fi
  # Which of COMP_WORDS begins there; those may be parts of words.
  while ((${#COMP_LINE} - ${#rest} < $1 - 1)); do
    rest=${rest#"${rest%%[![:space:]]*}"}
    rest=${rest#"${COMP_WORDS[index]}"} index=$((index + 1))
  done
  # Those of bash-completion know more than what follows; the first name is that of 2.12 and later.
  for line in _comp_command_offset _command_offset; do
    if \builtin declare -F "$line" >/dev/null; then
      "$line" "$index"
      \builtin return 0
    fi
  done
  line=${COMP_LINE:$1} line=${line#"${line%%[![:space:]]*}"} point=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
  words=("${COMP_WORDS[@]:index}") index=$((COMP_CWORD - index))
  \builtin local COMP_LINE="$line" COMP_POINT="$point" COMP_CWORD="$index"
  \builtin local -a COMP_WORDS
  COMP_WORDS=("${words[@]}")
  if ((COMP_CWORD)); then
    __shellhook_complete_as "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
  else
    __shellhook_generate -A command -- "${COMP_WORDS[0]-}"
  fi
}

# By what is registered for the command $1; its function may say with 124 that it has just registered another.
function __shellhook_complete_as() {
  \builtin local spec at function='' status=0
  \builtin local -a options
  spec=$(\builtin complete -p -- "$1" 2>/dev/null || \builtin complete -p -- "${1##*/}" 2>/dev/null)
  if [[ -z $spec ]]; then
    __shellhook_complete_file
    \builtin return 0
  fi
  \builtin eval "options=($spec)"
  for ((at = 1; at < ${#options[@]} - 2; at++)); do
    case ${options[at]} in
      -F) function=${options[at + 1]} ;;
      -o) ((BASH_VERSINFO[0] < 4)) || \builtin compopt -o "${options[at + 1]}" 2>/dev/null ;;
    esac
  done
  if [[ -n $function ]]; then
    "$function" "$1" "$2" "$3" || status=$?
    if [[ $status -eq 124 && ${4-} != again ]]; then
      __shellhook_complete_as "$1" "$2" "$3" again
    fi
  else
    __shellhook_generate "${options[@]:1:${#options[@]}-2}" -- "$2"
  fi
}

function __shellhook_complete_file() {
  if ((BASH_VERSINFO[0] >= 4)); then
    \builtin compopt -o bashdefault -o default 2>/dev/null
  else
    __shellhook_generate -f -- "${COMP_WORDS[COMP_CWORD]-}"
  fi
}

function __shellhook_generate() {
  \builtin local line
  while IFS= \builtin read -r line; do
    COMPREPLY+=("$line")
  done < <(\builtin compgen "$@" 2>/dev/null)
}
