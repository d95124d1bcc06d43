<#
Tries the installer on a real Windows: installs it silently, with a HIS folder of its own to serve, starts the bridge with
simulators only, makes a call, calls through the DLL, ends the bridge, repairs, removes everything again; then the same as a service. Prints one page to send back; nothing about a person is in it.

  powershell -ExecutionPolicy Bypass -File try-it.ps1 -Msi C:\download\cshis-bridge-0.1.0.msi

As administrator, Windows PowerShell 5.1 or later. No reader, no card and no network is used. A PC that has cshis-bridge, or its
settings, is left alone. Each step is tried even where one before it failed. Exit code: 0 all well, 1 not, 2 not begun.
#>
param([Parameter(Mandatory = $true)] [string] $Msi)

$ErrorActionPreference = 'Stop'
$Folder   = Join-Path $env:ProgramFiles 'cshis-bridge'
$Command  = Join-Path $Folder 'cshis-bridge.exe'
$Settings = 'HKLM:\SOFTWARE\cshis-bridge'
$Run      = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Run'
$Service  = Join-Path $env:ProgramData 'cshis-bridge'
$Work     = Join-Path $env:LOCALAPPDATA ('cshis-bridge-trial-' + $PID)
$Data     = Join-Path $Work 'data'
$His      = Join-Path $Work 'HIS'
$Page     = New-Object System.Collections.Generic.List[string]
$script:Failed = 0
$script:Bridge = $null

function Write-Page([string] $line) {
    # what the user is called is nobody's business
    foreach ($name in 'USERPROFILE', 'USERNAME', 'COMPUTERNAME', 'USERDOMAIN') {
        $value = [Environment]::GetEnvironmentVariable($name)
        if ($value) { $line = $line.Replace($value, "%$name%") }
    }
    $Page.Add($line)
}

function Assert-That([bool] $holds, [string] $otherwise) {
    if (-not $holds) { throw $otherwise }
}

function Invoke-Step([string] $name, [scriptblock] $what) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    try {
        $said = [string](& $what)
        Write-Page ('ok      {0,6:n1} s  {1}  {2}' -f $watch.Elapsed.TotalSeconds, $name, $said)
    } catch {
        $script:Failed += 1
        Write-Page ('FAILED  {0,6:n1} s  {1}  {2}' -f $watch.Elapsed.TotalSeconds, $name, $_.Exception.Message)
    }
}

function Invoke-Msi([string[]] $words) {
    $process = Start-Process -FilePath 'msiexec.exe' -ArgumentList $words -Wait -PassThru
    Assert-That ($process.ExitCode -eq 0) "msiexec ended with $($process.ExitCode)"
}

# Out: what the command printed. Errors of a command are told by its exit code, not by its standard error.
function Invoke-Bridge([string[]] $words) {
    $out = Join-Path $Work 'out.txt'
    $err = Join-Path $Work 'err.txt'
    $process = Start-Process -FilePath $Command -ArgumentList $words -Wait -PassThru -NoNewWindow `
        -RedirectStandardOutput $out -RedirectStandardError $err
    $text = (Read-Text $out) + (Read-Text $err)
    Assert-That ($process.ExitCode -eq 0) "exit code $($process.ExitCode): $text"
    return $text
}

function Get-Value([string] $key, [string] $name) {
    if (-not (Test-Path $key)) { return $null }
    return (Get-Item $key).GetValue($name)
}

# What a file has so far, while another process writes to it.
function Read-Text([string] $file) {
    $reader = New-Object IO.StreamReader([IO.File]::Open($file, 'Open', 'Read', 'ReadWrite'))
    try { return $reader.ReadToEnd() } finally { $reader.Dispose() }
}

# Out: how much memory it has.
function Start-Bridge {
    $ready = Join-Path $Work 'ready.txt'
    $words = @('serve', '--simulate', '--data-dir', "`"$Data`"", '--facade-port=0', '--legacy-http-port=0', '--channel-port=0',
        '--console-port=0', '--cloud-port=0')
    $script:Bridge = Start-Process -FilePath $Command -ArgumentList $words -PassThru -NoNewWindow `
        -RedirectStandardOutput $ready -RedirectStandardError (Join-Path $Work 'log.txt')
    $null = $script:Bridge.Handle  # else its exit code is not kept
    $until = (Get-Date).AddSeconds(120)
    while (-not (Read-Text $ready).Contains('"ready"')) {
        Assert-That (-not $script:Bridge.HasExited) 'it ended'
        Assert-That ((Get-Date) -lt $until) 'no ready line in 120 s'
        Start-Sleep -Milliseconds 100
    }
    '{0:n0} MB' -f ((Get-Process -Id $script:Bridge.Id).WorkingSet64 / 1MB)
}

function Test-Call {
    $text = Invoke-Bridge @('call', 'hisGetBasicData', '--data-dir', "`"$Data`"")
    Assert-That ($text.Contains('hisGetBasicData -> 0')) 'it did not answer 0'
}

function Stop-Bridge {
    $text = Invoke-Bridge @('stop', '--data-dir', "`"$Data`"")
    Assert-That ($text.Contains('has ended')) $text
    Assert-That ($script:Bridge.WaitForExit(30000)) 'its process goes on'
    Assert-That ($script:Bridge.ExitCode -eq 0) "exit code $($script:Bridge.ExitCode)"
    $log = Read-Text (Join-Path $Work 'log.txt')
    Assert-That ($log.Contains('stopping')) 'its log does not say stopping'
}

$identity = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Write-Output 'Please start it as administrator.'
    exit 2
}
if (-not [Environment]::Is64BitProcess) {
    Write-Output 'Please start the 64-bit PowerShell.'
    exit 2
}
if (-not (Test-Path $Msi)) {
    Write-Output "There is no file $Msi."
    exit 2
}
if ((Test-Path $Folder) -or (Test-Path $Settings) -or (Test-Path $Service)) {
    Write-Output 'This PC has cshis-bridge or its settings already; nothing was done.'
    exit 2
}
$Msi = (Resolve-Path $Msi).ProviderPath
New-Item -ItemType Directory -Path $Data, $His -Force | Out-Null

Write-Page 'cshis-bridge on a real Windows'
$windows = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
Write-Page ('Windows {0} build {1}.{2}, code page {3}' -f $windows.ProductName, $windows.CurrentBuild, $windows.UBR,
    (Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Nls\CodePage').ACP)
Write-Page ('PowerShell {0}, {1} processors, session {2}' -f $PSVersionTable.PSVersion, $env:NUMBER_OF_PROCESSORS,
    [Diagnostics.Process]::GetCurrentProcess().SessionId)
Write-Page ('{0}  {1:n0} bytes  sha256 {2}' -f (Split-Path $Msi -Leaf), (Get-Item $Msi).Length, (Get-FileHash $Msi).Hash.ToLower())
Write-Page ('signature: ' + (Get-AuthenticodeSignature $Msi).Status)
Write-Page ''

# a program of 64 bits, and a DLL that was there before
Copy-Item (Join-Path $env:SystemRoot 'System32\where.exe') (Join-Path $His 'clinic.exe')
Copy-Item (Join-Path $env:SystemRoot 'System32\version.dll') (Join-Path $His 'cshis.dll')
$Before = (Get-FileHash (Join-Path $His 'cshis.dll')).Hash
Invoke-Step 'a misspelt START is refused' {
    $process = Start-Process -FilePath 'msiexec.exe' -ArgumentList @('/i', "`"$Msi`"", '/qn', '/norestart', 'START=login') -Wait -PassThru
    Assert-That ($process.ExitCode -ne 0) 'it was installed'
    Assert-That (-not (Test-Path $Folder)) "$Folder is there"
}
Invoke-Step 'install silently' {
    Invoke-Msi @('/i', "`"$Msi`"", '/qn', '/norestart', 'READER_LINGER=600',
        'READER_DEVICES=5=COM3;6=COM4', 'FACADE_ALLOWED_HOSTS=localhost;127.0.0.1;[::1]',
        "HIS_FOLDERS=`"$His`"")
    Assert-That (Test-Path $Command) "there is no $Command"
    '{0:n0} bytes' -f (Get-ChildItem $Folder -Recurse -File | Measure-Object -Property Length -Sum).Sum
}
Invoke-Step 'what was given is set' {
    $wanted = @{
        'reader.linger' = '600'; 'reader.devices' = '5=COM3;6=COM4'; 'facade.allowed_hosts' = 'localhost;127.0.0.1;[::1]'
    }
    foreach ($name in $wanted.Keys) {
        $found = Get-Value $Settings $name
        Assert-That ($found -eq $wanted[$name]) "$name is '$found'"
    }
}
Invoke-Step 'the HIS folder has its DLL' {
    Assert-That ((Get-FileHash (Join-Path $His 'cshis.dll')).Hash -ne $Before) 'cshis.dll is the one that was there before'
    Assert-That (Test-Path (Join-Path $His 'cshis.dll.before-bridge')) 'the one that was there before is not kept'
    (Read-Text (Join-Path $Folder 'set-up.log')).Trim()
}
Invoke-Step 'every cshis.dll of this PC' {
    $text = Invoke-Bridge @('install-dll', '--find')
    Assert-That ($text.Contains('the bridge''s own, of this version')) $text
    '{0} found' -f ([regex]::Matches($text, '(?im)cshis\.dll\r?$').Count)
}
Invoke-Step 'it starts at log-on' {
    $found = Get-Value $Run 'cshis-bridge'
    Assert-That ($found -eq ('"{0}" serve' -f (Join-Path $Folder 'cshis-bridgew.exe'))) "Run has '$found'"
}
Invoke-Step 'Chinese in redirected output' {
    # made from numbers: PowerShell 5.1 reads a script without a byte order mark in the machine's code page
    $wanted = -join [char[]](0x672A, 0x7F6E, 0x5165)
    $text = Invoke-Bridge @('explain', '4013')
    Assert-That ($text.Contains($wanted)) 'it does not have the Chinese text of 4013'
}
Invoke-Step 'the bridge starts, on simulators' { Start-Bridge }
Invoke-Step 'a call without a token' { Test-Call }
Invoke-Step 'its icon is there' {
    # green, at the right end of the task bar; Windows may keep it behind the arrow there
    Start-Sleep -Seconds 5
    $icon = Get-Process -Name 'cshis-tray' -ErrorAction SilentlyContinue
    Assert-That ([bool]$icon) 'there is no process cshis-tray'
    '{0:n0} MB' -f (($icon | Measure-Object -Property WorkingSet64 -Sum).Sum / 1MB)
}
Invoke-Step 'stop' { Stop-Bridge }
Invoke-Step 'its icon is gone' {
    Start-Sleep -Seconds 2
    Assert-That (-not (Get-Process -Name 'cshis-tray' -ErrorAction SilentlyContinue)) 'cshis-tray still runs'
}
Invoke-Step 'the bridge starts again, with a token' {
    [IO.File]::WriteAllText((Join-Path $Data 'config.toml'), "[channel]`r`ntoken_file = '$(Join-Path $Data 'token')'`r`n")
    Start-Bridge
}
Invoke-Step 'a call with the token' { Test-Call }
Invoke-Step 'install-dll, programs of 64 bits' {
    $null = Invoke-Bridge @('install-dll', "`"$His`"", '--config', "`"$(Join-Path $Data 'running.toml')`"")
    Assert-That (Test-Path (Join-Path $His 'cshis.dll')) 'there is no cshis.dll'
    Assert-That (Test-Path (Join-Path $His 'cshis-bridge.ini')) 'there is no cshis-bridge.ini'
}
Invoke-Step 'a 64-bit program calls through the DLL' {
    # by another program's own means: .NET of a PowerShell that ends, and lets go of the DLL
    $dll = (Join-Path $His 'cshis.dll').Replace('\', '\\')
    $caller = Join-Path $Work 'caller.ps1'
    [IO.File]::WriteAllText($caller, @"
Add-Type -Namespace Trial -Name Cshis -MemberDefinition @'
[DllImport("$dll")] public static extern int csOpenCom(int port);
[DllImport("$dll")] public static extern int csCloseCom();
[DllImport("$dll")] public static extern int hisGetBasicData(byte[] buffer, ref short length);
'@
`$length = [int16] 72
`$opened = [Trial.Cshis]::csOpenCom(0)
`$code = [Trial.Cshis]::hisGetBasicData((New-Object byte[] 72), [ref] `$length)
`$null = [Trial.Cshis]::csCloseCom()
"csOpenCom `$opened, hisGetBasicData `$code, `$length bytes"
"@, [Text.Encoding]::Unicode)
    $text = [string](& powershell.exe -NoProfile -ExecutionPolicy Bypass -File $caller)
    Assert-That ($text -eq 'csOpenCom 0, hisGetBasicData 0, 72 bytes') $text
}
Invoke-Step 'stop again' { Stop-Bridge }
Invoke-Step 'who may read the data folder' {
    ((Get-Acl $Data).Access | ForEach-Object { '{0} {1}' -f $_.IdentityReference, $_.FileSystemRights }) -join '; '
}
if ($script:Bridge -and -not $script:Bridge.HasExited) { $script:Bridge.Kill() }
Invoke-Step 'repair brings back a file' {
    Remove-Item (Join-Path $Folder 'cshis-bridgew.exe')
    Invoke-Msi @('/fa', "`"$Msi`"", '/qn', '/norestart')
    Assert-That (Test-Path (Join-Path $Folder 'cshis-bridgew.exe')) 'it is not back'
}
Invoke-Step 'remove' {
    Invoke-Msi @('/x', "`"$Msi`"", '/qn', '/norestart')
    Assert-That (-not (Test-Path $Folder)) "$Folder is still there"
    Assert-That (-not (Get-Value $Run 'cshis-bridge')) 'it still starts at log-on'
    Assert-That ((Get-Value $Settings 'reader.linger') -eq '600') 'the settings did not stay'
    Assert-That ((Get-FileHash (Join-Path $His 'cshis.dll')).Hash -eq $Before) 'the HIS folder is not as it was before'
}
Remove-Item $Settings -Recurse -ErrorAction SilentlyContinue

function Get-ServiceFacts { Get-CimInstance Win32_Service -Filter "Name='cshis-bridge'" }

function Wait-ForService { (Get-Service 'cshis-bridge').WaitForStatus('Running', [TimeSpan]::FromSeconds(120)) }

Invoke-Step 'install as a service' {
    Invoke-Msi @('/i', "`"$Msi`"", '/qn', '/norestart', 'START=service')
    Wait-ForService
    $facts = Get-ServiceFacts
    '{0}, {1}, {2}' -f $facts.StartName, $facts.StartMode, $facts.PathName
}
function Get-Trusted {
    $file = Join-Path $Service 'certificate\facade-ca.pem'
    $made = New-Object Security.Cryptography.X509Certificates.X509Certificate2 $file
    @(Get-ChildItem 'Cert:\LocalMachine\Root' | Where-Object { $_.Thumbprint -eq $made.Thumbprint }).Count
}

Invoke-Step 'the machine trusts its certificate' {
    Assert-That ((Get-Trusted) -eq 1) 'it is not in LocalMachine\Root'
    (Read-Text (Join-Path $Folder 'set-up.log')).Trim()
}
Invoke-Step 'who may use the data of the service, and its token' {
    $lists = (Get-Acl $Service).Access + (Get-Acl (Join-Path $Service 'token')).Access
    ($lists | ForEach-Object { '{0} {1}' -f $_.IdentityReference, $_.FileSystemRights }) -join '; '
}
Invoke-Step 'Windows starts it again after a crash' {
    $first = (Get-ServiceFacts).ProcessId
    Stop-Process -Id $first -Force
    $until = (Get-Date).AddSeconds(60)
    do {
        Assert-That ((Get-Date) -lt $until) 'not in 60 s'
        Start-Sleep -Milliseconds 500
        $second = (Get-ServiceFacts).ProcessId
    } until ($second -and ($second -ne $first))
    Wait-ForService
}
Invoke-Step 'the service ends cleanly' {
    Stop-Service 'cshis-bridge'
    $log = Read-Text (Join-Path $Service 'cshis-bridge.log')
    Assert-That ($log.TrimEnd().EndsWith('stopping')) 'its log does not end with stopping'
}
Invoke-Step 'remove with the service' {
    Invoke-Msi @('/x', "`"$Msi`"", '/qn', '/norestart')
    Assert-That (-not (Get-ServiceFacts)) 'the service is still there'
    Assert-That ((Get-Trusted) -eq 0) 'its certificate is still trusted'
}
Remove-Item $Service -Recurse -Force -ErrorAction SilentlyContinue
Remove-Item $Settings -Recurse -ErrorAction SilentlyContinue
Remove-Item $Work -Recurse -Force -ErrorAction SilentlyContinue

Write-Page ''
Write-Page ('{0} steps failed' -f $script:Failed)
Write-Page ''
Write-Page 'What this script cannot see. Please try it, and write behind each what you saw:'
foreach ($what in @(
        'double-click on the MSI, SmartScreen, the virus scanner:',
        'log off and on: the icon, its menu by keys (Win+B), at 150 % and on two screens:',
        'the question whether to trust the certificate, answered with yes, and with no:',
        'the PIN window over the HIS, which has been clicked last: it has the keys at once:',
        'a console that hangs, closed and started by the menu; a reader unplugged and put back:',
        'two people at once (fast switching, remote desktop, Citrix): each HIS reads its own card:',
        'group policy, the start script that copies from C:\NHI\LIB:',
        'an upgrade with the HIS running, and one from another session:',
        'a 32-bit HIS; winget; choco:')) { Write-Page "  $what" }
$Page | Write-Output
exit [int]($script:Failed -gt 0)
