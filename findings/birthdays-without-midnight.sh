#!/usr/bin/env bash
# Taiwan's time zone: 1979-07-01, 1975-04-01 and 18 days more have no midnight; GNU date, pandas, Joda-Time, .NET refuse such a birthday.
#
# Behaviour: Taiwan had summer time in 1946 to 1961, 1974, 1975 and 1979, and each time it began at midnight: after 23:59:59 came 01:00
#   (in 1937 so did Japan's time). A program that keeps a birthday as a moment, 00:00 in the zone Asia/Taipei, finds none on these days.
#   GNU date (coreutils 9.1) says "invalid date", pandas 3.1.1, polars 2.1.0, Joda-Time 2.10, Perl's DateTime and TimeZoneInfo of
#   .NET Core 3.1 raise errors. Python's datetime(1979, 7, 1).astimezone() and Tcl's clock scan make the evening before of it, without
#   an error; astimezone() and timestamp(), Python's two ways from there to a moment, differ by two hours. Java, Node, Go, PHP and
#   Ruby say one o'clock of the right day. In the zone UTC, as containers and tests have it, none of this shows.
# Seen (days of the twentieth century without a midnight; what is made of 1979-07-01, Python by both ways):
#   20: 1937-10-01 1946-05-15 1947-04-15 1948-05-01 1949-05-01 1950-05-01 1951-05-01 1952-03-01 1953-04-01 1954-04-01
#       1955-04-01 1956-04-01 1957-04-01 1958-04-01 1959-04-01 1960-06-01 1961-06-01 1974-04-01 1975-04-01 1979-07-01
#   date: invalid date; perl: Invalid local time; joda: IllegalInstantException; dotnet: ArgumentException
#   pandas: ValueError; polars: ComputeError
#   python: 1979-06-30 23:00, 1979-07-01 01:00; tcl: 1979-06-30 23:00
#   java, node, go, php, ruby: 1979-07-01 01:00
# What it means here: patients born on these days are refused, or another day is compared with the card (5020) or sent, and no other
#   patient is. The bridge has days without time or zone (bridge/codec/dates.py) and a fixed UTC+8 for the times of today, and it
#   gives programs seven digits; test_birthdays_that_have_no_midnight_in_taiwan holds it to that.
# Needs coreutils, perl with libdatetime-perl, libjoda-time-java (2.10), java (17), mono's mcs, tclsh, node, go, php, ruby, python3 (3.11)
# with pip, and the system's tzdata. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 polars==2.1.0
python3 -m pip download --quiet --no-deps --disable-pip-version-check dotnetcore2==3.1.23
python3 -m zipfile -e dotnetcore2-*.whl .
runtime=dotnetcore2/bin/shared/Microsoft.NETCore.App/3.1.23
chmod +x dotnetcore2/bin/dotnet
export TZ=Asia/Taipei

cat > days.py <<'PY'
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

zone = ZoneInfo("Asia/Taipei")
days = [date(1901, 1, 1) + timedelta(count) for count in range(36_159)]
midnights = {day: datetime(day.year, day.month, day.day, tzinfo=zone) for day in days}
missing = [str(day) for day, midnight in midnights.items() if midnight.astimezone(UTC).astimezone(zone).hour]
print(f"{len(missing)}:", *missing)
PY
cat > frames.py <<'PY'
from datetime import datetime

import pandas, polars

for name, make in {
    "pandas": lambda: pandas.to_datetime("1979-07-01").tz_localize("Asia/Taipei"),
    "polars": lambda: polars.Series([datetime(1979, 7, 1)]).dt.replace_time_zone("Asia/Taipei"),
}.items():
    try:
        print(f"{name}: {make()}")
    except Exception as error:
        print(f"{name}: {type(error).__name__}")
day = datetime(1979, 7, 1)
print(f"python: {day.astimezone():%Y-%m-%d %H:%M}, {datetime.fromtimestamp(day.timestamp()):%Y-%m-%d %H:%M}")
PY
cat > Joda.java <<'JAVA'
import org.joda.time.format.DateTimeFormat;

class Joda {
    public static void main(String[] none) throws Exception {
        try { System.out.println("joda: " + DateTimeFormat.forPattern("yyyyMMdd").parseDateTime("19790701")); }
        catch (IllegalArgumentException error) { System.out.println("joda: " + error.getClass().getSimpleName()); }
        var day = new java.text.SimpleDateFormat("yyyyMMdd").parse("19790701");
        System.out.println("java: " + new java.text.SimpleDateFormat("yyyy-MM-dd HH:mm").format(day));
    }
}
JAVA
cat > Zone.cs <<'CS'
using System;

static class Zone {
    static void Main() {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Taipei");
        try { Console.WriteLine("dotnet: " + TimeZoneInfo.ConvertTimeToUtc(new DateTime(1979, 7, 1), zone)); }
        catch (Exception error) { Console.WriteLine("dotnet: " + error.GetType().Name); }
    }
}
CS
echo '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
  "configProperties": {"System.Globalization.Invariant": true}}}' >Zone.runtimeconfig.json
references=$(for library in "$runtime"/System*.dll "$runtime"/mscorlib.dll "$runtime"/netstandard.dll; do
  [ "$(head -c 2 "$library")" = MZ ] && echo "-r:$library"; done)
mcs -nostdlib -noconfig -warn:0 -out:Zone.dll $references Zone.cs
cat > zone.go <<'GO'
package main

import ("fmt"; "time")

func main() {
	day, _ := time.ParseInLocation("20060102", "19790701", time.Local)
	fmt.Println("go:", day.Format("2006-01-02 15:04"))
}
GO
seen=$(
  python3 days.py
  echo "date: $(LC_ALL=C date -d 1979-07-01 2>&1 | grep -o 'invalid date' || true)"
  perl -MDateTime -e 'eval { print DateTime->new(year => 1979, month => 7, day => 1, time_zone => "Asia/Taipei"), "\n" };
    print "perl: $1\n" if $@ =~ /(Invalid local time)/'
  java -cp /usr/share/java/joda-time.jar Joda.java
  dotnetcore2/bin/dotnet Zone.dll
  venv/bin/python frames.py
  echo 'puts "tcl: [clock format [clock scan 19790701 -format %Y%m%d] -format {%Y-%m-%d %H:%M}]"' | tclsh
  node -e 'const day = new Date(1979, 6, 1); console.log(`node: 1979-0${day.getMonth() + 1}-0${day.getDate()} 0${day.getHours()}:00`)'
  go run zone.go
  php -r 'date_default_timezone_set("Asia/Taipei"); echo "php: ", date("Y-m-d H:i", strtotime("1979-07-01")), "\n";'
  ruby -rtime -e 'puts Time.parse("1979-07-01").strftime("ruby: %Y-%m-%d %H:%M")'
)
echo "$seen"
expected='20: 1937-10-01 1946-05-15 1947-04-15 1948-05-01 1949-05-01 1950-05-01 1951-05-01 1952-03-01 1953-04-01 1954-04-01 '
expected+='1955-04-01 1956-04-01 1957-04-01 1958-04-01 1959-04-01 1960-06-01 1961-06-01 1974-04-01 1975-04-01 1979-07-01
date: invalid date
perl: Invalid local time
joda: IllegalInstantException
java: 1979-07-01 01:00
dotnet: ArgumentException
pandas: ValueError
polars: ComputeError
python: 1979-06-30 23:00, 1979-07-01 01:00
tcl: 1979-06-30 23:00
node: 1979-07-01 01:00
go: 1979-07-01 01:00
php: 1979-07-01 01:00
ruby: 1979-07-01 01:00'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
