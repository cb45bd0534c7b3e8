# TAB for assume and shellhook, in PowerShell 7 and Windows PowerShell 5.1. The hook runs this file at the first TAB; it
# can also be dot-sourced by itself. It reads the AWS files itself: no process is started, nothing is printed, $? and
# $LASTEXITCODE stay. ASCII only: 5.1 reads a file without a byte-order mark as ANSI.
# Of a word with one dash behind `assume` we are not asked: PowerShell lists the function's parameters. Nor does 5.1 ask
# of a bare -- (PowerShell#3633).
# $Word, $Ast and $Cursor: a TAB to answer at once.
param([string]$Command = 'assume', [string]$Word, $Ast, [int]$Cursor)

# A module: no helper shows outside, and the user's strict mode does not reach in. The text of an AWS file is never an
# argument of a function, since module logging writes those down (event 4103); and where a variable holds it stands
# DebuggerHidden, or Set-PSDebug -Trace 2 would print it.
$completion = New-Module -Name shellhook-completion -ArgumentList $Command, $PSScriptRoot -ScriptBlock {
    param([string]$Command, [string]$Directory)
    Export-ModuleMember
    $script:Windows = [System.IO.Path]::DirectorySeparatorChar -eq '\'
    $script:Rows = @{}          # first column of the file `words` -> its rows
    $script:Stamp = ''          # what the names were read from; '': they are to be read again
    $script:Results = $null     # name -> its CompletionResult without a description, in file order
    $script:InConfig = $script:InCredentials = $null    # name -> where its header begins
    $script:Dashed = $false     # is there a name that begins with a dash?

    # One pattern over the whole file, and names that stay in memory, make TAB fast. A header as configparser has it: up
    # to the last bracket of its line. "name" is the plain case, "raw" all others.
    $header = '\[(?:profile[\t ]+(?<name>[^\s"''\\\]\p{Cc}]+)[\t ]*\](?![^\n]*\])|(?<raw>[^\n]+)\])'
    $script:HeaderPattern = [regex]::new("^$header", 'Multiline, Compiled')
    $script:IndentedPattern = [regex]'\n[^\S\n]+\['     # few files have that; then:
    $script:AnyHeaderPattern = [regex]::new("^(?<indent>[^\S\n]*)$header", 'Multiline')
    $script:LinePattern = [regex]'(?m)^([^\S\n]*)([^\s#;][^\n]*)'   # neither empty nor a comment
    $script:NextPattern = [regex]'\n[^\S\n]*\['
    $script:DetailPattern = [regex]('(?mi)^[^\S\n]*(?:(role_arn|sso_account_id|sso_role_name)[^\S\n]*[=:]([^\n]*)|' +
        '(aws_access_key_id|credential_process)[^\S\n]*[=:])')
    $script:WordPattern = [regex]'\G[\t ]*((?:[^\t "''\\]|\\.|"(?:[^"\\]|\\.)*"|''[^'']*'')+)[\t ]*'
    $script:QuotedPattern = [regex]'"((?:[^"\\]|\\.)*)"|''([^'']*)''|\\(.)'
    # Needs no quotes on a command line.
    $script:PlainPattern = [regex]'^(?:[A-Za-z_][\w.:/+=@-]*|--[A-Za-z][A-Za-z-]*=[\w.:/+=@-]*|[1-9][0-9]{0,14})$'
    # Nobody could see it. U+FFFD stands for bytes that are no UTF-8.
    $script:UnseenPattern = [regex]'[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}\uFFFD]|[\p{Zs}-[ ]]'
    $script:Delimiters = [char[]]'=:'

    # --- words

    # What completes where. Without the file it is the profiles.
    function Read-Word([string]$File) {
        if (-not [System.IO.File]::Exists($File)) { return }
        foreach ($line in [System.IO.File]::ReadAllLines($File)) {
            $row = $line.Split("`t")
            if ($row.Count -ne 4 -or $line -like '#*') { continue }
            if (-not $script:Rows.ContainsKey($row[0])) {
                $script:Rows[$row[0]] = [System.Collections.Generic.List[object]]::new()
            }
            $script:Rows[$row[0]].Add($row)
        }
    }

    # The kind of an option's value, '' if there is no such option. In PowerShell's spelling it is -DurationSeconds.
    function Get-Kind([string]$Where, [string]$Option) {
        if ($Option -eq '-ProfileName') { $Option = '--profile' }
        foreach ($row in $script:Rows[$Where]) {
            $spelled = if ($row[1] -like '--*') { '-' + $row[1].Replace('-', '') }
            if ($Option -eq $row[1] -or $Option -eq $spelled) { return $row[2] }
        }
        ''
    }

    # --- the files

    # The path as botocore makes it: first $NAME of the environment, then ~. A variable set and empty names no file: ''.
    function Get-AwsFile([string]$Variable, [string]$Name) {
        $path = [Environment]::GetEnvironmentVariable($Variable)
        if ($null -eq $path) { $path = "~/.aws/$Name" } elseif (-not $path) { return '' }
        $variables = '\$\{([^}]+)\}|\$([A-Za-z0-9_]+)'
        if ($script:Windows) { $variables += '|%([^%]+)%' }
        $path = [regex]::Replace($path, $variables, {
                $groups = $args[0].Groups
                $value = [Environment]::GetEnvironmentVariable($groups[1].Value + $groups[2].Value + $groups[3].Value)
                if ($null -eq $value) { $args[0].Value } else { $value } })
        $tilde, $user = if ($script:Windows) { '^~(?=[\\/]|\z)', 'USERPROFILE' } else { '^~(?=/|\z)', 'HOME' }
        if ($path -match $tilde) {
            $user = [Environment]::GetEnvironmentVariable($user)
            if ($null -eq $user) { $user = $HOME }
            $path = $user.TrimEnd([char]'/') + $path.Substring(1)
        }
        # .NET has a current directory of its own, and the location may be in the registry.
        $here = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
        try { [System.IO.Path]::Combine($here, $path) } catch { '' }
    }

    # By what it is seen that a file changed, '' where it may not be: .NET tells of a symbolic link the link's own time,
    # and some file systems count by two seconds. Such a file is read each time.
    function Get-Stamp([string]$Path) {
        if (-not $Path) { return 'none' }
        try {
            $file = [System.IO.FileInfo]::new($Path)
            if (-not $file.Exists) { return "none $Path" }
            $age = ([DateTime]::UtcNow - $file.LastWriteTimeUtc).TotalSeconds
            if ([Math]::Abs($age) -lt 2 -or
                ($file.Attributes -band [System.IO.FileAttributes]::ReparsePoint)) { return '' }
            "$($file.LastWriteTimeUtc.Ticks) $($file.CreationTimeUtc.Ticks) $($file.Length) $Path"
        } catch { '' }
    }

    # The text, lines ended by \n, with one more in front; $null if it may not be read.
    function Read-Text {
        [System.Diagnostics.DebuggerHidden()]
        param([string]$Path)
        if (-not [System.IO.File]::Exists($Path)) { return "`n" }
        try {
            # Of a pipe or a device, which would keep us waiting, the length is none.
            if ([System.IO.FileInfo]::new($Path).Length -eq 0) { return "`n" }
            $text = [System.IO.File]::ReadAllText($Path)
        } catch { return $null }
        if ($text.IndexOf([char]13) -ge 0) { $text = $text.Replace("`r`n", "`n").Replace("`r", "`n") }
        "`n" + $text
    }

    # --- the names

    # The headers of a file; $null if it may not be read. An indented one is none where it continues the value of an
    # option: where it is indented deeper than the option's name.
    function Get-Header {
        [System.Diagnostics.DebuggerHidden()]
        param([string]$Path)
        $text = Read-Text $Path
        if ($null -eq $text) { return $null }
        if (-not $script:IndentedPattern.IsMatch($text)) { return , $script:HeaderPattern.Matches($text) }
        $found = [System.Collections.Generic.List[object]]::new()
        $from, $depth, $inOption = 0, 0, $false         # the state behind the line that ends there
        foreach ($match in $script:AnyHeaderPattern.Matches($text)) {
            $indent = $match.Groups['indent'].Length
            if ($indent -and $found.Count) {
                $line = $script:LinePattern.Match($text, $from)
                while ($line.Success -and $line.Index -lt $match.Index) {
                    if (-not $inOption -or $line.Groups[1].Length -le $depth) {
                        $depth = $line.Groups[1].Length
                        $at = $line.Groups[2].Value.IndexOfAny($script:Delimiters)
                        $inOption = $at -gt 0 -or ($inOption -and $at -lt 0)
                    }
                    $line = $line.NextMatch()
                }
            }
            $from = $text.IndexOf([char]10, $match.Index + $match.Length)
            if ($from -lt 0) { $from = $text.Length }
            if ($indent -and $inOption -and $indent -gt $depth) { continue }
            $found.Add($match)
            $depth, $inOption = 0, $false
        }
        , $found
    }

    # What shlex.split makes of a header that is not plain: the profile's name, if it is one's.
    function Get-HeaderName([string]$Header) {
        if ($Header -ceq 'default') { return $Header }
        if (-not $Header.StartsWith('profile', [StringComparison]::Ordinal)) { return '' }
        $words = $script:WordPattern.Matches($Header)
        if ($words.Count -ne 2 -or $words[1].Index + $words[1].Length -ne $Header.Length) { return '' }
        $script:QuotedPattern.Replace($words[1].Groups[1].Value, {
                $groups = $args[0].Groups
                if ($groups[1].Success) { $groups[1].Value -replace '\\(["\\])', '$1' }
                else { $groups[2].Value + $groups[3].Value } })
    }

    # PowerShell does not quote what a completer gives it. The curly quotes end a '..' too.
    function ConvertTo-Word([string]$Text) {
        if ($script:PlainPattern.IsMatch($Text)) { return $Text }
        "'" + ($Text -replace "['\u2018-\u201b]", '$0$0') + "'"
    }

    # What is inserted, what is listed, of which kind it is, what is told of it.
    function New-Result([string]$Text, [string]$Shown, [string]$Kind, [string]$Tip) {
        [System.Management.Automation.CompletionResult]::new($Text, $Shown, $Kind, $Tip)
    }

    function Add-Name([string]$Name, [int]$At, $Places) {
        if (-not $Name -or $script:UnseenPattern.IsMatch($Name)) { return }
        if (-not $Places.ContainsKey($Name)) { $Places[$Name] = $At }
        if ($script:Results.ContainsKey($Name)) { return }
        if ($Name[0] -eq '-') { $script:Dashed = $true }
        $script:Results[$Name] = New-Result (ConvertTo-Word $Name) $Name ParameterValue $Name
    }

    # Reads the names again if a file changed, or which file it is. Only names stay: the files hold keys.
    function Update-Name {
        [System.Diagnostics.DebuggerHidden()]
        param([string]$Config, [string]$Credentials)
        $both = (Get-Stamp $Config), (Get-Stamp $Credentials)
        $stamp = if ($both[0] -and $both[1]) { $both[0] + "`n" + $both[1] } else { '' }
        if ($stamp -and $stamp -ceq $script:Stamp) { return }
        $script:Stamp = ''
        $script:Dashed = $false
        $results = [System.Collections.Generic.Dictionary[string, object]]::new([StringComparer]::Ordinal)
        $places = [System.Collections.Generic.Dictionary[string, int]]::new([StringComparer]::Ordinal)
        $script:Results, $script:InConfig = $results, $places
        $script:InCredentials = [System.Collections.Generic.Dictionary[string, int]]::new([StringComparer]::Ordinal)
        $headers = Get-Header $Config
        if ($null -eq $headers) { $stamp = '' }
        foreach ($match in $headers) {
            $groups = $match.Groups
            $name = $groups['name'].Value
            if (-not $name) { Add-Name (Get-HeaderName $groups['raw'].Value) $match.Index $places }
            elseif (-not $script:PlainPattern.IsMatch($name)) { Add-Name $name $match.Index $places }
            elseif (-not $results.ContainsKey($name)) { # nearly all: a function call each would cost the most
                $places[$name] = $match.Index
                $results[$name] =
                    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $name)
            }
        }
        $headers = Get-Header $Credentials              # here each section is a profile, by its whole name
        if ($null -eq $headers) { $stamp = '' }
        foreach ($match in $headers) {
            $at = $match.Groups['indent'].Length + 1
            $name = $match.Value.Substring($at, $match.Length - $at - 1)
            if ($name -cne 'DEFAULT') { Add-Name $name $match.Index $script:InCredentials }
        }
        $script:Stamp = $stamp
    }

    # --- descriptions

    # Profile -> the end of its newest session that is on, epoch, as the store's markers tell.
    function Get-Live([long]$Now) {
        $live = [System.Collections.Generic.Dictionary[string, long]]::new([StringComparer]::Ordinal)
        $state = "$HOME/.local/state"
        if ($script:Windows) { $state = $env:LOCALAPPDATA }
        elseif ("$env:XDG_STATE_HOME".StartsWith('/')) { $state = $env:XDG_STATE_HOME }
        try {
            if (-not [System.IO.Directory]::Exists("$state/shellhook/markers")) { return $live }
            foreach ($file in [System.IO.Directory]::GetFiles("$state/shellhook/markers")) {
                if ([System.IO.File]::GetLastWriteTimeUtc($file) -le [DateTime]::UtcNow) { continue }
                $lines = [System.IO.File]::ReadAllText($file).Split("`n")
                $expires = 0L
                if ($lines.Count -lt 2 -or $lines[0] -cnotmatch '\A[0-9]{1,12}\z' -or
                    -not [long]::TryParse($lines[0], [ref]$expires) -or $expires -le $Now) { continue }
                if (-not $live.ContainsKey($lines[1]) -or $live[$lines[1]] -lt $expires) { $live[$lines[1]] = $expires }
            }
        } catch { }
        $live
    }

    # 1h05m, 42m, 59s
    function Get-Clock([long]$Left) {
        if ($Left -ge 3600) { return '{0}h{1:00}m' -f [Math]::Floor($Left / 3600), [Math]::Floor($Left % 3600 / 60) }
        if ($Left -ge 60) { '{0}m' -f [Math]::Floor($Left / 60) } else { "${Left}s" }
    }

    # 111122223333 power-user. Of keys and of a command it is told only that they are there.
    function Get-Role([hashtable]$Said) {
        if ($Said['role_arn'] -cmatch '^arn:[^:]*:iam::([0-9]*):role/(?:.*/)?([^/]+)$') {
            return $Matches[1] + ' ' + $Matches[2]
        }
        $sso = "$($Said['sso_account_id']) $($Said['sso_role_name'])".Trim()
        if ($sso) { return $sso }
        if ($Said.ContainsKey('aws_access_key_id')) { return 'keys' }
        if ($Said.ContainsKey('credential_process')) { 'process' }
    }

    # 111122223333 power-user  live 42m, for each of these profiles of which there is something to tell.
    function Get-About {
        [System.Diagnostics.DebuggerHidden()]
        param([object[]]$Names, [string]$Config, [string]$Credentials)
        $about = [System.Collections.Generic.Dictionary[string, string]]::new([StringComparer]::Ordinal)
        $now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
        $live = Get-Live $now
        $files = @((Read-Text $Config), $script:InConfig), @((Read-Text $Credentials), $script:InCredentials)
        foreach ($name in $Names) {
            $said = @{}
            foreach ($file in $files) {
                $text, $places = $file
                if (-not $text -or -not $places.ContainsKey($name) -or $places[$name] -ge $text.Length) { continue }
                $from = $places[$name]
                $next = $script:NextPattern.Match($text, $from + 1)
                $end = if ($next.Success) { $next.Index } else { $text.Length }
                foreach ($match in $script:DetailPattern.Matches($text.Substring($from, $end - $from))) {
                    $key = ($match.Groups[1].Value + $match.Groups[3].Value).ToLowerInvariant()
                    if (-not $said.ContainsKey($key)) { $said[$key] = $match.Groups[2].Value.Trim() }
                }
            }
            $told = "$(Get-Role $said)".Trim()
            if ($live.ContainsKey($name)) {
                $told = "$told  live $(Get-Clock ($live[$name] - $now))".Trim()
            }
            if ($told) { $about[$name] = $script:UnseenPattern.Replace($told, '?') }
        }
        $about
    }

    # --- the words to choose from

    # What of a list, or of a command's words, begins so. $Prefix stands before it in the same word: --region=
    function Get-RowResult([string]$List, [string]$Typed, [string]$Prefix) {
        foreach ($row in $script:Rows[$List]) {
            if (-not $row[1].StartsWith($Typed, [StringComparison]::OrdinalIgnoreCase) -or
                (-not $Typed -and $row[1] -like '-*')) { continue }
            $type = if ($row[1] -like '-*') { 'ParameterName' } else { 'ParameterValue' }
            New-Result ($Prefix + $row[1]) $row[1] $type $row[3]
        }
    }

    # The profiles that begin so. $Bare: it stands where a word with a dash would be taken for an option.
    function Get-ProfileResult([string]$Typed, [string]$Prefix, [bool]$Bare) {
        $config = Get-AwsFile AWS_CONFIG_FILE config
        $credentials = Get-AwsFile AWS_SHARED_CREDENTIALS_FILE credentials
        Update-Name $config $credentials
        $found = @(if (-not $Typed) { $script:Results.Values } else {
                foreach ($name in $script:Results.Keys) {
                    if ($name.StartsWith($Typed, [StringComparison]::OrdinalIgnoreCase)) { $script:Results[$name] }
                } })
        if (-not $found.Count) { return }
        $Bare = $Bare -and $script:Dashed
        $about = $null
        if ($found.Count -le 100) {                     # more than anyone reads are not described
            $about = Get-About @($found | ForEach-Object { $_.ListItemText }) $config $credentials
        } elseif (-not $Prefix -and -not $Bare) { return $found }
        foreach ($result in $found) {
            $name, $text = $result.ListItemText, $result.CompletionText
            if ($Prefix) {
                if ($text -ceq $name -and $Prefix -like '--*') { $text = $Prefix + $name }
                else { $text = ConvertTo-Word ($Prefix + $name) }
            } elseif ($Bare -and $name[0] -eq '-') { $text = ConvertTo-Word "--profile=$name" }
            $tip = if ($null -ne $about -and $about.ContainsKey($name)) { $about[$name] } else { $name }
            [System.Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $tip)
        }
    }

    # Somebody else's command, behind the --: as if it stood alone.
    function Get-CommandResult([string]$Word, $Ast, [int]$Cursor, $Dashes) {
        $from = $Dashes.Extent.EndOffset - $Ast.Extent.StartOffset
        $to = [Math]::Min($Cursor - $Ast.Extent.StartOffset, $Ast.Extent.Text.Length)
        $line = $Ast.Extent.Text.Substring($from, $to - $from).TrimStart()
        if (-not $Word) { $line = "$line " }
        # With a dash in front it would be an expression, of which a part is completed: the reg of --reg, to Register-..
        if ($line.Trim() -and $line -notlike '-*') { (TabExpansion2 $line $line.Length).CompletionMatches }
    }

    # --- the line

    # A word as a program gets it. -r:eu-west-1 is one element.
    function Get-Text($Element) {
        if ($Element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { return $Element.Value }
        if ($Element -is [System.Management.Automation.Language.CommandParameterAst] -and $Element.Argument) {
            return "-$($Element.ParameterName)="
        }
        $Element.Extent.Text
    }

    # Before 7.7 PowerShell cannot be told that there is nothing, it would list files (PowerShell#27398): so the word
    # becomes what it is, or a blank another blank.
    function Get-Same($Element) {
        $option = [System.Management.Automation.Language.CommandParameterAst]
        if ($Element -is $option -and $Element.Extent.Text -like '*:*') { $Element = $Element.Argument }
        if (-not $Element) { return New-Result ' ' ' ' Text ' ' }
        if ($Element -is $option -or $Element -is [System.Management.Automation.Language.ConstantExpressionAst]) {
            $text = $Element.Extent.Text
            New-Result $text $text Text $text
        }
    }

    function Get-Result([string]$Word, $Ast, [int]$Cursor) {
        $before = @($Ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $Cursor })
        $current = @($Ast.CommandElements |
                Where-Object { $_.Extent.StartOffset -lt $Cursor -and $_.Extent.EndOffset -ge $Cursor })[0]
        $program = [System.IO.Path]::GetFileNameWithoutExtension($Ast.GetCommandName())
        # The rows that hold here, and what a word is that is no option.
        $where, $kind = if ($program -eq 'shellhook') { 'shellhook', 'verb' } else { 'assume', 'profile' }
        $free, $wanted = 0, ''
        for ($i = 1; $i -lt $before.Count; $i++) {
            $text = Get-Text $before[$i]
            if ($text -ceq '--') { return Get-CommandResult $Word $Ast $Cursor $before[$i] }
            if ($text -notlike '-?*') {
                if ($kind -ne 'verb') {
                    # What follows a word of a list, as in `keys import`, is of the kind that the list has for it.
                    if ($where -eq 'assume' -or -not ($kind = Get-Kind $kind $text)) { $free += 1 }
                    continue
                }
                $kind = Get-Kind shellhook $text
                $where = $text
                if ($kind -eq 'assume') { $where, $kind = 'assume', 'profile' }
                continue
            }
            if ($text.Contains('=')) { continue }
            $value = Get-Kind $where $text
            if (-not $value -or $value -eq '-' -or $value -like '=*') { continue }
            $i += 1                                     # its value; a -- may be one
            if ($i -eq $before.Count) { $wanted = $value }
        }
        # It comes with its quotes, closed.
        $quoted = $Word -match '(?s)\A([''"])(.*)\1\z'
        $typed, $prefix, $bare = $(if ($quoted) { $Matches[2] } else { $Word }), '', $false
        if ($current -is [System.Management.Automation.Language.CommandParameterAst] -and
            ($current.Argument -or $current.Extent.Text -like '*:')) {
            $wanted = (Get-Kind $where "-$($current.ParameterName)").TrimStart([char]'=')
        } elseif ($wanted) {                            # it is the value of the option before it
        } elseif ($typed -like '-*=*') {
            $at = $typed.IndexOf([char]'=')
            $wanted = (Get-Kind $where $typed.Substring(0, $at)).TrimStart([char]'=')
            $prefix, $typed = $typed.Substring(0, $at + 1), $typed.Substring($at + 1)
        } elseif (($typed -like '-*' -and -not $quoted) -or $kind -eq 'verb') {
            $wanted = 'word'
        } elseif (-not $free) {
            $wanted = $kind
            $bare = [bool](Get-Kind $where '--profile')
        }
        if ($wanted -eq 'file' -and -not $prefix) { return }        # PowerShell's own
        $found = @(switch ($wanted) {
                'profile' { Get-ProfileResult $typed $prefix $bare }
                'command' { (TabExpansion2 $typed $typed.Length).CompletionMatches }
                'word' { Get-RowResult $where $typed '' }
                default { Get-RowResult $wanted $typed $prefix }
            })
        if ($found.Count) { $found } else { Get-Same $current }
    }

    function Complete-Word([string]$Word, $Ast, [int]$Cursor) {
        $status, $errors = $global:LASTEXITCODE, $global:Error.Count
        try { Get-Result $Word $Ast $Cursor } catch { } finally {
            while ($global:Error.Count -gt $errors) { $global:Error.RemoveAt(0) }   # caught or not, it is noted there
            if ($global:LASTEXITCODE -ne $status) { $global:LASTEXITCODE = $status }
        }
    }

    try { Read-Word "$Directory/words" } catch { }
    Register-ArgumentCompleter -Native -CommandName @($Command, 'shellhook') -ScriptBlock {
        param([string]$Word, $Ast, [int]$Cursor)
        Complete-Word $Word $Ast $Cursor
    }
}
if ($Ast) { & $completion { Complete-Word $args[0] $args[1] $args[2] } $Word $Ast $Cursor }
