// The same visit as client_requests.py makes, as a web page or a Node program would write it: fetch and TextDecoder.
// node client.mjs URL QR-STRING; NODE_EXTRA_CA_CERTS names the authority to trust for HTTPS.

const [url, qr] = process.argv.slice(2);
const TAKEN = [0, 5010, 5174];
const big5 = new TextDecoder("big5");

async function post(path, command) {
  const reply = await fetch(url + path, { method: "POST", body: JSON.stringify(command) });
  return reply.json();
}

async function good(path, command = {}, allowed = [0]) {
  const result = await post(path, command);
  const code = Number(result.ERRORCODE ?? result.errorCode ?? result.statusCode);
  if (!allowed.includes(code)) throw new Error(`${path}: ${code}`);
  return result;
}

// The ...Big5 paths give each byte as a character: browsers can decode Big5, but not encode it.
function bytesOf(buffer) {
  return Uint8Array.from(buffer, (character) => character.charCodeAt(0));
}

function field(bytes, from, to) {
  return big5.decode(bytes.slice(from, to)).trim();
}

function pad(text, width, filler = " ") {
  return filler === "0" ? String(text).padStart(width, "0") : String(text).padEnd(width);
}

await good("/VHC/VHCcsOpenCom");
await good("/QRCodeReader/uploadqrcode", { QRCodeString: qr });
const basic = bytesOf((await good("/VHC/VHChisGetBasicDataBig5")).pBuffer);
const patient = {
  card: field(basic, 0, 12), name: field(basic, 12, 32), id: field(basic, 32, 42), birthday: field(basic, 42, 49),
};
const named = (await good("/VHC/VHChisGetBasicDataJson")).pBuffer;
if (named.name !== patient.name || named.id_no !== patient.id) throw new Error("the forms differ");
const register = bytesOf((await good("/VHC/VHChisGetRegisterBasicBig5")).pBuffer);
const item = { cTreatItem: "01 ", cBabyTreat: "  ", cTreatAfterCheck: "1" };
const record = (await good("/VHC/VHChisGetSeqNumber256N1", item, TAKEN)).pBuffer;
const time = record.slice(0, 13);
const about = {
  pDateTime: `${time} `, pPatientID: `${patient.id} `, pPatientBirthDate: `${patient.birthday} `,
};
const codes = ["J029", "R509", "", "", "", ""].map((code) => pad(code, 7)).join("");
const doctor = (await good("/VHC/VHChisWriteTreatmentCode", { ...about, pDataWrite: `1${codes} ` })).pBufferDocID;
const fees = [[1250, 8], [50, 8], [0, 8], [0, 7], [0, 7]].map(([fee, width]) => pad(fee, width, "0")).join("");
await good("/VHC/VHChisWriteTreatmentFee", { ...about, pDataWrite: `${fees} ` });
const order = `${time}1${pad("AC44444100", 12)}${pad("", 6)}${pad("TIDPC", 18)}0300010.501`;
const one = (await good("/VHC/VHChisWritePrescriptionSign", { ...about, pDataWrite: order })).pBuffer;
const three = (await good("/VHC/VHChisWriteMultiPrescriptSign", { ...about, pDataWrite: order.repeat(3) })).pBuffer;
await good("/VHC/VHCcsUnGetSeqNumber", { pUnTreatDate: `${time} ` });
await good("/VHC/VHCcsCloseCom");
console.log(JSON.stringify({
  patient, bytes: [basic.length, register.length, record.length], sequence: record.slice(13, 17),
  doctor: doctor.trim(), signatures: [one.length, ...three.match(/.{40}/g).map((each) => each.length)],
}));
