#define WIN32_LEAN_AND_MEAN
#include "exception.h"

#include <windows.h>

#include <stdio.h>

#include "original.h"
#include "thread.h"
#include "underway.h"

/* Old DLLs probe pointers by touching them: such faults are
 * their own affair, and the first few of a call tell enough. */
#define MOST_NOTED 4u

static void *volatile watching;

/* Not stack overflow: there would be no room to note it. */
static bool is_hardware_fault(DWORD code)
{
    switch (code) {
    case EXCEPTION_ACCESS_VIOLATION:
    case EXCEPTION_IN_PAGE_ERROR:
    case EXCEPTION_ILLEGAL_INSTRUCTION:
    case EXCEPTION_PRIV_INSTRUCTION:
    case EXCEPTION_DATATYPE_MISALIGNMENT:
    case EXCEPTION_ARRAY_BOUNDS_EXCEEDED:
    case EXCEPTION_INT_DIVIDE_BY_ZERO:
    case EXCEPTION_INT_OVERFLOW:
    case EXCEPTION_FLT_DENORMAL_OPERAND:
    case EXCEPTION_FLT_DIVIDE_BY_ZERO:
    case EXCEPTION_FLT_INEXACT_RESULT:
    case EXCEPTION_FLT_INVALID_OPERATION:
    case EXCEPTION_FLT_OVERFLOW:
    case EXCEPTION_FLT_STACK_CHECK:
    case EXCEPTION_FLT_UNDERFLOW:
        return true;
    default:
        return false;
    }
}

static uintptr_t stack_at(const CONTEXT *context)
{
#ifdef _WIN64
    return (uintptr_t)context->Rsp;
#else
    return (uintptr_t)context->Esp;
#endif
}

/* The innermost call of this thread, if it is the original that
 * runs and not the program after it has jumped out of the call. */
static struct recorder_frame *frame_at(struct recorder_thread *thread, const CONTEXT *context)
{
    struct recorder_frame *frame = thread->depth > 0 ? &thread->frames[thread->depth - 1] : NULL;

    return frame != NULL && frame->inside && stack_at(context) < (uintptr_t)frame->stack ? frame : NULL;
}

static void note(struct recorder_thread *thread, const EXCEPTION_POINTERS *facts)
{
    struct recorder_frame *frame = frame_at(thread, facts->ContextRecord);
    char where[96], why[128];

    if (frame == NULL || frame->noted >= MOST_NOTED)
        return;
    thread->noting = true;
    recorder_where(facts->ExceptionRecord->ExceptionAddress, where, sizeof where);
    _snprintf(why, sizeof why - 1, "0x%08lX at %s", facts->ExceptionRecord->ExceptionCode, where);
    why[sizeof why - 1] = '\0';
    recorder_note_exception(frame, why);
    thread->noting = false;
}

static LONG CALLBACK see(EXCEPTION_POINTERS *facts)
{
    DWORD error = GetLastError();
    struct recorder_thread *thread;

    if (is_hardware_fault(facts->ExceptionRecord->ExceptionCode)) {
        thread = recorder_known_thread();
        if (thread != NULL && !thread->noting)
            note(thread, facts);
    }
    SetLastError(error);
    return EXCEPTION_CONTINUE_SEARCH;
}

void recorder_watch_exceptions(void)
{
    void *handler;

    if (watching != NULL)
        return;
    handler = AddVectoredExceptionHandler(1, see);
    if (handler != NULL && InterlockedCompareExchangePointer(&watching, handler, NULL) != NULL)
        (void)RemoveVectoredExceptionHandler(handler);
}

void recorder_leave_exceptions(void)
{
    if (watching != NULL)
        (void)RemoveVectoredExceptionHandler(watching);
    watching = NULL;
}
