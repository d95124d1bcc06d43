/* Compiled into the file that cffi generates, because only
 * there cffi_start_python() and the callback are known.
 * An extern "Python" function gives 0 whenever anything goes wrong,
 * so 0 means "no reply" here and the result stays a failure. */
#include "bytes.h"
#include "python.h"

static int cshis_python_answer(const uint8_t *request, size_t length, int seconds, void *reply);

bool cshis_attach(void)
{
    return cffi_start_python() == 0;
}

bool cshis_ask(const uint8_t *request, size_t length, int seconds, void *reply)
{
    return cshis_python_answer(request, length, seconds, reply) == 1;
}

/* Called by the Python callback with the whole reply frame. 1: it was taken. */
static int cshis_give(void *reply, const uint8_t *frame, size_t length)
{
    struct cshis_bytes *bytes = reply;

    cshis_put(bytes, frame, length);
    return !bytes->failed;
}
