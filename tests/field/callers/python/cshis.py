import ctypes
import sys
from ctypes import POINTER, c_char_p, c_int, c_short


def load(path):
    library = (ctypes.WinDLL if sys.platform == "win32" else ctypes.CDLL)(path)
    text, record, length = c_char_p, c_char_p, POINTER(c_short)
    for name, arguments in {
        "csOpenCom": [c_int],
        "csCloseCom": [],
        "csVerifySAMDC": [],
        "csGetVersionEx": [record],
        "hisGetCardStatus": [c_int],
        "hisGetBasicData": [record, length],
        "hisGetSeqNumber256": [text, text, text, record, length],
        "hisWriteMultiPrescriptSign": [text, text, text, text, length, record, length],
        "csUnGetSeqNumber": [text],
        "hisWriteInoculateData": [text, text, text, text],
        "csUploadData": [text, text, text, record, length],
    }.items():
        getattr(library, name).argtypes = arguments  # the result is a C int, as ctypes takes it to be
    return library


def read_basic(library):
    record = ctypes.create_string_buffer(72)
    length = c_short(len(record))
    code = library.hisGetBasicData(record, ctypes.byref(length))
    return code, record.raw[: length.value]  # the name: record[12:32].decode("cp950").rstrip()
