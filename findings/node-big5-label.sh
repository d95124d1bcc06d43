#!/usr/bin/env bash
# Node.js 20.20 (ICU 78.2): new TextDecoder('big5') is code page 950 of Windows, not the big5 of the Encoding Standard.
#
# Behaviour: the Encoding Standard, by which browsers decode, has a table of its own under the label "big5": the ETEN and
#   Hong Kong extensions, nothing in the private use area. Node takes the same label and asks ICU, whose table of that
#   name is Microsoft's: 6,251 of the 19,782 two-byte codes are decoded otherwise. The standard is played here by the
#   package text-encoding 0.7.0, which carries its index.
# Seen (code: Node, the standard; counts: other character, only Node, only the standard):
#   c6a1: U+f6b1 U+2460     c6e8: U+f6f8 U+3042     f9fe: U+2593 U+ffed     8140: U+eeb8 -     a3c0: - U+2400
#   a3e1: U+20ac U+20ac     f9d6: U+7881 U+7881
#   5059 1159 33
# What it means here: the paths /VHC/...Big5 hand a record out as bytes, which the client decodes. A page in a browser and
#   a program on Node, both with TextDecoder('big5'), show different characters for one record where it holds characters
#   that the site has drawn and lists, or F9FE; neither of them reports a fault. All other characters that the bridge
#   writes, the euro sign and 碁 among them, are the same. See cp950-user-defined.sh for the table that it writes by.
# Needs node with full ICU (20) and npm. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund text-encoding@0.7.0

cat > compare.js <<'JS'
const node = new TextDecoder('big5', {fatal: true});
const standard = new (require('text-encoding').TextDecoder)('big5', {fatal: true});

function decoded(decoder, bytes) {
  try {
    return [...decoder.decode(Uint8Array.from(bytes))].map(c => 'U+' + c.codePointAt(0).toString(16)).join(' ');
  } catch {
    return '-';
  }
}

const shown = ['c6a1', 'c6e8', 'f9fe', '8140', 'a3c0', 'a3e1', 'f9d6'].map(code => {
  const bytes = Buffer.from(code, 'hex');
  return `${code}: ${decoded(node, bytes)} ${decoded(standard, bytes)}`;
});
const counts = {other: 0, node: 0, standard: 0};
for (let first = 0x81; first <= 0xfe; first++) {
  for (let second = 0x40; second <= 0xfe; second++) {
    if (second > 0x7e && second < 0xa1) continue;
    const [ours, theirs] = [decoded(node, [first, second]), decoded(standard, [first, second])];
    if (ours !== theirs) counts[theirs === '-' ? 'node' : ours === '-' ? 'standard' : 'other'] += 1;
  }
}
const seen = [...shown, `${counts.other} ${counts.node} ${counts.standard}`].join('\n');
console.log(seen);
const expected = `c6a1: U+f6b1 U+2460
c6e8: U+f6f8 U+3042
f9fe: U+2593 U+ffed
8140: U+eeb8 -
a3c0: - U+2400
a3e1: U+20ac U+20ac
f9d6: U+7881 U+7881
5059 1159 33`;
if (seen !== expected) {
  console.error('the behaviour has changed');
  process.exit(1);
}
JS
node compare.js
