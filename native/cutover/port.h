/* State that both sides have: port, security module, cards that are powered. */
#ifndef CUTOVER_PORT_H
#define CUTOVER_PORT_H

#include "routes.h"
#include "sides.h"

/* Makes a call of the session group on each side that the routes need. Out: the code of the side that the
 * cards are on; what the other one answers is said where it is no success. */
int cutover_call_session(const struct cutover_routes *routes, const struct cutover_call *call);

#endif
