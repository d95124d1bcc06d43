#include "port.h"

#include "host.h"
#include "said.h"
#include "visit.h"

static int said_codes[CSHIS_MOST_ROWS]; /* what the other side answered last; the lock guards it */
static bool opened[2];                  /* the sides whose port is open; likewise */

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

static enum cutover_side other_than(enum cutover_side side)
{
    return side == CUTOVER_ORIGINAL ? CUTOVER_BRIDGE : CUTOVER_ORIGINAL;
}

static int ask_second(const struct cutover_call *call, enum cutover_side side)
{
    struct cutover_error error = *call->error;
    struct cutover_call other = *call;
    int code;

    other.error = &error;
    code = cutover_ask(side, &other, NULL);
    say_if_new(call->row, side, code);
    return code;
}

/* What the routes no longer need may still be open from before. */
static bool is_open(enum cutover_side side, const struct cshis_row *row)
{
    bool open;

    cutover_lock();
    open = opened[side];
    if (row->role == CSHIS_CLOSES)
        opened[side] = false;
    cutover_unlock();
    return open;
}

static void note_opened(enum cutover_side side, const struct cshis_row *row, int code)
{
    if (row->role != CSHIS_OPENS || code != 0)
        return;
    cutover_lock();
    opened[side] = true;
    cutover_unlock();
}

/* A visit that began before the routes changed comes first; where its side cannot be opened any more, that of
 * the cards alone decides. */
int cutover_call_session(const struct cutover_routes *routes, const struct cutover_call *call)
{
    bool opens = call->row->role == CSHIS_OPENS;
    enum cutover_side first = cutover_visit_side();
    enum cutover_side second;
    int code, second_code;

    if (first == CUTOVER_NO_SIDE)
        first = routes->card;
    second = other_than(first);
    code = cutover_ask(first, call, NULL);
    note_opened(first, call->row, code);
    (void)is_open(first, call->row);
    if (!(is_open(second, call->row) || is_needed(routes, second)))
        return code;
    if (opens && code != 0 && second != routes->card)
        return code;
    second_code = ask_second(call, second);
    note_opened(second, call->row, second_code);
    if (!opens || code == 0)
        return code;
    say_if_new(call->row, first, code);
    return second_code;
}
