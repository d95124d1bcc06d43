#include "sha256.h"

#include <string.h>

#define ROUNDS 64
#define LENGTH_AT (CSHIS_SHA256_BLOCK - 8u)

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* Of the square roots of the first 8 primes. */
static const uint32_t first_state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static uint32_t rotated(uint32_t word, unsigned by)
{
    return word >> by | word << (32 - by);
}

static void spread(const uint8_t *block, uint32_t words[ROUNDS])
{
    unsigned i;

    for (i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (; i < ROUNDS; i++) {
        uint32_t early = words[i - 15], late = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (rotated(early, 7) ^ rotated(early, 18) ^ early >> 3) +
                   (rotated(late, 17) ^ rotated(late, 19) ^ late >> 10);
    }
}

/* s holds the letters a to h of the standard. */
static void do_round(uint32_t s[8], uint32_t word)
{
    uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    uint32_t first = s[7] + (rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)) + choice + word;
    uint32_t second = (rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)) + majority;

    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += first;
    s[0] = first + second;
}

static void take_block(struct cshis_sha256 *hash)
{
    uint32_t words[ROUNDS], state[8];
    unsigned i;

    spread(hash->block, words);
    memcpy(state, hash->state, sizeof state);
    for (i = 0; i < ROUNDS; i++)
        do_round(state, constants[i] + words[i]);
    for (i = 0; i < 8; i++)
        hash->state[i] += state[i];
}

void cshis_sha256_begin(struct cshis_sha256 *hash)
{
    memcpy(hash->state, first_state, sizeof hash->state);
    hash->length = 0;
}

void cshis_sha256_add(struct cshis_sha256 *hash, const void *data, size_t length)
{
    const uint8_t *byte = data;

    while (length-- > 0) {
        hash->block[hash->length++ % CSHIS_SHA256_BLOCK] = *byte++;
        if (hash->length % CSHIS_SHA256_BLOCK == 0)
            take_block(hash);
    }
}

static void put_big_endian(uint8_t *to, uint64_t value, unsigned width)
{
    while (width-- > 0) {
        to[width] = (uint8_t)(value & 0xFFu);
        value >>= 8;
    }
}

void cshis_sha256_end(struct cshis_sha256 *hash, uint8_t digest[CSHIS_DIGEST])
{
    uint64_t bits = hash->length * 8;
    uint8_t length[8];
    unsigned i;

    cshis_sha256_add(hash, "\x80", 1);
    while (hash->length % CSHIS_SHA256_BLOCK != LENGTH_AT)
        cshis_sha256_add(hash, "", 1);
    put_big_endian(length, bits, sizeof length);
    cshis_sha256_add(hash, length, sizeof length);
    for (i = 0; i < 8; i++)
        put_big_endian(digest + 4 * i, hash->state[i], 4);
}

void cshis_hmac_begin(struct cshis_hmac *hmac, const uint8_t *key, size_t length)
{
    uint8_t inner_key[CSHIS_SHA256_BLOCK] = {0};
    unsigned i;

    if (length > sizeof inner_key) {
        cshis_sha256_begin(&hmac->inner);
        cshis_sha256_add(&hmac->inner, key, length);
        cshis_sha256_end(&hmac->inner, inner_key);
    } else {
        memcpy(inner_key, key, length);
    }
    for (i = 0; i < sizeof inner_key; i++) {
        hmac->outer_key[i] = inner_key[i] ^ 0x5C;
        inner_key[i] ^= 0x36;
    }
    cshis_sha256_begin(&hmac->inner);
    cshis_sha256_add(&hmac->inner, inner_key, sizeof inner_key);
}

void cshis_hmac_add(struct cshis_hmac *hmac, const void *data, size_t length)
{
    cshis_sha256_add(&hmac->inner, data, length);
}

void cshis_hmac_end(struct cshis_hmac *hmac, uint8_t digest[CSHIS_DIGEST])
{
    cshis_sha256_end(&hmac->inner, digest);
    cshis_sha256_begin(&hmac->inner);
    cshis_sha256_add(&hmac->inner, hmac->outer_key, sizeof hmac->outer_key);
    cshis_sha256_add(&hmac->inner, digest, CSHIS_DIGEST);
    cshis_sha256_end(&hmac->inner, digest);
}
