# Sourced by the profile of a PowerShell under test, after $PROBE_DIRECTORY, $PROBE_PYTHON and $PROBE_PROGRAM are set.
# The same as probe.bash: Ctrl-X Ctrl-P writes down the whole state of the shell, Ctrl-X Ctrl-O what it exports.

$PROBE_PROMPTS = 0
$global:LASTEXITCODE = 0    # not set until a program has run, and then the prompt may not read it under strict mode
Set-PSReadLineOption -PredictionSource None

function prompt {
    $PROBE_OK = $?
    $PROBE_CODE = $global:LASTEXITCODE
    $global:PROBE_PROMPTS += 1
    # One number as elsewhere: PowerShell has two (a cmdlet that fails leaves $LASTEXITCODE alone)
    $PROBE_STATUS = if ($PROBE_OK) { 0 } elseif ($PROBE_CODE) { $PROBE_CODE } else { 1 }
    "[$($global:PROBE_PROMPTS):$PROBE_STATUS]> "
}

Set-PSReadLineKeyHandler -Chord 'Ctrl+x,Ctrl+p' -ScriptBlock {
    $PROBE_NUL = [char]0
    $PROBE_TEXT = [Text.StringBuilder]::new()
    foreach ($PROBE_ITEM in Get-Variable -Scope Global | Sort-Object Name) {
        [void]$PROBE_TEXT.Append("variable $($PROBE_ITEM.Name)$PROBE_NUL$($PROBE_ITEM.Value)$PROBE_NUL")
    }
    foreach ($PROBE_ITEM in Get-ChildItem Function: | Sort-Object Name) {
        [void]$PROBE_TEXT.Append("function $($PROBE_ITEM.Name)$PROBE_NUL$($PROBE_ITEM.Definition)$PROBE_NUL")
    }
    $PROBE_LINES = (Get-Alias | ForEach-Object { "$($_.Name)=$($_.Definition)" }) -join "`n"
    [void]$PROBE_TEXT.Append("setting aliases$PROBE_NUL$PROBE_LINES$PROBE_NUL")
    $PROBE_LINES = ($global:Error | ForEach-Object { "$_" }) -join "`n"
    [void]$PROBE_TEXT.Append("setting errors$PROBE_NUL$PROBE_LINES$PROBE_NUL")
    $PROBE_LINES = ([Microsoft.PowerShell.PSConsoleReadLine]::GetHistoryItems() | ForEach-Object { "$($_.CommandLine)" }) -join "`n"
    [void]$PROBE_TEXT.Append("setting history$PROBE_NUL$PROBE_LINES$PROBE_NUL")
    [IO.File]::WriteAllText("$PROBE_DIRECTORY/shell", $PROBE_TEXT.ToString())
    $PROBE_CODE = $global:LASTEXITCODE
    & $PROBE_PYTHON -I -S $PROBE_PROGRAM $PROBE_DIRECTORY
    $global:LASTEXITCODE = $PROBE_CODE
}

Set-PSReadLineKeyHandler -Chord 'Ctrl+x,Ctrl+o' -ScriptBlock {
    $PROBE_CODE = $global:LASTEXITCODE
    & $PROBE_PYTHON -I -S $PROBE_PROGRAM $PROBE_DIRECTORY
    $global:LASTEXITCODE = $PROBE_CODE
}
