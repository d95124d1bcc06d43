#include "greeting.h"

#include <string.h>

#include "identity.h"
#include "peer.h"
#include "sha256.h"
#include "wire.h"

#define NONCE 32u

static const char of_bridge[] = "CSHB 2 bridge", of_library[] = "CSHB 2 library";

static void put_end(struct cshis_bytes *frame, const struct cshis_end *end)
{
    cshis_put(frame, end->host, sizeof end->host);
    cshis_put_u16(frame, end->port);
}

static void put_start(struct cshis_bytes *frame)
{
    uint64_t start = cshis_process_start();

    cshis_put_u32(frame, (uint32_t)(start & 0xFFFFFFFFu));
    cshis_put_u32(frame, (uint32_t)(start >> 32));
}

static bool put_hello(struct cshis_bytes *frame, cshis_socket socket)
{
    struct cshis_end bridge;
    uint8_t nonce[NONCE];

    if (!cshis_end_there(socket, &bridge) || !cshis_random(nonce, sizeof nonce))
        return false;
    cshis_put_header(frame, CSHIS_HELLO_FRAME, 0);
    cshis_put(frame, nonce, sizeof nonce);
    cshis_put_u32(frame, (uint32_t)cshis_process());
    put_start(frame);
    put_end(frame, &bridge);
    return cshis_end_frame(frame);
}

static void prove(const uint8_t *token, const char *label, const struct cshis_bytes *hello,
                  const uint8_t *nonce, uint8_t *proof)
{
    struct cshis_hmac hmac;

    cshis_hmac_begin(&hmac, token, CSHIS_TOKEN);
    cshis_hmac_add(&hmac, label, strlen(label));
    cshis_hmac_add(&hmac, hello->data + CSHIS_HEADER, hello->length - CSHIS_HEADER);
    cshis_hmac_add(&hmac, nonce, NONCE);
    cshis_hmac_end(&hmac, proof);
}

/* The time it takes does not tell where they differ. */
static bool same(const uint8_t *one, const uint8_t *other, size_t length)
{
    unsigned differing = 0;
    size_t i;

    for (i = 0; i < length; i++)
        differing |= (unsigned)(one[i] ^ other[i]);
    return differing == 0;
}

/* The bridge's nonce in its welcome, NULL where it has not proved itself. */
static const uint8_t *check_welcome(const uint8_t *token, const struct cshis_bytes *hello,
                                    const struct cshis_bytes *welcome, const struct cshis_header *header)
{
    const uint8_t *nonce = welcome->data + CSHIS_HEADER;
    uint8_t proof[CSHIS_DIGEST];

    if (header->kind != CSHIS_WELCOME_FRAME || header->length != NONCE + CSHIS_DIGEST)
        return NULL;
    prove(token, of_bridge, hello, nonce, proof);
    return same(proof, nonce + NONCE, sizeof proof) ? nonce : NULL;
}

static bool send_proof(cshis_socket socket, const uint8_t *token, const struct cshis_bytes *hello,
                       const uint8_t *nonce, int64_t deadline)
{
    struct cshis_bytes frame = {0};
    uint8_t proof[CSHIS_DIGEST];
    bool sent;

    prove(token, of_library, hello, nonce, proof);
    cshis_put_header(&frame, CSHIS_PROOF_FRAME, 0);
    cshis_put(&frame, proof, sizeof proof);
    sent = cshis_end_frame(&frame) && cshis_send_all(socket, frame.data, frame.length, deadline);
    cshis_release(&frame);
    return sent;
}

static enum cshis_greeted answer(cshis_socket socket, const uint8_t *token, const struct cshis_bytes *hello,
                                 int64_t deadline)
{
    enum cshis_greeted greeted = CSHIS_NOT_GREETED;
    struct cshis_bytes welcome = {0};
    struct cshis_header header;
    const uint8_t *nonce = NULL;

    if (!cshis_receive_frame(socket, &welcome, &header, deadline))
        greeted = CSHIS_NOT_GREETED;
    else if (cshis_is_eviction(&header))
        greeted = CSHIS_SENT_AWAY;
    else
        nonce = check_welcome(token, hello, &welcome, &header);
    if (nonce != NULL && send_proof(socket, token, hello, nonce, deadline))
        greeted = CSHIS_GREETED;
    cshis_release(&welcome);
    return greeted;
}

enum cshis_greeted cshis_greet(cshis_socket socket, const uint8_t token[CSHIS_TOKEN], int64_t deadline)
{
    static const uint8_t none[CSHIS_TOKEN] = {0};
    enum cshis_greeted greeted = CSHIS_NOT_GREETED;
    struct cshis_bytes hello = {0};

    if (memcmp(token, none, sizeof none) == 0 && !cshis_peer_is_trusted(socket))
        return CSHIS_NOT_GREETED;
    if (put_hello(&hello, socket) && cshis_send_all(socket, hello.data, hello.length, deadline))
        greeted = answer(socket, token, &hello, deadline);
    cshis_release(&hello);
    return greeted;
}
