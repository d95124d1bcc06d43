#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "peer_linux.h"

#ifdef __linux__

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENING 10
#define V4_AT 12 /* in an address of IPv6 that stands for one of IPv4 */

struct question {
    struct nlmsghdr head;
    struct inet_diag_req_v2 body;
};

union answer {
    struct nlmsghdr head;
    char room[4096];
};

static void put_host(__be32 *to, const struct cshis_end *end, bool v4)
{
    memcpy(to, end->host + (v4 ? V4_AT : 0), v4 ? 4 : sizeof end->host);
}

/* remote: NULL asks for the socket that listens there. */
static void make_question(struct question *question, const struct cshis_end *local,
                          const struct cshis_end *remote)
{
    bool v4 = cshis_is_v4(local);

    memset(question, 0, sizeof *question);
    question->head.nlmsg_len = sizeof *question;
    question->head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question->head.nlmsg_flags = NLM_F_REQUEST;
    question->body.sdiag_family = v4 ? AF_INET : AF_INET6;
    question->body.sdiag_protocol = IPPROTO_TCP;
    question->body.idiag_states = ~0u;
    question->body.id.idiag_cookie[0] = question->body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    put_host(question->body.id.idiag_src, local, v4);
    question->body.id.idiag_sport = htons((uint16_t)local->port);
    if (remote == NULL)
        return;
    put_host(question->body.id.idiag_dst, remote, v4);
    question->body.id.idiag_dport = htons((uint16_t)remote->port);
}

static void take_end(struct cshis_end *end, const __be32 *host, __be16 port, bool v4)
{
    static const uint8_t prefix[V4_AT] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

    memcpy(end->host, prefix, sizeof prefix);
    memcpy(end->host + (v4 ? V4_AT : 0), host, v4 ? 4 : sizeof end->host);
    end->port = ntohs(port);
}

static void take_row(struct cshis_owned_row *taken, const struct inet_diag_msg *told)
{
    bool v4 = told->idiag_family == AF_INET;

    take_end(&taken->row.local, told->id.idiag_src, told->id.idiag_sport, v4);
    take_end(&taken->row.remote, told->id.idiag_dst, told->id.idiag_dport, v4);
    taken->row.listening = told->idiag_state == LISTENING;
    taken->owner = told->idiag_uid;
}

/* 1: there is such a socket, 0: there is none, -1: no answer. */
static int ask(int link, const struct question *question, struct cshis_owned_row *row)
{
    union answer answer;
    ssize_t length;

    if (send(link, question, sizeof *question, 0) != (ssize_t)sizeof *question)
        return -1;
    length = recv(link, &answer, sizeof answer, MSG_DONTWAIT);
    if (length < 0 || !NLMSG_OK(&answer.head, (size_t)length))
        return -1;
    if (answer.head.nlmsg_type == SOCK_DIAG_BY_FAMILY &&
        answer.head.nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
        take_row(row, NLMSG_DATA(&answer.head));
        return 1;
    }
    if (answer.head.nlmsg_type == NLMSG_ERROR &&
        answer.head.nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)) &&
        ((const struct nlmsgerr *)NLMSG_DATA(&answer.head))->error == -ENOENT)
        return 0;
    return -1;
}

int cshis_ask_for_sockets(const struct cshis_search *search, struct cshis_owned_row rows[2])
{
    int link = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    struct question question;
    int joined, listening;

    if (link < 0)
        return -1;
    make_question(&question, &search->there, &search->here);
    joined = ask(link, &question, rows);
    make_question(&question, &search->there, NULL);
    listening = joined < 0 ? -1 : ask(link, &question, rows + joined);
    close(link);
    return listening < 0 ? -1 : joined + listening;
}

#else

int cshis_ask_for_sockets(const struct cshis_search *search, struct cshis_owned_row rows[2])
{
    (void)search;
    (void)rows;
    return -1;
}

#endif
