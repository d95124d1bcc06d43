#define WIN32_LEAN_AND_MEAN
#include "compare.h"

#include <windows.h>

#include "clock.h"
#include "ending.h"
#include "line.h"
#include "note.h"
#include "trace_file.h"
#include "values.h"

#define MOST_WAITING 64
#define TOO_OLD 5000u /* milliseconds after which an answer would be one about another card */
#define IDLE 3000u    /* milliseconds without a question until the thread ends, and its hold on this DLL */

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE arrived = CONDITION_VARIABLE_INIT;
static struct recorder_question *first, **last = &first;
static int waiting;
static int unasked;
static bool running;

static void write_answer(const struct recorder_question *question, int code, int64_t tenths)
{
    recorder_word words[CSHIS_MOST_ARGUMENTS] = {0};
    struct cshis_bytes line = {0};
    unsigned i;

    for (i = 0; i < question->function->question->count; i++)
        words[i] = (recorder_word)question->words[i].pointer;
    recorder_open_object(&line);
    recorder_add_number(&line, "answer", question->number);
    recorder_add_number(&line, "code", code);
    recorder_put_key(&line, "us");
    recorder_put_tenths(&line, tenths);
    recorder_put_key(&line, "out");
    recorder_put_answered(&line, question->function, words);
    recorder_end_line(&line);
    if (!line.failed)
        recorder_write(line.data, line.length, false);
    cshis_release(&line);
}

static void put_to_bridge(const struct recorder_question *question)
{
    int64_t began = recorder_ticks();
    int code = cshis_call(question->function->question, question->words);

    write_answer(question, code, recorder_tenths_since(began));
}

/* The next question, or NULL after a while without one: then running is false already.
 * Takes over how many found no room. */
static struct recorder_question *next_question(int *dropped)
{
    struct recorder_question *question;

    AcquireSRWLockExclusive(&lock);
    while (first == NULL && SleepConditionVariableSRW(&arrived, &lock, IDLE, 0))
        continue;
    question = first;
    if (question != NULL) {
        first = question->next;
        if (first == NULL)
            last = &first;
        waiting--;
    } else {
        running = false;
    }
    *dropped = unasked;
    unasked = 0;
    ReleaseSRWLockExclusive(&lock);
    return question;
}

static DWORD WINAPI ask_all(void *library)
{
    struct recorder_question *question;
    int dropped;
    bool old;

    do {
        question = next_question(&dropped);
        old = question != NULL && GetTickCount64() - question->asked > TOO_OLD;
        if (old)
            dropped++;
        if (dropped > 0) /* told before the next answer is waited for: the program may end meanwhile */
            recorder_note("unasked", dropped, "the bridge had not caught up");
        if (question != NULL && !old)
            put_to_bridge(question);
        recorder_drop(question);
    } while (question != NULL);
    FreeLibraryAndExitThread(library, 0);
}

/* The thread holds this DLL as long as it runs. */
static bool start(void)
{
    HMODULE library;
    HANDLE thread;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const wchar_t *)(uintptr_t)&lock,
                            &library))
        return false;
    thread = CreateThread(NULL, 0, ask_all, library, 0, NULL);
    if (thread == NULL)
        FreeLibrary(library);
    else
        CloseHandle(thread);
    return thread != NULL;
}

static bool enqueue(struct recorder_question *question, bool *idle)
{
    bool room;

    AcquireSRWLockExclusive(&lock);
    room = waiting < MOST_WAITING;
    *idle = room && !running;
    if (room) {
        *last = question;
        last = &question->next;
        waiting++;
        running = true;
    } else {
        unasked++;
    }
    ReleaseSRWLockExclusive(&lock);
    return room;
}

void recorder_ask(struct recorder_question *question)
{
    bool idle;

    if (question == NULL)
        return;
    question->asked = GetTickCount64();
    if (recorder_process_ends() || !enqueue(question, &idle)) {
        recorder_drop(question);
        return;
    }
    if (!idle) {
        WakeConditionVariable(&arrived);
    } else if (!start()) {
        AcquireSRWLockExclusive(&lock); /* the next question tries again */
        running = false;
        ReleaseSRWLockExclusive(&lock);
    }
}
