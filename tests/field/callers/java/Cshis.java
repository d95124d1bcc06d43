import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.ptr.ShortByReference;
import com.sun.jna.win32.StdCallLibrary;
import java.util.Map;

/** cshis.dll on Windows, libcshis.so on Linux. Texts as bytes: {@code "01".getBytes()} is enough. */
public interface Cshis extends Library {
    Map<String, ?> OPTIONS = Platform.isWindows()
            ? Map.of(Library.OPTION_CALLING_CONVENTION, StdCallLibrary.STDCALL_CONVENTION) : Map.of();

    static Cshis load(String path) {
        return Native.load(path, Cshis.class, OPTIONS);
    }

    int csOpenCom(int port);

    int csCloseCom();

    int csVerifySAMDC();

    int csGetVersionEx(byte[] path);

    int hisGetCardStatus(int cardType);

    int hisGetBasicData(byte[] record, ShortByReference length);

    int hisGetSeqNumber256(byte[] item, byte[] newborn, byte[] afterCheck, byte[] record, ShortByReference length);

    int hisWriteMultiPrescriptSign(
            byte[] time, byte[] id, byte[] birthday, byte[] data, ShortByReference count, byte[] signatures,
            ShortByReference length);

    int csUnGetSeqNumber(byte[] time);

    int hisWriteInoculateData(byte[] id, byte[] birthday, byte[] item, byte[] batch);

    int csUploadData(String file, byte[] size, byte[] count, byte[] receipt, ShortByReference length);
}
