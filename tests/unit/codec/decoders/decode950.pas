{ As Decode950.java, by Free Pascal: the system's iconv (cwstring), or with -dOWN the table of Free Pascal itself. }
{$mode objfpc}{$H+}
program decode950;

uses
  {$ifdef OWN} fpwidestring, cp950, {$else} cwstring, {$endif}
  SysUtils;

var
  line, points, hex: string;
  bytes, again: RawByteString;
  text: UnicodeString;
  at: integer;
  point: cardinal;

begin
  while not Eof do
  begin
    ReadLn(line);
    SetLength(bytes, Length(line) div 2);
    for at := 1 to Length(bytes) do bytes[at] := Chr(StrToInt('$' + Copy(line, 2 * at - 1, 2)));
    SetCodePage(bytes, 950, False);
    text := UnicodeString(bytes);
    points := '';
    for at := 1 to Length(text) do
    begin
      point := Ord(text[at]);
      if at > 1 then points := points + '+';
      points := points + LowerCase(IntToHex(point, 4));
    end;
    again := '';
    if text <> '' then widestringmanager.Unicode2AnsiMoveProc(PUnicodeChar(text), again, 950, Length(text));
    hex := '';
    for at := 1 to Length(again) do hex := hex + LowerCase(IntToHex(Ord(again[at]), 2));
    WriteLn(points, ' ', hex);
    Flush(Output);
  end;
end.
