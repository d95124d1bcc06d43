# Filled in by: python -m native.installer.winget
$ErrorActionPreference = 'Stop'

$arguments = @{
  packageName    = $env:ChocolateyPackageName
  fileType       = 'msi'
  softwareName   = 'cshis-bridge'
  url64bit       = '${url}'
  checksum64     = '${sha256}'
  checksumType64 = 'sha256'
  silentArgs     = '/qn /norestart'
  validExitCodes = @(0, 3010)
}
Install-ChocolateyPackage @arguments
