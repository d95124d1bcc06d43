// caller.js LIBRARY FILE HABIT...: a program on Node; FILE is what it uploads.
const koffi = require('koffi');
const cshis = require('./cshis.js');

const DIRT = 0xa5;
const RUBBISH = Buffer.from('fe0151ff'.repeat(16), 'hex');
const [path, file, ...habits] = process.argv.slice(2);
const library = cshis.load(path);
// The same function, its length a 32-bit variable.
const readWide = koffi.load(path).func('int __stdcall hisGetBasicData(void *record, int32_t *length)');

const say = (...words) => console.log(words.join(' '));
const text = (record, from, width) => new TextDecoder('big5').decode(record.subarray(from, from + width)).trim();
const unended = (value) => Buffer.concat([Buffer.from(String(value)), RUBBISH]);
const person = (record) => [text(record, 0, 12), text(record, 12, 20), text(record, 32, 10), text(record, 42, 7)].join(' ');
const kept = (record, from) => (record.subarray(from).every((each) => each === DIRT) ? 'kept' : 'CHANGED');

// A call whose last arguments are a record and its length. Out: code, length, the whole record.
function read(name, before = [], size = 72) {
  const record = Buffer.alloc(size, DIRT), length = Int16Array.of(size);
  const code = library[name](...before, record, length);
  return [code, length[0], record];
}

function wholeVisit(habit, made, count = 1) {
  const [, , who] = read('hisGetBasicData');
  let [code, length, number] = read('hisGetSeqNumber256', [made('01'), made(' '), made('1')], 296);
  say(habit, 'number', code, length, text(number, 13, 4));
  const at = text(number, 0, 13);
  const data = `${at}1AC44444100        TIDPC             03000090001`.repeat(count);
  const before = [made(at), made(text(who, 32, 10)), made(text(who, 42, 7)), made(data), Int16Array.of(count)];
  [code, length] = read('hisWriteMultiPrescriptSign', before, 40 * count);
  say(habit, 'write', code, length);
  say(habit, 'back', library.csUnGetSeqNumber(made(at)));
}

// In a thread of libuv's pool, as a server calls.
const asynchronous = (call, ...given) =>
  new Promise((done, failed) => call.async(...given, (error, code) => (error ? failed(error) : done(code))));

async function isRead() {
  const record = Buffer.alloc(72), length = Int16Array.of(72);
  return (await asynchronous(library.hisGetBasicData, record, length)) === 0 && text(record, 0, 12) === '000073898381';
}

const work = {
  visit() {
    say('visit open', library.csOpenCom(0));
    say('visit sam', library.csVerifySAMDC());
    const [code, record] = cshis.readBasic(library);
    say('visit basic', code, record.length, person(record));
    say('visit status', library.hisGetCardStatus(2));
    wholeVisit('visit', (value) => value, 2);
    say('visit close', library.csCloseCom());
  },
  large() {
    const [code, length, record] = read('hisGetBasicData', [], 4096);
    say('large basic', code, length, person(record), kept(record, 72));
  },
  unterminated: () => wholeVisit('unterminated', (value) => Buffer.concat([Buffer.from(value), RUBBISH])),
  blanks: () => wholeVisit('blanks', (value) => value.padEnd(200)),
  wide() {
    say('wide status', library.hisGetCardStatus(0x4ffb0002));
    const record = Buffer.alloc(72), length = Int32Array.of(72);
    say('wide basic', readWide(record, length), length[0], person(record));
  },
  marks() {
    for (const mark of [0, 1, 2]) {
      const [code, , number] = read('hisGetSeqNumber256', ['01', ' ', Buffer.of(mark)], 296);
      say('marks', mark, code, text(number, 13, 4), library.csUnGetSeqNumber(text(number, 0, 13)));
    }
  },
  async threads() {
    const crowd = await Promise.all(Array.from({ length: 80 }, isRead));
    say('threads', crowd.filter(Boolean).length, 'of 80');
  },
  reopen() {
    let good = 0;
    for (let turn = 0; turn < 20; turn++)
      good += library.csOpenCom(0) === 0 && cshis.readBasic(library)[0] === 0 && library.csCloseCom() === 0;
    say('reopen', good, 'of 20');
  },
  version() {
    const room = Buffer.alloc(64, DIRT);
    const code = library.csGetVersionEx(room);
    say('version', code, room.toString('latin1').split('\0')[0], kept(room, 16));
  },
  order() {
    say('order close', library.csCloseCom());
    let [code, length, record] = read('hisGetBasicData');
    say('order basic', code, length, person(record));
    [code, length, record] = read('hisGetBasicData', [], 71);
    say('order small', code, length, kept(record, 0));
    say('order null', library.hisGetBasicData(null, null));
    say('order back', library.csUnGetSeqNumber('1010101010101'));
  },
  upload() {
    const [code, length, receipt] = read('csUploadData', [file, unended('3'), unended('1')], 50);
    say('upload', code, length, text(receipt, 0, 22));
  },
  names() {
    for (const name of process.env.UPLOAD_NAMES.split('|'))
      say('names', name.length, read('csUploadData', [name, name.length, 1].map(unended), 50)[0]);
  },
  chinese() {
    // Node decodes Big5 and does not encode it; a program has iconv-lite for that.
    const item = Buffer.from('ac79b750accc', 'hex'); // 流感疫
    say('chinese', library.hisWriteInoculateData('Z299999929', '0920315', item, 'TEST0010'));
  },
  offline() {
    say('offline open', library.csOpenCom(0));
    say('offline basic', ...read('hisGetBasicData').slice(0, 2));
  },
};

(async () => {
  for (const habit of habits) await work[habit]();
})();
