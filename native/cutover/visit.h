/* The side of a visit: all that touches a card goes one way from the first such call to the visit's end. */
#ifndef CUTOVER_VISIT_H
#define CUTOVER_VISIT_H

#include "routes.h"
#include "sides.h"

/* Makes a call of an export that touches a card. side: which side it went to, CUTOVER_NO_SIDE where it was
 * refused because the two sides do not hold the same person. Out: a legacy code. */
int cutover_call_card(const struct cutover_routes *routes, const struct cutover_call *call,
                      enum cutover_side *side);

/* The side of the visit under way, CUTOVER_NO_SIDE where there is none. */
enum cutover_side cutover_visit_side(void);

/* Whose visit it is; empty where nobody has said. */
struct cutover_person cutover_visit_person(void);

#endif
