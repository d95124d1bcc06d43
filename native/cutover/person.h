/* Whose card it is, as calls and answers say it. */
#ifndef CUTOVER_PERSON_H
#define CUTOVER_PERSON_H

#include <stdbool.h>

#include "route.h"

#define CUTOVER_CARD_NO 12
#define CUTOVER_ID 10
#define CUTOVER_BIRTHDAY 7
#define CUTOVER_VISIT_TIME 13

/* Texts with a NUL, without blanks at their end; empty where they are not known. */
struct cutover_person {
    char card_no[CUTOVER_CARD_NO + 1];
    char id[CUTOVER_ID + 1];
    char birthday[CUTOVER_BIRTHDAY + 1];
};

bool cutover_is_known(const struct cutover_person *person);

/* Whether both are known, by the same means, and say the same: id and birthday where both have them, else the
 * card's number. */
bool cutover_is_same(const struct cutover_person *one, const struct cutover_person *other);

/* Whom the call names in its arguments; empty where it names nobody. */
struct cutover_person cutover_claimed(const struct cshis_row *row, const union cshis_word *passed);

/* Whom the filled record names. False: none does. */
bool cutover_answered(const struct cshis_row *row, const union cshis_word *passed,
                      struct cutover_person *person);

/* The time of the visit that the call is about (claimed), or that the answer gives. False: none. */
bool cutover_claimed_visit(const struct cshis_row *row, const union cshis_word *passed,
                           char time[CUTOVER_VISIT_TIME + 1]);
bool cutover_answered_visit(const struct cshis_row *row, const union cshis_word *passed,
                            char time[CUTOVER_VISIT_TIME + 1]);

/* Blanks over the out-record that names a person: nothing of another one reaches the program. */
void cutover_blank(const struct cshis_row *row, const union cshis_word *passed);

#endif
