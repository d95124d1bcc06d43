#define WIN32_LEAN_AND_MEAN
#include "underway.h"

#include <windows.h>

#include "line.h"
#include "process_state.h"
#include "trace_file.h"

#define BESIDE_GIVEN 512u

static void compose(struct cshis_bytes *line, const struct recorder_frame *frame, const char *why)
{
    recorder_open_object(line);
    recorder_add_string(line, "note", "exception");
    recorder_add_time(line, "time", recorder_now());
    recorder_add_number(line, "calls", 0);
    recorder_add_number(line, "call", frame->number);
    recorder_add_string(line, "why", why);
    cshis_put(line, frame->line.data + frame->given_begin, frame->given_end - frame->given_begin);
    recorder_end_line(line);
}

/* The heap may be what is broken: the memory comes from the system, and never has to grow. */
void recorder_note_exception(struct recorder_frame *frame, const char *why)
{
    size_t room = BESIDE_GIVEN + frame->given_end - frame->given_begin;
    struct cshis_bytes line = {NULL, 0, room, false};

    frame->noted++;
    if (frame->line.failed)
        return;
    line.data = VirtualAlloc(NULL, room, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (line.data == NULL)
        return;
    compose(&line, frame, why);
    recorder_write(line.data, line.length, true);
    (void)VirtualFree(line.data, 0, MEM_RELEASE);
}
