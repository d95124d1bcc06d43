#!/usr/bin/env bash
# Free Pascal 3.2.2 has three code pages 950: none, glibc's, and one of its own that lacks 瞧 and 劀.
#
# Behaviour: a RawByteString marked as code page 950 is turned into a UnicodeString by the program's widestring manager. Without one
#   (no unit asked for it) each byte becomes the Latin-1 character of its number, without an error. The unit cwstring asks glibc:
#   what glibc lacks becomes a `?` for its first byte alone, and the second byte a character of its own. The units fpwidestring and
#   cp950 bring a table: in it C140 (瞧) and E141 (劀) are U+0000, so are 5,432 of the 6,217 codes for drawn characters (造字),
#   and 十 (A451) is written back as A2CC. On Windows Free Pascal and Delphi ask Windows.
# Seen (bytes: characters in each program; what the last one writes back for 十):
#   b4fa:  none 00B4 00FA   cwstring 6E2C        own 6E2C
#   c140:  none 00C1 0040   cwstring 77A7        own 0000
#   e141:  none 00E1 0041   cwstring 5280        own 0000
#   c6a1:  none 00C6 00A1   cwstring F6B1        own 0000
#   fa40:  none 00FA 0040   cwstring 003F 0040   own 003F
#   own writes a451 as A2CC
# What it means here: records are right by bytes, whatever the program makes of them; a program of Free Pascal on Linux that shows
#   names wants the unit cwstring. One with the unit cp950 loses two characters, and a text that goes on as a C string ends there.
#   The bridge writes no drawn character that the site has not listed (docs/reference/surprises.md has the readers' table).
# Needs fpc (Debian's fp-compiler 3.2.2). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ "$(fpc -iV)" = 3.2.2 ] || { echo "another version of Free Pascal" >&2; exit 1; }

cat > reader.pas <<'PASCAL'
{$mode objfpc}{$H+}
program reader;
uses {$ifdef GLIBC} cwstring, {$endif} {$ifdef OWN} fpwidestring, cp950, {$endif} SysUtils;

function Points(const first, second: byte): string;
var
  bytes: RawByteString;
  text: UnicodeString;
  at: integer;
begin
  bytes := Chr(first) + Chr(second);
  SetCodePage(bytes, 950, False);
  text := UnicodeString(bytes);
  Points := '';
  for at := 1 to Length(text) do Points := Points + ' ' + IntToHex(Ord(text[at]), 4);
end;

var
  ten: UnicodeString;
  bytes: RawByteString;
begin
  WriteLn('b4fa:', Points($B4, $FA));
  WriteLn('c140:', Points($C1, $40));
  WriteLn('e141:', Points($E1, $41));
  WriteLn('c6a1:', Points($C6, $A1));
  WriteLn('fa40:', Points($FA, $40));
  ten := WideChar($5341);
  widestringmanager.Unicode2AnsiMoveProc(PUnicodeChar(ten), bytes, 950, 1);
  if Length(bytes) = 2 then WriteLn('ten ', IntToHex(Ord(bytes[1]), 2), IntToHex(Ord(bytes[2]), 2));
end.
PASCAL
for kind in NONE GLIBC OWN; do
  fpc -v0 "-d$kind" "-FU$work" "-o$kind" reader.pas >/dev/null 2>&1
  "./$kind" >"$kind.seen"
done
seen=$(
  for kind in NONE GLIBC OWN; do echo "$kind $(grep -v ten "$kind.seen" | paste -sd ' ')"; done
  echo "own $(grep ten OWN.seen)"
)
echo "$seen"
expected='NONE b4fa: 00B4 00FA c140: 00C1 0040 e141: 00E1 0041 c6a1: 00C6 00A1 fa40: 00FA 0040
GLIBC b4fa: 6E2C c140: 77A7 e141: 5280 c6a1: F6B1 fa40: 003F 0040
OWN b4fa: 6E2C c140: 0000 e141: 0000 c6a1: 0000 fa40: 003F
own ten A2CC'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
