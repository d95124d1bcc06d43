{ pascal_host LIBRARY: a program as Free Pascal and Delphi make them, with the floating-point exceptions
  that these unmask. It calls from its own thread, from another one and again, and prints code, length and
  first byte of each call; at the end, whether a division by zero still is an exception of its own. }
program pascal_host;

{$mode objfpc}

uses
  cthreads, Classes, SysUtils, DynLibs;

type
  TReadBasicData = function(Buffer: PAnsiChar; Length: PSmallInt): LongInt; cdecl;

  TCaller = class(TThread)
    procedure Execute; override;
  end;

const
  Room = 72;

var
  ReadBasicData: TReadBasicData;

procedure Call;
var
  Buffer: array[0..Room - 1] of AnsiChar;
  Length: SmallInt;
  Code: LongInt;
begin
  FillChar(Buffer, Room, '.');
  Length := Room;
  Code := ReadBasicData(@Buffer[0], @Length);
  WriteLn(Code, ' ', Length, ' ', Buffer[0]);
end;

procedure TCaller.Execute;
begin
  Call;
end;

procedure CallBeside;
var
  Caller: TCaller;
begin
  Caller := TCaller.Create(False);
  Caller.WaitFor;
  if Caller.FatalException <> nil then
    WriteLn(Exception(Caller.FatalException).Message);
  Caller.Free;
end;

function DividesByZero(Zero: Double): Boolean;
begin
  Result := False;
  try
    if 1.0 / Zero > 0 then
      Exit;
  except
    on EZeroDivide do
      Result := True;
  end;
end;

var
  Handle: TLibHandle;
begin
  Handle := LoadLibrary(ParamStr(1));
  if Handle = NilHandle then
  begin
    WriteLn(StdErr, GetLoadErrorStr);
    Halt(2);
  end;
  Pointer(ReadBasicData) := GetProcedureAddress(Handle, 'hisGetBasicData');
  Call;
  CallBeside;
  Call;
  WriteLn('traps: ', DividesByZero(0.0));
end.
