/* The embedded library is the bridge itself: there is nothing else to go to. */
#include "route.h"

int cshis_route(const struct cshis_row *row, const union cshis_word *sent, const union cshis_word *passed)
{
    (void)passed;
    return row->function != 0 ? cshis_call(row->function, sent) : row->not_supported;
}
