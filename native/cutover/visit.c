#include "visit.h"

#include <string.h>

#include "book.h"
#include "host.h"
#include "said.h"

/* - side: where the visit goes; last: where the last call went, which is the other one after a call with the
 *   card moved; unsure: a call that said nothing of anybody went elsewhere since: the next one is checked.
 * - changed: something may have been changed there, so that it has to end there. */
struct visit {
    unsigned turn; /* another one each time that anything of this changes */
    bool open, changed, unsure;
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
    bool aside; /* such as whether a card is there: it says nothing of anybody, and no visit begins with it */
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

static bool gives_or_changes(const struct cshis_row *row)
{
    unsigned i;

    if (row->changes)
        return true;
    for (i = 0; row->function != NULL && i < row->function->count; i++)
        if (row->function->slots[i].kind == CSHIS_RECORD || row->function->slots[i].kind == CSHIS_TEXT_OUT)
            return true;
    return false;
}

/* Whether a read may be the first one of another person: its answer says whose it is, or nobody was there
 * before, or it is one that visits of their own kind begin with. */
static bool may_begin(const struct plan *plan, bool fresh)
{
    const struct cshis_row *row = plan->call->row;
    enum cutover_route route = (enum cutover_route)plan->routes->rows[row - cshis_rows];

    if (row->id.record >= 0 || !cutover_is_known(&plan->visit.who))
        return true;
    return (fresh || !plan->visit.open) && cutover_side_of(route) != plan->routes->card;
}

/* A visit that is to go on at the other side. False: it may not. */
static bool cross(struct plan *plan, bool fresh)
{
    struct cutover_person there;
    bool read = cutover_identity(plan->target, &there);
    bool same = read && is_same_person(plan, &there);

    plan->aside = !same && !plan->moved && !plan->bound && !gives_or_changes(plan->call->row);
    if (fresh && same && plan->visit.changed) { /* one visit, and begun there: it goes nowhere else */
        plan->target = plan->visit.side;
        return plan->call->row->id.record >= 0 || !gives_or_changes(plan->call->row) ||
               refuse(plan, "the visit's card must be back in that reader");
    }
    if (plan->moved)
        return same || refuse(plan, "the visit's person must be in that reader; read the card first");
    if (same) {
        if (fresh || plan->bound)
            begin_visit(plan, &there);
        return true;
    }
    if (plan->aside)
        return true;
    if (plan->bound || plan->call->row->changes || !may_begin(plan, fresh))
        return refuse(plan, "not the person of the last read is in that reader; read the card first");
    plan->aside = !read && plan->call->row->id.record < 0; /* nobody there, and it does not say who came */
    if (!plan->aside)
        begin_visit(plan, &there); /* the next patient */
    return true;
}

/* Nobody has been read, but the call says whose visit it is: then that can be looked at. */
static bool is_named_alone(const struct plan *plan)
{
    return plan->bound && cutover_is_known(&plan->claimed) && !cutover_is_known(&plan->visit.who);
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
    if (fresh || visit->unsure || is_named_alone(plan))
        return cross(plan, fresh);
    if (visit->last != CUTOVER_NO_SIDE && visit->last != plan->target)
        return cross(plan, fresh);
    if (plan->moved && (visit->open ? visit->side : plan->routes->card) != plan->target)
        return cross(plan, false);
    return true;
}

static bool is_as_before(const struct visit *one, const struct visit *other)
{
    return one->open == other->open && one->changed == other->changed && one->unsure == other->unsure &&
           one->side == other->side && one->last == other->last &&
           memcmp(&one->who, &other->who, sizeof one->who) == 0;
}

/* The lock is held. */
static void become(const struct visit *visit)
{
    unsigned turn = current.turn + !is_as_before(visit, &current);

    current = *visit;
    current.turn = turn;
}

/* Before the call: it may change something although its answer never comes. False: another thread was faster,
 * so that the plan holds no more. */
static bool begin(struct plan *plan, bool allowed)
{
    bool holds;

    cutover_lock();
    holds = current.turn == plan->visit.turn;
    if (allowed && !plan->aside) {
        if (!plan->moved && (!plan->visit.open || plan->visit.side != plan->target)) {
            plan->visit.open = true;
            plan->visit.side = plan->target;
        }
        plan->visit.last = plan->target;
        plan->visit.unsure = false;
        plan->visit.changed |= plan->call->row->changes && !plan->moved;
    }
    plan->visit.unsure |= allowed && plan->aside && cutover_is_known(&plan->visit.who);
    if (holds)
        become(&plan->visit);
    cutover_unlock();
    return holds;
}

/* The person whom a successful call showed. Where it is another one than before, this is another visit. Not
 * where another thread has gone to the other side meanwhile. */
static void show(const struct plan *plan, const struct cutover_person *who)
{
    struct visit visit;

    cutover_lock();
    visit = current;
    if (visit.side == plan->target && visit.last == plan->target) {
        if (cutover_is_known(&visit.who) && !cutover_is_same(&visit.who, who))
            visit.changed = plan->call->row->changes;
        visit.who = *who;
        become(&visit);
    }
    cutover_unlock();
}

static int end(const struct plan *plan, int code)
{
    const struct cutover_call *call = plan->call;
    struct cutover_person who = {0};
    char time[CUTOVER_VISIT_TIME + 1];

    if (plan->aside || !cutover_succeeded(call->row, code))
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

static bool make_plan(struct plan *plan)
{
    bool allowed;

    do {
        plan->visit = visit_now();
        plan->aside = false;
        allowed = plan_call(plan);
    } while (!begin(plan, allowed));
    return allowed;
}

int cutover_call_card(const struct cutover_routes *routes, const struct cutover_call *call,
                      enum cutover_side *side)
{
    struct plan plan = {.routes = routes, .call = call, .claimed = cutover_claimed(call->row, call->passed)};
    bool allowed = make_plan(&plan);

    *side = allowed ? plan.target : CUTOVER_NO_SIDE;
    return allowed ? end(&plan, cutover_ask(plan.target, call, NULL)) : call->row->wrong_person;
}
