# Filled in by: python -m native.installer.winget
$ErrorActionPreference = 'Stop'

$arguments = @{
  packageName    = $env:ChocolateyPackageName
  fileType       = 'msi'
  softwareName   = 'cshis-bridge'
  file           = ''
  silentArgs     = '{${product_code}} /qn /norestart'
  validExitCodes = @(0, 1605, 3010)
}
Uninstall-ChocolateyPackage @arguments
