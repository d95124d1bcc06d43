/* What the recorder is to do: environment (CSHIS_RECORDER_...),
 * then cshis-recorder.ini beside the DLL, then the defaults. */
#ifndef RECORDER_SETTINGS_H
#define RECORDER_SETTINGS_H

#include <stdint.h>
#include <wchar.h>

#include "paths.h"

enum recorder_mode { RECORDER_RECORD, RECORDER_COMPARE, RECORDER_OFF };

/* folder: of the traces, without a separator at its end. original: absolute path of the official DLL. */
struct recorder_settings {
    enum recorder_mode mode;
    uint64_t part_bytes;
    unsigned most_parts;
    wchar_t folder[RECORDER_MOST_PATH];
    wchar_t original[RECORDER_MOST_PATH];
};

/* Read once, at the first call of the process. A line that makes no sense is said and its default taken. */
const struct recorder_settings *recorder_settings(void);

#endif
