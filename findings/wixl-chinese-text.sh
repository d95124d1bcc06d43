#!/usr/bin/env bash
# wixl 0.101 (msitools): Chinese in an installer's source becomes an empty text, whatever Codepage says, with exit code 0.
#
# Behaviour: wixl takes Product/@Codepage and writes a database of code page 0 all the same. A text with other characters than
#   ASCII stands whole in the summary (in UTF-8) and is empty in the tables: name of the product, maker, and the name of a file to
#   install. Nothing is said. So with the code pages 950, 65001 and 1252, in the locales C and C.UTF-8.
# Seen (what the tables of the MSI hold; wixl's exit code):
#   _ForceCodepage 0, ProductName "", Manufacturer "", FileName ""; 0
#   the same with names of ASCII: ProductName "Bridge", Manufacturer "Maker", FileName "manual.txt"; 0
# What it means here: an installer for Windows that is made by wixl has ASCII names only, of files, folders, product and maker;
#   Chinese texts lie in files.
# Needs wixl and msiinfo (Debian's wixl and msitools 0.101). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ "$(wixl --version)" = 0.101 ] || { echo "another version of wixl" >&2; exit 1; }
echo text >file

look() { # CODEPAGE PRODUCT MAKER FILE
  cat >product.wxs <<XML
<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Name="$2" Id="*" UpgradeCode="12345678-1234-1234-1234-123456789012" Language="1028" Codepage="$1" Version="1.0.0"
  Manufacturer="$3">
<Package InstallerVersion="200" Compressed="yes"/>
<Media Id="1" Cabinet="product.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFilesFolder"><Directory Id="INSTALLDIR" Name="Folder">
<Component Id="Whole" Guid="12345678-1234-1234-1234-123456789013"><File Id="One" Source="file" Name="$4"/></Component>
</Directory></Directory></Directory>
<Feature Id="Main" Level="1"><ComponentRef Id="Whole"/></Feature>
</Product></Wix>
XML
  local code=0
  wixl -o product.msi product.wxs || code=$?
  cell() { msiinfo export product.msi "$1" | tr -d '\r' | awk -F'\t' -v row="$2" -v column="$3" '$1 == row {print $column}'; }
  echo "_ForceCodepage $(msiinfo export product.msi _ForceCodepage | tr -d '\r' | awk '/_ForceCodepage/ {print $1}')," \
    "ProductName \"$(cell Property ProductName 2)\", Manufacturer \"$(cell Property Manufacturer 2)\"," \
    "FileName \"$(cell File One 3)\"; $code"
}

seen=$(for page in 950 65001 1252; do look $page 健保橋接 測試 說明.txt; done; LC_ALL=C look 950 健保橋接 測試 說明.txt
  look 950 Bridge Maker manual.txt)
echo "$seen"
empty='_ForceCodepage 0, ProductName "", Manufacturer "", FileName ""; 0'
expected="$empty
$empty
$empty
$empty
_ForceCodepage 0, ProductName \"Bridge\", Manufacturer \"Maker\", FileName \"manual.txt\"; 0"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
