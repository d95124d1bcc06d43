#include "values.h"

#include <string.h>

#define BIG5 950u /* Windows' code page for traditional Chinese, whatever this machine's own is */

/* Takes a copy that is no reference any more: what the program shares with us may change while it is read. */
static HRESULT converted(VARIANT *given, VARTYPE kind, VARIANT *value)
{
    VARIANT own;
    HRESULT outcome;

    VariantInit(value);
    VariantInit(&own);
    outcome = VariantCopyInd(&own, given);
    if (SUCCEEDED(outcome))
        outcome = VariantChangeType(value, &own, 0, kind);
    VariantClear(&own);
    return outcome;
}

static HRESULT to_bytes(BSTR string, struct cshisx_text *text)
{
    int length = (int)SysStringLen(string);
    BOOL lossy = FALSE;
    int written;

    memset(text, 0, sizeof *text);
    if (length == 0)
        return S_OK;
    written = WideCharToMultiByte(BIG5, WC_NO_BEST_FIT_CHARS, string, length, text->bytes, CSHISX_ROOM - 1,
                                  NULL, &lossy);
    if (written <= 0 || lossy || strlen(text->bytes) != (size_t)written)
        return E_INVALIDARG;
    return S_OK;
}

HRESULT cshisx_text(VARIANT *given, struct cshisx_text *text)
{
    VARIANT value;
    HRESULT outcome = converted(given, VT_BSTR, &value);

    if (SUCCEEDED(outcome))
        outcome = to_bytes(V_BSTR(&value), text);
    VariantClear(&value);
    return outcome;
}

HRESULT cshisx_number(VARIANT *given, SHORT *number)
{
    VARIANT value;
    HRESULT outcome = converted(given, VT_I2, &value);

    if (SUCCEEDED(outcome))
        *number = V_I2(&value);
    return outcome;
}

HRESULT cshisx_two_digits(VARIANT *given, struct cshisx_text *code)
{
    HRESULT outcome = cshisx_text(given, code);

    if (SUCCEEDED(outcome) && strlen(code->bytes) == 1 && code->bytes[0] >= '0' && code->bytes[0] <= '9') {
        code->bytes[1] = code->bytes[0];
        code->bytes[0] = '0';
    }
    return outcome;
}

BSTR cshisx_string(const struct cshisx_text *text)
{
    int length = (int)strnlen(text->bytes, CSHISX_ROOM);
    OLECHAR wide[CSHISX_ROOM];
    int made = 0;

    if (length > 0) {
        made = MultiByteToWideChar(BIG5, MB_ERR_INVALID_CHARS, text->bytes, length, wide, CSHISX_ROOM);
        if (made <= 0)
            return NULL;
    }
    return SysAllocStringLen(wide, (UINT)made);
}
