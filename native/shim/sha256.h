/* SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104). */
#ifndef CSHIS_SHA256_H
#define CSHIS_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define CSHIS_DIGEST 32u
#define CSHIS_SHA256_BLOCK 64u

struct cshis_sha256 {
    uint32_t state[8];
    uint64_t length;
    uint8_t block[CSHIS_SHA256_BLOCK];
};

void cshis_sha256_begin(struct cshis_sha256 *hash);
void cshis_sha256_add(struct cshis_sha256 *hash, const void *data, size_t length);
void cshis_sha256_end(struct cshis_sha256 *hash, uint8_t digest[CSHIS_DIGEST]);

struct cshis_hmac {
    struct cshis_sha256 inner;
    uint8_t outer_key[CSHIS_SHA256_BLOCK];
};

void cshis_hmac_begin(struct cshis_hmac *hmac, const uint8_t *key, size_t length);
void cshis_hmac_add(struct cshis_hmac *hmac, const void *data, size_t length);
void cshis_hmac_end(struct cshis_hmac *hmac, uint8_t digest[CSHIS_DIGEST]);

#endif
