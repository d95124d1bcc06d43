/* Which side gave the number of which visit: what is done to a visit later goes the same way, in this program
 * and in the others of this user. Times of visits alone are kept, nothing about a patient. */
#ifndef CUTOVER_BOOK_H
#define CUTOVER_BOOK_H

#include "person.h"
#include "routes.h"

/* time: of CUTOVER_VISIT_TIME digits. */
void cutover_note_visit(const char *time, enum cutover_side side);
enum cutover_side cutover_side_of_visit(const char *time);

#endif
