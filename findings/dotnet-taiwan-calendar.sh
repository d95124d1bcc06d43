#!/usr/bin/env bash
# .NET Core 3.1 and Mono 6.8: with TaiwanCalendar "yyyMMdd" has six digits before the year 100 of the Republic, and is never read back.
#
# Behaviour: a culture zh-TW whose calendar is TaiwanCalendar is the documented way to dates of the Republic (民國). In such calendars a
#   pattern of y has two digits at most, the rest comes by itself: 1912-01-01 is "010101", 2003-03-15 "920315", 2024-02-29 "1130229".
#   "yyyyMMdd" gives the same. So a birthday of before 2011 is a digit short in a field of seven, and a list of days is in no order.
#   ParseExact with the pattern that wrote a text does not read it, whichever of the two lengths it has. A day before 1912 is an exception.
# Seen (in .NET Core and in Mono alike; what D3 gives is the year as a number with three digits):
#   1912-01-01 yyyMMdd 010101, read FormatException; D3 0010101
#   2003-03-15 yyyMMdd 920315, read FormatException; D3 0920315
#   2024-02-29 yyyMMdd 1130229, read FormatException; D3 1130229
#   1911-12-31 ArgumentOutOfRangeException
#   0920315 read FormatException
# What it means here: a program in C# writes GetYear(day).ToString("D3") and the rest by itself. The bridge takes six digits for a date from
#   before the year 100, also with a blank before or behind them, and gives programs seven always.
# Needs mono with mcs, pip and ICU (Debian's libicu72). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip download --quiet --no-deps --disable-pip-version-check dotnetcore2==3.1.23
python3 -m zipfile -e dotnetcore2-*.whl .
runtime=dotnetcore2/bin/shared/Microsoft.NETCore.App/3.1.23
chmod +x dotnetcore2/bin/dotnet

cat > Roc.cs <<'CS'
using System;
using System.Globalization;

static class Roc {
    static readonly TaiwanCalendar Calendar = new TaiwanCalendar();
    static readonly CultureInfo Taiwan = new CultureInfo("zh-TW");

    static string Read(string text) {
        try { return DateTime.ParseExact(text, "yyyMMdd", Taiwan).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture); }
        catch (Exception error) { return error.GetType().Name; }
    }

    static string Written(DateTime day) {
        try {
            var text = day.ToString("yyyMMdd", Taiwan);
            return "yyyMMdd " + text + ", read " + Read(text) + "; D3 " + Calendar.GetYear(day).ToString("D3") + day.ToString("MMdd");
        } catch (Exception error) { return error.GetType().Name; }
    }

    static void Main() {
        Taiwan.DateTimeFormat.Calendar = Calendar;
        foreach (var day in new[] {"1912-01-01", "2003-03-15", "2024-02-29", "1911-12-31"})
            Console.WriteLine(day + " " + Written(DateTime.Parse(day, CultureInfo.InvariantCulture)));
        Console.WriteLine("0920315 read " + Read("0920315"));
    }
}
CS
echo '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"}}}' >Roc.runtimeconfig.json
references=$(for library in "$runtime"/System*.dll "$runtime"/mscorlib.dll "$runtime"/netstandard.dll; do
  [ "$(head -c 2 "$library")" = MZ ] && echo "-r:$library"; done)
mcs -nostdlib -noconfig -warn:0 -out:Roc.dll $references Roc.cs
mcs -out:Roc.exe Roc.cs
case $(mono --version) in *"version 6.8."*) ;; *) echo "another version of Mono" >&2; exit 1 ;; esac
# 3.1 looks for versions of ICU that it knew of: the one that is there is named.
core=$(CLR_ICU_VERSION_OVERRIDE=72.1 dotnetcore2/bin/dotnet Roc.dll)
mono=$(mono Roc.exe)
echo "$core"
[ "$core" = "$mono" ] || echo "Mono: $mono"
expected='1912-01-01 yyyMMdd 010101, read FormatException; D3 0010101
2003-03-15 yyyMMdd 920315, read FormatException; D3 0920315
2024-02-29 yyyMMdd 1130229, read FormatException; D3 1130229
1911-12-31 ArgumentOutOfRangeException
0920315 read FormatException'
[ "$core" = "$expected" ] && [ "$mono" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
