#include "question.h"

#include <stdlib.h>
#include <string.h>

#include "platform.h"

static size_t text_length(const char *text, size_t most)
{
    size_t readable = cshis_readable(text, most);
    size_t i;

    for (i = 0; i < readable && text[i] != '\0'; i++)
        continue;
    return i;
}

static size_t number_at(const void *from)
{
    uint16_t value = 0;

    if (from != NULL && cshis_readable(from, sizeof value) == sizeof value)
        memcpy(&value, from, sizeof value);
    return value < 0x8000 ? value : 0;
}

/* Room of so many bytes that begins as the program's does. */
static bool copy_bytes(struct cshis_bytes *memory, const void *from, size_t length, size_t room)
{
    uint8_t *place = cshis_extend(memory, room);

    if (place == NULL || cshis_readable(from, length) < length)
        return false;
    memcpy(place, from, length);
    return true;
}

static bool copy_argument(struct cutover_question *question, unsigned i, const union cshis_word *words)
{
    const struct cshis_slot *slot = &question->row->function->slots[i];
    const void *from = words[i].pointer;
    size_t length;

    switch (slot->kind) {
    case CSHIS_TEXT:
    case CSHIS_BLOCK:
    case CSHIS_TEXT_INOUT:
    case CSHIS_FILE:
        length = text_length(from, slot->most);
        return copy_bytes(&question->memory, from, length, length + 1);
    case CSHIS_RECORD:
        length = number_at(words[slot->length].pointer);
        return length > 0 && copy_bytes(&question->memory, from, length, length);
    case CSHIS_TEXT_OUT:
        return cshis_extend(&question->memory, slot->most + 1) != NULL;
    default:
        return copy_bytes(&question->memory, from, sizeof(uint16_t), sizeof(uint32_t));
    }
}

/* Pointers are made when all is copied: the memory moves as it grows. */
static bool copy_words(struct cutover_question *question, const union cshis_word *words)
{
    const struct cshis_slot *slots = question->row->function->slots;
    unsigned i, count = question->row->function->count;

    for (i = 0; i < count; i++) {
        question->places[i] = question->memory.length;
        if (slots[i].kind != CSHIS_SCALAR && (words[i].pointer == NULL || !copy_argument(question, i, words)))
            return false;
    }
    for (i = 0; i < count; i++) {
        question->words[i] = words[i];
        if (slots[i].kind != CSHIS_SCALAR)
            question->words[i].pointer = question->memory.data + question->places[i];
    }
    return true;
}

struct cutover_question *cutover_copy(const struct cutover_call *call)
{
    struct cutover_question *question = calloc(1, sizeof *question);

    if (question == NULL)
        return NULL;
    question->row = call->row;
    if (copy_words(question, call->passed) && !question->memory.failed)
        return question;
    cutover_drop(question);
    return NULL;
}

static void put_part(struct cshis_bytes *answer, const void *from, size_t length)
{
    length = cshis_readable(from, length);
    cshis_put_u32(answer, (uint32_t)length);
    cshis_put(answer, from, length);
}

void cutover_put_answer(const struct cshis_row *row, const union cshis_word *words,
                        struct cshis_bytes *answer)
{
    const struct cshis_slot *slots = row->function->slots;
    unsigned i;

    for (i = 0; i < row->function->count; i++) {
        if (slots[i].kind == CSHIS_RECORD)
            put_part(answer, words[i].pointer, number_at(words[slots[i].length].pointer));
        else if (slots[i].kind == CSHIS_TEXT_OUT)
            put_part(answer, words[i].pointer, text_length(words[i].pointer, slots[i].most));
        else if (slots[i].kind == CSHIS_LENGTH)
            put_part(answer, words[i].pointer, sizeof(uint16_t));
    }
}

void cutover_take_answer(struct cutover_question *question, const union cshis_word *words, int code)
{
    question->code = code;
    if (cutover_succeeded(question->row, code))
        cutover_put_answer(question->row, words, &question->answer);
}

void cutover_drop(struct cutover_question *question)
{
    if (question == NULL)
        return;
    cshis_release(&question->memory);
    cshis_release(&question->answer);
    free(question);
}
