# TAB behind assume and shellhook, for fish 3.2 and later. The hook sources this at the first TAB; without the hook it
# does as assume.fish and shellhook.fish in ~/.config/fish/completions. It prints candidates: fish itself takes those
# that fit what was typed, sorts and escapes them. No process is started; a substitution of builtins is none in fish.

# --- the line

# What to offer at the cursor, one a line, with a tab before what it is for.
function __shellhook_complete
    # Local, and exported for the functions called from here: no text of a file in a trace, lists split at newlines.
    builtin set -lx fish_trace
    builtin set -lx IFS \n' '\t
    builtin set -l words (builtin commandline -opc)
    builtin set -l raw (builtin commandline -ct)
    builtin set -l typed "$raw"
    if builtin string match -qr '[\'"\\\\]' -- "$raw"
        # Without quotes and backslashes. What is still open is closed first.
        builtin set -l whole (builtin string replace -r '(?<!\\\\)((?:\\\\\\\\)*)\\\\$' '$1' -- "$raw")
        builtin set typed (begin
                builtin string unescape -- "$whole"
                or builtin string unescape -- "$whole'"
                or builtin string unescape -- "$whole\""
            end)
    end

    # Before the command itself may stand assignments, `command`, `and` and the like.
    builtin set -l where assume
    builtin set -l rest $words[2..-1]
    while builtin set -q words[1]
        builtin set -l word $words[1]
        builtin set -e words[1]
        builtin string match -qr '(^|/)shellhook$' -- $word; and builtin set where shellhook
        if builtin test $where = shellhook; or builtin test $word = "$__shellhook_command"
            builtin set rest $words
            break
        end
    end

    builtin set -l wanted profile # the kind of the positional word
    builtin test $where = shellhook; and builtin set wanted verb
    builtin set -l value # the kind of what an option still waits for
    while builtin set -q rest[1]
        builtin set -l word $rest[1]
        builtin set -e rest[1]
        if builtin test -n "$value"
            builtin set value
        else if builtin test "$word" = --
            # The user's command. The last word is as it was typed: a ~ or $ in it has a meaning.
            builtin test $where = assume; or builtin return 0
            builtin set -l line (builtin string escape -- $rest) "$raw"
            builtin complete --do-complete="$line"
            builtin return 0
        else if builtin string match -qr -- '^-[^=]+$' $word
            builtin set value (__shellhook_kind $where $word)
            # None, or one that is taken after `=` alone.
            builtin string match -qr -- '^(-|=.*)$' "$value"; and builtin set value
        else if builtin string match -qr -- '^-.' $word
            continue
        else if builtin test "$wanted" = verb
            builtin set wanted (__shellhook_kind shellhook $word)
            builtin set where $word
            if builtin test "$wanted" = assume
                builtin set where assume
                builtin set wanted profile
            end
        else if builtin test $where = assume
            builtin set wanted
        else
            # What follows a word of a list, as in `keys import`, is of the kind that the list has for it.
            builtin set wanted (__shellhook_kind "$wanted" $word)
        end
    end

    builtin set -l option # a pattern that names it sets it wherever it is: here
    if builtin test -n "$value"
        __shellhook_values "$value" "$typed" "$raw"
    else if builtin string match -qr -- '^(?<option>-[^=]+)=(?<rest>.*)$' "$typed"
        builtin set value (__shellhook_kind $where $option | builtin string replace -r '^=' '')
        __shellhook_values "$value" "$rest" "$rest" $option=
    else if builtin string match -q -- '-*' "$typed"
        __shellhook_rows $where '-\S+'
        # A name that begins so would be taken for an option.
        builtin test "$wanted" = profile
        and __shellhook_values profile "$typed" '' '' '^(?=-)' | builtin string match -r '^--profile=.*'
    else if builtin test "$wanted" = profile
        # So would this one; and where no quote stands before it, fish leaves a ~ as it is: somebody's home.
        builtin set -l taken '^(?=[-~])'
        builtin string match -qr '^[\'"\\\\]' -- "$raw"; and builtin set taken '^(?=-)'
        __shellhook_values profile "$typed" '' '' $taken
    else if builtin test "$wanted" = verb
        __shellhook_rows shellhook '[^-\s]\S*'
    else
        __shellhook_values "$wanted" "$typed" "$raw"
    end
end

# The values of a kind: for what was typed of it, without and with its quotes; what stands before each; which ones need
# --profile= before them.
function __shellhook_values
    switch "$argv[1]"
        case profile
            __shellhook_names
            builtin set -l found $__shellhook_profiles
            builtin set -l pattern
            if builtin test -n "$argv[2]"
                # As fish does: what begins so goes before what has it inside, whatever the case. Its third way, some
                # letters in this order, is left to it.
                builtin set pattern (builtin string escape --style=regex -- $argv[2])
                if not builtin set found (builtin string match -eri -- "^$pattern" $__shellhook_profiles)
                    if builtin set found (builtin string match -eri -- "$pattern" $__shellhook_profiles)
                        builtin set pattern "[^\n]*$pattern"
                    else
                        builtin set found $__shellhook_profiles
                        builtin set pattern
                    end
                end
            end
            builtin set -q found[1]; or builtin return 0
            # One alone is not listed but inserted.
            builtin set -q found[2]; and not builtin set -q found[101]
            and builtin set found (__shellhook_about "$pattern" $found)
            builtin set -q argv[5]; and builtin string match -qr -- $argv[5] $found
            and builtin set found (builtin string replace -r -- $argv[5] --profile= $found)
            builtin printf '%s\n' "$argv[4]"$found
        case file
            __fish_complete_path "$argv[2]" | builtin string replace -r '^' -- "$argv[4]"
        case command
            builtin complete --do-complete="$argv[3]"
        case '' - text
        case '*'
            __shellhook_rows $argv[1] '\S+' | builtin string replace -r '^' -- "$argv[4]"
    end
end

# The rows of the words file, once. Without it there are the names of profiles.
function __shellhook_words
    builtin set -q __shellhook_table; and builtin return 0
    builtin set -g __shellhook_table
    builtin set -l file $__shellhook_completions/words
    # Looked at first: the warning about a file that cannot be read is fish's own, not to be sent away.
    builtin test -f "$file"; and builtin test -r "$file"
    and builtin set __shellhook_table (builtin string split \n <$file)
end

# The words of a list or a command, each with what it is for.
function __shellhook_rows
    __shellhook_words
    builtin set -l where (builtin string escape --style=regex -- $argv[1])
    builtin string replace -rf "^$where\t($argv[2])\t\S+\t" '$1'\t -- $__shellhook_table
end

# The kind of an option's value, or of the word behind a verb.
function __shellhook_kind
    __shellhook_words
    builtin set -l words (builtin string escape --style=regex -- $argv[1..2])
    builtin string replace -rf "^$words[1]\t$words[2]\t(\S+)\t.*" '$1' -- $__shellhook_table
    or begin
        builtin contains -- $argv[2] --profile -p; and builtin echo profile
    end
end

# --- the names

# The path of an AWS file, `config` or `credentials`, into a variable of that name, as botocore makes it of the user's
# variable; without that it is in ~/.aws.
function __shellhook_file
    builtin set -l rest "~/.aws/$argv[1]"
    builtin set -qx $argv[2]; and builtin set rest "$$argv[2]"
    # What a pattern names is set wherever there is such a variable: here.
    builtin set -l before
    builtin set -l word
    builtin set -l behind
    builtin set -l name
    # $NAME and ${NAME} of the environment, once: what comes of them is not looked at again.
    builtin set -l path
    while builtin string match -qr '(?s)^(?<before>.*?)(?<word>\$(?:\w+|\{[^}]*\}))(?<behind>.*)$' -- "$rest"
        builtin string match -qr '^\$(?|\{(?<name>\w+)\}|(?<name>\w+))$' -- $word
        and builtin set -qx $name; and builtin set word "$$name"
        builtin set path "$path$before$word"
        builtin set rest "$behind"
    end
    builtin set path "$path$rest"
    if builtin string match -qr '(?s)^~(?<behind>|/.*)$' -- "$path"
        builtin string match -qr '(?s)^(?<before>.*?)/*$' -- "$HOME"
        builtin set path "$before$behind"
    else if builtin string match -qr '(?s)^(?<word>~[\w.-]+)(?<behind>|/.*)$' -- "$path"
        # Only so does fish say where somebody else's home is: a ~ and letters, nothing to be evaluated.
        builtin eval "builtin set word $word"
        builtin set path "$word$behind"
    end
    builtin string match -q '/*' -- "$path"; or builtin set path "$PWD/$path"
    builtin set -g __shellhook_$argv[1] "$path"
end

# The names of all profiles into __shellhook_profiles, in file order, those of the config file first; fish itself shows
# once what is there twice. Read again when a file, or which file it is, has changed. fish knows times by the second: what was read less than two of them after it
# was written may have been written once more. Before 3.6 it knows none, and reads each time.
function __shellhook_names
    __shellhook_file config AWS_CONFIG_FILE
    __shellhook_file credentials AWS_SHARED_CREDENTIALS_FILE
    builtin set -l files $__shellhook_config $__shellhook_credentials
    builtin set -l stamp
    builtin set -l ages
    if builtin set -q __shellhook_has_path
        builtin set stamp $files (builtin path resolve -- $files; builtin path mtime -- $files)
        for file in $files
            builtin test -f $file; and builtin test -r $file; and builtin set -a stamp $file
        end
        builtin test "$stamp" = "$__shellhook_stamp"; and builtin return 0
        builtin set ages (builtin path mtime -R -- $files)
    end
    builtin set -g __shellhook_stamp
    builtin set -g __shellhook_odd
    builtin set -g __shellhook_odd_names

    # What may stand in a name: what can be printed, which is not in \p{C} and \p{Z}; quotes, brackets and backslashes
    # need a closer look. A name that is plain is taken out of its line at once.
    builtin set -l plain '(?:[!#-&(-Z^-~]|(?![\x00-\x7f])[\p{L}\p{M}\p{N}\p{P}\p{S}])'
    builtin set -l spaced "$plain(?: |$plain)*"
    builtin set -l end '\][^\]\r]*\r?$'
    builtin set -l name "(?|($plain+)|\"($spaced)\"|'($spaced)')"
    builtin set -l config "\[(?:profile[ \t]+$name"'[ \t]*'"$end|(default)$end)|(\[profile.*\]).*"
    builtin set -l credentials "\[(?!DEFAULT\])($spaced)$end|(\[.+\]).*"
    # An indented bracket, a CR within the line: single lines do not tell what these are.
    builtin set -l blank '[\t\x0b\f \x1c-\x1f\x85\p{Z}\x{feff}]'
    builtin set -l other "(?![!-~])($blank)$blank*\[.+\].*|[^\r]*(\r).+"
    builtin set -g __shellhook_profiles
    for kind in config credentials
        builtin set -l file __shellhook_$kind
        builtin set file "$$file"
        # Looked at first: the warning about a file that cannot be read is fish's own, not to be sent away.
        builtin test -f "$file"; and builtin test -r "$file"; or continue
        builtin set -l look match -rg -- "^(?|$$kind|$other)" # 3.4
        builtin string $look x 2>/dev/null
        builtin test $status -le 1; or builtin set look replace -rf -- "^(?|$$kind|$other)" '$1'
        # A look for a bracket alone costs a quarter of the pattern.
        builtin set -l found (builtin string match -e '[' <$file | builtin string $look)
        builtin set -l odd (builtin string match -r "^(?:\[|(?![!-~])$blank|\r).*" -- $found)
        if builtin string match -qr "\r|^$blank" -- $odd
            builtin set found (__shellhook_headers $file | builtin string $look)
            builtin set odd (builtin string match -r '^\[.*' -- $found)
        end
        for header in $odd
            builtin set -l at (builtin contains -i -- $header $found)
            builtin set -l name (__shellhook_header $kind $header)
            if builtin set -q name[1]
                builtin set found[$at] $name
                builtin set -a __shellhook_odd $header
                builtin set -a __shellhook_odd_names $name
            else
                builtin set -e found[$at]
            end
        end
        builtin set -a __shellhook_profiles $found
    end
    builtin set -q __shellhook_has_path
    and not builtin string match -qr '^(-|[01]$)' -- $ages
    and builtin set __shellhook_stamp $stamp
end

# The headers of a file, one a line, where single lines do not tell: indented ones, which count unless they continue the
# value of an option, lines that end with CR, a byte-order mark.
function __shellhook_headers
    builtin set -l blank '[\t\x0b\f\r \x1c-\x1f\x85\p{Z}]'
    builtin read -lz text <$argv[1]
    builtin set text (builtin string replace -r '^\x{feff}' '' -- "$text" |
            builtin string replace -ar '\r\n?' \n | builtin string collect)
    # From the first header on, which may be indented: what is before it is no option.
    builtin set -l before "(?ms)\A.*?^$blank*(\[[^\n]+\])"
    builtin set text (builtin string replace -r $before '$1' -- "$text" | builtin string collect)
    # Whatever is indented behind an option that is not continues its value. That leaves few to look at one by one.
    builtin set -l option "^(?!$blank)[^#;\[=:\n][^=:\n]*[=:]"
    builtin set option "(?m)($option).*(?:\n(?:$blank.*|[#;].*|(?=\n|\z)))*+"
    builtin set text (builtin string replace -ar $option '$1' -- "$text" | builtin string collect)
    if not builtin string match -qr "(?m)^$blank+\[.+\]" -- "$text"
        builtin string split \n -- "$text" | builtin string match -r '^\[.+\]'
        builtin return 0
    end
    # As shellhook/ini.py has it.
    builtin set -l depth
    builtin set -l indent 0
    builtin set -l in_option
    for line in (builtin string split \n -- "$text")
        builtin set -l parts (builtin string match -r "^($blank*)(.*?)$blank*\$" -- $line)
        builtin string match -qr '^[^#;]' -- "$parts[3]"; or continue
        builtin set depth (builtin string length -- "$parts[2]")
        builtin test -n "$in_option"; and builtin test $depth -gt $indent; and continue
        if builtin string match -r '^\[.+\]' -- "$parts[3]"
            builtin set indent 0
            builtin set in_option
            continue
        end
        builtin set indent $depth
        if builtin string match -qr '^[^=:]+[=:]' -- "$parts[3]"
            builtin set in_option 1
        else if builtin string match -qr '^[=:]' -- "$parts[3]"
            builtin set in_option
        end
    end
end

# The name in the header of a file where it is not plain to see, printed; nothing where there is none.
function __shellhook_header
    builtin set -l header (builtin string replace -r '^\[(.+)\].*$' '$1' -- $argv[2])
    builtin set -l name
    if builtin test $argv[1] = credentials
        builtin test "$header" = DEFAULT; and builtin return 0
        builtin set name $header
    else
        # Split as shlex does: of two words the second is it.
        builtin set -l quoted '"(?:[^"\\\\]|\\\\.)*"|\'[^\']*\'|\\\\.'
        builtin set -l word "(?:[^ \t\r\"'\\\\]|$quoted)+"
        builtin set -l second
        builtin string match -qr "^$word"'[ \t\r]+(?<second>'"$word"')[ \t\r]*$' -- $header; or builtin return 0
        for piece in (builtin string match -ar "$quoted|[^\"'\\\\]+" -- "$second")
            switch $piece
                case '"*'
                    builtin set piece (builtin string sub -s 2 -e -1 -- $piece |
                            builtin string replace -ar '\\\\(["\\\\])' '$1')
                case "'*"
                    builtin set piece (builtin string sub -s 2 -e -1 -- $piece)
                case '*'
                    builtin set piece (builtin string replace -r '^\\\\' '' -- $piece)
            end
            builtin set name "$name$piece"
        end
    end
    builtin string match -r '^(?:[ -~]|(?![\x00-\x7f])[\p{L}\p{M}\p{N}\p{P}\p{S}])*$' -- "$name"
end

# --- what is known of them

# Some names, each with account and role, and how long its session lasts, behind a tab. The first argument is what they
# have in common, a pattern. Of the files only that is taken.
function __shellhook_about
    builtin set -l pattern $argv[1]
    builtin set -e argv[1]
    builtin set -l lines
    if builtin test -f "$__shellhook_config"; and builtin test -r "$__shellhook_config"
        builtin set -l wanted "profile[ \t]+[\"']?(?i:$pattern)"
        builtin contains -- default $argv; and builtin set -a wanted 'default\]'
        builtin set -l odd
        if builtin set -q __shellhook_odd[1]
            for name in $argv
                builtin set -l at (builtin contains -i -- $name $__shellhook_odd_names); or continue
                builtin set -l header (builtin string escape --style=regex -- $__shellhook_odd[$at])
                builtin set -a wanted (builtin string sub -s 3 -- $header)
                builtin set -a odd "^$header" '['(builtin string escape --style=regex -- $name)']'
            end
        end
        builtin set wanted (builtin string join '|' -- $wanted)
        # The lines of interest; then each section is one line, RS for LF; then those of these names.
        builtin set -l key '(?i:role_arn|sso_account_id|sso_role_name|aws_access_key_id|credential_process)[ \t]*[=:]'
        builtin set -l sections (
            builtin string match -r "^\x{feff}?(?:\[|$key).*" <$__shellhook_config |
            builtin string join \x1e | builtin string replace -ar '\x1e(?=\[)' \n |
            builtin string match -r "^\x{feff}?\K\[(?:$wanted).*")
        while builtin set -q odd[1]
            builtin set sections (builtin string replace -r -- $odd[1] $odd[2] $sections)
            builtin set -e odd[1..2]
        end
        builtin set -l name '^\[(?:profile[ \t]+)?["\']?([^\x1e]*?)["\']?[ \t]*\][^\x1e]*'
        builtin set -l end '[ \t\r]*(?:\x1e|$)'
        builtin set -l is '[ \t]*[=:][ \t]*'
        builtin set -l role '(?=.*\x1erole_arn'$is'arn:[^\x1e]*?:iam::(\d{12}):role/(?:[^/\x1e]*/)*([\w+=,.@-]+)'$end')'
        builtin set -l account '(?=.*\x1esso_account_id'$is'(\d{12})'$end')'
        builtin set -l permissions '(?=.*\x1esso_role_name'$is'([\w+=,.@-]+)'$end')'
        builtin set lines (
            builtin string replace -ri "$name(?|$role|$account$permissions).*" '$1'\t'$2 $3' -- $sections |
            builtin string replace -ri "$name.*\x1eaws_access_key_id[ \t]*[=:].*" '$1'\tkeys |
            builtin string replace -ri "$name.*\x1ecredential_process[ \t]*[=:].*" '$1'\tprocess |
            builtin string match -rv '^\[')
    end
    if builtin test -f "$__shellhook_credentials"; and builtin test -r "$__shellhook_credentials"
        # Headers, and that there is a key: not what it is.
        builtin set -a lines (
            builtin string match -r '^\[.+\]|^(?i:aws_access_key_id)(?=[ \t]*[=:])' <$__shellhook_credentials |
            builtin string join \x1e | builtin string replace -ar '\x1e(?=\[)' \n |
            builtin string replace -rf "^\[((?i:$pattern).*)\]\x1e.*" '$1'\tkeys)
    end
    # A section may begin as they do and be none of them: its name was refused, or it is no profile's.
    builtin set -l ours (builtin string escape --style=regex -- $argv | builtin string join '|')
    builtin set lines (builtin string match -r "^(?:$ours)(?:\t.*)?\$" -- $lines)
    # Those of which nothing was found. (Of what is there twice fish shows the first.)
    builtin set -l found (builtin string replace -r '\t.*' '' -- $lines | builtin string escape --style=regex)
    builtin set found (builtin string join '|' -- $found)
    builtin set -a lines (builtin string match -rv "^(?:$found)\$" -- $argv)

    # Whose session is on: as the markers tell, the newest of each.
    if builtin set -q __shellhook_has_path # for the clock
        builtin set -l state $XDG_STATE_HOME
        builtin string match -q '/*' -- "$state"; or builtin set state $HOME/.local/state
        builtin set -l live
        builtin set -l ends
        builtin set -l markers $state/shellhook/markers/*
        builtin set -l now
        builtin set -q markers[1]
        and builtin set now (builtin math (builtin path mtime /) + (builtin path mtime -R /))
        for marker in $markers
            builtin test -f $marker; and builtin test -r $marker; or continue
            builtin set -l expiry
            builtin set -l name
            begin
                builtin read expiry
                builtin read name
            end <$marker
            builtin string match -qr '^[0-9]{1,14}$' -- "$expiry"; and builtin test $expiry -gt $now
            and builtin contains -- "$name" $argv; or continue
            if builtin set -l at (builtin contains -i -- $name $live)
                builtin test $expiry -gt $ends[$at]; and builtin set ends[$at] $expiry
            else
                builtin set -a live $name
                builtin set -a ends $expiry
            end
        end
        for name in $live
            builtin set -l left (builtin math $ends[1] - $now)
            builtin set -e ends[1]
            if builtin test $left -ge 3600
                builtin set -l minutes (builtin math -s0 $left % 3600 / 60)
                builtin set left (builtin math -s0 $left / 3600)h(builtin printf %02d $minutes)m
            else if builtin test $left -ge 60
                builtin set left (builtin math -s0 $left / 60)m
            else
                builtin set left {$left}s
            end
            builtin set name (builtin string escape --style=regex -- $name)
            builtin set lines (builtin string replace -r -- "^($name\t.*)\$" '$1'"  live $left" $lines |
                builtin string replace -r -- "^($name)\$" '$1'\t"live $left")
        end
    end
    builtin string join \n -- $lines
end

# --- by itself

builtin path mtime / >/dev/null 2>&1; and builtin set -g __shellhook_has_path 1
if not builtin set -q __shellhook_completions
    # No hook: this is a file, or a link to it, in a directory of completions.
    builtin set -g __shellhook_completions (builtin realpath (builtin status filename) |
            builtin string replace -r '/[^/]*$' '')
    builtin set -q __shellhook_command; or builtin set -g __shellhook_command assume
    builtin complete -c $__shellhook_command -f -a '(__shellhook_complete)'
    builtin complete -c shellhook -f -a '(__shellhook_complete)'
end
