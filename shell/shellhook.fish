# shellhook for fish 3.2 and later: shellhook init fish | source
# The four hooks tell one story in one order under the same names. This file is valid as it lies; three placeholders
# are filled in when it is rendered. `builtin` and `command` see past the user's functions.
set -g __shellhook_backend '@BACKEND@'
set -g __shellhook_command '@COMMAND@'
set -g __shellhook_completions '@COMPLETIONS@'

# --- the session

# Runs the backend and takes its answer, code for this shell, all of it or none. Its questions go to the terminal.
function __shellhook_take
    builtin set -l fish_trace # local and empty: no secret in a trace
    builtin set -l __shellhook_out
    builtin set -l __shellhook_rc
    if builtin contains -- --paste $argv; and not builtin test -t 0
        # `assume --paste <file`: what is captured does not read the function's standard input, a builtin does.
        builtin read -lz __shellhook_in
        builtin set __shellhook_out (builtin printf %s "$__shellhook_in" |
            command $__shellhook_backend $argv | builtin string collect)
        builtin set __shellhook_rc $pipestatus[2]
    else
        builtin set __shellhook_out (command $__shellhook_backend $argv | builtin string collect)
        # $status is `string collect`'s, which fails for an empty answer.
        builtin set __shellhook_rc $pipestatus[1]
    end
    if builtin test $__shellhook_rc -eq 0; and builtin test -n "$__shellhook_out"
        builtin printf '%s\n' $__shellhook_out | builtin source
        builtin set __shellhook_rc $status
    end
    builtin return $__shellhook_rc
end

# The seconds that are left, into __shellhook_left; false if no session is on or nobody knows its end. No process: of
# any file, when it was changed and how long that is ago, added up, is now (3.6; before it `date`, only while a session
# is on).
if builtin path mtime / >/dev/null 2>&1
    function __shellhook_look
        builtin string match -qr '^[0-9]{1,14}$' -- "$SHELLHOOK_EXPIRES"; or builtin return 1
        builtin set -g __shellhook_left (builtin math $SHELLHOOK_EXPIRES - \
            (builtin path mtime /) - (builtin path mtime -R /))
    end
    set -g __shellhook_has_path 1
    builtin test -r /proc/uptime; and set -g __shellhook_has_uptime 1
else
    function __shellhook_look
        builtin string match -qr '^[0-9]{1,14}$' -- "$SHELLHOOK_EXPIRES"; or builtin return 1
        builtin set -g __shellhook_left (builtin math $SHELLHOOK_EXPIRES - (command date +%s))
    end
end

# Has somebody else put their keys over ours, or a profile beside them? Then renewal leaves them alone.
function __shellhook_is_changed
    builtin test "$AWS_ACCESS_KEY_ID" != "$SHELLHOOK_KEY_ID"; or builtin set -q AWS_PROFILE
end

# --- renewal

# The newest expiry of the request that any shell has got, as its marker tells, into __shellhook_newest.
function __shellhook_read_marker
    builtin set -g __shellhook_newest
    builtin set -g __shellhook_marker / # something that is there
    builtin string match -qr '^[0-9a-f]{32}$' -- "$SHELLHOOK_REQUEST"; or builtin return 0
    builtin set -l state $XDG_STATE_HOME
    builtin string match -q '/*' -- "$state"; or builtin set state $HOME/.local/state
    builtin set __shellhook_marker "$state/shellhook/markers/$SHELLHOOK_REQUEST"
    # Tested first: the warning about a file that cannot be read is not the command's, to be sent away.
    builtin test -r "$__shellhook_marker"; and builtin read __shellhook_newest <"$__shellhook_marker"
end

# A session that another shell, or the background, has got for the same request: its marker tells of a later expiry.
function __shellhook_pick_up
    __shellhook_read_marker
    builtin string match -qr '^[0-9]{1,14}$' -- "$__shellhook_newest"; or builtin return 0
    # Noted first: one that cannot be picked up is not tried at every prompt.
    if builtin test $__shellhook_newest -gt $SHELLHOOK_EXPIRES
        and builtin test "$__shellhook_taken" != "$__shellhook_newest"
        builtin set -g __shellhook_taken $__shellhook_newest
        __shellhook_take renew --shell fish --pid $fish_pid --hook 1 --pick-up
        __shellhook_look; or builtin set -g __shellhook_left 1
    end
end

# Silently, once per expiry. False if that was started now. Not a job of ours when it ends: `disown`; it leaves the
# terminal by itself.
function __shellhook_renew
    builtin string match -qr '^[0-9]{1,14}$' -- "$SHELLHOOK_RENEW"; or builtin return 0
    if builtin test (builtin math $SHELLHOOK_EXPIRES - $__shellhook_left) -ge $SHELLHOOK_RENEW
        and builtin test "$__shellhook_renewing" != "$SHELLHOOK_EXPIRES"
        builtin set -g __shellhook_renewing $SHELLHOOK_EXPIRES
        builtin set -l call renew --shell fish --pid $fish_pid --hook 1 --background
        command $__shellhook_backend $call </dev/null >/dev/null 2>&1 &
        builtin disown $last_pid 2>/dev/null
        builtin return 1
    end
    builtin return 0
end

# The question, at the 'prompt' or before a 'command', once per expiry and place. Noted before it is asked: Ctrl-C can't
# bring it back. Not in a pipe or a shell that no one is looking at.
function __shellhook_ask
    builtin set -l place $argv[1]
    builtin set -l when $SHELLHOOK_REPROMPT
    builtin test -n "$when"; or builtin set when both
    builtin contains -- $when both $place; or builtin return 0
    builtin status is-interactive; and builtin test -t 0; and builtin test -t 2; or builtin return 0
    builtin set -l noted __shellhook_asked_$place
    builtin test "$$noted" != "$SHELLHOOK_EXPIRES"; or builtin return 0
    builtin set -g $noted $SHELLHOOK_EXPIRES
    __shellhook_take renew --shell fish --pid $fish_pid --hook 1 --ask $place $argv[2..-1]
end

# A duration as it is written in a setting, 900, 15m or 1h, in seconds, into __shellhook_seconds; else the default.
function __shellhook_seconds_of
    builtin set -g __shellhook_seconds $argv[2]
    builtin set -l parts (builtin string match -r '^([0-9]{1,8})([smh]?)$' -- "$argv[1]"); or builtin return 0
    switch "$parts[3]"
        case m
            builtin set -g __shellhook_seconds (builtin math $parts[2] '*' 60)
        case h
            builtin set -g __shellhook_seconds (builtin math $parts[2] '*' 3600)
        case '*'
            builtin set -g __shellhook_seconds $parts[2]
    end
end

# Is a word one of a list, separated by blanks, in which * and ? are patterns?
function __shellhook_is_listed
    for pattern in (builtin string split -n ' ' -- $argv[2])
        # As a regular expression: in fish's own patterns ? stands for nothing special since 4.0.
        builtin set pattern (builtin string escape --style=regex -- $pattern)
        builtin set pattern (builtin string replace -a '\*' '.*' -- $pattern)
        builtin set pattern (builtin string replace -a '\?' . -- $pattern)
        builtin string match -qr -- "^$pattern\$" $argv[1]; and builtin return 0
    end
    builtin return 1
end

# Does the line run a program that uses AWS, also behind sudo, env or time, in a pipe or after &&? Not if it names a
# profile or sets AWS_* itself, nor for what needs no credentials.
function __shellhook_uses_aws
    builtin string match -qr -- '(^|\s)--profile([=\s]|$)|(^|[\s;&|({])(AWS_\w*=|(set|export)\s.*\bAWS_)' $argv[1]
    and builtin return 1
    # What stands in single quotes is a word, whatever is in it (within double ones they are apostrophes); separators
    # become words.
    builtin set -l line (builtin string replace -ar '"(?:[^"\\\\]|\\\\.)*"(*SKIP)(*F)|\'[^\']*\'' _ -- $argv[1])
    builtin set line (builtin string replace -ar '["$]' '' -- $line)
    builtin set line (builtin string replace -ar '[|&;(){}]|\n' ' ; ' -- $line)
    builtin set -l commands $SHELLHOOK_COMMANDS
    builtin test -n "$commands"; or builtin set commands $__shellhook_commands
    builtin set -l name
    builtin set -l wrapped
    builtin set -l first
    builtin set -l start 1
    for word in (builtin string match -ar '\S+' -- "$line")
        if builtin contains -- $word ';' if else while and or not begin !
            builtin test -z "$name"; or builtin return 0
            builtin set start 1
            builtin set wrapped
            continue
        end
        if builtin test -n "$name"
            if builtin contains -- $word help --help -help --version -version
                builtin set name
            else if builtin string match -q -- '-*' $word
                continue
            else
                builtin test -n "$first"
                and builtin contains -- $word configure sso login logout fmt validate version completion
                and builtin set name
                builtin set first
            end
        else if builtin test -n "$start"
            builtin set -l program (builtin string replace -r '.*/' '' -- $word)
            if builtin string match -qr -- '=|^-' $program
                continue
            else if __shellhook_is_listed $program "$__shellhook_wrappers"
                builtin set wrapped 1
            else if __shellhook_is_listed $program "$commands"
                builtin set name $word
                builtin set first 1
                builtin set start
            else if builtin test -z "$wrapped"
                builtin set start
            end
        end
    end
    builtin test -n "$name"
end
set -g __shellhook_wrappers 'sudo doas env time nice nohup command exec builtin xargs watch timeout stdbuf'
set -g __shellhook_commands 'aws aws-* terraform tofu terragrunt cdk cdktf sam eksctl pulumi packer copilot s5cmd'

# --- the prompt

# The text for anyone's prompt into SHELLHOOK_SEGMENT: "power-user 1h05m", "x 14m!", "x 4m!!", "x expired", "x changed".
# And its colour into __shellhook_color. States differ by more than colour.
function __shellhook_segment
    builtin set -l left
    # It stays as it is until so many seconds are left.
    builtin set -g __shellhook_stays 0
    builtin set -l state OK
    builtin set -l name $SHELLHOOK_ROLE
    builtin test -n "$name"; or builtin set name "$SHELLHOOK_PROFILE"
    if __shellhook_is_changed
        builtin set left changed
        builtin set state CHANGED
    else if __shellhook_look
        builtin set -g __shellhook_stays $__shellhook_left
        builtin test $__shellhook_left -lt 60
        or builtin set -g __shellhook_stays (builtin math "floor($__shellhook_left / 60) * 60")
        if builtin test $__shellhook_left -ge 3600
            builtin set -l minutes (builtin math -s0 $__shellhook_left % 3600 / 60)
            builtin set left (builtin math -s0 $__shellhook_left / 3600)h(builtin printf %02d $minutes)m
        else if builtin test $__shellhook_left -ge 60
            builtin set left (builtin math -s0 $__shellhook_left / 60)m
        else
            builtin set left {$__shellhook_left}s
        end
        __shellhook_seconds_of "$SHELLHOOK_WARN" 900
        if builtin test $__shellhook_left -le 0
            builtin set left expired
            builtin set state ALARM
        else if builtin test $__shellhook_left -lt $__shellhook_seconds
            __shellhook_seconds_of "$SHELLHOOK_ALARM" 300
            if builtin test $__shellhook_left -lt $__shellhook_seconds
                builtin set left $left!!
                builtin set state ALARM
            else
                builtin set left $left!
                builtin set state WARN
            end
        end
        builtin test $__shellhook_left -ge $__shellhook_seconds -a $__shellhook_stays -lt $__shellhook_seconds
        and builtin set -g __shellhook_stays $__shellhook_seconds
    end
    builtin set -l out
    if builtin test -n "$SHELLHOOK_FORMAT"
        # Taken apart once: a role named {left} stays a name.
        builtin set -l parts (builtin string split '{' -- "$SHELLHOOK_FORMAT")
        builtin set out $parts[1]
        for part in $parts[2..-1]
            builtin set -l field (builtin string match -r '^(profile|role|account|region|left)\}(.*)$' -- $part)
            switch "$field[2]"
                case profile
                    builtin set out "$out$SHELLHOOK_PROFILE$field[3]"
                case role
                    builtin set out "$out$SHELLHOOK_ROLE$field[3]"
                case account
                    builtin set out "$out$SHELLHOOK_ACCOUNT$field[3]"
                case region
                    builtin set out "$out$SHELLHOOK_REGION$field[3]"
                case left
                    builtin set out "$out$left$field[3]"
                case '*'
                    builtin set out "$out{$part"
            end
        end
    else
        builtin test "$name" = "$SHELLHOOK_PROFILE"; or builtin test -z "$SHELLHOOK_PROFILE"
        or builtin set name "$name ($SHELLHOOK_PROFILE)"
        builtin set out (builtin string join ' ' -- $name $left)
    end
    # Inherited text is no more trusted than typed: what is not printable could drive the terminal.
    builtin set -gx SHELLHOOK_SEGMENT (builtin string replace -ar '[[:cntrl:]\x{80}-\x{9f}]' '?' -- "$out")
    if builtin contains $state OK WARN; and builtin test -n "$SHELLHOOK_DANGER"
        if __shellhook_is_listed "$SHELLHOOK_ROLE" "$SHELLHOOK_DANGER"
            or __shellhook_is_listed "$SHELLHOOK_PROFILE" "$SHELLHOOK_DANGER"
            builtin set state DANGER
        end
    end
    builtin set -g __shellhook_color
    if builtin test -z "$NO_COLOR"; and builtin test "$TERM" != dumb
        builtin set -l setting SHELLHOOK_COLOR_$state
        builtin set -g __shellhook_color $$setting
        if not builtin string match -qr '^[0-9;]+$' -- "$__shellhook_color"
            switch $state
                case OK
                    builtin set -g __shellhook_color 32
                case WARN
                    builtin set -g __shellhook_color 33
                case ALARM
                    builtin set -g __shellhook_color 31
                case CHANGED
                    builtin set -g __shellhook_color 35
                case DANGER
                    builtin set -g __shellhook_color '1;31'
            end
        end
    end
end

# The segment as it is drawn, for the right prompt or before the left one.
function __shellhook_draw
    builtin set -g __shellhook_was_drawn 1
    if builtin test -n "$__shellhook_color"
        builtin printf '\e[%sm[%s]\e[0m' $__shellhook_color $SHELLHOOK_SEGMENT
    else
        builtin printf '[%s]' $SHELLHOOK_SEGMENT
    end
end

# Puts the segment into the right prompt, or before the left one: the user's own function is kept beside, and called.
# Looked at anew where ours was not called at the last prompt, since themes write theirs anew.
function __shellhook_place
    builtin set -l function fish_right_prompt
    switch "$SHELLHOOK_PROMPT"
        case off manual
            builtin set -e function
        case left
            builtin set function fish_prompt
        case '*'
            builtin test "$TERM" != dumb; or builtin set function fish_prompt # which has no right prompt
    end
    builtin set -g __shellhook_placed $function
    builtin set -q function; or builtin return 0
    if builtin functions -q $function
        builtin functions $function | builtin string match -q '*__shellhook_draw*'; and builtin return 0
    end
    if __shellhook_is_shown_elsewhere
        builtin set -g __shellhook_placed
        builtin return 0
    end
    if builtin functions -q $function
        builtin functions -q __shellhook_$function; and builtin functions -e __shellhook_$function
        builtin functions -c $function __shellhook_$function
        builtin functions -e $function
    else
        function __shellhook_$function
        end
    end
    # What the user's prints is taken first: it looks at the status of the user's command, of every part of a pipe.
    # fish 4.1 tells it by --final-rendering that the line is about to run.
    if builtin test $function = fish_prompt
        function fish_prompt
            builtin set -l text (__shellhook_fish_prompt $argv | builtin string collect -N)
            if builtin test "$__shellhook_placed" = fish_prompt; and builtin test -n "$SHELLHOOK_SEGMENT"
                __shellhook_draw
                builtin echo -n ' '
            end
            builtin printf %s $text
        end
    else
        function fish_right_prompt
            builtin set -l text (__shellhook_fish_right_prompt $argv | builtin string collect)
            builtin printf %s $text
            if builtin test "$__shellhook_placed" = fish_right_prompt; and builtin test -n "$SHELLHOOK_SEGMENT"
                builtin echo -n ' '
                __shellhook_draw
            end
        end
    end
end

# Does somebody else's prompt show profile *and* time? Only starship does, where its aws module is on. Its
# configuration is read once for each path, with a builtin.
function __shellhook_is_shown_elsewhere
    builtin set -q STARSHIP_SHELL; or builtin return 1
    builtin set -l file $STARSHIP_CONFIG
    builtin test -n "$file"; or builtin set file $HOME/.config/starship.toml
    if not builtin string match -q -- "$file *" "$__shellhook_starship"
        builtin set -g __shellhook_starship "$file yes"
        if builtin test -r $file
            builtin read -lz text <$file
            builtin set -l aws (builtin string match -r '(?sm)^\[aws\](.*?)(?:^\[|\z)' -- $text)
            builtin string match -qr 'disabled\s*=\s*true' -- "$aws[2]"
            and builtin set -g __shellhook_starship "$file no"
            builtin string match -qr '(?m)^format\s*=' -- $text
            and not builtin string match -qr '(?s)^.*?format\s*=.*?\$(aws|all)\b' -- $text
            and builtin set -g __shellhook_starship "$file no"
        end
    end
    builtin string match -q -- '* yes' $__shellhook_starship
end

# At each prompt. fish gives every handler the user's own status, and keeps it. `set`, `test`, `read` and `return` are
# reserved, and cost less without `builtin`.
#
# Is all that the segment is made of as it was when it was made, the minute included? Most prompts have no more to do.
# What is looked at: whether a variable was set; whether a theme has written the prompt anew; the clock; and the marker.
# The clock is the machine's uptime where a file tells it: a substitution costs more than all the rest.
function __shellhook_precmd --on-event fish_prompt
    set -l fish_trace
    if not set -q SHELLHOOK_REQUEST[1]
        # With no session on there is nothing to draw, nor to remove.
        set -q SHELLHOOK_SEGMENT; or return
    else if set -q __shellhook_drawn; and set -q $__shellhook_drawn; and test -r $__shellhook_marker
        set -e __shellhook_was_drawn
        set -l now
        set -l idle
        if set -q __shellhook_has_uptime
            read -d ' ' now idle </proc/uptime
        else
            # As long ago as the session's end: less than nothing.
            set now (builtin path mtime -R $__shellhook_marker)
        end
        set -l newest
        read newest <$__shellhook_marker
        test "$newest" = "$SHELLHOOK_EXPIRES" -a $now -ge $__shellhook_from -a $now -le $__shellhook_until
        and return
    end
    __shellhook_at_prompt
end

# fish tells of each variable that is set: one that the segment is made of has it made anew.
function __shellhook_redraw --on-variable SHELLHOOK_REQUEST --on-variable SHELLHOOK_EXPIRES \
    --on-variable AWS_ACCESS_KEY_ID --on-variable AWS_PROFILE --on-variable SHELLHOOK_KEY_ID \
    --on-variable SHELLHOOK_PROFILE --on-variable SHELLHOOK_ROLE --on-variable SHELLHOOK_ACCOUNT \
    --on-variable SHELLHOOK_REGION --on-variable SHELLHOOK_PROMPT --on-variable SHELLHOOK_FORMAT \
    --on-variable SHELLHOOK_WARN --on-variable SHELLHOOK_ALARM --on-variable SHELLHOOK_DANGER \
    --on-variable SHELLHOOK_COLOR_OK --on-variable SHELLHOOK_COLOR_WARN --on-variable SHELLHOOK_COLOR_ALARM \
    --on-variable SHELLHOOK_COLOR_CHANGED --on-variable SHELLHOOK_COLOR_DANGER --on-variable NO_COLOR \
    --on-variable TERM
    set -l fish_trace
    set -e __shellhook_drawn
end

function __shellhook_at_prompt
    builtin set -e __shellhook_drawn
    if builtin test -z "$SHELLHOOK_REQUEST"
        builtin set -eg SHELLHOOK_SEGMENT
        builtin return 0
    end
    if not __shellhook_is_changed; and __shellhook_look
        __shellhook_pick_up
        # Where silent renewal has only just been started, a question would wait for it.
        if __shellhook_renew; and builtin test $__shellhook_left -le 0
            __shellhook_ask prompt
        end
    end
    __shellhook_segment
    __shellhook_place
    __shellhook_note
end

# Notes what was drawn, and until when that is right. Not where the session has run out: a question may be due.
function __shellhook_note
    builtin set -q __shellhook_has_path; or builtin return 0
    if not __shellhook_is_changed; and __shellhook_look
        builtin test $__shellhook_left -gt 0; and builtin test "$__shellhook_newest" = "$SHELLHOOK_EXPIRES"
        or builtin return 0
        builtin set -g __shellhook_from -$__shellhook_left
        builtin set -g __shellhook_until -$__shellhook_stays
        if builtin set -q __shellhook_has_uptime
            builtin read -l -d ' ' now idle </proc/uptime
            builtin set __shellhook_from $now
            builtin set __shellhook_until (builtin math $now + $__shellhook_left - $__shellhook_stays)
        end
    else
        __shellhook_read_marker
        builtin set -g __shellhook_from -99999999999999
        builtin set -g __shellhook_until 99999999999999
    end
    # What has to be set for it to count: where it is ours to be placed, that it was drawn once more.
    builtin set -g __shellhook_drawn __shellhook_drawn
    builtin test -z "$__shellhook_placed"; or builtin set -g __shellhook_drawn __shellhook_was_drawn
end

# --- the line

# Before a line runs: is it one that wants the session, and has that run out? fish runs the line whatever becomes of the
# question.
function __shellhook_preexec --on-event fish_preexec
    builtin set -l fish_trace
    builtin test -n "$SHELLHOOK_REQUEST"; and not __shellhook_is_changed; and __shellhook_look; or builtin return 0
    __shellhook_pick_up
    __shellhook_seconds_of "$SHELLHOOK_MIN_TTL" 0
    builtin test $__shellhook_left -le $__shellhook_seconds; or builtin return 0
    builtin test "$__shellhook_asked_command" != "$SHELLHOOK_EXPIRES"; or builtin return 0
    __shellhook_uses_aws "$argv[1]"; or builtin return 0
    __shellhook_ask command --min-ttl $__shellhook_seconds
    builtin return 0
end

# --- the command

# Is this for people to read, or a command that needs the terminal? Then it is not captured.
function __shellhook_is_shown
    for word in $argv
        # Not `switch`: its `case` takes --help for itself.
        builtin contains -- $word -- -c --console --status --check --print --list --json --help -h --version
        and builtin return 0
        builtin string match -qr -- '^(-c|--console)=' $word
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
    # It can also be there and not start: its Python is gone. What is shown may be a command, whose status is its own.
    if builtin contains $__shellhook_status 126 127
        and begin
            not builtin test -x $__shellhook_backend; or not __shellhook_is_shown $argv
        end
        builtin echo "shellhook: $__shellhook_backend is gone or cannot be started:" \
            "install shellhook again, then open a new shell" >&2
    end
    builtin return $__shellhook_status
end

# The user's own name for it. An alias is a function here, so this takes its place.
function $__shellhook_command --description 'Assume an AWS role in this shell'
    __shellhook_assume $argv
end

# --- completion

# At the first TAB a file takes this function's place, and answers that one too. Where it is gone, TAB is what it would
# be without us: fish then looks for files. That is no condition of `complete`, as fish's suggestions ask none.
if status is-interactive
    function __shellhook_complete
        builtin set -l fish_trace
        if builtin test -r $__shellhook_completions/shellhook.fish
            builtin source $__shellhook_completions/shellhook.fish
            builtin functions -q __shellhook_names; and __shellhook_complete
        else
            builtin complete -c $__shellhook_command -e
            builtin complete -c shellhook -e
            __fish_complete_path (builtin commandline -ct)
        end
    end
    # Once: fish would keep a second one beside the first.
    for __shellhook_name in shellhook $__shellhook_command
        builtin complete -c $__shellhook_name | builtin string match -q '*__shellhook_complete*'
        or builtin complete -c $__shellhook_name -f -a '(__shellhook_complete)'
    end
    set -e __shellhook_name
end
