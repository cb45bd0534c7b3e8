# shellhook for PowerShell 7 and Windows PowerShell 5.1:
#     . ([scriptblock]::Create((shellhook init powershell) -join "`n"))
# The four hooks tell one story in one order under the same names, but for PowerShell's verbs. This file is valid as
# it lies; two placeholders are filled in when it is rendered. ASCII only: 5.1 reads a file without a byte-order mark
# as ANSI. No cmdlet of Microsoft.PowerShell.Utility or .Management while it loads: importing one of them costs more
# than all of this file (so Invoke-Expression does in place of the line above, but more slowly).
# Loading it again is safe: the module that is there goes first.
if (Get-Module shellhook) { Remove-Module shellhook }

# A module: its functions and variables stay out of the user's sight, and their Set-StrictMode does not reach in.
New-Module -Name shellhook -ScriptBlock {
    $script:Backend = '@BACKEND@'
    $script:Command = '@COMMAND@'

    # --- the session

    # Runs the backend and takes its answer into the environment, all of it or none: lines NAME=value (set) and NAME
    # (remove). Gives back the exit status. Its questions go to the terminal. Only method calls touch a value, since
    # evaluated text can end in an event log. DebuggerHidden, and no script block inside: Set-PSDebug -Trace 2 prints
    # what every other assignment holds.
    function Import-Session {
        [System.Diagnostics.DebuggerHidden()]
        param([string[]]$Arguments)
        $ErrorActionPreference = 'Continue'
        $PSNativeCommandUseErrorActionPreference = $false
        $encoding = [Console]::OutputEncoding
        $foreign = $encoding.CodePage -ne 65001         # an OEM code page, or LC_ALL=..ISO-8859-1
        $errors = $global:Error.Count
        $answer = $null
        $global:LASTEXITCODE = 127                      # stays, if there is no backend to run
        try {
            if ($foreign) { [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false) }
            $answer = & $script:Backend @Arguments
        } catch [Management.Automation.CommandNotFoundException], [Management.Automation.ApplicationFailedException] {
            Write-Missing $errors
        } finally {                                     # after Ctrl-C too, when nothing else below is run
            if ($foreign) { [Console]::OutputEncoding = $encoding }
        }
        if ($global:LASTEXITCODE -ne 0) { return $global:LASTEXITCODE }
        foreach ($line in $answer) {
            if (-not [regex]::IsMatch($line, '\A[A-Za-z_][A-Za-z0-9_]*(?:=[^%]*(?:%(?:25|0D|0A)[^%]*)*)?\z')) {
                [Console]::Error.WriteLine('shellhook: the answer of the backend is damaged; nothing was changed')
                $global:LASTEXITCODE = 1
                return 1
            }
        }
        foreach ($line in $answer) {
            # [char]: for a string IndexOf asks the culture, to which = and a combining U+0338 behind it are one letter.
            $at = $line.IndexOf([char]'=')
            # NullString: a plain $null becomes '', which leaves an empty variable behind.
            if ($at -lt 0) { [Environment]::SetEnvironmentVariable($line, [NullString]::Value); continue }
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

    # --- the command

    # Is this for people to read, or a command that needs the terminal? Then it is not captured.
    function Test-Shown([object[]]$Words) {
        $shown = -split '-- -c --console --status --check --print --list --json --help -h --version'
        foreach ($word in $Words) {
            if ($shown -ccontains "$word".Split('=')[0]) { return $true }
        }
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
            # Local, and right under Stop too. Before 7.0 the variable does not take Ignore (PowerShell#10317).
            $old = $PSVersionTable.PSVersion.Major -lt 7
            $ErrorActionPreference = if ($old) { 'SilentlyContinue' } else { 'Ignore' }
            $PSCmdlet.WriteError((New-Failure))
            if ($old) { $global:Error.RemoveAt(0) }
        }
    }

    # The user's own name for it.
    if ($script:Command -ne 'assume') {
        $path = "Function:\script:$script:Command"
        $null = $ExecutionContext.InvokeProvider.Item.Set($path, ${function:assume}, $true, $true)
    }
    Export-ModuleMember -Function $script:Command
} | Import-Module -Global -DisableNameChecking
