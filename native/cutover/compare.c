#include "compare.h"

#include <string.h>

#include "host.h"
#include "said.h"

#define MOST_WAITING 64
#define IDLE 3000           /* milliseconds without a question until the thread ends */
#define MOST_DIFFERENCES 20 /* of an export that are told one by one */

/* Of each export; the lock guards all of this. */
static struct counts {
    unsigned compared, different, left_out;
} counted[CSHIS_MOST_ROWS];
static struct cutover_question *first, **last = &first;
static int waiting;
static bool running;

/* Where two answers differ: which part of them, from 1, and which byte of it. */
struct difference {
    unsigned part;
    size_t byte;
};

static struct difference first_difference(const struct cshis_bytes *one, const struct cshis_bytes *other)
{
    struct cshis_cursor mine = {one->data, one->length, false}, theirs = {other->data, other->length, false};
    struct difference found = {0, 0};

    while (!mine.short_of && !theirs.short_of) {
        size_t length = cshis_take_u32(&mine), their_length = cshis_take_u32(&theirs);
        size_t shorter = length < their_length ? length : their_length;
        const uint8_t *bytes = cshis_take(&mine, length), *their_bytes = cshis_take(&theirs, their_length);

        found.part++;
        if (bytes == NULL || their_bytes == NULL)
            break;
        for (found.byte = 0; found.byte < shorter; found.byte++)
            if (bytes[found.byte] != their_bytes[found.byte])
                return found;
        if (length != their_length)
            break;
    }
    return found;
}

static bool is_equal(const struct cshis_bytes *one, const struct cshis_bytes *other)
{
    return one->length == other->length &&
           (one->length == 0 || memcmp(one->data, other->data, one->length) == 0);
}

/* 1, 10, 100 ... */
static bool is_round(unsigned number)
{
    while (number >= 10 && number % 10 == 0)
        number /= 10;
    return number == 1;
}

static struct counts count(const struct cshis_row *row, bool compared, bool different)
{
    struct counts *counts = &counted[row - cshis_rows], copy;

    cutover_lock();
    counts->compared += compared;
    counts->different += different;
    counts->left_out += !compared;
    copy = *counts;
    cutover_unlock();
    return copy;
}

static void tell_where(const char *name, struct difference found)
{
    cutover_say("compared: %s: answer %u differs from byte %lu on", name, found.part,
                (unsigned long)found.byte);
}

static void tell(const struct cutover_question *question, int code, const struct cshis_bytes *answer)
{
    const char *name = question->row->name;
    bool different = code != question->code || !is_equal(&question->answer, answer);
    struct counts counts = count(question->row, true, different);

    if (different && counts.different <= MOST_DIFFERENCES) {
        if (code != question->code)
            cutover_say("compared: %s: the program got code %d, the other side answers %d", name,
                        question->code, code);
        else
            tell_where(name, first_difference(&question->answer, answer));
    }
    if (is_round(counts.compared))
        cutover_say("compared: %s: %u compared, %u of them different, %u not compared", name, counts.compared,
                    counts.different, counts.left_out);
}

static bool holds_person(const struct cutover_question *question)
{
    struct cutover_person there;

    return !question->needs_person ||
           (cutover_is_known(&question->person) && cutover_identity(question->other, &there) &&
            cutover_is_same(&there, &question->person));
}

static void ask(struct cutover_question *question)
{
    struct cutover_error error = {0};
    const struct cutover_call call = {question->row, question->words, question->words, &error};
    struct cshis_bytes answer = {0};
    bool answered = false;
    int code = 0;

    if (holds_person(question))
        code = cutover_ask(question->other, &call, &answered);
    if (answered) {
        if (cutover_succeeded(question->row, code))
            cutover_put_answer(question->row, question->words, &answer);
        tell(question, code, &answer);
    } else {
        (void)count(question->row, false, false);
    }
    cshis_release(&answer);
}

/* NULL after a while without one: then running is false already. */
static struct cutover_question *next_question(void)
{
    struct cutover_question *question;

    cutover_lock();
    while (first == NULL && cutover_wait(IDLE))
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
    cutover_unlock();
    return question;
}

static void ask_all(void)
{
    struct cutover_question *question;

    while ((question = next_question()) != NULL) {
        ask(question);
        cutover_drop(question);
    }
}

void cutover_compare(struct cutover_question *question)
{
    bool room, idle;

    cutover_lock();
    room = waiting < MOST_WAITING;
    idle = room && !running;
    if (room) {
        *last = question;
        last = &question->next;
        waiting++;
        running = true;
        cutover_wake();
    }
    cutover_unlock();
    if (!room) {
        (void)count(question->row, false, false);
        cutover_drop(question);
    } else if (idle && !cutover_start(ask_all)) {
        cutover_lock();
        running = false; /* the next question tries again */
        cutover_unlock();
    }
}
