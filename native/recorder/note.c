#include "note.h"

#include "line.h"
#include "process_state.h"
#include "trace_file.h"

void recorder_note(const char *kind, int calls, const char *why)
{
    struct cshis_bytes line = {0};

    recorder_put_text(&line, "{\"note\":");
    recorder_put_string(&line, kind);
    recorder_put_text(&line, ",\"time\":");
    recorder_put_time(&line, recorder_now());
    recorder_put_text(&line, ",\"calls\":");
    recorder_put_number(&line, calls);
    recorder_put_text(&line, ",\"call\":null,\"why\":");
    recorder_put_string(&line, why);
    recorder_put_text(&line, "}\n");
    if (!line.failed)
        recorder_write(line.data, line.length, false);
    cshis_release(&line);
}
