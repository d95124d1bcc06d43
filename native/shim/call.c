#include "runtime.h"

#include <stdatomic.h>

#include "marshal.h"
#include "platform.h"
#include "transport.h"

#define LONGEST_MILLISECONDS 125000 /* of a call with all that belongs to it */

static atomic_uint_least32_t calls;

/* The result is a failure until a whole, valid reply says otherwise. */
static bool exchange(const struct cshis_pending *call, struct cshis_bytes *request, int *code)
{
    struct cshis_bytes reply = {0};
    bool answered = false;

    if (cshis_exchange(request, &reply)) {
        answered = cshis_unpack(call, &reply, code);
        if (!answered)
            cshis_distrust();
    }
    cshis_release(&reply);
    return answered;
}

static bool make_call(const struct cshis_function *function, const union cshis_word *words, int *code)
{
    struct cshis_pending call = {.function = function, .words = words};
    struct cshis_bytes request = {0};
    bool answered = false;

    call.number = (uint32_t)atomic_fetch_add(&calls, 1);
    switch (cshis_pack(&call, &request)) {
    case CSHIS_PACKED:
        answered = exchange(&call, &request, code);
        break;
    case CSHIS_BAD_ARGUMENT:
        *code = function->bad_argument;
        answered = true;
        break;
    case CSHIS_NO_MEMORY:
        break;
    }
    cshis_release(&request);
    return answered;
}

bool cshis_try(const struct cshis_function *function, const union cshis_word *words, int *code)
{
    bool answered;

    *code = function->unreachable;
    if (!cshis_enter(cshis_now() + LONGEST_MILLISECONDS))
        return false;
    answered = make_call(function, words, code);
    cshis_leave();
    return answered;
}

int cshis_call(const struct cshis_function *function, const union cshis_word *words)
{
    int code;

    (void)cshis_try(function, words, &code);
    return code;
}
