#!/usr/bin/env bash
# pandas 3.1.1 and gawk 5.2: columns of fixed width are counted in characters, so that every field behind a Chinese name is a wrong one.
#
# Behaviour: records of cards and uploads have fields of fixed numbers of bytes, in code page 950. pandas' read_fwf decodes a line and then
#   cuts it: widths=[12, 20, 10, 7] are characters. A name of three characters has six bytes, so all behind it lies three places
#   further to the left than it is looked for: no error, the id's beginning is in the name, the birthday's in the id. Lines with names
#   in letters are right, so that a trial with such a name shows nothing. gawk's FIELDWIDTHS counts by the locale: of bytes of 950
#   in a UTF-8 locale it is wrong as well, by another number of places. unpack of Perl and Ruby cuts what is read as bytes by bytes.
# Seen (id and birthday of a record with the name 測試十; the right ones are Z299999929 0920315):
#   pandas cp950     [9999929092] [0315F]
#   pandas latin-1   [Z299999929] [0920315], name 測試十
#   gawk C.UTF-8     [2999999290] [920315F]
#   gawk C           [Z299999929] [0920315]
#   perl unpack      [Z299999929] [0920315]
#   ruby unpack      [Z299999929] [0920315]
# What it means here: cut a record first and decode the pieces: read_fwf with encoding="latin-1", then .encode("latin-1").decode("cp950")
#   of the texts. The paths ...Json of HTTP and the command `call --json` spare it. The program's own characters: docs/operate/characters.md.
# Needs pip (pandas from PyPI), gawk (5.2), perl, ruby. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1
python3 -c 'import sys; sys.stdout.buffer.write(b"000073898381" + "測試十".encode("cp950").ljust(20) + b"Z2999999290920315F\n")' >record

cat > read.py <<'PY'
import pandas

for encoding in ("cp950", "latin-1"):
    table = pandas.read_fwf("record", widths=[12, 20, 10, 7], header=None, dtype=str, encoding=encoding)
    _, name, person, birthday = table.iloc[0]
    whole = f", name {name.encode('latin-1').decode('cp950')}" if encoding == "latin-1" else ""
    print(f"pandas {encoding:<9} [{person}] [{birthday}]{whole}")
PY
program='BEGIN { FIELDWIDTHS = "12 20 10 7" } { printf "[%s] [%s]\n", $3, $4 }'
case $(gawk --version | head -1) in "GNU Awk 5.2."*) ;; *) echo "another version of gawk" >&2; exit 1 ;; esac
seen=$(venv/bin/python read.py
  echo "gawk C.UTF-8     $(LC_ALL=C.UTF-8 gawk "$program" record)"
  echo "gawk C           $(LC_ALL=C gawk "$program" record)"
  echo "perl unpack      $(perl -ne 'printf "[%s] [%s]", (unpack "A12 A20 A10 A7")[2, 3]' record)"
  echo "ruby unpack      $(ruby -e 'puts "[%s] [%s]" % File.binread("record").unpack("A12A20A10A7")[2, 2]')")
echo "$seen"
expected='pandas cp950     [9999929092] [0315F]
pandas latin-1   [Z299999929] [0920315], name 測試十
gawk C.UTF-8     [2999999290] [920315F]
gawk C           [Z299999929] [0920315]
perl unpack      [Z299999929] [0920315]
ruby unpack      [Z299999929] [0920315]'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
