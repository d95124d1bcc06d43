#include "runtime.h"

#include <stdatomic.h>

#include "marshal.h"
#include "platform.h"
#include "transport.h"

#define LONGEST_MILLISECONDS 125000 /* of a call with all that belongs to it */

static atomic_uint_least32_t calls;

/* The result is a failure until a whole, valid reply says otherwise. */
static int exchange(const struct cshis_pending *call, struct cshis_bytes *request)
{
    struct cshis_bytes reply = {0};
    int code = call->function->unreachable;

    if (cshis_exchange(request, &reply) && !cshis_unpack(call, &reply, &code))
        cshis_distrust();
    cshis_release(&reply);
    return code;
}

static int make_call(const struct cshis_function *function, const union cshis_word *words)
{
    struct cshis_pending call = {.function = function, .words = words};
    struct cshis_bytes request = {0};
    int code = function->unreachable;

    call.number = (uint32_t)atomic_fetch_add(&calls, 1);
    switch (cshis_pack(&call, &request)) {
    case CSHIS_PACKED:
        code = exchange(&call, &request);
        break;
    case CSHIS_BAD_ARGUMENT:
        code = function->bad_argument;
        break;
    case CSHIS_NO_MEMORY:
        break;
    }
    cshis_release(&request);
    return code;
}

int cshis_call(const struct cshis_function *function, const union cshis_word *words)
{
    int code;

    if (!cshis_enter(cshis_now() + LONGEST_MILLISECONDS))
        return function->unreachable;
    code = make_call(function, words);
    cshis_leave();
    return code;
}
