#!/usr/bin/env bash
# zbar 0.23.92: of QR codes with a short Chinese text in UTF-8 two of three are read as Japanese, without an error.
#
# Behaviour: makers of QR codes write UTF-8 and say nothing about it in the code, so zbar guesses. Bytes of Chinese characters in UTF-8
#   are often good Shift_JIS as well, and come out as other characters: 醫院 is 驢ｫ髯｢, 健保卡 is 蛛･菫晏今. 門診 by the same maker is
#   right, so that a trial with one text shows nothing. All are right where zbar is asked for the bytes (-Sbinary), and where the code says
#   what it is (ECI 26, which segno writes when asked, and hardly another does by itself).
# Seen (60 texts: 30 family names, each with 先生 and with 女士; how many came back as they were):
#   醫院 is 驢ｫ髯｢, 門診 is 門診; as it is 20 of 60, -Sbinary 60 of 60, ECI 60 of 60
# What it means here: a camera or scanner behind zbar may show a patient's name from a code as rubbish, and a program may take it for the
#   name. What stands in the codes that the simulator makes for virtual health cards is ASCII, which all read right.
# Needs zbarimg (Debian's zbar-tools 0.23.92) and pip (segno from PyPI). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ "$(zbarimg --version)" = 0.23.92 ] || { echo "another version of zbar" >&2; exit 1; }
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check segno==1.6.6

cat > read.py <<'PY'
import subprocess

import segno

FAMILY_NAMES = "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高"


def read(text, *options, eci=False):
    segno.make(text, micro=False, eci=eci, encoding="utf-8").save("code.png", scale=3)
    found = subprocess.run(["zbarimg", "--raw", "-q", *options, "code.png"], capture_output=True).stdout
    return found.decode("utf-8").rstrip("\n")


texts = [name + title for name in FAMILY_NAMES for title in ("先生", "女士")]
plain, as_bytes, said = (
    sum(read(text, *options, eci=eci) == text for text in texts)
    for options, eci in (((), False), (("-Sbinary",), False), ((), True))
)
print(f"醫院 is {read('醫院')}, 門診 is {read('門診')}; as it is {plain} of 60, -Sbinary {as_bytes} of 60, ECI {said} of 60")
PY
seen=$(venv/bin/python read.py)
echo "$seen"
expected='醫院 is 驢ｫ髯｢, 門診 is 門診; as it is 20 of 60, -Sbinary 60 of 60, ECI 60 of 60'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
