/* A call that is put to the other side as well: copies of all that the program passed, buffers of its own,
 * and what the program was answered. */
#ifndef CUTOVER_QUESTION_H
#define CUTOVER_QUESTION_H

#include "bytes.h"
#include "routes.h"
#include "sides.h"

/* memory holds what the words point to; answer: what the program got, for each argument in turn. person:
 * whose card the other side must hold; needs_person: it must be known. */
struct cutover_question {
    struct cutover_question *next;
    const struct cshis_row *row;
    enum cutover_side other;
    bool needs_person;
    struct cutover_person person;
    int code;
    struct cshis_bytes memory, answer;
    size_t places[CSHIS_MOST_ARGUMENTS];
    union cshis_word words[CSHIS_MOST_ARGUMENTS];
};

/* Copies a call before it is made. NULL without memory, or for an argument that cannot be read. */
struct cutover_question *cutover_copy(const struct cutover_call *call);

/* Adds what came back into the program's memory. */
void cutover_take_answer(struct cutover_question *question, const union cshis_word *words, int code);

/* The same of another place, such as the question's own buffers once the other side has answered. */
void cutover_put_answer(const struct cshis_row *row, const union cshis_word *words,
                        struct cshis_bytes *answer);

void cutover_drop(struct cutover_question *question);

#endif
