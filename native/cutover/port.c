#include "port.h"

#include "host.h"
#include "said.h"
#include "visit.h"

static int said_codes[CSHIS_MOST_ROWS]; /* what the other side answered last; the lock guards it */

static bool is_needed(const struct cutover_routes *routes, enum cutover_side side)
{
    return side == CUTOVER_ORIGINAL ? routes->needs_original : routes->needs_bridge;
}

/* Once, until it answers otherwise: programs open the port around every call. */
static void say_if_new(const struct cshis_row *row, enum cutover_side side, int code)
{
    int *said = &said_codes[row - cshis_rows];
    bool news;

    cutover_lock();
    news = *said != code;
    *said = code;
    cutover_unlock();
    if (news && code != 0)
        cutover_say("port: %s on the other side, the %s, answers %d: what is routed there will fail",
                    row->name, side == CUTOVER_ORIGINAL ? "original" : "bridge", code);
}

int cutover_call_session(const struct cutover_routes *routes, const struct cutover_call *call)
{
    enum cutover_side first = cutover_visit_side();
    enum cutover_side second;
    int code;

    if (first == CUTOVER_NO_SIDE)
        first = routes->card;
    second = first == CUTOVER_ORIGINAL ? CUTOVER_BRIDGE : CUTOVER_ORIGINAL;
    code = cutover_ask(first, call, NULL);
    if (is_needed(routes, second) && (code == 0 || call->row->role != CSHIS_OPENS)) {
        struct cutover_error error = *call->error;
        struct cutover_call other = *call;

        other.error = &error;
        say_if_new(call->row, second, cutover_ask(second, &other, NULL));
    }
    return code;
}
