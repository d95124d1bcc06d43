using System.Runtime.InteropServices;

/// <summary>cshis.dll; Mono on Linux takes libcshis.so for it. Texts as bytes: Encoding.ASCII.GetBytes("01") is enough.</summary>
public static class Cshis
{
    const string Library = "cshis.dll";

    [DllImport(Library)] public static extern int csOpenCom(int port);
    [DllImport(Library)] public static extern int csCloseCom();
    [DllImport(Library)] public static extern int csVerifySAMDC();
    [DllImport(Library)] public static extern int csGetVersionEx(byte[] path);
    [DllImport(Library)] public static extern int hisGetCardStatus(int cardType);
    [DllImport(Library)] public static extern int hisGetBasicData(byte[] record, ref short length);
    [DllImport(Library)] public static extern int hisGetSeqNumber256(
        byte[] item, byte[] newborn, byte[] afterCheck, byte[] record, ref short length);
    [DllImport(Library)] public static extern int hisWriteMultiPrescriptSign(
        byte[] time, byte[] id, byte[] birthday, byte[] data, ref short count, byte[] signatures, ref short length);
    [DllImport(Library)] public static extern int csUnGetSeqNumber(byte[] time);
    [DllImport(Library)] public static extern int hisWriteInoculateData(
        byte[] id, byte[] birthday, byte[] item, byte[] batch);
    [DllImport(Library)] public static extern int csUploadData(
        [MarshalAs(UnmanagedType.LPStr)] string file, byte[] size, byte[] count, byte[] receipt, ref short length);
}
