#!/usr/bin/env bash
# Wine 8.0: icacls, cacls, netsh, certutil, setx and powershell end with exit code 0 and do nothing.
#
# Behaviour: these programs of Windows are there, so that installers and scripts run on. They say nothing on standard output, change
#   nothing, and are content with a file that does not exist. powershell takes a command that ends it with 3, and ends with 0.
# Seen (exit code, bytes said):
#   icacls C:\nothing /grant Everyone:F                     0 0
#   cacls C:\nothing /E /G Everyone:F                       0 0
#   netsh advfirewall firewall add rule name=rule dir=in    0 0
#   certutil -addstore Root C:\nothing.cer                  0 0
#   setx CSHIS_FINDING 1                                    0 0, and reg finds no such variable
#   powershell -Command exit 3                              0 0
#   attrib +r C:\nothing                                    0, but it says "File Not Found"
# What it means here: what a script for Windows does to rights, firewall, certificates and variables is not tried by running it
#   in Wine, only that it goes on: no test of the bridge rests on one of these, and what docs/install/windows-bridge.md says of
#   icacls comes from Windows' documents.
# Needs wine (Debian's 8.0). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all DISPLAY=''
trap 'wineserver -k >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
[[ $(wine --version 2>/dev/null) == wine-8.0* ]] || { echo "another version of Wine" >&2; exit 1; }
wineboot --init >/dev/null 2>&1

look() { # COMMAND ARGUMENT...
  local code=0
  wine "$@" >"$work/said" 2>/dev/null || code=$?
  echo "$1 $code $(tr -d '\r\n' <"$work/said" | wc -c)"
}

seen=$(look icacls 'C:\nothing' /grant Everyone:F
  look cacls 'C:\nothing' /E /G Everyone:F
  look netsh advfirewall firewall add rule name=rule dir=in
  look certutil -addstore Root 'C:\nothing.cer'
  look setx CSHIS_FINDING 1
  look powershell -Command exit 3
  look attrib +r 'C:\nothing')
echo "$seen"
if wine reg query 'HKCU\Environment' /v CSHIS_FINDING >/dev/null 2>&1; then
  echo "setx has set a variable" >&2
  exit 1
fi
expected='icacls 0 0
cacls 0 0
netsh 0 0
certutil 0 0
setx 0 0
powershell 0 0
attrib 0 26'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
