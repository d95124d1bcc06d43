#!/usr/bin/env bash
# Luxon, date-fns, moment, PHP, Ruby, pendulum, dateutil: 0920315 is a day of the year 920. pydantic, Jackson, pandas: a visit's time is of 1999.
#
# Behaviour: a card's dates have seven digits, year of the Republic (民國), month, day; the time of a visit has thirteen. ISO 8601 has a date
#   of seven digits, too: a year of four and the day of that year of three (ordinal date, YYYYDDD). 0920315, the 15th of March 2003, is
#   day 315 of the year 920. Readers of ISO texts take it so on the 182 days of January to March and October to December, whose
#   last three digits are a number up to 365, and refuse the 183 days of April to September. Thirteen digits look like milliseconds
#   since 1970: a datetime of pydantic and a java.util.Date of Jackson take even a text of digits for a number, and pandas'
#   read_json a column whose name is "date" or ends in _time or _at. The visit of 2003-03-15 09:30:15 was in 1999, one of 2026
#   is in 2006; their order stays right. arrow, Python's own fromisoformat and Java's java.time refuse seven digits.
# Seen (days of 2003 taken, and right; 0920315; then 0920315093015 and 1151124093015):
#   luxon 182 0 0920-11-10
#   date-fns 182 0 0920-11-10
#   moment 182 0 0920-11-10
#   php 182 0 0920-11-10
#   ruby 182 0 0920-11-10
#   pendulum 182 0 0920-11-10
#   dateutil 182 0 0920-11-10
#   pydantic 1999-03-01 19:04:53, 2006-06-24 04:41:33
#   pandas 1999-03-01 19:04:53, 2006-06-24 04:41:33
#   jackson 1999-03-01 19:04:53, 2006-06-24 04:41:33
# What it means here: a program that takes a field of a record or of a path ...Json for a date must cut it by itself. The bridge's OpenAPI
#   document calls them strings without a "format", so that no generated client tries (SCHEMA_KEYS of tests/unit/rest/test_openapi.py);
#   a pydantic or Jackson model written by hand has str or String there.
# Needs node and npm, php (8.2), ruby (3.1), python3 (3.11) with pip, java (17), libjackson2-databind-java (2.14). Exit 1 if the behaviour
# has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export TZ=UTC
npm install --silent --no-audit --no-fund luxon@3.7.2 date-fns@4.4.0 moment@2.31.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pendulum==3.3.0 python-dateutil==4.0.0 pydantic==2.14.4 pandas==3.1.1

cat > days.js <<'JS'
const { DateTime } = require('luxon'), { parseISO } = require('date-fns'), moment = require('moment');
moment.suppressDeprecationWarnings = true;
const readers = {
  luxon: text => DateTime.fromISO(text).toJSDate(), 'date-fns': text => parseISO(text), moment: text => moment(text).toDate(),
};
for (const [name, read] of Object.entries(readers)) {
  let taken = 0, right = 0;
  for (let day = new Date(2003, 0, 1); day.getFullYear() === 2003; day.setDate(day.getDate() + 1)) {
    const made = read('092' + day.toISOString().slice(5, 10).replace('-', ''));
    taken += !isNaN(made);
    right += +made === +day;
  }
  console.log(name, taken, right, read('0920315').toISOString().slice(0, 10));
}
JS
cat > days.php <<'PHP'
<?php
$taken = $right = 0;
for ($day = new DateTime('2003-01-01'); $day->format('Y') === '2003'; $day->modify('+1 day')) {
    $made = strtotime('092' . $day->format('md'));
    $taken += $made !== false;
    $right += $made === $day->getTimestamp();
}
echo "php $taken $right ", date('Y-m-d', strtotime('0920315')), "\n";
PHP
cat > days.rb <<'RUBY'
require "date"
made = (Date.new(2003, 1, 1)..Date.new(2003, 12, 31)).to_h { |day| [day, (Date.parse("092" + day.strftime("%m%d")) rescue nil)] }
puts "ruby #{made.values.compact.size} #{made.count { |day, read| day == read }} #{Date.parse("0920315")}"
RUBY
cat > days.py <<'PY'
from datetime import date, datetime, timedelta
from io import StringIO

import pandas, pendulum, pydantic
from dateutil.parser import isoparse

days = [date(2003, 1, 1) + timedelta(count) for count in range(365)]
for name, read in {"pendulum": pendulum.parse, "dateutil": isoparse}.items():
    made = {}
    for day in days:
        try:
            made[day] = read(f"092{day:%m%d}").date()
        except ValueError:
            pass
    print(name, len(made), sum(day == of for day, of in made.items()), read("0920315").date())
times = ["0920315093015", "1151124093015"]
told = [pydantic.TypeAdapter(datetime).validate_python(text) for text in times]
print("pydantic", ", ".join(f"{each:%Y-%m-%d %H:%M:%S}" for each in told))
read = [pandas.read_json(StringIO(f'[{{"visit_time":"{text}"}}]'))["visit_time"][0] for text in times]
print("pandas", ", ".join(f"{each:%Y-%m-%d %H:%M:%S}" for each in read))
PY
cat > Times.java <<'JAVA'
import com.fasterxml.jackson.databind.ObjectMapper;

class Times {
    public static class Visit { public java.util.Date time; }

    static String read(String text) throws Exception {
        var visit = new ObjectMapper().readValue("{\"time\":\"" + text + "\"}", Visit.class);
        return new java.text.SimpleDateFormat("yyyy-MM-dd HH:mm:ss").format(visit.time);
    }

    public static void main(String[] none) throws Exception {
        System.out.println("jackson " + read("0920315093015") + ", " + read("1151124093015"));
    }
}
JAVA
jars=/usr/share/java/jackson-databind.jar:/usr/share/java/jackson-core.jar:/usr/share/java/jackson-annotations.jar
seen=$(node days.js; php days.php; ruby days.rb; venv/bin/python days.py; java -cp $jars Times.java)
echo "$seen"
expected='luxon 182 0 0920-11-10
date-fns 182 0 0920-11-10
moment 182 0 0920-11-10
php 182 0 0920-11-10
ruby 182 0 0920-11-10
pendulum 182 0 0920-11-10
dateutil 182 0 0920-11-10
pydantic 1999-03-01 19:04:53, 2006-06-24 04:41:33
pandas 1999-03-01 19:04:53, 2006-06-24 04:41:33
jackson 1999-03-01 19:04:53, 2006-06-24 04:41:33'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
