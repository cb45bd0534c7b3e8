# Sourced by the start-up file of a fish under test, after PROBE_DIRECTORY is set.
# The same as probe.bash: Ctrl-X Ctrl-P writes down the whole state of the shell, Ctrl-X Ctrl-O what it exports.

set -g fish_greeting
set -g fish_autosuggestion_enabled 0
set -g PROBE_PROMPTS 0
# fish lists the functions that it could load, too: those it ships are of no interest.
set -g PROBE_SHIPPED (builtin functions --all --names | builtin string match --invert --regex '^fish_(right_)?prompt$')

# Counted by the event: fish_prompt itself runs at every repaint.
function __probe_count --on-event fish_prompt
    builtin set -g PROBE_PROMPTS (builtin math $PROBE_PROMPTS + 1)
end

function fish_prompt
    builtin set -l probe_status $status
    builtin printf '[%s:%s]> ' $PROBE_PROMPTS $probe_status
end

function __probe
    builtin set -l fish_trace
    begin
        for PROBE_NAME in (builtin set --names)
            builtin printf 'variable %s\0' $PROBE_NAME
            builtin set --show $PROBE_NAME
            builtin printf '\0'
        end
        for PROBE_NAME in (builtin functions --all --names)
            builtin contains -- $PROBE_NAME $PROBE_SHIPPED; and continue
            builtin printf 'function %s\0' $PROBE_NAME
            builtin functions $PROBE_NAME
            builtin printf '\0'
        end
        builtin printf 'setting traps\0'
        builtin functions --handlers | builtin string match --invert --regex '(__)?fish_\S+$'
        builtin printf '\0setting aliases\0'
        abbr --show
        builtin printf '\0setting completions\0'
        builtin complete --command assume
        builtin complete --command shellhook
        builtin printf '\0setting history\0'
        builtin history search --null --reverse | builtin string split0
        builtin printf '\0'
    end >$PROBE_DIRECTORY/shell 2>/dev/null
    __probe_environment
end

function __probe_environment
    builtin set -l fish_trace
    command /usr/bin/env -0 >$PROBE_DIRECTORY/new
    command /bin/mv $PROBE_DIRECTORY/new $PROBE_DIRECTORY/environment
end
bind \cx\cp __probe
bind \cx\co __probe_environment
