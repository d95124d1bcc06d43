#!/usr/bin/env bash
# iconv-lite 0.6.3, golang.org/x/text 0.7.0, PHP 8.2, Ruby 3.1: what each writes for a text in "code page 950" or "Big5".
#
# Behaviour: code page 950 has two codes for ten characters, 十 and 卅 among them; Windows writes A451 and A4CA for these.
#   iconv-lite writes the second ones (A2CC, A2CE). Go's package has no code page 950, only Big5 as the Encoding Standard has it:
#   it writes 3,270 characters at codes that Windows keeps for characters which a site draws itself (造字), 堃 and 々 among them,
#   but also 婷, 倩 and 卿, common in names, which have two codes there. PHP's
#   mbstring has no € in its CP950 and writes a question mark of one byte. Ruby's CP950 writes • as ‧ (A145), Go and PHP do not.
# Seen (十, €, •, 堃, 婷; - where it is refused):
#   iconv-lite a2cc a3e1 3f 3f b440
#   go         a451 a3e1 - fb69 fbb8
#   php        a451 3f 3f 3f b440
#   ruby       a451 a3e1 a145 - b440
# What it means here: a program that takes the bytes of a record from the bridge's text by itself must not count on the bytes
#   being those of the DLL, only on two for each character: so it is for all that the bridge writes in a record, but for the
#   euro sign in PHP. The bridge reads A2CC as 十, as Windows does; a 堃 or a 婷 that a Go program has written is a drawn
#   character to Windows, and is refused (6018) unless the site lists that code.
# Needs node (20) and npm, go with golang-golang-x-text-dev, php with mbstring, ruby. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund iconv-lite@0.6.3

cat > write.js <<'JS'
const lite = require('iconv-lite');
console.log('iconv-lite', ...['十', '€', '•', '堃', '婷'].map(one => lite.encode(one, 'cp950').toString('hex')));
JS
cat > write.go <<'GO'
package main

import (
	"fmt"

	"golang.org/x/text/encoding/traditionalchinese"
)

func main() {
	fmt.Print("go        ")
	for _, one := range []string{"十", "€", "•", "堃", "婷"} {
		if data, err := traditionalchinese.Big5.NewEncoder().Bytes([]byte(one)); err == nil {
			fmt.Printf(" %x", data)
		} else {
			fmt.Print(" -")
		}
	}
	fmt.Println()
}
GO
cat > write.php <<'PHP'
<?php
echo 'php       ';
foreach (['十', '€', '•', '堃', '婷'] as $one) {
    echo ' ', bin2hex(mb_convert_encoding($one, 'CP950', 'UTF-8'));
}
echo "\n";
PHP
cat > write.rb <<'RUBY'
written = %w[十 € • 堃 婷].map { |one| one.encode('CP950').unpack1('H*') rescue '-' }
puts "ruby       #{written.join(' ')}"
RUBY
seen=$(node write.js; GO111MODULE=off GOPATH=/usr/share/gocode go run write.go; php write.php; ruby -Ku write.rb)
echo "$seen"
expected='iconv-lite a2cc a3e1 3f 3f b440
go         a451 a3e1 - fb69 fbb8
php        a451 3f 3f 3f b440
ruby       a451 a3e1 a145 - b440'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
