// A server of today in JavaScript with fetch: the function of 2024 with an officer of its own, a file as the bare array of its
// bytes. Arguments: base address, file.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [base, file] = process.argv.slice(2);
const username = '00001_TN';
const password = createHash('md5').update('thu-nghiem-1').digest('hex');

async function post(path, body) {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`);
  return response.json();
}

const taken = await post('/api/token/take', { username, password });
const { access_token: token, id_token } = taken.APIKey;
const query = new URLSearchParams({ token, id_token, username, password });
const card = { maThe: 'DN4010000000000', hoTen: 'Trần Thử Nghiệm', ngaySinh: '05031994' };
const officer = { hoTenCb: 'Cán Bộ Thử Nghiệm Hai', cccdCb: '000000000002' };
const found = await post(`/api/egw/KQNhanLichSuKCB2024?${query}`, { ...card, ...officer });
console.log(taken.maKetQua, found.maKetQua, found.dsLichSuKCB2018.length);
const sent = await post(
  `/api/egw/guiHoSoGiamDinh4210?${query}&loaiHoSo=3&maTinh=01&maCSKCB=00001`,
  Array.from(readFileSync(file)),
);
console.log(sent.maKetQua, sent.maGiaoDich);
