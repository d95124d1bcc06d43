#define WIN32_LEAN_AND_MEAN
#include "compare.h"

#include <windows.h>

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "clock.h"
#include "ending.h"
#include "line.h"
#include "note.h"
#include "platform.h"
#include "settings.h"
#include "trace_file.h"
#include "values.h"

#define MOST_WAITING 64
#define TOO_OLD 5000u /* milliseconds after which an answer would be one about another card */
#define IDLE 3000u /* milliseconds without a question until the thread ends, and its hold on this DLL */
#define LOOKED_AT 16u /* bytes of an out-buffer that say what is wanted (the pattern of the ICD-10 forms) */

/* memory holds what the words point to. */
struct recorder_question {
    struct recorder_question *next;
    const struct recorder_function *function;
    long number;
    ULONGLONG asked;
    struct cshis_bytes memory;
    size_t places[CSHIS_MOST_ARGUMENTS];
    union cshis_word words[CSHIS_MOST_ARGUMENTS];
};

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE arrived = CONDITION_VARIABLE_INIT;
static struct recorder_question *first, **last = &first;
static int waiting;
static int unasked;
static bool running;

/* --- a question ----------------------------------------------------------------------------------------- */

static bool copy_text(struct recorder_question *question, const struct cshis_slot *slot, const void *text)
{
    size_t length;

    if (!recorder_measure(slot, text, &length))
        return false;
    cshis_put(&question->memory, text, length);
    cshis_put_u8(&question->memory, '\0');
    return true;
}

/* A buffer as large as the program's is said to be, of which the beginning is copied. */
static bool copy_buffer(struct recorder_question *question, const void *buffer, const void *length)
{
    int capacity;
    size_t room, looked_at;
    uint8_t *place;

    if (!recorder_read16(length, &capacity))
        return false;
    room = capacity > 0 ? (size_t)capacity : 1;
    looked_at = cshis_readable(buffer, room < LOOKED_AT ? room : LOOKED_AT);
    place = cshis_extend(&question->memory, room);
    if (place != NULL && looked_at > 0)
        memcpy(place, buffer, looked_at);
    return looked_at > 0;
}

static bool copy_number(struct recorder_question *question, const void *from)
{
    int number;

    if (!recorder_read16(from, &number))
        return false;
    cshis_put_u32(&question->memory, (uint16_t)number);
    return true;
}

static bool copy_pointed(struct recorder_question *question, unsigned index, const recorder_word *words)
{
    const struct cshis_slot *slot = &question->function->slots[index];
    const void *from = (const void *)words[index];

    switch (slot->kind) {
    case CSHIS_TEXT:
    case CSHIS_BLOCK:
    case CSHIS_TEXT_INOUT:
    case CSHIS_FILE:
        return copy_text(question, slot, from);
    case CSHIS_RECORD:
        return copy_buffer(question, from, (const void *)words[slot->length]);
    case CSHIS_TEXT_OUT:
        return cshis_extend(&question->memory, slot->most + 1) != NULL;
    default:
        return copy_number(question, from);
    }
}

/* Pointers are made when all is copied: the memory moves as it grows.
 * What cannot be copied is a null pointer to the bridge. */
static void copy(struct recorder_question *question, const recorder_word *words)
{
    const struct cshis_slot *slots = question->function->slots;
    bool copied[CSHIS_MOST_ARGUMENTS];
    unsigned i;

    for (i = 0; i < question->function->question->count; i++) {
        question->places[i] = question->memory.length;
        copied[i] = slots[i].kind != CSHIS_SCALAR && words[i] != 0 && copy_pointed(question, i, words);
    }
    for (i = 0; i < question->function->question->count; i++) {
        if (slots[i].kind == CSHIS_SCALAR)
            question->words[i].value = (int)words[i];
        else if (copied[i])
            question->words[i].pointer = question->memory.data + question->places[i];
    }
}

struct recorder_question *recorder_prepare(const struct recorder_function *function,
                                           const recorder_word *words, long number)
{
    struct recorder_question *question;

    if (function->question == NULL || recorder_settings()->mode != RECORDER_COMPARE)
        return NULL;
    question = calloc(1, sizeof *question);
    if (question == NULL)
        return NULL;
    question->function = function;
    question->number = number;
    copy(question, words);
    if (!question->memory.failed)
        return question;
    recorder_drop(question);
    return NULL;
}

void recorder_drop(struct recorder_question *question)
{
    if (question == NULL)
        return;
    cshis_release(&question->memory);
    free(question);
}

/* --- the thread that asks ------------------------------------------------------------------------------- */

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

    do {
        question = next_question(&dropped);
        if (question != NULL && GetTickCount64() - question->asked > TOO_OLD) {
            dropped++;
        } else if (question != NULL) {
            put_to_bridge(question);
        }
        if (dropped > 0)
            recorder_note("unasked", dropped, "the bridge had not caught up");
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
