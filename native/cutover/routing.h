/* The routes in force, and how they come from cshis-bridge.ini: at the first call, and whenever the port is
 * opened. */
#ifndef CUTOVER_ROUTING_H
#define CUTOVER_ROUTING_H

#include "routes.h"

/* Whether the file is to be looked at. NULL: this DLL is not routed. broken: the file is refused, and there
 * are no routes from before. */
const struct cutover_routes *cutover_in_force(bool look, bool *broken);

#endif
