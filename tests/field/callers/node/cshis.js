const koffi = require('koffi');

// cshis.dll on Windows, libcshis.so on Linux. Texts: '01' is enough. A record is a Buffer, a length an Int16Array of one.
function load(path) {
  const library = koffi.load(path);
  const declarations = `
    int __stdcall csOpenCom(int port)
    int __stdcall csCloseCom()
    int __stdcall csVerifySAMDC()
    int __stdcall csGetVersionEx(void *path)
    int __stdcall hisGetCardStatus(int cardType)
    int __stdcall hisGetBasicData(void *record, int16_t *length)
    int __stdcall hisGetSeqNumber256(const char *item, const char *newborn, const char *afterCheck, void *record, int16_t *length)
    int __stdcall hisWriteMultiPrescriptSign(const char *time, const char *id, const char *birthday, const char *data, int16_t *count, void *signatures, int16_t *length)
    int __stdcall csUnGetSeqNumber(const char *time)
    int __stdcall hisWriteInoculateData(const char *id, const char *birthday, const char *item, const char *batch)
    int __stdcall csUploadData(const char *file, const char *size, const char *count, void *receipt, int16_t *length)`;
  const functions = declarations.trim().split('\n').map((line) => library.func(line.trim()));
  return Object.fromEntries(functions.map((each) => [each.info.name, each]));
}

// Out: the code, and the record as it was filled. Its name: new TextDecoder('big5').decode(record.subarray(12, 32)).trim()
function readBasic(library) {
  const record = Buffer.alloc(72), length = Int16Array.of(record.length);
  const code = library.hisGetBasicData(record, length);
  return [code, record.subarray(0, length[0])];
}

module.exports = { load, readBasic };
