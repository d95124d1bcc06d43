/* Puts reads to the other side as well, behind the program's back and after it has its answer. */
#ifndef CUTOVER_COMPARE_H
#define CUTOVER_COMPARE_H

#include "question.h"

/* Takes a question over. A thread of its own asks it; what differs is a line, without what was read. */
void cutover_compare(struct cutover_question *question);

#endif
