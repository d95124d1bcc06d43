#!/usr/bin/env bash
# Java's calendar of the Republic (民國): 1900-01-01 is written as a day of 1923, and a 29th of February that is none becomes the 28th.
#
# Behaviour: MinguoChronology, in the package java.time.chrono since Java 8, with the pattern yyyMMdd that cards and uploads have. y is
#   the year of the era, and there are two: 1911 is the year 1 before the Republic, 1900 the year 12. Without G in the pattern both
#   are written like years of the Republic, so that 1911-12-31 and 1912-12-31 are the same text, and 1900-01-01, which programs
#   keep for an unknown day, is 0120101. u, the year that may be 0 or negative, gives 0001231 and -0110101.
#   Parsing is SMART unless one says otherwise: a day up to the 31st that its month lacks is the month's last. 1120229 (2023 has no
#   such day) is 2023-02-28 without a word, 1120431 the 30th. STRICT refuses even a right date by y, for the era is missing; with u it works.
# Seen (western, by yyyMMdd, read again; read in three ways; read STRICT with uuu):
#   1912-12-31 0011231 1912-12-31
#   1911-12-31 0011231 1912-12-31
#   1900-01-01 0120101 1923-01-01
#   1130229 SMART 2024-02-29 LENIENT 2024-02-29 STRICT refused; uuu 2024-02-29
#   1120229 SMART 2023-02-28 LENIENT 2023-03-01 STRICT refused; uuu refused
#   1120431 SMART 2023-04-30 LENIENT 2023-05-01 STRICT refused; uuu refused
# What it means here: a program in Java writes dates by uuuMMdd with ResolverStyle.STRICT. The bridge refuses a day that does not exist
#   (6018), on both ways, and makes no seven digits of a western day before 1912; 0120101 from a program is a date like any other, so
#   that only the comparison with the card (5020) can tell.
# Needs java (17). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > Roc.java <<'JAVA'
import java.time.*;
import java.time.chrono.MinguoChronology;
import java.time.format.*;

public class Roc {
    static DateTimeFormatter by(String pattern, ResolverStyle style) {
        return DateTimeFormatter.ofPattern(pattern).withChronology(MinguoChronology.INSTANCE).withResolverStyle(style);
    }

    static String read(String text, String pattern, ResolverStyle style) {
        try { return LocalDate.from(by(pattern, style).parse(text)).toString(); }
        catch (DateTimeException error) { return "refused"; }
    }

    public static void main(String[] arguments) {
        var usual = DateTimeFormatter.ofPattern("yyyMMdd").withChronology(MinguoChronology.INSTANCE);
        for (String day : new String[] {"1912-12-31", "1911-12-31", "1900-01-01"}) {
            String text = usual.format(LocalDate.parse(day));
            System.out.println(day + " " + text + " " + LocalDate.from(usual.parse(text)));
        }
        for (String text : new String[] {"1130229", "1120229", "1120431"}) {
            StringBuilder line = new StringBuilder(text);
            for (var style : new ResolverStyle[] {ResolverStyle.SMART, ResolverStyle.LENIENT, ResolverStyle.STRICT})
                line.append(" " + style + " " + read(text, "yyyMMdd", style));
            System.out.println(line + "; uuu " + read(text, "uuuMMdd", ResolverStyle.STRICT));
        }
    }
}
JAVA
case $(java -version 2>&1 | head -1) in *'"17.'*) ;; *) echo "another version of Java" >&2; exit 1 ;; esac
seen=$(java Roc.java)
echo "$seen"
expected='1912-12-31 0011231 1912-12-31
1911-12-31 0011231 1912-12-31
1900-01-01 0120101 1923-01-01
1130229 SMART 2024-02-29 LENIENT 2024-02-29 STRICT refused; uuu 2024-02-29
1120229 SMART 2023-02-28 LENIENT 2023-03-01 STRICT refused; uuu refused
1120431 SMART 2023-04-30 LENIENT 2023-05-01 STRICT refused; uuu refused'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
