/* thief ADDRESS HOW: takes a free port of this address, prints it, and waits for
 * one who thinks that it is the bridge.
 * HOW: accept, or "queue" (never accept), or "hide" (accept, then listen no more).
 * At the end of its input it prints how many bytes it was sent. */
#define _GNU_SOURCE
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_at(const char *address)
{
    struct addrinfo wanted = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char port[8];
    int made;

    if (getaddrinfo(address, "0", &wanted, &found) != 0)
        return -1;
    made = socket(found->ai_family, SOCK_STREAM, 0);
    if (bind(made, found->ai_addr, found->ai_addrlen) != 0 || listen(made, 16) != 0 ||
        getsockname(made, (struct sockaddr *)&bound, &length) != 0 ||
        getnameinfo((struct sockaddr *)&bound, length, NULL, 0, port, sizeof port, NI_NUMERICSERV) != 0)
        return -1;
    freeaddrinfo(found);
    printf("%s\n", port);
    fflush(stdout);
    return made;
}

int main(int count, char **given)
{
    int listening = count > 2 ? listen_at(given[1]) : -1, stolen = 0;
    struct pollfd watched[] = {{0, POLLIN, 0}, {listening, POLLIN, 0}};
    int accepting = count > 2 && strcmp(given[2], "queue") != 0;
    char bytes[4096];

    if (listening < 0)
        return 1;
    while (poll(watched, accepting ? 2 : 1, -1) > 0 && watched[0].revents == 0) {
        int caller = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
        if (strcmp(given[2], "hide") == 0) {
            close(listening);
            watched[1].fd = -1;
        }
        usleep(300000);
        long got = read(caller, bytes, sizeof bytes);
        stolen += got > 0 ? (int)got : 0;
    }
    printf("%d\n", stolen);
    return 0;
}
