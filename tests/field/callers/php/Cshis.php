<?php
// cshis.dll on Windows, libcshis.so on Linux. Needs ffi.enable=true (in a web server, too). Texts: '01' is enough.
// A record is FFI::new('char[72]'), never a PHP string: PHP may hold that for somebody else as well.
final class Cshis
{
    private const DECLARATIONS = <<<'C'
        int CARDAPI csOpenCom(int port);
        int CARDAPI csCloseCom(void);
        int CARDAPI csVerifySAMDC(void);
        int CARDAPI csGetVersionEx(char *path);
        int CARDAPI hisGetCardStatus(int cardType);
        int CARDAPI hisGetBasicData(char *record, short *length);
        int CARDAPI hisGetSeqNumber256(
            const char *item, const char *newborn, const char *afterCheck, char *record, short *length);
        int CARDAPI hisWriteMultiPrescriptSign(
            const char *time, const char *id, const char *birthday, const char *data, short *count,
            char *signatures, short *length);
        int CARDAPI csUnGetSeqNumber(const char *time);
        int CARDAPI hisWriteInoculateData(const char *id, const char *birthday, const char *item, const char *batch);
        int CARDAPI csUploadData(const char *file, char *size, char *count, char *receipt, short *length);
        C;

    public static function load(string $path): FFI
    {
        $convention = PHP_OS_FAMILY === 'Windows' && PHP_INT_SIZE === 4 ? '__stdcall' : '';
        return FFI::cdef(str_replace('CARDAPI', $convention, self::DECLARATIONS), $path);
    }

    /** The code, and the record as it was filled. Its name: trim(mb_convert_encoding(substr($record, 12, 20), 'UTF-8', 'CP950')) */
    public static function readBasic(FFI $library): array
    {
        $record = FFI::new('char[72]');
        $length = FFI::new('short');
        $length->cdata = 72;
        $code = $library->hisGetBasicData($record, FFI::addr($length));
        return [$code, FFI::string($record, $length->cdata)];
    }
}
