#define WIN32_LEAN_AND_MEAN
#include "trace_file.h"

#include <windows.h>

#include "ending.h"
#include "line.h"
#include "loss.h"
#include "parts.h"
#include "process_state.h"

#define MOST_NOTE 512

static SRWLOCK lock = SRWLOCK_INIT;

static bool take_lock(void)
{
    if (recorder_process_ends())
        return TryAcquireSRWLockExclusive(&lock) != FALSE;
    AcquireSRWLockExclusive(&lock);
    return true;
}

void recorder_open_trace(void)
{
    if (recorder_part_is_open() || !take_lock())
        return;
    recorder_look_at_part();
    ReleaseSRWLockExclusive(&lock);
}

/* A line that was cut off is ended, so that the next one does not hang on to it. */
static bool mend(void)
{
    if (!recorder_state()->broken)
        return true;
    if (!recorder_append("\n", 1))
        return false;
    recorder_state()->broken = 0;
    return true;
}

static bool tell_lost(void)
{
    uint8_t room[MOST_NOTE];
    struct cshis_bytes note = {room, 0, sizeof room, false}; /* it never grows: no memory is asked for */
    LONG lost = recorder_state()->lost;

    if (lost == 0)
        return true;
    recorder_open_object(&note);
    recorder_add_string(&note, "note", "lost");
    recorder_add_time(&note, "time", recorder_now());
    recorder_add_number(&note, "calls", lost);
    recorder_add_null(&note, "call");
    recorder_add_string(&note, "why", recorder_why_lost());
    recorder_end_line(&note);
    if (!recorder_append(note.data, note.length))
        return false;
    InterlockedExchangeAdd(&recorder_state()->lost, -lost);
    return true;
}

static void append(const void *line, size_t length, bool urgent)
{
    if (!urgent) {
        recorder_look_at_part();
        recorder_turn_page();
    }
    if (recorder_part_is_open() && mend() && tell_lost() && recorder_append(line, length)) {
        recorder_count_line();
        return;
    }
    InterlockedIncrement(&recorder_state()->lost);
    if (!urgent)
        recorder_say_loss();
}

void recorder_write(const void *line, size_t length, bool urgent)
{
    if (!take_lock()) {
        InterlockedIncrement(&recorder_state()->lost);
        return;
    }
    append(line, length, urgent);
    ReleaseSRWLockExclusive(&lock);
}

void recorder_lose(const char *why)
{
    if (!take_lock())
        return;
    InterlockedIncrement(&recorder_state()->lost);
    recorder_lost_because(why);
    ReleaseSRWLockExclusive(&lock);
}

void recorder_close_trace(void)
{
    recorder_close_part();
}
