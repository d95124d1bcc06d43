#include "question.h"

#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "settings.h"
#include "values.h"

#define LOOKED_AT 16u /* bytes of an out-buffer that say what is wanted (the pattern of the ICD-10 forms) */

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
