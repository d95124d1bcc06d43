/* A socket that does whatever it likes under a whole call (call.c, channel.c, greeting.c, stream.c): refuses,
 * takes and gives single bytes, is interrupted, breaks, and a bridge that sends anything.
 *
 * Input: function, how the bridge greets, length of the script, script, bytes that the bridge sends.
 * Each system call on a socket takes one byte of the script.
 * The first answer on a connection is a true welcome, made here a second time, or (odd) the bridge's bytes.
 * Three calls of one thread follow one another, so that a connection is kept, used again and given up. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "caller.h"
#include "frame.h"
#include "peer.h"
#include "sha256.h"

enum { CALLS = 3, FIRST_FAKE = 100, MOST_FAKE = 64, MOST_PAUSE = 640 };

static struct input script, bridge;
static bool open_sockets[MOST_FAKE];
static int made, whole_requests, evictions;
static bool true_welcome, greeted, proved;
static uint8_t hello[CSHIS_HEADER + 62], welcome[CSHIS_HEADER + 64];
static size_t welcome_given;
static uint8_t last_number[4], sent[1 << 16], given[1 << 16];
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
    greeted = proved = false;
    welcome_given = given_length = 0;
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
    unsigned choice;

    if (count == 0) { /* a pause, before another try */
        REQUIRE(watched == NULL && milliseconds > 0 && milliseconds <= MOST_PAUSE);
        return 0;
    }
    choice = take8(&script);
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

int __wrap_getpeername(int socket, struct sockaddr *address, socklen_t *length);
int __wrap_getpeername(int socket, struct sockaddr *address, socklen_t *length)
{
    struct sockaddr_in bridge_end = {.sin_family = AF_INET, .sin_port = htons(5068)};

    REQUIRE(is_fake(socket) && *length >= sizeof bridge_end);
    bridge_end.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(address, &bridge_end, sizeof bridge_end);
    return 0;
}

/* Whose the other end is stands outside of this fuzzer. */
bool cshis_peer_is_trusted(cshis_socket socket)
{
    return is_fake(socket);
}

static void prove(const char *label, uint8_t *proof)
{
    static const uint8_t token[CSHIS_TOKEN];
    struct cshis_hmac hmac;

    cshis_hmac_begin(&hmac, token, sizeof token);
    cshis_hmac_add(&hmac, label, strlen(label));
    cshis_hmac_add(&hmac, hello + CSHIS_HEADER, sizeof hello - CSHIS_HEADER);
    cshis_hmac_add(&hmac, welcome + CSHIS_HEADER, 32);
    cshis_hmac_end(&hmac, proof);
}

static void make_welcome(void)
{
    static const uint8_t header[CSHIS_HEADER] = {'C', 'S', 'H', 'B', 2, 0, 5, 0, 64};

    memcpy(welcome, header, sizeof header);
    memset(welcome + CSHIS_HEADER, 0x5A, 32);
    prove("CSHB 2 bridge", welcome + CSHIS_HEADER + 32);
}

/* A frame that has left whole. On a connection a hello comes first,
 * then a proof, and calls only after a true welcome. */
static void take_frame(const uint8_t *frame, size_t length)
{
    uint8_t proof[CSHIS_DIGEST];

    if (!greeted) {
        REQUIRE(frame[6] == CSHIS_HELLO_FRAME && length == sizeof hello);
        memcpy(hello, frame, length);
        make_welcome();
        greeted = true;
    } else if (!proved) {
        prove("CSHB 2 library", proof);
        REQUIRE(frame[6] == CSHIS_PROOF_FRAME && length == CSHIS_HEADER + sizeof proof);
        REQUIRE(true_welcome && memcmp(frame + CSHIS_HEADER, proof, sizeof proof) == 0);
        proved = true;
    } else {
        REQUIRE(frame[6] == CSHIS_CALL_FRAME);
        memcpy(last_number, frame + 12, sizeof last_number);
        whole_requests++;
    }
}

/* Whole frames on this connection.
 * A second request within a call would be a repeat of what the bridge may have done already. */
static void take_frames(void)
{
    while (sent_length >= CSHIS_HEADER) {
        size_t length = CSHIS_HEADER + (sent[8] | (size_t)sent[9] << 8 | (size_t)sent[10] << 16);
        REQUIRE(memcmp(sent, "CSHB\2", 5) == 0 && length <= sizeof sent);
        if (sent_length < length)
            return;
        take_frame(sent, length);
        memmove(sent, sent + length, sent_length - length);
        sent_length -= length;
    }
}

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
    take_frames();
    return (ssize_t)taken;
}

/* The bridge's bytes; in most inputs the call number is put right, or nearly all would end there.
 * What follows an eviction, which ends a connection, is another frame. */
static uint8_t next_given(void)
{
    uint8_t byte;

    if (true_welcome && welcome_given < sizeof welcome)
        return welcome[welcome_given++];
    byte = (uint8_t)take8(&bridge);

    if (given_length >= 12 && given_length < 16 && byte == 0)
        byte = last_number[given_length - 12];
    given[given_length++] = byte;
    if (given_length == CSHIS_HEADER && memcmp(given, "CSHB\2\0\7\0\0\0\0", 12) == 0)
        evictions++;
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
    if (true_welcome && welcome_given < sizeof welcome) {
        REQUIRE(greeted && !proved);
        if (wanted > sizeof welcome - welcome_given)
            wanted = sizeof welcome - welcome_given;
    } else {
        if (wanted > bridge.left)
            wanted = bridge.left;
        if (wanted > sizeof given - given_length)
            wanted = sizeof given - given_length;
    }
    if (choice == 0xF9 || wanted == 0)
        return 0;
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
                 memcmp(given, "CSHB\2", 5) == 0 && proved &&
                 memcmp(given + 12, last_number, sizeof last_number) == 0 && whole_requests == 1 + evictions;

    REQUIRE(whole_requests <= 1 + evictions); /* each but the last was answered by an eviction */
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
    whole_requests = evictions = 0;
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
    bool odd = take8(&input) % 2 == 1;
    size_t length = take8(&input);
    int i;

    true_welcome = !odd;
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
