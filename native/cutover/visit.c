#include "visit.h"

#include <string.h>

#include "book.h"
#include "host.h"
#include "said.h"

/* - side: where the visit goes; last: where the last call went, which is the other one after a call with the
 *   card moved.
 * - changed: something may have been changed there, so that it has to end there. */
struct visit {
    bool open, changed;
    enum cutover_side side, last;
    struct cutover_person who;
};

/* What is made of a call before it goes anywhere. */
struct plan {
    const struct cutover_routes *routes;
    const struct cutover_call *call;
    struct visit visit;
    struct cutover_person claimed;
    enum cutover_side target;
    bool moved; /* with the card in the other reader: the visit stays where it is */
    bool bound; /* its visit got its number there */
};

static struct visit current = {.side = CUTOVER_NO_SIDE, .last = CUTOVER_NO_SIDE};

static struct visit visit_now(void)
{
    struct visit copy;

    cutover_lock();
    copy = current;
    cutover_unlock();
    return copy;
}

enum cutover_side cutover_visit_side(void)
{
    struct visit visit = visit_now();

    return visit.open ? visit.side : CUTOVER_NO_SIDE;
}

struct cutover_person cutover_visit_person(void)
{
    return visit_now().who;
}

static const char *name_of(enum cutover_side side)
{
    return side == CUTOVER_ORIGINAL ? "original" : "bridge";
}

/* Without lines about persons: which export and which sides is all that a log may say. */
static bool refuse(const struct plan *plan, const char *why)
{
    cutover_say("person: %s to the %s answers %d: %s", plan->call->row->name, name_of(plan->target),
                plan->call->row->wrong_person, why);
    return false;
}

static void begin_visit(struct plan *plan, const struct cutover_person *who)
{
    plan->visit.open = true;
    plan->visit.changed = false;
    plan->visit.side = plan->target;
    plan->visit.who = *who;
}

/* Of what follows at the visit's own side, whoever the card there belongs to decides. */
static bool is_elsewhere(const struct plan *plan)
{
    struct cutover_person there;

    if (!cutover_identity(plan->visit.side, &there))
        return true;
    return cutover_is_known(&plan->visit.who) && !cutover_is_same(&there, &plan->visit.who);
}

static void choose_target(struct plan *plan)
{
    const struct cshis_row *row = plan->call->row;
    unsigned index = (unsigned)(row - cshis_rows);
    enum cutover_side moved = (enum cutover_side)plan->routes->moved[index];
    char time[CUTOVER_VISIT_TIME + 1];

    if (cshis_groups[row->group].kind == CSHIS_DROPPED_GROUP)
        moved = cutover_side_of((enum cutover_route)plan->routes->rows[index]);
    plan->target = CUTOVER_NO_SIDE;
    if (row->visit_time.argument >= 0 && cutover_claimed_visit(row, plan->call->passed, time))
        plan->target = cutover_side_of_visit(time);
    plan->bound = plan->target != CUTOVER_NO_SIDE;
    plan->moved = !plan->bound && moved != CUTOVER_NO_SIDE;
    if (plan->moved)
        plan->target = moved;
    else if (!plan->bound)
        plan->target = cutover_side_of((enum cutover_route)plan->routes->rows[index]);
}

/* Both sides must hold the same person before a call goes to the other one than the last. */
static bool is_same_person(const struct plan *plan, const struct cutover_person *there)
{
    bool named = cutover_is_known(&plan->claimed), known = cutover_is_known(&plan->visit.who);

    if (named && !cutover_is_same(there, &plan->claimed))
        return false;
    if (known && !(plan->bound && named) && !cutover_is_same(there, &plan->visit.who))
        return false;
    return named || known;
}

/* A visit that is to go on at the other side. False: it may not. */
static bool cross(struct plan *plan, bool fresh)
{
    struct cutover_person there;
    bool read = cutover_identity(plan->target, &there);
    bool same = read && is_same_person(plan, &there);

    if (fresh && same && plan->visit.changed) { /* one visit, and begun there: it goes nowhere else */
        plan->target = plan->visit.side;
        return true;
    }
    if (plan->moved)
        return same || refuse(plan, "the visit's person must be in that reader; read the card first");
    if (same) {
        if (fresh || plan->bound)
            begin_visit(plan, &there);
        return true;
    }
    if (plan->bound || plan->call->row->changes) {
        plan->visit.open = false;
        return refuse(plan, "not the person of the last read is in that reader; read the card first");
    }
    begin_visit(plan, &there); /* the next patient */
    return true;
}

static bool plan_call(struct plan *plan)
{
    const struct visit *visit = &plan->visit;
    bool fresh = false;

    choose_target(plan);
    if (visit->open && !plan->moved && !plan->bound && visit->side != plan->target) {
        fresh = is_elsewhere(plan);
        if (!fresh)
            plan->target = visit->side;
    }
    if (visit->last != CUTOVER_NO_SIDE && visit->last != plan->target)
        return cross(plan, fresh);
    if (plan->moved && (visit->open ? visit->side : plan->routes->card) != plan->target)
        return cross(plan, false);
    return true;
}

/* Before the call: it may change something although its answer never comes. */
static void begin(struct plan *plan, bool allowed)
{
    cutover_lock();
    if (allowed) {
        if (!plan->moved && (!plan->visit.open || plan->visit.side != plan->target)) {
            plan->visit.open = true;
            plan->visit.side = plan->target;
        }
        plan->visit.last = plan->target;
        plan->visit.changed |= plan->call->row->changes && !plan->moved;
    }
    current = plan->visit;
    cutover_unlock();
}

/* The person whom a successful call showed. Where it is another one than before, this is another visit. */
static void show(const struct plan *plan, const struct cutover_person *who)
{
    cutover_lock();
    if (cutover_is_known(&current.who) && !cutover_is_same(&current.who, who))
        current.changed = plan->call->row->changes;
    current.who = *who;
    cutover_unlock();
}

static int end(const struct plan *plan, int code)
{
    const struct cutover_call *call = plan->call;
    struct cutover_person who;
    char time[CUTOVER_VISIT_TIME + 1];

    if (!cutover_succeeded(call->row, code))
        return code;
    if (call->row->allocates && cutover_answered_visit(call->row, call->passed, time))
        cutover_note_visit(time, plan->target);
    if (cutover_answered(call->row, call->passed, &who)) {
        if (plan->moved && cutover_is_known(&plan->visit.who) && !cutover_is_same(&who, &plan->visit.who)) {
            cutover_blank(call->row, call->passed);
            (void)refuse(plan, "the card in that reader was changed meanwhile");
            return call->row->wrong_person;
        }
        if (!plan->moved)
            show(plan, &who);
    } else if (!plan->moved && cutover_is_known(&plan->claimed) &&
               !cutover_is_same(&plan->claimed, &plan->visit.who)) {
        show(plan, &plan->claimed);
    }
    return code;
}

int cutover_call_card(const struct cutover_routes *routes, const struct cutover_call *call,
                      enum cutover_side *side)
{
    struct plan plan = {.routes = routes, .call = call, .visit = visit_now()};
    bool allowed;

    plan.claimed = cutover_claimed(call->row, call->passed);
    allowed = plan_call(&plan);
    begin(&plan, allowed);
    *side = allowed ? plan.target : CUTOVER_NO_SIDE;
    return allowed ? end(&plan, cutover_ask(plan.target, call, NULL)) : call->row->wrong_person;
}
