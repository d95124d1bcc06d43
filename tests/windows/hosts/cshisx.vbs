' What a VBScript program does with the component. Prints NAME VALUE per line.
'
'     cscript cshisx.vbs PROGRAM-ID [URL]       URL: where an upload is sent, as a program does that has its signature
Option Explicit
Dim component, random, signature, kind, code

Set component = CreateObject(WScript.Arguments(0))

Sub Tell(name, value)
    WScript.Echo name & " " & value
    WScript.Echo name & ".code " & component.LastCode
End Sub

' The value that follows a name in JSON text, cut out as programs without a parser do it.
Function Cut(json, name)
    Dim parts
    parts = Split(json, """" & name & """")
    parts = Split(parts(1), """")
    Cut = parts(1)
End Function

Function Pair(name, value)
    Pair = """" & name & """:""" & value & """"
End Function

Sub Upload(random, signature, sam)
    Dim http
    Set http = CreateObject("MSXML2.ServerXMLHTTP")
    http.open "POST", WScript.Arguments(1), False
    http.setRequestHeader "Content-Type", "application/json"
    http.send "{" & Pair("sSamid", Cut(sam, "CARD_ID")) & "," & Pair("sHospid", Cut(sam, "HOSP")) & "," & _
        Pair("sClientrandom", random) & "," & Pair("sSignature", signature) & "," & Pair("sType", "ZZ") & "," & _
        Pair("sPatData", "PFJFQ1MvPg==") & "," & Pair("sUploadDT", "20250101120000000") & "}"
    WScript.Echo "upload " & http.status & " " & http.responseText
End Sub

WScript.Echo "untouched.code " & component.LastCode

random = component.VPNGetRandomX()
Tell "random", random
Tell "sign", component.VPNH_SignX(random, 3, "30")

random = component.vpngetrandomX            ' another letter case, and without brackets
Tell "random2", random
kind = "3"                                  ' variables: handed over by reference
code = 30
signature = component.VPNH_SIGNX(random, kind, code)
Tell "sign2", signature

Tell "sam", component.GetSAMCardInfoInCS()
If WScript.Arguments.Count > 1 Then Upload random, signature, component.GetSAMCardInfoInCS()
Tell "kind9", component.VPNH_SignX(random, 9, "30")

On Error Resume Next
component.VPNH_SignX random, "three", "30"
WScript.Echo "mismatch " & Err.Number
Err.Clear
component.VPNH_SignX random
WScript.Echo "too-few " & Err.Number
Err.Clear
component.NoSuchMethod
WScript.Echo "unknown " & Err.Number
WScript.Echo "end"
