#include "note.h"

#include "line.h"
#include "process_state.h"
#include "trace_file.h"

void recorder_note(const char *kind, int calls, const char *why)
{
    struct cshis_bytes line = {0};

    recorder_open_object(&line);
    recorder_add_string(&line, "note", kind);
    recorder_add_time(&line, "time", recorder_now());
    recorder_add_number(&line, "calls", calls);
    recorder_add_null(&line, "call");
    recorder_add_string(&line, "why", why);
    recorder_end_line(&line);
    if (!line.failed)
        recorder_write(line.data, line.length, false);
    cshis_release(&line);
}
