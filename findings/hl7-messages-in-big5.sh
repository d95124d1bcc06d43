#!/usr/bin/env bash
# HL7 v2 in Big5: five of eight runtimes do not know the name that HL7 has for it, and cut as bytes a name with 育 moves all fields behind it.
#
# Behaviour: MSH-18 says which characters a message has; by HL7's table 0211 Big5 is "BIG-5". Python, Node, Ruby, Java and Mono know no
#   encoding of that name ("big5" they all know); PHP, glibc and Perl do. python-hl7 0.4.5 and hl7apy 1.3.5 do not look at MSH-18: bytes
#   are UTF-8 or what the caller says. The way out of many programs, to take bytes as Latin-1 and let the names be, is
#   wrong here: 87 characters each have | ^ ~ or \ as their second byte (in UTF-8 none has such a byte). 育 is A8 7C: behind
#   it begins another field, the given name is a part of it, and the birthday stands where the sex should. No error.
# Seen (who knows BIG-5; PID-5, PID-7 and PID-8 of 測試育^十 ... 20030315|F by how it was read):
#   BIG-5: python no, node no, ruby no, java no, mono no, php yes, glibc yes, perl yes
#   python-hl7, big5: [測試育^十] [20030315] [F]
#   python-hl7, latin-1: [測試] [] [20030315], half a character behind it
#   hl7apy, latin-1: [測試] [] [20030315], half a character behind it
#   python-hl7, bytes alone: UnicodeDecodeError; BIG-5: LookupError
# What it means here: what a hospital's HL7 engine is to get from records of cards, it gets in UTF-8 (UNICODE UTF-8 in MSH-18), as the paths
#   ...Json of HTTP have it, or with names decoded before the message is cut.
# Needs pip (hl7 and hl7apy from PyPI), node, ruby, java, mono with mcs, php with mbstring, perl, iconv of glibc. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check hl7==0.4.5 hl7apy==1.3.5

cat > Known.java <<'JAVA'
class Known { public static void main(String[] names) { System.exit(java.nio.charset.Charset.isSupported(names[0]) ? 0 : 1); } }
JAVA
cat > Known.cs <<'CS'
static class Known {
    static int Main(string[] names) {
        try { System.Text.Encoding.GetEncoding(names[0]); return 0; } catch (System.ArgumentException) { return 1; }
    }
}
CS
mcs -out:Known.exe Known.cs
known() { # NAME: who knows it
  local who found=
  for who in python node ruby java mono php glibc perl; do
    if case $who in
      python) python3 -c 'import codecs, sys; codecs.lookup(sys.argv[1])' "$1" ;;
      node) node -e 'new TextDecoder(process.argv[1])' "$1" ;;
      ruby) ruby -e 'Encoding.find(ARGV[0])' "$1" ;;
      java) java Known.java "$1" ;;
      mono) mono Known.exe "$1" ;;
      php) php -r 'mb_convert_encoding("A", $argv[1], "UTF-8");' -- "$1" ;;
      glibc) iconv -f UTF-8 -t "$1" </dev/null ;;
      perl) perl -MEncode -e 'exit !find_encoding($ARGV[0])' "$1" ;;
    esac >/dev/null 2>&1; then found+=", $who yes"; else found+=", $who no"; fi
  done
  echo "$1: ${found:2}"
}

cat > read.py <<'PY'
import hl7
from hl7apy.parser import parse_message

TEXT = (
    "MSH|^~\\&|HIS|H|LIS|H|20230520093000||ADT^A01|1|P|2.5||||||BIG-5\r"
    "PID|1||Z299999929||測試育^十||20030315|F\r"
)
DATA = TEXT.encode("big5")


def told(how, fields, encoding):
    texts = [str(field).encode(encoding) for field in fields]
    half = ", half a character behind it" if texts[0][-1:] == b"\xa8" else ""
    name, *others = (text.removesuffix(b"\xa8").decode("big5") for text in texts)
    print(f"{how}: [{name}]", *(f"[{other}]" for other in others), end=f"{half}\n")


def refused(**options):
    try:
        hl7.parse(DATA, **options)
    except (UnicodeDecodeError, LookupError) as error:
        return type(error).__name__
    return "read"


for encoding in ("big5", "latin-1"):
    pid = hl7.parse(DATA, encoding=encoding).segment("PID")
    told(f"python-hl7, {encoding}", [pid[5], pid[7], pid[8]], encoding)
pid = parse_message(DATA.decode("latin-1")).pid
told("hl7apy, latin-1", [pid.pid_5.value, pid.pid_7.value, pid.pid_8.value], "latin-1")
print(f"python-hl7, bytes alone: {refused()}; BIG-5: {refused(encoding='BIG-5')}")
PY
if known big5 | grep -qE ' no(,|$)'; then echo "a runtime is missing" >&2; exit 1; fi
seen=$(known BIG-5; venv/bin/python read.py)
echo "$seen"
expected='BIG-5: python no, node no, ruby no, java no, mono no, php yes, glibc yes, perl yes
python-hl7, big5: [測試育^十] [20030315] [F]
python-hl7, latin-1: [測試] [] [20030315], half a character behind it
hl7apy, latin-1: [測試] [] [20030315], half a character behind it
python-hl7, bytes alone: UnicodeDecodeError; BIG-5: LookupError'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
