#define WIN32_LEAN_AND_MEAN
#include "thread.h"

#include <windows.h>

#include <stdlib.h>

#include "ending.h"
#include "question.h"
#include "underway.h"

/* Fiber-local: only that kind of slot has a callback at
 * the end of a thread, and a fiber has a stack of its own. */
static DWORD slot = FLS_OUT_OF_INDEXES;

/* A thread that ends within a call leaves it without an end.
 * With the process all memory goes, whose locks may be orphans by then. */
static void WINAPI thread_ends(void *value)
{
    struct recorder_thread *thread = value;
    unsigned i;

    if (thread == NULL || recorder_process_ends())
        return;
    for (i = 0; i < thread->depth; i++)
        if (thread->frames[i].inside && thread->frames[i].noted == 0)
            recorder_note_exception(&thread->frames[i], "it did not return: its thread has ended");
    for (i = 0; i < RECORDER_MOST_NESTED; i++) {
        cshis_release(&thread->frames[i].line);
        recorder_drop(thread->frames[i].question);
    }
    free(thread);
}

static BOOL CALLBACK reserve(INIT_ONCE *unused, void *parameter, void **context)
{
    (void)unused;
    (void)parameter;
    (void)context;
    slot = FlsAlloc(thread_ends);
    return TRUE;
}

struct recorder_thread *recorder_known_thread(void)
{
    return slot != FLS_OUT_OF_INDEXES ? FlsGetValue(slot) : NULL;
}

struct recorder_thread *recorder_thread(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    struct recorder_thread *thread;

    (void)InitOnceExecuteOnce(&once, reserve, NULL, NULL);
    thread = recorder_known_thread();
    if (thread != NULL || slot == FLS_OUT_OF_INDEXES)
        return thread;
    thread = calloc(1, sizeof *thread);
    if (thread == NULL || FlsSetValue(slot, thread))
        return thread;
    free(thread);
    return NULL;
}

void recorder_leave_threads(void)
{
    if (slot != FLS_OUT_OF_INDEXES)
        (void)FlsFree(slot);
    slot = FLS_OUT_OF_INDEXES;
}
