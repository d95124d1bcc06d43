/* What programs of any language hand over (a VARIANT, by value or by
 * reference) as the values of a call, and a call's text as theirs. */
#ifndef CSHISX_VALUES_H
#define CSHISX_VALUES_H

#include <windows.h>
#include <ole2.h>

/* A text: code page 950 with a NUL, which travels in bytes as everywhere in this library. */
#define CSHISX_ROOM 4096

struct cshisx_text {
    char bytes[CSHISX_ROOM];
};

/* Each gives S_OK, or as Automation has it:
 * - DISP_E_TYPEMISMATCH or DISP_E_OVERFLOW: the value is of a kind or size that cannot be converted,
 * - E_INVALIDARG: a text that code page 950 cannot hold,
 * - E_OUTOFMEMORY. */

HRESULT cshisx_text(VARIANT *given, struct cshisx_text *text);

/* 16 bits, from a number or a text of digits. */
HRESULT cshisx_number(VARIANT *given, SHORT *number);

/* A code of two digits: a program that has it as a number has lost a leading zero. */
HRESULT cshisx_two_digits(VARIANT *given, struct cshisx_text *code);

/* Out: a BSTR, the caller's to free; NULL without memory or for bytes that are no text. */
BSTR cshisx_string(const struct cshisx_text *text);

#endif
