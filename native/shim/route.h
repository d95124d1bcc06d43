/* What the generated exports hand on: an export's facts, and the words of the call.
 * Where the call goes, to the bridge or to the official DLL beside this one, is decided behind it. */
#ifndef CSHIS_ROUTE_H
#define CSHIS_ROUTE_H

#include <stdbool.h>

#include "runtime.h"

#define CSHIS_MOST_ROWS 256
#define CSHIS_MOST_GROUPS 32
#define CSHIS_NOTICES 2

/* mappings/cutover.yaml says what each kind means. */
enum cshis_group_kind {
    CSHIS_SESSION_GROUP,
    CSHIS_CARD_GROUP,
    CSHIS_FREE_GROUP,
    CSHIS_TOGETHER_GROUP,
    CSHIS_DROPPED_GROUP
};

struct cshis_group {
    const char *name;
    enum cshis_group_kind kind;
};

enum cshis_role { CSHIS_NO_ROLE, CSHIS_OPENS, CSHIS_CLOSES };

/* Where a value stands: which argument holds it, or which out-record and at which byte; -1 for none.
 * Arguments count as declared. */
struct cshis_where {
    signed char argument;
    signed char record; /* its length variable is the argument behind it */
    short at;
};

/* - function: how the bridge is asked; NULL where 6.0 offers nothing.
 * - ordinal: the official one, 0 where none is known.
 * - unreachable, not_supported, wrong_person: legacy codes of this row, never 0.
 * - notices: codes that come with filled buffers.
 * - count: declared arguments.
 * - changes: it may change something; allocates: it takes a number.
 * - comparable: it asks and nothing else, and two sides should answer alike. */
struct cshis_row {
    const char *name;
    const struct cshis_function *function;
    unsigned short ordinal;
    short unreachable, not_supported, wrong_person;
    short notices[CSHIS_NOTICES];
    unsigned char count;
    unsigned char group;
    enum cshis_role role;
    bool changes, allocates, comparable;
    struct cshis_where card_no, id, birthday, visit_time;
};

/* Generated. identity_row: the export that reads whose card it is into a record of identity_bytes; -1: none.
 */
extern const struct cshis_row cshis_rows[];
extern const unsigned cshis_row_count;
extern const struct cshis_group cshis_groups[];
extern const unsigned cshis_group_count;
extern const int cshis_identity_row;
extern const unsigned cshis_identity_bytes;

/* Makes the call. sent: the words that the bridge gets; passed: all words. Out: a legacy code. */
int cshis_route(const struct cshis_row *row, const union cshis_word *sent, const union cshis_word *passed);

#endif
