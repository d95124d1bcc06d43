#!/usr/bin/env bash
# Ruby, Perl, PHP, Python: a C function that fills a string writes into its copies as well, also into frozen ones; koffi's is lost.
#
# Behaviour: these languages let copies of a string share one memory until one of them is changed, and do not see that C has done
#   so. Where a program gives a string of its own as an out-buffer (72 A, filled with B by memset), what it has kept of the string
#   before is B afterwards: Ruby's dup (Fiddle, a frozen string too), Perl's plain assignment (FFI::Platypus, "string"), PHP's
#   (FFI, char *), and Python's bytes (ctypes), which can never change. koffi gives a copy to C: the string in JavaScript stays A.
#   Made for it, and right everywhere: Fiddle::Pointer.malloc, FFI::Platypus::Memory, FFI::new, ctypes.create_string_buffer, Buffer.
# Seen (the buffer; what was kept of it before):
#   ruby B B, frozen B
#   perl B B
#   php B B
#   python B B
#   koffi A A; Buffer B, its copy A
# What it means here: a program that calls cshis.dll or libcshis.so from such a language, keeps a record and reads the next card into
#   the same string, has the next patient's record in both places. The library cannot see it; docs/install/programs.md says what
#   to use.
# Needs ruby (3.1) with fiddle, perl (5.36) with FFI::Platypus (Debian's libffi-platypus-perl 2.05), php (8.2) with FFI, python3
# (3.11), node (20) and npm. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund koffi@2.9.0

cat > fill.rb <<'RUBY'
require 'fiddle'
kinds = [Fiddle::TYPE_VOIDP, Fiddle::TYPE_INT, Fiddle::TYPE_SIZE_T]
fill = Fiddle::Function.new(Fiddle.dlopen(nil)['memset'], kinds, Fiddle::TYPE_VOIDP)
buffer = 'A' * 72
kept = buffer.dup
frozen = ('A' * 72).freeze
[buffer, frozen].each { |each| fill.call(each, 'B'.ord, 72) }
puts "ruby #{buffer[0]} #{kept[0]}, frozen #{frozen[0]}"
RUBY
cat > fill.pl <<'PERL'
use FFI::Platypus 2.05;
my $ffi = FFI::Platypus->new(api => 2, lib => [undef]);
my $fill = $ffi->function(memset => ['string', 'int', 'size_t'] => 'opaque');
my $buffer = 'A' x 72;
my $kept = $buffer;
$fill->call($buffer, ord 'B', 72);
print 'perl ', substr($buffer, 0, 1), ' ', substr($kept, 0, 1), "\n";
PERL
cat > fill.php <<'PHP'
<?php
$c = FFI::cdef('void *memset(char *where, int what, size_t length);');
$buffer = str_repeat('A', 72);
$kept = $buffer;
$c->memset($buffer, ord('B'), 72);
echo "php $buffer[0] $kept[0]\n";
PHP
cat > fill.py <<'PY'
import ctypes
buffer = b"A" * 72
kept = bytes(buffer)
ctypes.CDLL(None).memset(buffer, ord("B"), 72)
print("python", buffer[:1].decode(), kept[:1].decode())
PY
cat > fill.js <<'JS'
const fill = require('koffi').load('libc.so.6').func('void *memset(char *where, int what, size_t length)');
const text = 'A'.repeat(72), kept = text;
fill(text, 'B'.charCodeAt(0), 72);
const buffer = Buffer.alloc(72, 'A'), copy = Buffer.from(buffer);
fill(buffer, 'B'.charCodeAt(0), 72);
const first = bytes => String.fromCharCode(bytes[0]);
console.log(`koffi ${text[0]} ${kept[0]}; Buffer ${first(buffer)}, its copy ${first(copy)}`);
JS
seen=$(ruby fill.rb; perl fill.pl; php -d ffi.enable=1 fill.php; python3 fill.py; node fill.js)
echo "$seen"
expected='ruby B B, frozen B
perl B B
php B B
python B B
koffi A A; Buffer B, its copy A'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
