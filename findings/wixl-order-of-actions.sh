#!/usr/bin/env bash
# wixl 0.101 (msitools): actions that all stand before the same step run in another order each time the installer is made.
#
# Behaviour: six CustomActions, each with Before="InstallFinalize", get their places in InstallExecuteSequence by chance (a hash of where
#   they lie in memory, it seems). From the same source one build has a, f, e, b, d, c and the next c, a, f, e, b, d: never the order of the source, and
#   not the same twice. Nothing is said. The strings of the database move along, so the bytes of
#   two builds differ as well. One action alone, at a place given by Sequence, has the same bytes each time.
# Seen (twelve builds of each): six actions: 5 orders, the source's 0 times; one with Sequence="3400": 1 order.
# What it means here: what must run after something else has its number written into the table afterwards (msibuild -i), and only
#   one action is left to wixl. An installer that should be made with the same bytes twice is compared by a test, more than once.
# Needs wixl and msiinfo (Debian's wixl and msitools 0.101). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ "$(wixl --version)" = 0.101 ] || { echo "another version of wixl" >&2; exit 1; }
echo text >file

order() { # PLACE ACTION...: the actions in the order in which they would run
  local place=$1 action
  shift
  {
    cat <<'XML'
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Name="Bridge" Id="12345678-1234-1234-1234-123456789014" UpgradeCode="12345678-1234-1234-1234-123456789012" Language="1033"
  Version="1.0.0" Manufacturer="Maker">
<Package InstallerVersion="200" Compressed="yes"/>
<Media Id="1" Cabinet="product.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFilesFolder"><Directory Id="INSTALLDIR" Name="Folder">
<Component Id="Whole" Guid="12345678-1234-1234-1234-123456789013"><File Id="One" Source="file" Name="one.exe"/></Component>
</Directory></Directory></Directory>
<Feature Id="Main" Level="1"><ComponentRef Id="Whole"/></Feature>
XML
    for action in "$@"; do
      echo "<CustomAction Id=\"act_$action\" FileKey=\"One\" ExeCommand=\"$action\" Execute=\"deferred\" Return=\"ignore\"/>"
    done
    echo "<InstallExecuteSequence>"
    for action in "$@"; do echo "<Custom Action=\"act_$action\" $place>NOT REMOVE</Custom>"; done
    echo "</InstallExecuteSequence></Product></Wix>"
  } >product.wxs
  wixl -o product.msi product.wxs
  msiinfo export product.msi InstallExecuteSequence | tr -d '\r' | awk -F'\t' '/^act_/ {print $3, $1}' | sort -n | awk '{printf "%s ", $2}'
  echo
}

twelve() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do order "$@"; done; }

several=$(twelve 'Before="InstallFinalize"' a b c d e f)
orders=$(sort -u <<<"$several" | wc -l)
as_written=$(grep -c '^act_a act_b act_c act_d act_e act_f $' <<<"$several" || true)
alone=$(twelve 'Sequence="3400"' a | sort -u | wc -l)
echo "six actions: $orders orders, the source's $as_written times; one with Sequence=\"3400\": $alone order"
[ "$orders" -gt 1 ] && [ "$as_written" = 0 ] && [ "$alone" = 1 ] || { echo "the behaviour has changed" >&2; exit 1; }
