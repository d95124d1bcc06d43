/* The transport of the embedded build: hands the frame to Python in the same process.
 * Start-up happens at the first call, once. */
#include "transport.h"

#include <fenv.h>
#include <pthread.h>
#include <stdatomic.h>

#include "frame.h"
#include "place.h"
#include "platform.h"
#include "python.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_bool attached;
static atomic_ulong owner;

static void start(void)
{
    owner = cshis_process();
    if (!cshis_start_python())
        return;
    attached = cshis_attach();
    if (!attached)
        cshis_log("the bridge inside this program did not start", "the lines before this one say why");
}

/* After a fork the child has Python's memory without its threads: entering it would hang. */
static bool is_ready(void)
{
    unsigned long before = owner;

    if (before != 0 && before != cshis_process())
        return false;
    return pthread_once(&once, start) == 0 && attached;
}

static bool exchange(struct cshis_bytes *request, struct cshis_bytes *reply)
{
    cshis_set_u32(request->data + CSHIS_TIME_AT, (uint32_t)cshis_timeout() * 1000u);
    return is_ready() && cshis_ask(request->data, request->length, cshis_timeout(), reply) &&
           !reply->failed && reply->length >= CSHIS_HEADER;
}

/* Programs of Delphi and Free Pascal let floating-point exceptions end them, others round or count as they
 * like. Python, and every thread that it starts meanwhile, has the environment that a C program begins with.
 * What Python did to the flags is none of the program's business. */
bool cshis_exchange(struct cshis_bytes *request, struct cshis_bytes *reply)
{
    fenv_t programs;
    bool answered;

    if (fegetenv(&programs) != 0 || fesetenv(FE_DFL_ENV) != 0)
        return false;
    answered = exchange(request, reply);
    return fesetenv(&programs) == 0 && answered;
}

void cshis_distrust(void)
{
    /* Every call brings its own reply; there is no connection that a wrong one could have spoilt. */
}
