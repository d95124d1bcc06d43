/* cshis-recorder.ini beside the DLL: one key=value a line. */
#ifndef RECORDER_INI_H
#define RECORDER_INI_H

#include <windows.h>

/* One setting: its key in the file, its variable in the
 * environment, and room for its text, empty where nothing is said. */
struct recorder_text {
    const wchar_t *key, *variable;
    wchar_t *text;
    DWORD room;
};

/* Fills the texts that are empty still. Complains of lines that make no sense; no file is no fault. */
void recorder_read_ini(const struct recorder_text *texts, unsigned count);

#endif
