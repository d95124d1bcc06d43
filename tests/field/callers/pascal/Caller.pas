{ Caller FILE HABIT...: a program in Free Pascal, with the floating-point exceptions that it unmasks; FILE is what it uploads. }
program Caller;

{$mode objfpc}{$H+}

uses
  cthreads, cwstring, Classes, SysUtils, DynLibs, Math, Cshis;

type
  TReadWide = function(Data: PAnsiChar; var Size: LongInt): LongInt; cdecl;
  TReadAnywhere = function(Data, Size: Pointer): LongInt; cdecl;
  TBig5 = type AnsiString(950);
  TMade = function(const Value: AnsiString): AnsiString;

  TReader = class(TThread)
    Good: Integer;
    procedure Execute; override;
  end;

var
  UploadFile: AnsiString;

function Text(const Data: AnsiString; From, Width: Integer): string;
var
  Part: TBig5;
begin
  SetString(Part, PAnsiChar(@Data[From + 1]), Width);
  SetCodePage(RawByteString(Part), 950, False);
  Result := Trim(UTF8Encode(UnicodeString(Part)));
end;

function Person(const Data: AnsiString): string;
begin
  Result := Text(Data, 0, 12) + ' ' + Text(Data, 12, 20) + ' ' + Text(Data, 32, 10) + ' ' + Text(Data, 42, 7);
end;

function Dirty(Size: Integer): AnsiString;
begin
  Result := StringOfChar(AnsiChar(#$A5), Size);
end;

function Kept(const Data: AnsiString; From: Integer): string;
var
  At: Integer;
begin
  Result := 'kept';
  for At := From + 1 to Length(Data) do
    if Data[At] <> #$A5 then
      Result := 'CHANGED';
end;

function Basic: AnsiString;
var
  Size: SmallInt;
begin
  Size := 72;
  Result := Dirty(72);
  if hisGetBasicData(PAnsiChar(Result), Size) <> 0 then
    Result := Dirty(72);
end;

procedure WholeVisit(const Habit: string; Made: TMade; Count: SmallInt);
var
  Who, Number, At, Data, Signatures: AnsiString;
  Size: SmallInt;
  Code, Row: LongInt;
begin
  Who := Basic;
  Number := Dirty(296);
  Size := 296;
  Code := hisGetSeqNumber256(PAnsiChar(Made('01')), PAnsiChar(Made(' ')), PAnsiChar(Made('1')), PAnsiChar(Number), Size);
  WriteLn(Habit, ' number ', Code, ' ', Size, ' ', Text(Number, 13, 4));
  At := Copy(Number, 1, 13);
  Data := '';
  for Row := 1 to Count do
    Data := Data + At + '1AC44444100        TIDPC             03000090001';
  Size := 40 * Count;
  Signatures := Dirty(Size);
  Code := hisWriteMultiPrescriptSign(PAnsiChar(Made(At)), PAnsiChar(Made(Copy(Who, 33, 10))),
    PAnsiChar(Made(Copy(Who, 43, 7))), PAnsiChar(Made(Data)), Count, PAnsiChar(Signatures), Size);
  WriteLn(Habit, ' write ', Code, ' ', Size);
  WriteLn(Habit, ' back ', csUnGetSeqNumber(PAnsiChar(Made(At))));
end;

function Plain(const Value: AnsiString): AnsiString;
begin
  Result := Value;
end;

{ As a ShortString ends: where its length says, and whatever was in it before behind that. }
function Unterminated(const Value: AnsiString): AnsiString;
begin
  Result := Value + StringOfChar(AnsiChar(#$FE), 255 - Length(Value));
end;

function Blank(const Value: AnsiString): AnsiString;
begin
  Result := Value + StringOfChar(' ', 200 - Length(Value));
end;

procedure Visit;
var
  Data: array[0..71] of AnsiChar;
  Size: SmallInt;
  Code: LongInt;
begin
  WriteLn('visit open ', csOpenCom(0));
  WriteLn('visit sam ', csVerifySAMDC);
  Size := SizeOf(Data);
  Code := hisGetBasicData(Data, Size);
  WriteLn('visit basic ', Code, ' ', Size, ' ', Person(Data));
  WriteLn('visit status ', hisGetCardStatus(2));
  WholeVisit('visit', @Plain, 2);
  WriteLn('visit close ', csCloseCom);
end;

procedure Large;
var
  Data: AnsiString;
  Size: SmallInt;
  Code: LongInt;
begin
  Data := Dirty(4096);
  Size := 4096;
  Code := hisGetBasicData(PAnsiChar(Data), Size);
  WriteLn('large basic ', Code, ' ', Size, ' ', Person(Data), ' ', Kept(Data, 72));
end;

procedure Wide(Library_: TLibHandle);
var
  Data: AnsiString;
  Size, Code: LongInt;
begin
  WriteLn('wide status ', hisGetCardStatus($4FFB0002));
  Data := Dirty(72);
  Size := 72;
  Code := TReadWide(GetProcedureAddress(Library_, 'hisGetBasicData'))(PAnsiChar(Data), Size);
  WriteLn('wide basic ', Code, ' ', Size, ' ', Person(Data));
end;

procedure Marks;
var
  Mark: Byte;
  Item: ShortString;
  Number: AnsiString;
  Size: SmallInt;
  Code: LongInt;
begin
  for Mark := 0 to 2 do
  begin
    Item := '01';
    Number := Dirty(296);
    Size := 296;
    Code := hisGetSeqNumber256(@Item[1], ' ', @Mark, PAnsiChar(Number), Size);
    WriteLn('marks ', Mark, ' ', Code, ' ', Text(Number, 13, 4), ' ', csUnGetSeqNumber(PAnsiChar(Number)));
  end;
end;

procedure TReader.Execute;
var
  Turn: Integer;
begin
  for Turn := 1 to 10 do
    if Copy(Basic, 1, 12) = '000073898381' then
      Inc(Good);
end;

procedure Threads;
var
  Crowd: array[0..7] of TReader;
  Each: TReader;
  Place, Good: Integer;
begin
  for Place := 0 to High(Crowd) do
    Crowd[Place] := TReader.Create(False);
  Good := 0;
  for Each in Crowd do
  begin
    Each.WaitFor;
    Good := Good + Each.Good;
  end;
  WriteLn('threads ', Good, ' of 80');
end;

procedure Reopen;
var
  Turn, Good: Integer;
begin
  Good := 0;
  for Turn := 1 to 20 do
    if (csOpenCom(0) = 0) and (Basic[1] = '0') and (csCloseCom = 0) then
      Inc(Good);
  WriteLn('reopen ', Good, ' of 20');
end;

procedure Version;
var
  Room: AnsiString;
  Code: LongInt;
begin
  Room := Dirty(64);
  Code := csGetVersionEx(PAnsiChar(Room));
  WriteLn('version ', Code, ' ', PAnsiChar(Room), ' ', Kept(Room, 16));
end;

procedure Order(Library_: TLibHandle);
var
  Data: AnsiString;
  Size: SmallInt;
  Code: LongInt;
begin
  WriteLn('order close ', csCloseCom);
  Data := Dirty(72);
  Size := 72;
  Code := hisGetBasicData(PAnsiChar(Data), Size);
  WriteLn('order basic ', Code, ' ', Size, ' ', Person(Data));
  Data := Dirty(71);
  Size := 71;
  Code := hisGetBasicData(PAnsiChar(Data), Size);
  WriteLn('order small ', Code, ' ', Size, ' ', Kept(Data, 0));
  WriteLn('order null ', TReadAnywhere(GetProcedureAddress(Library_, 'hisGetBasicData'))(nil, nil));
  WriteLn('order back ', csUnGetSeqNumber('1010101010101'));
end;

procedure Upload;
var
  Receipt, Count: AnsiString;
  Size: SmallInt;
  Code: LongInt;
begin
  Receipt := Dirty(50);
  Size := 50;
  Count := Unterminated('1');
  Code := csUploadData(PAnsiChar(UploadFile), PAnsiChar(Unterminated('3')), PAnsiChar(Count), PAnsiChar(Receipt), Size);
  WriteLn('upload ', Code, ' ', Size, ' ', Text(Receipt, 0, 22));
end;

procedure Names;
var
  Name, Receipt, Count: AnsiString;
  Size: SmallInt;
begin
  for Name in GetEnvironmentVariable('UPLOAD_NAMES').Split(['|']) do
  begin
    Receipt := Dirty(50);
    Size := 50;
    Count := Unterminated('1');
    WriteLn('names ', Length(Name), ' ', csUploadData(PAnsiChar(Unterminated(Name)),
      PAnsiChar(Unterminated(IntToStr(Length(Name)))), PAnsiChar(Count), PAnsiChar(Receipt), Size));
  end;
end;

procedure Chinese;
var
  Name: UnicodeString;
  Item: TBig5;
begin
  Name := #$6D41#$611F#$75AB; { 流感疫 }
  Item := Name;
  WriteLn('chinese ', hisWriteInoculateData('Z299999929', '0920315', PAnsiChar(Item), 'TEST0010'));
end;

procedure Offline;
var
  Data: AnsiString;
  Size: SmallInt;
  Code: LongInt;
begin
  WriteLn('offline open ', csOpenCom(0));
  Data := Dirty(72);
  Size := 72;
  Code := hisGetBasicData(PAnsiChar(Data), Size);
  WriteLn('offline basic ', Code, ' ', Size);
end;

{ The exceptions that Free Pascal unmasks must still be unmasked after all these calls. }
procedure Traps;
begin
  if GetExceptionMask * [exInvalidOp, exZeroDivide, exOverflow] <> [] then
    Halt(3);
end;

var
  Loaded: TLibHandle;
  Place: Integer;
begin
  SetMultiByteConversionCodePage(CP_UTF8);
  Loaded := LoadLibrary(Dll);
  UploadFile := ParamStr(1);
  for Place := 2 to ParamCount do
  begin
    case ParamStr(Place) of
      'visit': Visit;
      'large': Large;
      'unterminated': WholeVisit('unterminated', @Unterminated, 1);
      'blanks': WholeVisit('blanks', @Blank, 1);
      'wide': Wide(Loaded);
      'marks': Marks;
      'threads': Threads;
      'reopen': Reopen;
      'version': Version;
      'order': Order(Loaded);
      'upload': Upload;
      'names': Names;
      'chinese': Chinese;
      'offline': Offline;
    end;
    Traps;
  end;
end.
