# shellhook for PowerShell 7 and Windows PowerShell 5.1:
#     . ([scriptblock]::Create((shellhook init powershell) -join "`n"))
# The four hooks tell one story in one order under the same names, but for PowerShell's verbs. This file is valid as
# it lies; three placeholders are filled in when it is rendered. ASCII only: 5.1 reads a file without a byte-order mark
# as ANSI. No cmdlet of Microsoft.PowerShell.Utility or .Management while it loads: importing one of them costs more
# than all of this file (so Invoke-Expression does in place of the line above, but more slowly).
# Loading it again is safe: the module that is there goes first.
if (Get-Module shellhook) { Remove-Module shellhook }

# A module: its functions and variables stay out of the user's sight, and their Set-StrictMode does not reach in.
New-Module -Name shellhook -ScriptBlock {
    $script:Backend = '@BACKEND@'
    $script:Command = '@COMMAND@'
    $script:Completions = '@COMPLETIONS@'
    # Before 7.0 $ErrorActionPreference does not take Ignore (PowerShell#10317).
    $script:Silence = if ($PSVersionTable.PSVersion.Major -lt 7) { 'SilentlyContinue' } else { 'Ignore' }
    $script:Asked = @{}         # 'prompt' and 'command': the expiry each last asked about
    $script:Renewing = $null    # the expiry a renewal was started for
    $script:Taken = $null       # the marker's time that was last picked up
    # A setting's text -> what it matches. Not @{}, to which Prod and prod are one.
    $script:Patterns = [System.Collections.Generic.Dictionary[string, object]]::new([StringComparer]::Ordinal)
    $script:Programs = 'aws aws-* terraform tofu terragrunt cdk cdktf sam eksctl pulumi packer copilot s5cmd'
    # The line reader is to ask; it has asked, and draws the prompt; it reads a line; only what another tool has wrapped
    # is still there.
    $script:Due = $script:Drawing = $script:Reading = $script:Removed = $false

    # --- the session

    # Nothing, if no session is on or its end is unknown: an unknown end is never "expired".
    function Get-SecondsLeft {
        $expires = 0L
        if ([long]::TryParse($env:SHELLHOOK_EXPIRES, [ref]$expires) -and $expires -gt 0) {
            $expires - [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
        }
    }

    # Another tool has put its keys over ours, or a profile beside them: the segment says so, renewal leaves them alone.
    function Test-Changed { $env:AWS_ACCESS_KEY_ID -cne $env:SHELLHOOK_KEY_ID -or $null -ne $env:AWS_PROFILE }

    # Runs the backend and takes its answer into the environment, all of it or none: lines NAME=value (set) and NAME
    # (remove). Gives back the exit status. Its questions go to the terminal. Only method calls touch a value, since
    # evaluated text can end in an event log. DebuggerHidden, and no script block inside but New-Call's, which assigns
    # nothing: Set-PSDebug -Trace 2 prints what every other assignment holds.
    function Import-Session {
        [System.Diagnostics.DebuggerHidden()]
        param([string[]]$Arguments, [switch]$Unwatched)
        $ErrorActionPreference = 'Continue'
        $PSNativeCommandUseErrorActionPreference = $false
        $encoding = [Console]::OutputEncoding
        $foreign = $encoding.CodePage -ne 65001         # an OEM code page, or LC_ALL=..ISO-8859-1
        $errors = $global:Error.Count
        $answer = $lines = $null
        $global:LASTEXITCODE = 127                      # stays, if there is no backend to run
        try {
            if ($foreign) { [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false) }
            $places = @(1 .. $Arguments.Count)          # no word of these, in quotes or not, is a pattern for files
            # Inside prompt and PSConsoleHostReadLine the host drops the error stream: fetch it and show it.
            $answer = if ($Unwatched) { & $script:Backend @Arguments 2>&1 }
            elseif (Test-Expanded $Arguments $places) {
                & (New-Call $Arguments.Count $places $false) $script:Backend $Arguments
            } else { & $script:Backend @Arguments }
        } catch [Management.Automation.CommandNotFoundException], [Management.Automation.ApplicationFailedException] {
            Write-Missing $errors
        } finally {                                     # after Ctrl-C too, when nothing else below is run
            if ($foreign) { [Console]::OutputEncoding = $encoding }
        }
        $lines = foreach ($line in $answer) {
            if ($line -is [string]) { $line } else { [Console]::Error.WriteLine("$line") }
        }
        while ($Unwatched -and $global:Error.Count -gt $errors) { $global:Error.RemoveAt(0) }   # 5.1 notes each line
        if ($global:LASTEXITCODE -ne 0) { return $global:LASTEXITCODE }
        foreach ($line in $lines) {
            if (-not [regex]::IsMatch($line, '\A[A-Za-z_][A-Za-z0-9_]*(?:=[^%]*(?:%(?:25|0D|0A)[^%]*)*)?\z')) {
                [Console]::Error.WriteLine('shellhook: the answer of the backend is damaged; nothing was changed')
                $global:LASTEXITCODE = 1
                return 1
            }
        }
        foreach ($line in $lines) {
            # [char]: for a string IndexOf asks the culture, to which = and a combining U+0338 behind it are one letter.
            $at = $line.IndexOf([char]'=')
            if ($at -lt 0) {
                # Keys were waiting, so nothing was asked: __shellhook_asked_prompt and _command make it due again.
                $script:Asked.Remove($line.Replace('__shellhook_asked_', ''))
                # NullString: a plain $null becomes '', which leaves an empty variable behind.
                [Environment]::SetEnvironmentVariable($line, [NullString]::Value)
                continue
            }
            # Every % of the value was encoded, so each one opens one of the three. %25 last: %250D was %0D.
            [Environment]::SetEnvironmentVariable($line.Substring(0, $at),
                $line.Substring($at + 1).Replace('%0D', "`r").Replace('%0A', "`n").Replace('%25', '%'))
        }
        0
    }

    # A sentence in place of the exception that PowerShell has for this. A backend can also be there and not start: its
    # Python is gone. Caught or not, an exception is noted in $Error.
    function Write-Missing([int]$Errors) {
        while ($global:Error.Count -gt $Errors) { $global:Error.RemoveAt(0) }
        [Console]::Error.WriteLine("shellhook: $script:Backend is gone or cannot be started: " +
            'install shellhook again (pip install shellhook), then open a new shell')
    }

    # Written by an advanced function with errors ignored it makes $? False, and shows and leaves nothing: only so does
    # && stop. A plain function can't, and Write-Error would load a module.
    function New-Failure {
        [System.Management.Automation.ErrorRecord]::new([Exception]::new('shellhook'), 'shellhook', 0, $null)
    }

    function Set-Failed {
        [CmdletBinding()]
        param()
        $ErrorActionPreference = $script:Silence
        $PSCmdlet.WriteError((New-Failure))
        if ($script:Silence -ne 'Ignore') { $global:Error.RemoveAt(0) }
    }

    # --- renewal

    # The words of every call about the session that is on.
    function Get-RenewCall([string[]]$How) { (-split "renew --shell powershell --pid $PID --hook 1") + $How }

    # A marker's modification time is the expiry of the newest session of that request, in whichever shell it was got.
    function Receive-Session {
        $expires = 0L
        if ($env:SHELLHOOK_REQUEST -cnotmatch '\A[0-9a-f]{32}\z' -or (Test-Changed) -or
            -not [long]::TryParse($env:SHELLHOOK_EXPIRES, [ref]$expires)) { return }
        $state = "$HOME/.local/state"
        if ([System.IO.Path]::DirectorySeparatorChar -eq '\') { $state = $env:LOCALAPPDATA }
        elseif ("$env:XDG_STATE_HOME".StartsWith('/')) { $state = $env:XDG_STATE_HOME }
        $newest = [System.IO.File]::GetLastWriteTimeUtc("$state/shellhook/markers/$env:SHELLHOOK_REQUEST")
        if ([DateTimeOffset]::new($newest).ToUnixTimeSeconds() -gt $expires -and $newest -ne $script:Taken) {
            $script:Taken = $newest     # noted first: one that cannot be picked up is not tried at every prompt
            $null = Import-Session (Get-RenewCall '--pick-up') -Unwatched
        }
    }

    # Silently, once per expiry, from SHELLHOOK_RENEW on (there where no person is needed). True if it was started.
    function Start-Renewal {
        $from = 0L
        if (-not [long]::TryParse($env:SHELLHOOK_RENEW, [ref]$from) -or $script:Renewing -eq $env:SHELLHOOK_EXPIRES -or
            [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() -lt $from -or (Test-Changed) -or
            -not [System.IO.File]::Exists($script:Backend)) { return $false }
        $script:Renewing = $env:SHELLHOOK_EXPIRES       # noted first: however it ends
        # A string, of words that need no quotes: 5.1 has no ArgumentList.
        $words = (Get-RenewCall '--background') -join ' '
        $start = [System.Diagnostics.ProcessStartInfo]::new($script:Backend, $words)
        $start.UseShellExecute = $false; $start.CreateNoWindow = $true
        # All three, or .NET sets up the terminal for the child under the hands of the line editor.
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $errors = $global:Error.Count
        try {
            $child = [System.Diagnostics.Process]::Start($start)
            $child.StandardInput.Close(); $child.StandardOutput.Close(); $child.StandardError.Close()
            $child.Dispose()                            # .NET still reaps it
        } catch {                                       # its Python is gone: the next call by hand says so
            while ($global:Error.Count -gt $errors) { $global:Error.RemoveAt(0) }
            return $false
        }
        $true
    }

    # A duration as it is written in a setting, 900, 90s, 15m or 1h, in seconds; else the default.
    function ConvertTo-Second([string]$Text, [long]$Default) {
        if ($Text -cmatch '\A([0-9]{1,8})([smh]?)\z') {
            [long]$Matches[1] * @{ '' = 1; 's' = 1; 'm' = 60; 'h' = 3600 }[$Matches[2]]
        } else { $Default }
    }

    # May a question be asked now, at the 'prompt' or before a 'command'? Once per expiry, and never over typed keys.
    function Test-Due([string]$Where, [long]$Below) {
        $left = Get-SecondsLeft
        $null -ne $left -and $left -le $Below -and $script:Asked[$Where] -ne $env:SHELLHOOK_EXPIRES -and
        "$env:SHELLHOOK_REPROMPT" -in '', 'both', $Where -and -not (Test-Changed) -and
        -not [Console]::IsInputRedirected -and -not [Console]::IsOutputRedirected -and -not [Console]::KeyAvailable
    }

    # Is the text one of a setting's, separated by blanks? * and ? are patterns; to -like [ and the backtick are too.
    function Test-Pattern([string]$Setting, [string]$Text) {
        if (-not $script:Patterns.ContainsKey($Setting)) {
            $each = foreach ($one in -split $Setting) { [regex]::Escape($one).Replace('\*', '.*').Replace('\?', '.') }
            $script:Patterns[$Setting] = [regex]::new("\A(?:$($each -join '|'))\z", 'Singleline')
        }
        $script:Patterns[$Setting].IsMatch($Text)
    }

    # Does the line run a program that uses AWS, also through an alias, a path, a wrapper, in a pipe or a substitution?
    # Not so, if it brings its own credentials, or what it does needs none.
    function Test-AwsLine([string]$Line) {
        if ($Line -match '\$\{?env:AWS_\w+\}?\s*=') { return $false }
        $wanted = $env:SHELLHOOK_COMMANDS
        if (-not $wanted) { $wanted = $script:Programs }
        $wanted = $wanted.ToLowerInvariant()            # PowerShell finds AWS too, on Windows
        $wrappers = -split 'sudo doas gsudo env time nice nohup command exec xargs watch timeout stdbuf winpty'
        $harmless = -split 'configure sso login logout fmt validate version completion'
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($Line, [ref]$null, [ref]$null)
        foreach ($statement in $tree.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
            $name = $statement.GetCommandName()
            if (-not $name) { continue }
            $alias = $ExecutionContext.InvokeCommand.GetCommand($name, 'Alias')
            $words = [System.Collections.Generic.List[string]]::new()
            foreach ($element in $statement.CommandElements) { $words.Add($element.Extent.Text) }
            $words[0] = if ($alias) { $alias.Definition } else { $name }
            # Behind a wrapper any of its words may be the command.
            $bare = @($words -replace '^.*[\\/]|\.(exe|cmd|bat|ps1)$')
            $last = if ($wrappers -contains $bare[0]) { $bare.Count } else { 1 }
            for ($i = 0; $i -lt $last; $i++) {
                if (-not (Test-Pattern $wanted ($bare[$i].ToLowerInvariant()))) { continue }
                $behind = $words.GetRange($i + 1, $words.Count - $i - 1)
                $free = @(@($words -match '^--profile(=|$)|^AWS_\w+=') +
                    @($behind -match '^(help|--?help|--?version)$') +
                    @(@($behind -notlike '-*')[0] | Where-Object { $harmless -ccontains $_ }))
                if (-not $free.Count) { return $true }
                break
            }
        }
        $false
    }

    # --- the prompt

    # Plain text for anyone's prompt: "power-user 1h05m", "x 14m!", "x 4m!!", "x expired", "x changed"; '' if no session
    # is on. And its colour into $script:Colour. States differ by more than colour.
    function Get-Segment {
        if (-not $env:SHELLHOOK_REQUEST) { return '' }
        $warn = if ($env:SHELLHOOK_WARN) { ConvertTo-Second $env:SHELLHOOK_WARN 900 } else { 900 }
        $alarm = if ($env:SHELLHOOK_ALARM) { ConvertTo-Second $env:SHELLHOOK_ALARM 300 } else { 300 }
        $left = Get-SecondsLeft
        $clock = if ($left -ge 3600) { '{0}h{1:00}m' -f [Math]::Floor($left / 3600), [Math]::Floor($left % 3600 / 60) }
        elseif ($left -ge 60) { '{0}m' -f [Math]::Floor($left / 60) } else { "${left}s" }
        $shown, $state, $colour = if (Test-Changed) { 'changed', 'CHANGED', '35' }
        elseif ($null -eq $left) { '', 'OK', '32' }
        elseif ($left -le 0) { 'expired', 'ALARM', '31' }
        elseif ($left -ge $warn) { $clock, 'OK', '32' }
        elseif ($left -ge $alarm) { "$clock!", 'WARN', '33' }
        else { "$clock!!", 'ALARM', '31' }
        $role, $theirs = "$env:SHELLHOOK_ROLE", "$env:SHELLHOOK_PROFILE"
        if ($env:SHELLHOOK_DANGER -and $state -in 'OK', 'WARN' -and
            ((Test-Pattern $env:SHELLHOOK_DANGER $role) -or (Test-Pattern $env:SHELLHOOK_DANGER $theirs))) {
            $state, $colour = 'DANGER', '1;31'
        }
        $own = [Environment]::GetEnvironmentVariable("SHELLHOOK_COLOR_$state")
        $script:Colour = if ($own -match '\A[0-9;]+\z') { $own } else { $colour }
        if ($env:SHELLHOOK_FORMAT) {
            $fields = @{ '{profile}' = $theirs; '{role}' = $role; '{left}' = $shown
                '{account}' = $env:SHELLHOOK_ACCOUNT; '{region}' = $env:SHELLHOOK_REGION }
            # Taken apart once: a role named {left} stays a name.
            $field = '\{(?:profile|role|account|region|left)\}'
            $text = -join @(foreach ($part in $env:SHELLHOOK_FORMAT -csplit "($field)") {
                    if ($part -cmatch "\A$field\z") { $fields[$part] } else { $part } })
        } elseif ($role -and $theirs -and $theirs -cne $role) { $text = "$role ($theirs) $shown" }
        else { $text = $(if ($role) { $role } else { $theirs }) + " $shown" }
        $text.TrimEnd() -replace '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]', '?'
    }

    # Does the prompt that is there show profile *and* time? Only starship's, where its aws module is on.
    function Test-Starship([string]$Prompt) {
        if ($Prompt -notmatch 'starship') { return $false }
        $file = if ($env:STARSHIP_CONFIG) { $env:STARSHIP_CONFIG } else { "$HOME/.config/starship.toml" }
        $text = if ([System.IO.File]::Exists($file)) { [System.IO.File]::ReadAllText($file) }
        $text -notmatch '(?ms)^\[aws\](?:(?!^\[).)*^\s*disabled\s*=\s*true' -and
        ($text -notmatch '(?m)\A[^\[]*^\s*format\s*=' -or $text -match '\$(aws|all)\b|\$\{(aws|all)\}')
    }

    $script:OldPrompt = ${function:global:prompt}
    $script:OldReadLine = ${function:global:PSConsoleHostReadLine}      # there is none without PSReadLine
    $script:Elsewhere = Test-Starship "$script:OldPrompt"

    $script:NewPrompt = {
        [System.Diagnostics.DebuggerHidden()]
        param()
        $ok = $?; $status = $global:LASTEXITCODE        # first of all: what follows changes them
        $placed = ''
        $again = $script:Drawing
        $script:Drawing = $false
        try {
            if ($env:SHELLHOOK_REQUEST -and -not $script:Removed) {
                Receive-Session
                $left = Get-SecondsLeft
                # Where silent renewal has only just been started, a question would wait for it.
                if ($null -ne $left -and -not (Start-Renewal) -and $left -le 0 -and
                    $script:OldReadLine -and -not $again -and -not $script:Reading -and (Test-Due prompt 0)) {
                    $script:Due = $true
                    $script:Asked.prompt = $env:SHELLHOOK_EXPIRES   # before the question: Ctrl-C can't bring it back
                    return "`r"                         # the line reader asks, then shows the real prompt
                }
            }
            $text = if ($script:Removed) { "$env:SHELLHOOK_SEGMENT" } else { Get-Segment }
            # Sets it, or removes it.
            if ($text -cne "$env:SHELLHOOK_SEGMENT") { $env:SHELLHOOK_SEGMENT = $(if ($text) { $text }) }
            if ($text -and $env:SHELLHOOK_PROMPT -notin 'off', 'manual' -and -not $script:Elsewhere) {
                $plain = $env:NO_COLOR -or $env:TERM -eq 'dumb' -or -not $Host.UI.SupportsVirtualTerminal
                $escape = [char]27
                $placed = if ($plain) { "[$text] " } else { "[$escape[$($script:Colour)m$text$escape[0m] " }
            }
        } catch { } finally { $global:LASTEXITCODE = $status }
        if (-not $ok) { Set-Failed }
        "$placed$(& $script:OldPrompt)"                 # one string: of two the host shows only the first
    }

    # --- the line

    # Here, not in prompt: Ctrl-C at a question only ends the question.
    $script:NewReadLine = {
        [System.Diagnostics.DebuggerHidden()]
        param()
        $ok = $?; $status = $global:LASTEXITCODE
        if ($script:Due) {
            $script:Due = $false
            try { $null = Import-Session (Get-RenewCall @('--ask', 'prompt')) -Unwatched } catch { }
            $script:Drawing = $true                     # whatever came of it: the prompt that is drawn now does not ask
            $global:LASTEXITCODE = $status
            if (-not $ok) { Set-Failed }
            $Host.UI.Write("$(& ${function:global:prompt})")
        }
        # Under Ctrl-L and below a list of completions PSReadLine draws the prompt again: nothing is asked there. Set
        # before Set-Failed, since an assignment makes $? True; and without try, in which an error of what somebody has
        # bound to a key would end the line.
        $script:Reading = $true
        if (-not $ok) { Set-Failed }
        $line = & $script:OldReadLine
        $script:Reading = $false
        try {
            if ($env:SHELLHOOK_REQUEST -and -not $script:Removed) {
                Receive-Session
                $least = ConvertTo-Second $env:SHELLHOOK_MIN_TTL 0
                if ((Test-Due command $least) -and (Test-AwsLine $line)) {
                    $script:Asked.command = $env:SHELLHOOK_EXPIRES
                    $how = @('--ask', 'command')
                    if ($least) { $how += '--min-ttl', "$least" }
                    # Ctrl-C (Windows: the long number) takes the line back, it is in the history; skipping runs it.
                    $ended = Import-Session (Get-RenewCall $how) -Unwatched
                    if ($ended -in 130, 137, -1073741510) { $line = '' }
                }
            }
        } catch { } finally { $global:LASTEXITCODE = $status }
        $line                                           # nothing else may come out, or the line is lost
    }

    ${function:global:prompt} = $script:NewPrompt
    if ($script:OldReadLine) { ${function:global:PSConsoleHostReadLine} = $script:NewReadLine }
    $ExecutionContext.SessionState.Module.OnRemove = {
        # Another tool may have wrapped ours by now: then it stays, and only passes on.
        $script:Removed = $script:Elsewhere = $true
        if ([object]::ReferenceEquals(${function:global:prompt}, $script:NewPrompt)) {
            ${function:global:prompt} = $script:OldPrompt
        }
        if ($script:OldReadLine -and
            [object]::ReferenceEquals(${function:global:PSConsoleHostReadLine}, $script:NewReadLine)) {
            ${function:global:PSConsoleHostReadLine} = $script:OldReadLine
        }
    }

    # --- the command

    # Is this for people to read, or a command that needs the terminal? Then it is not captured.
    function Test-Shown([object[]]$Words) {
        $shown = -split '-- -c --console --status --check --print --list --json --help -h --version'
        foreach ($word in $Words) { if ($shown -ccontains "$word".Split('=')[0]) { return $true } }
        $false
    }

    # The words as they were typed: the bare --, -x:y and a,b that PowerShell takes apart are put together again. The
    # statement's own syntax tree says where: behind -- each element is one word, a splatted array as many as it holds.
    # Quoted gets the places, counted from the end, of words that stood in quotes behind the --.
    function Join-Word([object[]]$Words, $Invocation, $Caller, $Quoted) {
        $list = [System.Collections.Generic.List[object]]::new($Words)
        $text = $Invocation.Statement                   # 7.4 and later; before it only the first line is known
        if (-not $text) { $text = "$($Invocation.Line)".Substring([Math]::Max(0, $Invocation.OffsetInLine - 1)) }
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref]$null, [ref]$null)
        $statement = $tree.Find({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
        if (-not $statement) { return , $list }
        $elements = @($statement.CommandElements)

        # A list that is alone behind the first word (assume --chain a,b) the binder takes apart: no list is here then.
        $whole = @($list | Where-Object { $_ -is [array] }).Count
        for ($i = 1; $i -lt $elements.Count -and -not $whole; $i++) {
            if ($elements[$i] -is [System.Management.Automation.Language.ArrayLiteralAst] -and
                $elements[$i - 1] -isnot [System.Management.Automation.Language.CommandParameterAst] -and
                $list.Count - $elements[$i].Elements.Count -eq 1) {
                $Words = @($list[0], ($list.GetRange(1, $list.Count - 1) -join ','))
                $list = [System.Collections.Generic.List[object]]::new($Words)
                break
            }
        }

        $at = $list.Count
        $behind = 0
        $after = $null
        for ($i = $elements.Count - 1; $i -gt 0; $i--) {
            $element = $elements[$i]
            if ($element.Extent.Text -eq '--' -and $element.ParameterName) {
                $list.Insert($at, '--')
                return , $list
            }
            # Out of step, since a splatted @args held options of ours: better no command than a wrong one.
            if ($element.Splatted) {
                $values = @($Caller.PSVariable.GetValue($element.VariablePath.UserPath))
                $at -= $values.Count
                if ($at -lt 0 -or ($values -join ' ') -cne ($list.GetRange($at, $values.Count) -join ' ')) { break }
                $behind += $values.Count
                $after = $null
                continue
            }
            $at -= 1
            if ($at -lt 0 -or ($element -is [System.Management.Automation.Language.StringConstantExpressionAst] -and
                    $element.Value -cne $list[$at])) { break }
            if ($element -is [System.Management.Automation.Language.ArrayLiteralAst]) {
                $list[$at] = $list[$at] -join ','
            }
            if ("$($list[$at])" -like '-*:' -and $element.Extent.EndOffset -eq $after.Extent.StartOffset) {
                $list[$at] = -join @($list[$at], $list[$at + 1])
                $list.RemoveAt($at + 1)
            } else { $behind += 1 }
            $kind = $element.StringConstantType         # $null for what is no string
            if ($null -ne $kind -and $kind -ne 'BareWord') { $Quoted.Add($behind) }
            $after = $element
        }
        $Quoted.Clear()
        , [System.Collections.Generic.List[object]]::new($Words)
    }

    # PowerShell for Linux and macOS expands * ? [ and ~ in all it hands to a program, except in what stands in quotes
    # in that very call, and what is splatted does not (skipped as such in its own NativeUnixGlobbing.Tests.ps1). So
    # where a word that the user quoted would suffer, as in aws s3 cp . s3://b --exclude '*', the call is written out,
    # and that word is "$(...)". The text holds numbers only: no word of the user's is evaluated.
    function New-Call([int]$Count, $Quoted, [bool]$Piped) {
        $text = if ($Piped) { '$input | & $args[0]' } else { '& $args[0]' }
        for ($i = 0; $i -lt $Count; $i++) {
            $word = '$args[1][' + $i + ']'
            $text += if ($Quoted.Contains($Count - $i)) { ' "$(' + $word + ')"' } else { ' ' + $word }
        }
        [scriptblock]::Create($text)
    }

    function Test-Expanded([object[]]$Words, $Quoted) {
        if ([System.IO.Path]::DirectorySeparatorChar -eq '\') { return $false }
        foreach ($place in $Quoted) {
            if ("$($Words[$Words.Count - $place])" -match '^~|[*?[]') { return $true }
        }
        $false
    }

    # The exact aliases keep -d, -r, -e, -c out of the hands of -Debug, -ErrorAction and their like; [string] keeps 007
    # and 1e3 as they were typed. -Debug itself is there by CmdletBinding.
    function assume {
        [CmdletBinding(PositionalBinding = $false)]
        param(
            [Parameter(Position = 0)][Alias('p', 'Profile')][string]$ProfileName,
            [Alias('r')][string]$Region, [Alias('d')][string]$DurationSeconds, [Alias('e')][string]$ExternalId,
            [Alias('t')][string]$TokenCode, [Alias('c')][switch]$Console, [string]$RoleArn, [string]$RoleSessionName,
            [string]$SerialNumber, [string]$SourceIdentity, [string[]]$Tags, [string[]]$TransitiveTagKeys,
            [string]$Policy, [string[]]$PolicyArns, [string[]]$Chain, [string]$Save, [string]$MfaDuration,
            [string]$MinTtl, [switch]$LongTerm, [switch]$Renew, [switch]$Off, [switch]$Status, [switch]$Check,
            [switch]$Print, [switch]$List, [switch]$Json, [switch]$Write, [switch]$Serve, [switch]$Paste,
            [switch]$Force, [switch]$Verify, [switch]$Yes, [Alias('h')][switch]$Help, [switch]$Version,
            [Parameter(ValueFromRemainingArguments = $true)][object[]]$Rest,
            [Parameter(ValueFromPipeline = $true)][object]$InputObject
        )
        $words = @(if ($PSBoundParameters.ContainsKey('ProfileName')) { $ProfileName })
        $words += @(if ($null -ne $Rest) { $Rest })     # @($Rest) of an unbound $Rest would be one $null, not none
        $quoted = [System.Collections.Generic.List[int]]::new()
        $words = Join-Word $words $MyInvocation $PSCmdlet.SessionState $quoted
        for ($i = 0; $i -lt $words.Count; $i++) {
            if ($words[$i] -is [array]) { $words[$i] = $words[$i] -join ',' }       # --tags a=1,b=2
            elseif ($words[$i] -ceq '--') { break }
        }
        $options = [System.Collections.Generic.List[object]]::new()
        foreach ($bound in $PSBoundParameters.GetEnumerator()) {
            if ($bound.Key -in 'ProfileName', 'Rest', 'InputObject' -or ($bound.Key -ne 'Debug' -and
                    [System.Management.Automation.PSCmdlet]::CommonParameters.Contains($bound.Key))) { continue }
            $option = '--' + ($bound.Key -creplace '(?<=[a-z])(?=[A-Z])', '-').ToLowerInvariant()
            if ($bound.Value -isnot [switch]) { $options.Add("$option=$($bound.Value -join ',')") }
            elseif ($bound.Value) { $options.Add($option) }
        }
        # Behind the profile, before other words.
        $words.InsertRange([int]($words.Count -gt 0 -and "$($words[0])" -notlike '-?*'), $options)
        # $PID is the shell itself, also in a script block or a thread job.
        $arguments = @('assume', '--shell', 'powershell', '--pid', "$PID", '--hook', '1', '--') + $words
        if (Test-Shown $words) {
            $PSNativeCommandUseErrorActionPreference = $false
            $piped = $MyInvocation.ExpectingInput
            $errors = $global:Error.Count
            $global:LASTEXITCODE = 127
            try {
                if (Test-Expanded $arguments $quoted) {
                    $call = New-Call $arguments.Count $quoted $piped
                    if ($piped) { $input | & $call $script:Backend $arguments }
                    else { & $call $script:Backend $arguments }
                } elseif ($piped) { $input | & $script:Backend @arguments }
                else { & $script:Backend @arguments }
            } catch [Management.Automation.CommandNotFoundException],
                [Management.Automation.ApplicationFailedException] {
                Write-Missing $errors
            }
            $result = $global:LASTEXITCODE
        } else { $result = Import-Session $arguments }
        if ($result -ne 0) {
            $ErrorActionPreference = $script:Silence    # local, and right under Stop too
            $PSCmdlet.WriteError((New-Failure))
            if ($script:Silence -ne 'Ignore') { $global:Error.RemoveAt(0) }
        }
    }

    # The user's own name for it. An alias of that name would stand before the function for ever: it goes, the global
    # one too, since a module's scope lies in that. Not by GetCommand: where there is none it looks into every module.
    if ($script:Command -ne 'assume') {
        $path = "Function:\script:$script:Command"
        $null = $ExecutionContext.InvokeProvider.Item.Set($path, ${function:assume}, $true, $true)
    }
    $path = "Alias:\$script:Command"
    if ($ExecutionContext.InvokeProvider.Item.Exists($path, $true, $true)) {
        $ExecutionContext.InvokeProvider.Item.Remove($path, $false, $true, $true)
    }

    # --- completion

    # A stub: at the first TAB it runs the file, which registers its own completer in this one's place and answers that
    # TAB. Where the file is gone, or scripts may not run, TAB does what it did before.
    Register-ArgumentCompleter -Native -CommandName @($script:Command, 'shellhook') -ScriptBlock {
        param($Word, $Ast, $Cursor)
        $file = "$script:Completions/shellhook.ps1"
        $errors = $global:Error.Count
        try {
            if ([System.IO.File]::Exists($file)) { & $file $script:Command $Word $Ast $Cursor }
        } catch { } finally { while ($global:Error.Count -gt $errors) { $global:Error.RemoveAt(0) } }
    }

    Export-ModuleMember -Function $script:Command
} | Import-Module -Global -DisableNameChecking
