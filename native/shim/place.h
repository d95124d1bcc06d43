/* Where the bridge is and how long to wait for it: environment, then
 * cshis-bridge.ini beside the library, the bridge of this user and session, the defaults. */
#ifndef CSHIS_PLACE_H
#define CSHIS_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

/* host: a numeric address, so that no name service can make a call hang. token: zeros where none is used. */
struct cshis_place {
    char host[64];
    char port[8];
    uint8_t token[CSHIS_TOKEN];
};

/* Reads it all afresh. False: what is configured cannot be used (no host:port, an unreadable token file). */
bool cshis_find_bridge(struct cshis_place *place);

/* Upper bound of a whole call in seconds: CSHIS_BRIDGE_TIMEOUT between 1 and 120, else 120. */
int cshis_timeout(void);

#endif
