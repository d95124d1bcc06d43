// Lines of hexadecimal bytes in; out, for each, the code points of its text by MS950 and the bytes that MS950 makes of it.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.util.HexFormat;
import java.util.stream.Collectors;

public class Decode950 {
    public static void main(String[] arguments) throws Exception {
        Charset page = Charset.forName("MS950");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            CharBuffer text = page.newDecoder().decode(ByteBuffer.wrap(HexFormat.of().parseHex(line)));
            String points = text.codePoints().mapToObj(Integer::toHexString).collect(Collectors.joining("+"));
            ByteBuffer bytes = page.newEncoder().encode(text);
            System.out.println(points + " " + HexFormat.of().formatHex(bytes.array(), 0, bytes.limit()));
        }
    }
}
