#!/usr/bin/env bash
# PHP 8.2: fgetcsv puts the id into the name where a name in Big5 ends with 許, 功, 蓋, 淚, 豹 or one of 82 others.
#
# Behaviour: fgetcsv and str_getcsv have an escape character of their own, the backslash, which CSV (RFC 4180) has not: a quotation mark
#   behind it does not end the field. The second byte of 87 characters of code page 950 is 5C, the backslash's. So "許功","Z299999929" is
#   one field, with quotation marks and the comma in it, the row has one field less, and the birthday stands where the id should be.
#   No warning. Only the last character of a quoted text counts. With "" as the escape character (allowed since 7.4; 8.4 asks for
#   it to be given) all is well, and so it is where the text is made UTF-8 before it is cut.
# Seen (fields of "許功","Z299999929","0920315"; of how many characters of two bytes a name may end with, those that are lost):
#   usual    2: 許功",Z299999929" | 0920315
#   escape   3: 許功 | Z299999929 | 0920315
#   UTF-8    3: 許功 | Z299999929 | 0920315
#   87 of 13502
# What it means here: a list of patients that a hospital's program in PHP reads from a file in Big5 is read with an empty escape character.
#   The bridge writes texts as JSON in UTF-8, and a record has no quotation marks.
# Needs php (8.2) with mbstring. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > read.php <<'PHP'
<?php
function big5(string $text): string { return mb_convert_encoding($text, 'CP950', 'UTF-8'); }
function utf8(string $data): string { return mb_convert_encoding($data, 'UTF-8', 'CP950'); }
function told(string $how, array $row): void { printf("%-8s %d: %s\n", $how, count($row), implode(' | ', $row)); }

file_put_contents('patients.csv', big5('"許功","Z299999929","0920315"'."\n"));
$file = fopen('patients.csv', 'r');
told('usual', array_map('utf8', fgetcsv($file)));
rewind($file);
told('escape', array_map('utf8', fgetcsv($file, null, ',', '"', '')));
told('UTF-8', str_getcsv(utf8(trim(file_get_contents('patients.csv')))));

$lost = $all = 0;
for ($first = 0xA1; $first <= 0xF9; $first++)
    for ($second = 0x40; $second <= 0xFE; $second++) {
        $pair = chr($first).chr($second);
        if (($second > 0x7E && $second < 0xA1) || utf8($pair) === '?' || preg_match('/[\x{E000}-\x{F8FF}]/u', utf8($pair))) continue;
        $all++;
        $lost += count(str_getcsv("\"$pair\",\"Z299999929\"")) != 2;
    }
echo "$lost of $all\n";
PHP
case $(php -r 'echo PHP_VERSION;') in 8.2.*) ;; *) echo "another version of PHP" >&2; exit 1 ;; esac
seen=$(php read.php)
echo "$seen"
expected='usual    2: 許功",Z299999929" | 0920315
escape   3: 許功 | Z299999929 | 0920315
UTF-8    3: 許功 | Z299999929 | 0920315
87 of 13502'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
