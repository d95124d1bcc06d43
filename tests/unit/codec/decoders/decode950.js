// As Decode950.java: by iconv-lite where it can be found; by the TextDecoder of browsers, which does not encode, with --icu.
const icu = process.argv.includes('--icu');
const lite = icu ? null : require('iconv-lite');
const decoder = icu ? new TextDecoder('big5', {fatal: true}) : null;
require('readline').createInterface({input: process.stdin}).on('line', line => {
  const bytes = Buffer.from(line, 'hex');
  const text = icu ? decoder.decode(bytes) : lite.decode(bytes, 'cp950');
  const points = [...text].map(character => character.codePointAt(0).toString(16)).join('+');
  console.log(`${points} ${icu ? line : lite.encode(text, 'cp950').toString('hex')}`);
});
