#include "route.h"

#include "compare.h"
#include "host.h"
#include "port.h"
#include "routing.h"
#include "said.h"
#include "sides.h"
#include "upload.h"
#include "visit.h"

static int to_bridge(const struct cutover_call *call)
{
    return call->row->function != NULL ? cshis_call(call->row->function, call->sent)
                                       : call->row->not_supported;
}

/* Nobody was asked anything that may have been carried out: this is for reads that touch no card. */
static int bridge_else_original(const struct cutover_call *call)
{
    bool answered;
    int code = cutover_ask(CUTOVER_BRIDGE, call, &answered);

    if (answered)
        return code;
    cutover_say("bridge: it cannot be reached: %s goes to the original", call->row->name);
    return cutover_ask(CUTOVER_ORIGINAL, call, NULL);
}

static bool compares(enum cutover_route route)
{
    return route == CUTOVER_BRIDGE_COMPARED || route == CUTOVER_ORIGINAL_COMPARED;
}

/* The answer is that of the side that the route names first; the other one is asked when it is there. */
static int compared(const struct cutover_call *call, struct cutover_question *question, int code,
                    enum cutover_side side, bool touches_card)
{
    if (question == NULL)
        return code;
    if (side == CUTOVER_NO_SIDE) {
        cutover_drop(question);
        return code;
    }
    cutover_take_answer(question, call->passed, code);
    question->other = side == CUTOVER_ORIGINAL ? CUTOVER_BRIDGE : CUTOVER_ORIGINAL;
    question->needs_person = touches_card;
    if (touches_card)
        question->person = cutover_visit_person();
    cutover_compare(question);
    return code;
}

static int routed(const struct cutover_routes *routes, const struct cutover_call *call)
{
    enum cutover_route route = (enum cutover_route)routes->rows[call->row - cshis_rows];
    struct cutover_question *question = compares(route) ? cutover_copy(call) : NULL;
    enum cutover_side side = cutover_side_of(route);
    int code;

    switch (cshis_groups[call->row->group].kind) {
    case CSHIS_SESSION_GROUP:
        return cutover_call_session(routes, call);
    case CSHIS_CARD_GROUP:
    case CSHIS_DROPPED_GROUP:
        code = cutover_call_card(routes, call, &side);
        return compared(call, question, code, side, true);
    case CSHIS_TOGETHER_GROUP:
        side = cutover_side_of_upload(call, side);
        return side != CUTOVER_NO_SIDE ? cutover_ask(side, call, NULL) : call->row->function->bad_argument;
    case CSHIS_FREE_GROUP:
        break;
    }
    if (route == CUTOVER_BRIDGE_ELSE_ORIGINAL)
        return bridge_else_original(call);
    code = cutover_ask(side, call, NULL);
    return compared(call, question, code, side, false);
}

int cshis_route(const struct cshis_row *row, const union cshis_word *sent, const union cshis_word *passed)
{
    struct cutover_error error = cutover_error();
    const struct cutover_call call = {row, sent, passed, &error};
    bool broken;
    const struct cutover_routes *routes = cutover_in_force(row->role == CSHIS_OPENS, &broken);
    int code;

    if (routes == NULL)
        return to_bridge(&call);
    if (broken)
        return row->unreachable;
    code = routed(routes, &call);
    cutover_set_error(error);
    return code;
}
