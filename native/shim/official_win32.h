/* The official DLL beside one of ours: loading it, and finding its functions as its import library does. */
#ifndef CSHIS_OFFICIAL_WIN32_H
#define CSHIS_OFFICIAL_WIN32_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* Put in place twice, a DLL of ours would call itself for ever. */
#define CSHIS_IS_OWN ERROR_ALREADY_INITIALIZED

/* NULL: *error is the system's, or CSHIS_IS_OWN. No window appears for what is missing. */
HMODULE cshis_load_official(const wchar_t *path, DWORD *error);

/* By name, else by the official ordinal (0: none); NULL: it has no such function. */
FARPROC cshis_find_official(HMODULE official, const char *name, unsigned ordinal);

/* How many bytes of memory it takes. */
size_t cshis_official_bytes(HMODULE official);

#endif
