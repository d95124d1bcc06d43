/* What happens around a call of the original: its line is begun before and written after.
 * No lock is held in between. */
#define WIN32_LEAN_AND_MEAN
#include "recorder.h"

#include <windows.h>

#include <errno.h>

#include "clock.h"
#include "compare.h"
#include "exception.h"
#include "line.h"
#include "original.h"
#include "process_state.h"
#include "question.h"
#include "settings.h"
#include "thread.h"
#include "trace_file.h"
#include "underway.h"
#include "values.h"

#define MOST_KEPT 65536u /* bytes of a line whose memory is kept for the next one */

static void forget(struct recorder_frame *frame)
{
    recorder_drop(frame->question);
    frame->question = NULL;
    frame->inside = false;
    frame->line.length = 0;
    if (frame->line.failed || frame->line.room > MOST_KEPT)
        cshis_release(&frame->line);
}

/* The innermost call, which did not return. */
static void drop_innermost(struct recorder_thread *thread)
{
    struct recorder_frame *frame = &thread->frames[--thread->depth];

    if (frame->noted == 0)
        recorder_note_exception(frame, "it did not return: an exception or a jump went past it");
    forget(frame);
}

/* Calls whose exports are no longer on the stack, because
 * an exception or a jump of the program went past them. */
static void forget_left(struct recorder_thread *thread, const void *stack)
{
    while (thread->depth > 0 && thread->frames[thread->depth - 1].stack <= stack)
        drop_innermost(thread);
}

static void begin_line(struct recorder_frame *frame, const struct recorder_call *call)
{
    struct cshis_bytes *line = &frame->line;

    recorder_open_object(line);
    recorder_add_number(line, "call", frame->number);
    recorder_add_time(line, "time", recorder_now());
    recorder_add_number(line, "thread", GetCurrentThreadId());
    recorder_add_string(line, "door", "native");
    frame->given_begin = line->length;
    recorder_add_string(line, "function", call->function->name);
    recorder_put_key(line, "in");
    recorder_put_given(line, call->function, call->words);
    frame->given_end = line->length;
}

static struct recorder_frame *next_frame(const struct recorder_call *call)
{
    struct recorder_thread *thread = recorder_thread();

    if (thread == NULL) {
        recorder_lose("not enough memory");
        return NULL;
    }
    forget_left(thread, call);
    if (thread->depth == RECORDER_MOST_NESTED) {
        recorder_lose("too many calls within calls");
        return NULL;
    }
    return &thread->frames[thread->depth++];
}

static void begin(struct recorder_call *call)
{
    struct recorder_frame *frame;

    recorder_open_trace();
    recorder_watch_exceptions();
    frame = next_frame(call);
    call->frame = frame;
    if (frame == NULL)
        return;
    frame->stack = call;
    frame->function = call->function;
    frame->noted = 0;
    frame->number = InterlockedIncrement(&recorder_state()->calls);
    begin_line(frame, call);
    frame->question = recorder_prepare(call->function, call->words, frame->number);
}

recorder_address recorder_begin(struct recorder_call *call)
{
    DWORD error = GetLastError();
    int c_error = errno;
    recorder_address original;

    call->frame = NULL;
    original = recorder_find(call->function, &call->code);
    if (recorder_settings()->mode != RECORDER_OFF)
        begin(call);
    if (call->frame != NULL) {
        call->frame->inside = original != NULL;
        call->frame->began = recorder_ticks();
    }
    errno = c_error;
    SetLastError(error);
    return original;
}

static void end_line(struct recorder_frame *frame, const struct recorder_call *call, int code, int64_t tenths)
{
    struct cshis_bytes *line = &frame->line;

    recorder_add_number(line, "code", code);
    recorder_put_key(line, "us");
    recorder_put_tenths(line, tenths);
    recorder_put_key(line, "out");
    recorder_put_answered(line, call->function, call->words);
    recorder_end_line(line);
    if (line->failed)
        recorder_lose("not enough memory");
    else
        recorder_write(line->data, line->length, false);
}

static void end(const struct recorder_call *call, int code)
{
    struct recorder_frame *frame = call->frame;
    struct recorder_thread *thread = recorder_known_thread();
    int64_t tenths = recorder_tenths_since(frame->began);
    unsigned index;

    if (thread == NULL)
        return;
    index = (unsigned)(frame - thread->frames);
    if (index >= thread->depth || frame->stack != call) { /* a program that changes stacks by itself */
        recorder_lose("a call was lost sight of");
        return;
    }
    frame->inside = false;
    while (thread->depth > index + 1)
        drop_innermost(thread);
    end_line(frame, call, code, tenths);
    recorder_ask(frame->question);
    frame->question = NULL;
    thread->depth--;
    forget(frame);
}

int recorder_end(struct recorder_call *call, int code)
{
    DWORD error = GetLastError();
    int c_error = errno;

    if (call->frame != NULL)
        end(call, code);
    errno = c_error;
    SetLastError(error);
    return code;
}
