/* echo REQUEST_BYTES REPLY_BYTES ROUND_TRIPS WARM_UP: a C client and
 * a C server, one process each, over TCP loopback without delay.
 *
 * The server reads a whole request of that size and sends a reply
 * of the other; there is nothing below it that a bridge could save.
 * Prints one line of JSON: microseconds of a round trip. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "latencies.h"

enum { MOST_BYTES = 1 << 20 };

static unsigned char buffer[MOST_BYTES];

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static void without_delay(int connection)
{
    int on = 1;

    if (setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        give_up("TCP_NODELAY");
}

/* 0 at the end of the connection. */
static int receive(int connection, size_t length)
{
    size_t received = 0;

    while (received < length) {
        ssize_t taken = recv(connection, buffer + received, length - received, 0);
        if (taken <= 0)
            return 0;
        received += (size_t)taken;
    }
    return 1;
}

static void send_bytes(int connection, size_t length)
{
    if (send(connection, buffer, length, MSG_NOSIGNAL) != (ssize_t)length)
        give_up("send");
}

static void serve(int listener, size_t request, size_t reply)
{
    int connection = accept(listener, NULL, NULL);

    if (connection < 0)
        give_up("accept");
    without_delay(connection);
    while (receive(connection, request))
        send_bytes(connection, reply);
}

static int listen_anywhere(struct sockaddr_in *address)
{
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    socklen_t length = sizeof *address;

    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)address, sizeof *address) != 0 ||
        listen(listener, 1) != 0 || getsockname(listener, (struct sockaddr *)address, &length) != 0)
        give_up("listen");
    return listener;
}

static void round_trip(int connection, size_t request, size_t reply)
{
    send_bytes(connection, request);
    if (!receive(connection, reply)) {
        fprintf(stderr, "the server went away\n");
        exit(1);
    }
}

static void measure(const struct sockaddr_in *address, size_t request, size_t reply, long count, long warm_up)
{
    int64_t *times = allocate_or_exit((size_t)count * sizeof *times);
    int connection = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    int64_t begun;
    long i;

    if (connection < 0 || connect(connection, (const struct sockaddr *)address, sizeof *address) != 0)
        give_up("connect");
    without_delay(connection);
    for (i = 0; i < warm_up; i++)
        round_trip(connection, request, reply);
    begun = now_ns();
    for (i = 0; i < count; i++) {
        int64_t start = now_ns();
        round_trip(connection, request, reply);
        times[i] = now_ns() - start;
    }
    printf("{");
    print_latencies(times, count, now_ns() - begun);
    printf("}\n");
    close(connection);
    free(times);
}

int main(int argc, char **argv)
{
    long request = argc == 5 ? atol(argv[1]) : 0, reply = argc == 5 ? atol(argv[2]) : 0;
    long count = argc == 5 ? atol(argv[3]) : 0, warm_up = argc == 5 ? atol(argv[4]) : 0;
    struct sockaddr_in address;
    int listener, status;
    pid_t server;

    if (request < 1 || request > MOST_BYTES || reply < 1 || reply > MOST_BYTES || count < 1 || warm_up < 0) {
        fprintf(stderr, "usage: echo REQUEST_BYTES REPLY_BYTES ROUND_TRIPS WARM_UP\n");
        return 64;
    }
    listener = listen_anywhere(&address);
    server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener, (size_t)request, (size_t)reply);
        _exit(0);
    }
    if (server < 0)
        give_up("fork");
    measure(&address, (size_t)request, (size_t)reply, count, warm_up);
    return waitpid(server, &status, 0) != server || status != 0;
}
