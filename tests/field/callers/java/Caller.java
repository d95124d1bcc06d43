import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.ShortByReference;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Caller LIBRARY FILE HABIT...: a program in Java; FILE is what it uploads. */
public class Caller {
    /** The same function, its length a 32-bit variable, as many programs declare it. */
    public interface Wide extends Cshis {
        int hisGetBasicData(byte[] record, IntByReference length);
    }

    /** The same function, its texts arrays without a NUL. */
    public interface InArrays extends Cshis {
        int csUploadData(byte[] file, byte[] size, byte[] count, byte[] receipt, ShortByReference length);
    }

    static final byte DIRT = (byte) 0xA5;
    static Cshis library;
    static Wide wide;
    static String path;
    static String file;
    static final PrintStream out = new PrintStream(System.out, true, java.nio.charset.StandardCharsets.UTF_8);

    static void say(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words) line.append(line.length() == 0 ? "" : " ").append(word);
        out.println(line);
    }

    static byte[] dirty(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, DIRT);
        return bytes;
    }

    static String text(byte[] record, int from, int width) {
        return new String(record, from, width, Charset.forName("MS950")).trim();
    }

    static String person(byte[] record) {
        return text(record, 0, 12) + " " + text(record, 12, 20) + " " + text(record, 32, 10) + " "
                + text(record, 42, 7);
    }

    static byte[] basic() {
        byte[] record = new byte[72];
        ShortByReference length = new ShortByReference((short) record.length);
        return library.hisGetBasicData(record, length) == 0 ? record : new byte[72];
    }

    static String kept(byte[] record, int from) {
        for (int at = from; at < record.length; at++) if (record[at] != DIRT) return "CHANGED";
        return "kept";
    }

    static void wholeVisit(String habit, UnaryOperator<String> made, int count) {
        byte[] who = basic();
        byte[] number = new byte[296];
        ShortByReference length = new ShortByReference((short) 296);
        int code = library.hisGetSeqNumber256(
                bytes(made, "01"), bytes(made, " "), bytes(made, "1"), number, length);
        say(habit, "number", code, length.getValue(), text(number, 13, 4));
        String at = text(number, 0, 13);
        String data = (at + "1AC44444100        TIDPC             03000090001").repeat(count);
        ShortByReference rows = new ShortByReference((short) count);
        ShortByReference room = new ShortByReference((short) (40 * count));
        code = library.hisWriteMultiPrescriptSign(
                bytes(made, at), bytes(made, text(who, 32, 10)), bytes(made, text(who, 42, 7)), bytes(made, data), rows,
                new byte[40 * count], room);
        say(habit, "write", code, room.getValue());
        say(habit, "back", library.csUnGetSeqNumber(bytes(made, at)));
    }

    static byte[] bytes(UnaryOperator<String> made, String value) {
        return made.apply(value).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    static void visit() {
        say("visit open", library.csOpenCom(0));
        say("visit sam", library.csVerifySAMDC());
        byte[] record = new byte[72];
        ShortByReference length = new ShortByReference((short) record.length);
        say("visit basic", library.hisGetBasicData(record, length), length.getValue(), person(record));
        say("visit status", library.hisGetCardStatus(2));
        wholeVisit("visit", value -> value + "\0", 2);
        say("visit close", library.csCloseCom());
    }

    static void large() {
        byte[] record = dirty(4096);
        ShortByReference length = new ShortByReference((short) record.length);
        say("large basic", library.hisGetBasicData(record, length), length.getValue(), person(record), kept(record, 72));
    }

    static void wide() {
        say("wide status", library.hisGetCardStatus(0x4FFB0002));
        byte[] record = new byte[72];
        IntByReference length = new IntByReference(record.length);
        say("wide basic", wide.hisGetBasicData(record, length), length.getValue(), person(record));
    }

    static void marks() {
        for (byte mark = 0; mark <= 2; mark++) {
            byte[] number = new byte[296];
            int code = library.hisGetSeqNumber256(
                    "01".getBytes(), " ".getBytes(), new byte[] {mark}, number, new ShortByReference((short) 296));
            say("marks", mark, code, text(number, 13, 4), library.csUnGetSeqNumber(Arrays.copyOf(number, 13)));
        }
    }

    static void threads() throws InterruptedException {
        AtomicInteger good = new AtomicInteger();
        Thread[] crowd = new Thread[8];
        for (int each = 0; each < crowd.length; each++) {
            crowd[each] = new Thread(() -> {
                for (int read = 0; read < 10; read++)
                    if (text(basic(), 0, 12).equals("000073898381")) good.incrementAndGet();
            });
            crowd[each].start();
        }
        for (Thread each : crowd) each.join();
        say("threads", good, "of 80");
    }

    static void reopen() {
        int good = 0;
        for (int turn = 0; turn < 20; turn++)
            if (library.csOpenCom(0) == 0 && basic()[0] == '0' && library.csCloseCom() == 0) good++;
        say("reopen", good, "of 20");
    }

    static void version() {
        byte[] exact = new byte[16]; // -Xcheck:jni looks behind it
        byte[] room = dirty(64); // a program passes the bytes of a path of its own
        int code = library.csGetVersionEx(exact);
        boolean same = library.csGetVersionEx(room) == code && Native.toString(room).equals(Native.toString(exact));
        say("version", code, Native.toString(exact), same ? kept(room, 16) : "DIFFERENT");
    }

    static void order() {
        say("order close", library.csCloseCom());
        byte[] record = new byte[72];
        ShortByReference length = new ShortByReference((short) 72);
        say("order basic", library.hisGetBasicData(record, length), length.getValue(), person(record));
        record = dirty(71);
        length = new ShortByReference((short) 71);
        say("order small", library.hisGetBasicData(record, length), length.getValue(), kept(record, 0));
        say("order null", library.hisGetBasicData(null, (ShortByReference) null));
        say("order back", library.csUnGetSeqNumber("1010101010101".getBytes()));
    }

    static void upload() {
        byte[] receipt = new byte[50];
        ShortByReference length = new ShortByReference((short) 50);
        int code = library.csUploadData(file, "3".getBytes(), "1".getBytes(), receipt, length);
        say("upload", code, length.getValue(), text(receipt, 0, 22));
    }

    static void names() {
        InArrays arrays = Native.load(path, InArrays.class, Cshis.OPTIONS);
        for (String name : System.getenv("UPLOAD_NAMES").split("\\|")) {
            byte[] size = String.valueOf(name.length()).getBytes();
            // JNA copies it to where a text of this program may have been, which would pass for more of the name.
            byte[] bytes = (name + "\001\177").getBytes();
            ShortByReference length = new ShortByReference((short) 50);
            int code = arrays.csUploadData(bytes, size, "1".getBytes(), new byte[50], length);
            say("names", name.length(), code);
        }
    }

    static void chinese() {
        byte[] item = "流感疫".getBytes(Charset.forName("MS950"));
        int code = library.hisWriteInoculateData(
                "Z299999929".getBytes(), "0920315".getBytes(), item, "TEST0010\0".getBytes());
        say("chinese", code);
    }

    static void offline() {
        say("offline open", library.csOpenCom(0));
        ShortByReference length = new ShortByReference((short) 72);
        say("offline basic", library.hisGetBasicData(new byte[72], length), length.getValue());
    }

    public static void main(String[] arguments) throws Exception {
        path = arguments[0];
        library = Cshis.load(path);
        wide = Native.load(path, Wide.class, Cshis.OPTIONS);
        file = arguments[1];
        for (String habit : Arrays.asList(arguments).subList(2, arguments.length))
            switch (habit) {
                case "unterminated" -> wholeVisit(habit, value -> value, 1);
                case "blanks" -> wholeVisit(habit, value -> String.format("%-200s\0", value), 1);
                default -> Caller.class.getDeclaredMethod(habit).invoke(null);
            }
    }
}
