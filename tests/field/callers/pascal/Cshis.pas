{ cshis.dll on Windows, libcshis.so on Linux; for Delphi and Free Pascal. Texts as PAnsiChar: PAnsiChar('01') is enough. }
unit Cshis;

{$ifdef FPC}{$mode delphi}{$endif}

interface

const
{$ifdef MSWINDOWS}
  Dll = 'cshis.dll';
{$else}
  Dll = 'libcshis.so';
{$endif}

function csOpenCom(Port: LongInt): LongInt; {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function csCloseCom: LongInt; {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function csVerifySAMDC: LongInt; {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function csGetVersionEx(Path: PAnsiChar): LongInt; {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function hisGetCardStatus(CardType: LongInt): LongInt; {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function hisGetBasicData(Data: PAnsiChar; var Size: SmallInt): LongInt;
  {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function hisGetSeqNumber256(Item, Newborn, AfterCheck, Data: PAnsiChar; var Size: SmallInt): LongInt;
  {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function hisWriteMultiPrescriptSign(Time, Id, Birthday, Data: PAnsiChar; var Count: SmallInt;
  Signatures: PAnsiChar; var Size: SmallInt): LongInt;
  {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function csUnGetSeqNumber(Time: PAnsiChar): LongInt; {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function hisWriteInoculateData(Id, Birthday, Item, Batch: PAnsiChar): LongInt;
  {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;
function csUploadData(FileName, FileSize, Count, Receipt: PAnsiChar; var Size: SmallInt): LongInt;
  {$ifdef MSWINDOWS} stdcall; {$else} cdecl; {$endif} external Dll;

implementation

end.
