/* A socket that does whatever it likes under a whole call (call.c, channel.c, stream.c): refuses,
 * takes and gives single bytes, is interrupted, breaks, and a bridge that sends anything.
 *
 * Input: function, length of the script, script, bytes that the bridge sends.
 * Each system call on a socket takes one byte of the script.
 * Three calls of one thread follow one another, so that a connection is kept, used again and given up. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "caller.h"
#include "frame.h"

enum { CALLS = 3, FIRST_FAKE = 100, MOST_FAKE = 64 };

static struct input script, bridge;
static bool open_sockets[MOST_FAKE];
static int made, whole_requests;
static uint8_t sent[1 << 16], given[1 << 16];
static size_t sent_length, given_length;

static bool is_fake(int socket)
{
    return socket >= FIRST_FAKE && socket < FIRST_FAKE + made;
}

/* ---- the system as the script wants it ---- */

int __wrap_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol)
{
    (void)family;
    (void)type;
    (void)protocol;
    if (made == MOST_FAKE || take8(&script) == 0xFE) {
        errno = EMFILE;
        return -1;
    }
    sent_length = 0; /* what half a frame was on the connection before */
    open_sockets[made] = true;
    return FIRST_FAKE + made++;
}

int __real_close(int socket);
int __wrap_close(int socket);
int __wrap_close(int socket)
{
    if (!is_fake(socket))
        return __real_close(socket);
    REQUIRE(open_sockets[socket - FIRST_FAKE]);
    open_sockets[socket - FIRST_FAKE] = false;
    return 0;
}

int __wrap_setsockopt(int socket, int level, int option, const void *value, socklen_t length);
int __wrap_setsockopt(int socket, int level, int option, const void *value, socklen_t length)
{
    (void)level;
    (void)option;
    (void)value;
    (void)length;
    REQUIRE(is_fake(socket) && open_sockets[socket - FIRST_FAKE]);
    return 0;
}

int __wrap_getsockopt(int socket, int level, int option, void *value, socklen_t *length);
int __wrap_getsockopt(int socket, int level, int option, void *value, socklen_t *length)
{
    int error = take8(&script) % 4 == 3 ? ECONNREFUSED : 0;

    (void)level;
    (void)option;
    REQUIRE(is_fake(socket) && *length >= sizeof error);
    memcpy(value, &error, sizeof error);
    return 0;
}

static int fail(int reason)
{
    errno = reason;
    return -1;
}

int __wrap_connect(int socket, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int socket, const struct sockaddr *address, socklen_t length)
{
    (void)address;
    (void)length;
    REQUIRE(is_fake(socket) && open_sockets[socket - FIRST_FAKE]);
    switch (take8(&script) % 8) {
    case 5: return fail(EINPROGRESS);
    case 6: return fail(EINTR);
    case 7: return fail(ECONNREFUSED);
    default: return 0;
    }
}

int __wrap_poll(struct pollfd *watched, nfds_t count, int milliseconds);
int __wrap_poll(struct pollfd *watched, nfds_t count, int milliseconds)
{
    unsigned choice = take8(&script);

    REQUIRE(count == 1 && milliseconds >= 0);
    REQUIRE(is_fake(watched->fd) && open_sockets[watched->fd - FIRST_FAKE]);
    if (milliseconds == 0)
        return choice == 0xFD; /* has anything come that nobody asked for? */
    if (choice == 0xFC)
        return fail(EINTR);
    if (choice >= 0xF0)
        return 0;
    watched->revents = watched->events;
    return 1;
}

/* Whole request frames on this connection.
 * A second one within a call would be a repeat of what the bridge may have done already. */
static void count_requests(void)
{
    while (sent_length >= CSHIS_HEADER) {
        size_t length = CSHIS_HEADER + (sent[8] | (size_t)sent[9] << 8 | (size_t)sent[10] << 16);
        REQUIRE(memcmp(sent, "CSHB", 4) == 0 && length <= sizeof sent);
        if (sent_length < length)
            return;
        whole_requests++;
        memmove(sent, sent + length, sent_length - length);
        sent_length -= length;
    }
}

static uint8_t last_number[4];

ssize_t __wrap_send(int socket, const void *data, size_t length, int options);
ssize_t __wrap_send(int socket, const void *data, size_t length, int options)
{
    unsigned choice = take8(&script);
    size_t taken = choice == 0 || choice > length ? length : choice;

    REQUIRE(is_fake(socket) && open_sockets[socket - FIRST_FAKE] && (options & MSG_NOSIGNAL) != 0);
    if (choice == 0xFB)
        return fail(EAGAIN);
    if (choice == 0xFA)
        return fail(EPIPE);
    REQUIRE(sent_length + taken <= sizeof sent);
    memcpy(sent + sent_length, data, taken);
    sent_length += taken;
    if (sent_length >= CSHIS_HEADER)
        memcpy(last_number, sent + 12, sizeof last_number);
    count_requests();
    return (ssize_t)taken;
}

/* The bridge's bytes; in most inputs the call number is put right, or nearly all would end there. */
static uint8_t next_given(void)
{
    uint8_t byte = (uint8_t)take8(&bridge);

    if (given_length >= 12 && given_length < 16 && byte == 0)
        byte = last_number[given_length - 12];
    given[given_length++] = byte;
    return byte;
}

ssize_t __wrap_recv(int socket, void *data, size_t length, int options);
ssize_t __wrap_recv(int socket, void *data, size_t length, int options)
{
    unsigned choice = take8(&script);
    size_t wanted = choice == 0 || choice > length ? length : choice, i;

    (void)options;
    REQUIRE(is_fake(socket) && open_sockets[socket - FIRST_FAKE] && length > 0);
    if (choice == 0xFB)
        return fail(EAGAIN);
    if (choice == 0xFA)
        return fail(ECONNRESET);
    if (choice == 0xF9 || bridge.left == 0)
        return 0;
    if (wanted > sizeof given - given_length)
        return 0;
    if (wanted > bridge.left)
        wanted = bridge.left;
    for (i = 0; i < wanted; i++)
        ((uint8_t *)data)[i] = next_given();
    return (ssize_t)wanted;
}

/* ---- the caller ---- */

static void lend_all(const struct cshis_function *function, struct loan *loan)
{
    static const uint8_t room[512];
    unsigned i;

    for (i = 0; i < function->count; i++) {
        const struct cshis_slot *slot = &function->slots[i];
        if (slot->kind == CSHIS_SCALAR) {
            loan->words[i].value = 1;
        } else if (slot->kind == CSHIS_RECORD) {
            lend(loan, i, room, sizeof room, 0);
            lend_number(loan, (unsigned)slot->length, sizeof room);
        } else if (slot->kind == CSHIS_TEXT_OUT) {
            lend(loan, i, room, slot->most, 0);
        } else if (slot->kind != CSHIS_LENGTH) {
            lend(loan, i, "\0", 2, 0);
        } else if (!is_length_of_a_record(function, i)) {
            lend_number(loan, i, 1);
        }
    }
}

/* Success, and any change of the caller's memory, needs a whole answer that says so. */
static void check(const struct cshis_function *function, const struct loan *loan, int code)
{
    size_t length = given_length >= 12
                        ? given[8] | (size_t)given[9] << 8 | (size_t)given[10] << 16 | (size_t)given[11] << 24
                        : 0;
    bool whole = given_length >= CSHIS_HEADER + 2 && given_length == CSHIS_HEADER + length &&
                 memcmp(given, "CSHB\1", 5) == 0 &&
                 memcmp(given + 12, last_number, sizeof last_number) == 0 && whole_requests == 1;

    REQUIRE(whole_requests <= 1);
    if (!all_untouched(loan))
        REQUIRE(whole && given[6] == 2);
    if (code != function->unreachable)
        REQUIRE(whole && (int16_t)(given[16] | given[17] << 8) == code && (code != 0 || given[6] == 2));
}

static int count_open(void)
{
    int i, open = 0;

    for (i = 0; i < made; i++)
        open += open_sockets[i];
    return open;
}

static void call_once(const struct cshis_function *function)
{
    struct loan loan;
    int code;

    memset(&loan, 0, sizeof loan);
    lend_all(function, &loan);
    whole_requests = 0;
    given_length = 0;
    code = cshis_call(function, loan.words);
    check(function, &loan, code);
    REQUIRE(count_open() <= 1);
    take_back(&loan);
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    return setenv("CSHIS_BRIDGE", "127.0.0.1:5068", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    const struct cshis_function *function = &table_functions[take8(&input) % TABLE_FUNCTIONS];
    size_t length = take8(&input);
    int i;

    script = (struct input){input.at, length < input.left ? length : input.left};
    bridge = (struct input){input.at + script.left, input.left - script.left};
    for (i = 0; i < CALLS; i++)
        call_once(function);
    script.left = bridge.left = 0; /* the bridge goes away: no connection may outlive this input */
    call_once(function);
    REQUIRE(count_open() == 0);
    made = 0;
    return 0;
}
