/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uuid.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct sha1 {
	uint32_t state[5];
	uint64_t length; /* bytes so far */
	uint8_t block[64];
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
	return word << bits | word >> (32 - bits);
}

/* RFC 3174, 6.1 */
static void digest_block(struct sha1 *sha)
{
	uint32_t w[80], a = sha->state[0], b = sha->state[1], c = sha->state[2], d = sha->state[3],
			e = sha->state[4];

	for (size_t t = 0; t < 16; t++)
		w[t] = (uint32_t)sha->block[t * 4] << 24 | (uint32_t)sha->block[t * 4 + 1] << 16 |
		       (uint32_t)sha->block[t * 4 + 2] << 8 | sha->block[t * 4 + 3];
	for (size_t t = 16; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (size_t t = 0; t < 80; t++) {
		uint32_t f = t < 20   ? ((b & c) | (~b & d)) + 0x5A827999
			     : t < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
			     : t < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
				      : (b ^ c ^ d) + 0xCA62C1D6;
		uint32_t next = rotate(a, 5) + f + e + w[t];
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	sha->state[0] += a;
	sha->state[1] += b;
	sha->state[2] += c;
	sha->state[3] += d;
	sha->state[4] += e;
}

static void add(struct sha1 *sha, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		sha->block[sha->length++ % 64] = bytes[i];
		if (sha->length % 64 == 0)
			digest_block(sha);
	}
}

static void start(struct sha1 *sha)
{
	*sha = (struct sha1){
		.state = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 },
	};
}

static void finish(struct sha1 *sha, uint8_t ret[static 20])
{
	static const uint8_t padding[64] = { 0x80 };
	uint64_t bits = sha->length * 8;
	uint8_t tail[8];

	for (size_t i = 0; i < 8; i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	add(sha, padding, 1 + (119 - sha->length % 64) % 64);
	add(sha, tail, sizeof(tail));
	for (size_t i = 0; i < 20; i++)
		ret[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

const char *uuid_from_url(const char *url, char out[static UUID_MAX])
{
	/* RFC 4122, appendix C */
	static const uint8_t url_space[16] = { 0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
					       0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };
	uint8_t hash[20];
	struct sha1 sha;

	start(&sha);
	add(&sha, url_space, sizeof(url_space));
	add(&sha, (const uint8_t *)url, strlen(url));
	finish(&sha, hash);
	hash[6] = (uint8_t)((hash[6] & 0x0F) | 0x50);
	hash[8] = (uint8_t)((hash[8] & 0x3F) | 0x80);
	char *at = out;
	for (size_t i = 0; i < 16; i++)
		at += snprintf(at, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       hash[i]);
	return out;
}
