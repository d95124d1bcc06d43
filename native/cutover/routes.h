/* The routes of cshis-bridge.ini: which side each export goes to. Reading them touches nothing else. */
#ifndef CUTOVER_ROUTES_H
#define CUTOVER_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "route.h"

enum cutover_side { CUTOVER_NO_SIDE = -1, CUTOVER_BRIDGE, CUTOVER_ORIGINAL };

enum cutover_route {
    CUTOVER_UNSAID,
    CUTOVER_TO_BRIDGE,
    CUTOVER_TO_ORIGINAL,
    CUTOVER_BRIDGE_COMPARED,
    CUTOVER_ORIGINAL_COMPARED,
    CUTOVER_BRIDGE_ELSE_ORIGINAL
};

/* - rows: of each export, never CUTOVER_UNSAID once they are read.
 * - moved: the side of an export that is done with the card moved to the other reader, else CUTOVER_NO_SIDE.
 * - card: the side of the card group, which is the first to be opened.
 * - stage: its name, empty where none is given. */
struct cutover_routes {
    unsigned char rows[CSHIS_MOST_ROWS];
    signed char moved[CSHIS_MOST_ROWS];
    enum cutover_side card;
    bool needs_bridge, needs_original;
    char stage[64];
};

enum cutover_reading { CUTOVER_NOT_ROUTED, CUTOVER_ROUTED, CUTOVER_REFUSED };

/* Reads a whole file, which is changed by it.
 * - has_original: the official DLL lies beside: then a section of an unknown name is a fault, too.
 * - NOT_ROUTED: it says nothing about routes. REFUSED: why says what is wrong, with the line's number. */
enum cutover_reading cutover_read_routes(char *text, bool has_original, struct cutover_routes *routes,
                                         char *why, size_t room);

/* Which side answers. */
enum cutover_side cutover_side_of(enum cutover_route route);

#endif
