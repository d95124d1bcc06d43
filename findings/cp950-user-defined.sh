#!/usr/bin/env bash
# CPython 3.11's cp950, iconv-lite 0.6.3's cp950, ICU 78 and Java 17's MS950: four tables, three code pages 950.
#
# Behaviour: code page 950 has 6,217 two-byte codes for characters that a site draws itself (造字). Microsoft's table, as ICU
#   (Node's TextDecoder, asked for "big5") and Java (MS950) carry it, maps them to the private use area: FA40 is U+E000, 8140
#   U+EEB8, C6A1 U+F6B1. CPython's cp950 takes 5,968 of them for errors and 249 (C6A1 to C7FC) for kana, Cyrillic letters
#   and numbers in circles; iconv-lite takes all for errors. The other 13,565 of 19,782 codes are the same in all four.
# Seen (codes that decode; codes decoded otherwise than by ICU; of these, to another character):
#   python     13752  6217  249
#   iconv-lite 13503  6217    0
#   java       19720     0    0
#   icu        19720     0    0
#   python encodes U+E000: refused, U+3042: c6a6, which ICU reads as U+f6b6
# What it means here: a text encoded by CPython's cp950 is another on Windows where it holds kana, Cyrillic letters, numbers
#   in circles or 々, and iconv-lite makes one byte of them, so that all behind them moves. The bridge has Windows' table
#   (bridge/codec/page950.py): such a character is a placeholder when read and refused (6018) when sent. ICU's table is
#   that of Wine 8.0 (c_950.nls) and of Microsoft's bestfit950.txt.
# Needs python3 (3.11), node with full ICU (20), npm, java (17). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund iconv-lite@0.6.3

cat > decode.js <<'JS'
const fs = require('fs'), lite = require('iconv-lite'), icu = new TextDecoder('big5', {fatal: true});
const name = text => [...text].map(c => c.codePointAt(0).toString(16)).join('+');
const attempt = action => { try { return name(action()); } catch { return '-'; } };
const byLite = pair => { const text = lite.decode(pair, 'cp950'); return text.includes('\ufffd') ? '-' : name(text); };
const pairs = fs.readFileSync('pairs', 'latin1').match(/../gs).map(pair => Buffer.from(pair, 'latin1'));
fs.writeFileSync('icu', pairs.map(pair => attempt(() => icu.decode(pair))).join('\n'));
fs.writeFileSync('iconv-lite', pairs.map(byLite).join('\n'));
JS
cat > Decode.java <<'JAVA'
import java.nio.ByteBuffer; import java.nio.charset.*; import java.nio.file.*;
import java.util.*; import java.util.stream.Collectors;

public class Decode {
    public static void main(String[] arguments) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of("pairs"));
        List<String> names = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += 2)
            try {  // a new decoder reports what it cannot decode
                names.add(Charset.forName("MS950").newDecoder().decode(ByteBuffer.wrap(bytes, at, 2)).codePoints()
                    .mapToObj(Integer::toHexString).collect(Collectors.joining("+")));
            } catch (CharacterCodingException error) { names.add("-"); }
        Files.writeString(Path.of("java"), String.join("\n", names));
    }
}
JAVA
cat > compare.py <<'PY'
import subprocess
from pathlib import Path

def name(pair):
    try:
        return "+".join(f"{ord(c):x}" for c in pair.decode("cp950"))
    except UnicodeDecodeError:
        return "-"

def encoded(character):
    try:
        return character.encode("cp950").hex()
    except UnicodeEncodeError:
        return "refused"

pairs = [bytes([one, two]) for one in range(0x81, 0xFF) for two in [*range(0x40, 0x7F), *range(0xA1, 0xFF)]]
Path("pairs").write_bytes(b"".join(pairs))
subprocess.run(["node", "decode.js"], check=True)
subprocess.run(["java", "Decode.java"], check=True)
tables = {file: Path(file).read_text().split("\n") for file in ("iconv-lite", "java", "icu")}
tables = {"python": [name(pair) for pair in pairs], **tables}
seen = {}
for who, table in tables.items():
    other = [mine for mine, icu in zip(table, tables["icu"], strict=True) if mine != icu]
    seen[who] = (sum(one != "-" for one in table), len(other), sum(one != "-" for one in other))
    print(f"{who:10} {seen[who][0]:5} {seen[who][1]:5} {seen[who][2]:4}")
kana = encoded("\u3042")
read_as = tables["icu"][pairs.index(bytes.fromhex(kana))] if kana != "refused" else "-"
print(f"python encodes U+E000: {encoded(chr(0xE000))}, U+3042: {kana}, which ICU reads as U+{read_as}")
expected = {"python": (13752, 6217, 249), "iconv-lite": (13503, 6217, 0), "java": (19720, 0, 0), "icu": (19720, 0, 0)}
as_described = seen == expected and encoded(chr(0xE000)) == "refused" and (kana, read_as) == ("c6a6", "f6b6")
raise SystemExit(0 if as_described else "the behaviour has changed")
PY
python3 compare.py
