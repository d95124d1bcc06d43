#!/usr/bin/env bash
# Ruby 3.1.2 (Fiddle 1.1.0): a C function that fills a String fills its copies and slices, too, even frozen ones.
#
# Behaviour: Ruby's strings share their bytes with what dup, String.new, a hash key or a slice up to the end made of them, until
#   one of them is changed. Fiddle hands out the address of these bytes without parting them first (rb_str_modify), so that what C writes
#   arrives in all of them. A slice from the middle has bytes of its own, one up to the end shares them: a program that reads
#   two records into one String has kept some fields of the first one, while others have become those of the second.
# Seen (each String is blank before the call, and C fills it with P, in the last line with Q as the second call):
#   frozen original of the filled copy: "PPPPP"     key of a hash: "PPPPP"     + "": "     "
#   fields kept of the first record: middle "PPPPP", up to the end "QQQQQ"
# What it means here: a hospital's Ruby program that uses one buffer for all its calls shows parts of one patient's record beside
#   parts of the next one's, and no fault is reported anywhere. The declaration in docs/reference/languages.md makes a new String for each call.
# Needs ruby (3.1) and cc. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > fill.c <<'C'
#include <string.h>
int fill(char *record, int letter) { memset(record, letter, 72); return 0; }
C
cc -shared -fPIC -o fill.so fill.c
cat > program.rb <<'RUBY'
require "fiddle"
FILL = Fiddle::Function.new(Fiddle.dlopen("./fill.so")["fill"], [Fiddle::TYPE_VOIDP, Fiddle::TYPE_INT], Fiddle::TYPE_INT)

original = (" " * 72).freeze
FILL.call(original.dup, "P".ord)
key = " " * 72
kept = { key => 1 }
FILL.call(key, "P".ord)
sum = " " * 72
FILL.call(sum + "", "P".ord)
puts "frozen original of the filled copy: #{original[0, 5].inspect}     " \
     "key of a hash: #{kept.keys.first[0, 5].inspect}     + \"\": #{sum[0, 5].inspect}"

record = " " * 72
FILL.call(record, "P".ord)
middle, rest = record[12, 40], record[42, 30]
FILL.call(record, "Q".ord)
puts "fields kept of the first record: middle #{middle[0, 5].inspect}, up to the end #{rest[0, 5].inspect}"
RUBY
seen=$(ruby program.rb)
echo "$seen"
expected='frozen original of the filled copy: "PPPPP"     key of a hash: "PPPPP"     + "": "     "
fields kept of the first record: middle "PPPPP", up to the end "QQQQQ"'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
