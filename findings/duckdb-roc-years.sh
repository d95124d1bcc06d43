#!/usr/bin/env bash
# DuckDB 2.0.1: dates of the Republic (民國) with a separator become dates of 1999 and of the year 112, two kinds in one column.
#
# Behaviour: read_csv and read_json find out by themselves what a text is. Year, month and day with a separator between are a DATE, and the
#   year is taken as it stands (112-05-20, which is 2023, is the 20th of May 0112), but two digits are a year of the last or this
#   century: 99-05-20, which is 2010, is 1999. In JSON both can stand in one column, so that an order by date is a wrong one. Where one
#   day of a column is none in that other year (113-02-29: 2024 has it, 113 has not), the whole column stays text. Seven
#   digits without separators stay text, with the zero in front; six are a number in CSV.
# Seen (the column; type and values in CSV; in JSON):
#   112-05-20 113-05-20: DATE 0112-05-20 0113-05-20; DATE 0112-05-20 0113-05-20
#   99-05-20 98-05-20: DATE 1999-05-20 1998-05-20; DATE 1999-05-20 1998-05-20
#   99-05-20 112-05-20: VARCHAR 99-05-20 112-05-20; DATE 1999-05-20 0112-05-20
#   112-05-20 113-02-29: VARCHAR 112-05-20 113-02-29; VARCHAR 112-05-20 113-02-29
#   112/05/20 113/05/20: DATE 0112-05-20 0113-05-20; VARCHAR 112/05/20 113/05/20
#   0990520 1120520: VARCHAR 0990520 1120520; VARCHAR 0990520 1120520
#   990520 980520: BIGINT 990520 980520; VARCHAR 990520 980520
# What it means here: records and traces have such dates as seven digits, which stay what they are. What is joined with them, such as a
#   hospital's own export, is read with all_varchar = true, or with types of its columns (columns = ..., in JSON as well).
# Needs pip (DuckDB from PyPI). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1

cat > read.py <<'PY'
import json

import duckdb

COLUMNS = ("112-05-20 113-05-20", "99-05-20 98-05-20", "99-05-20 112-05-20", "112-05-20 113-02-29",
           "112/05/20 113/05/20", "0990520 1120520", "990520 980520")  # fmt: skip

for column in COLUMNS:
    days, found = column.split(), []
    with open("days.csv", "w") as file:
        file.writelines(["id,day\n", *(f"A{number},{day}\n" for number, day in enumerate(days))])
    with open("days.json", "w") as file:
        file.writelines(json.dumps({"day": day}) + "\n" for day in days)
    for source in ("read_csv('days.csv')", "read_json('days.json')"):
        rows = duckdb.sql(f"select typeof(day), day::varchar from {source}").fetchall()
        found.append(f"{rows[0][0]} {' '.join(day for _, day in rows)}")
    print(f"{column}: {'; '.join(found)}")
PY
seen=$(venv/bin/python read.py)
echo "$seen"
expected='112-05-20 113-05-20: DATE 0112-05-20 0113-05-20; DATE 0112-05-20 0113-05-20
99-05-20 98-05-20: DATE 1999-05-20 1998-05-20; DATE 1999-05-20 1998-05-20
99-05-20 112-05-20: VARCHAR 99-05-20 112-05-20; DATE 1999-05-20 0112-05-20
112-05-20 113-02-29: VARCHAR 112-05-20 113-02-29; VARCHAR 112-05-20 113-02-29
112/05/20 113/05/20: DATE 0112-05-20 0113-05-20; VARCHAR 112/05/20 113/05/20
0990520 1120520: VARCHAR 0990520 1120520; VARCHAR 0990520 1120520
990520 980520: BIGINT 990520 980520; VARCHAR 990520 980520'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
