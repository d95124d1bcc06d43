#!/usr/bin/env bash
# JSON behind a byte order mark, as .NET's StreamWriter writes it: Python and Node read it one way of two, Go, PHP and Ruby never.
#
# Behaviour: `new StreamWriter(stream, Encoding.UTF8)`, the usual way in .NET to write a text, begins with EF BB BF (without an
#   encoding it does not). RFC 8259 lets a reader refuse it. Python's json.loads takes it in bytes and refuses the same as a str;
#   Node's JSON.parse refuses what Buffer.toString gives and takes what TextDecoder or fetch's json() give; Go's encoding/json,
#   PHP's json_decode and Ruby's JSON refuse it always.
# Seen (EF BB BF {"statusCode":0}):
#   writer  efbbbf7b7d
#   python  bytes: 0, str: JSONDecodeError
#   node    toString: SyntaxError, TextDecoder: 0, json(): 0
#   go      refused
#   php     Syntax error
#   ruby    JSON::ParserError
# What it means here: console and cloud are ASP.NET servers, so the bridge gives its parser the bytes as they came
#   (bridge/upstream/client.py), and its own replies have no mark.
# Needs python3 (3.11), node (20), go (1.19), php, ruby (3.1), mono with mcs. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf '\xef\xbb\xbf{"statusCode":0}' >answer

cat > Writer.cs <<'CS'
using System; using System.IO; using System.Text;
static class Writer {
    static void Main() {
        var bytes = new MemoryStream();
        using (var writer = new StreamWriter(bytes, Encoding.UTF8)) writer.Write("{}");
        Console.WriteLine("writer  " + BitConverter.ToString(bytes.ToArray()).Replace("-", "").ToLower());
    }
}
CS
cat > read.py <<'PY'
import json
data, found = open("answer", "rb").read(), []
for name, text in (("bytes", data), ("str", data.decode())):
    try:
        found.append(f"{name}: {json.loads(text)['statusCode']}")
    except ValueError as error:
        found.append(f"{name}: {type(error).__name__}")
print("python ", ", ".join(found))
PY
cat > read.js <<'JS'
const data = require('fs').readFileSync('answer');
const ways = {
  toString: () => JSON.parse(data.toString()), TextDecoder: () => JSON.parse(new TextDecoder().decode(data)),
  'json()': () => new Response(data).json(),
};
(async () => {
  const found = [];
  for (const [name, way] of Object.entries(ways))
    try { found.push(`${name}: ${(await way()).statusCode}`); } catch (error) { found.push(`${name}: ${error.name}`); }
  console.log('node   ', found.join(', '));
})();
JS
cat > read.go <<'GO'
package main

import ("encoding/json"; "fmt"; "os")

func main() {
	data, _ := os.ReadFile("answer")
	var answer map[string]int
	if json.Unmarshal(data, &answer) != nil { fmt.Println("go      refused"); return }
	fmt.Println("go     ", answer["statusCode"])
}
GO
mcs -out:Writer.exe Writer.cs
seen=$(mono Writer.exe
  python3 read.py
  node read.js
  go run read.go
  php -r 'json_decode(file_get_contents("answer")); echo "php     ", json_last_error_msg(), "\n";'
  ruby -rjson -e 'begin; puts "ruby    #{JSON.parse(File.read("answer"))}"; rescue JSON::ParserError => e
    puts "ruby    #{e.class}"; end')
echo "$seen"
expected='writer  efbbbf7b7d
python  bytes: 0, str: JSONDecodeError
node    toString: SyntaxError, TextDecoder: 0, json(): 0
go      refused
php     Syntax error
ruby    JSON::ParserError'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
