#include "sides.h"

#include <stdint.h>
#include <string.h>

#include "invoke.h"
#include "original.h"
#include "said.h"

#define MOST_IDENTITY 512

static int crashed(const struct cshis_row *row, const struct cutover_outcome *outcome)
{
    cutover_say(
        "original: %s failed with exception 0x%08lX at %p: the program gets %d, and whether anything was "
        "changed is not known",
        row->name, outcome->exception, outcome->at, row->unreachable);
    return row->unreachable;
}

/* It runs in the program's own thread, for as long as it takes there: it ends its calls by itself, and one
 * given up from outside would still write into the program's memory when it ends. */
static int ask_original(const struct cutover_call *call, bool *answered)
{
    struct cutover_outcome outcome;
    cutover_address function = cutover_original(call->row, answered);

    if (!*answered)
        return call->row->function != NULL ? call->row->unreachable : call->row->not_supported;
    if (function == NULL)
        return call->row->not_supported;
    cutover_set_error(*call->error);
    outcome = cutover_invoke(function, call->passed, call->row->count);
    *call->error = cutover_error();
    return outcome.crashed ? crashed(call->row, &outcome) : outcome.code;
}

static int ask_bridge(const struct cutover_call *call, bool *answered)
{
    int code = call->row->not_supported;

    *answered = call->row->function == NULL || cshis_try(call->row->function, call->sent, &code);
    return code;
}

int cutover_ask(enum cutover_side side, const struct cutover_call *call, bool *answered)
{
    bool unused;

    if (answered == NULL)
        answered = &unused;
    return side == CUTOVER_ORIGINAL ? ask_original(call, answered) : ask_bridge(call, answered);
}

bool cutover_succeeded(const struct cshis_row *row, int code)
{
    int i;

    for (i = 0; i < CSHIS_NOTICES; i++)
        if (code != 0 && row->notices[i] == code)
            return true;
    return code == 0;
}

bool cutover_identity(enum cutover_side side, struct cutover_person *person)
{
    char record[MOST_IDENTITY];
    int16_t length = (int16_t)cshis_identity_bytes;
    union cshis_word words[] = {{.pointer = record}, {.pointer = &length}};
    struct cutover_error error = {0};
    struct cutover_call call = {.sent = words, .passed = words, .error = &error};

    memset(person, 0, sizeof *person);
    if (cshis_identity_row < 0 || cshis_identity_bytes > sizeof record)
        return false;
    memset(record, 0, sizeof record);
    call.row = &cshis_rows[cshis_identity_row];
    return cutover_succeeded(call.row, cutover_ask(side, &call, NULL)) &&
           cutover_answered(call.row, words, person);
}
