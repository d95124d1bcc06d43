Attribute VB_Name = "Cshis"
' Integer has 16 bits, as the lengths have. A record: Dim record As String * 72.
Public Declare Function csOpenCom Lib "cshis.dll" (ByVal Port As Integer) As Long
Public Declare Function csCloseCom Lib "cshis.dll" () As Long
Public Declare Function csVerifySAMDC Lib "cshis.dll" () As Long
Public Declare Function csGetVersionEx Lib "cshis.dll" (ByVal Path As String) As Long
Public Declare Function hisGetCardStatus Lib "cshis.dll" (ByVal CardType As Integer) As Long
Public Declare Function hisGetBasicData Lib "cshis.dll" (ByVal Record As String, ByRef Length As Integer) As Long
Public Declare Function hisGetSeqNumber256 Lib "cshis.dll" (ByVal Item As String, ByVal Newborn As String, _
    ByVal AfterCheck As String, ByVal Record As String, ByRef Length As Integer) As Long
Public Declare Function hisWriteMultiPrescriptSign Lib "cshis.dll" (ByVal VisitTime As String, ByVal Id As String, _
    ByVal Birthday As String, ByVal Data As String, ByRef Count As Integer, ByVal Signatures As String, _
    ByRef Length As Integer) As Long
Public Declare Function csUnGetSeqNumber Lib "cshis.dll" (ByVal VisitTime As String) As Long
Public Declare Function hisWriteInoculateData Lib "cshis.dll" (ByVal Id As String, ByVal Birthday As String, _
    ByVal Item As String, ByVal Batch As String) As Long
Public Declare Function csUploadData Lib "cshis.dll" (ByVal FileName As String, ByVal FileSize As String, _
    ByVal Count As String, ByVal Receipt As String, ByRef Length As Integer) As Long
