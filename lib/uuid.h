/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities made of names: RFC 4122 version 5, so that an item that is exported again is known again by whoever imported it. SHA-1
 * (RFC 3174) is our own, because nothing that we link has it, and it guards nothing here.
 */
#ifndef LIB_UUID_H
#define LIB_UUID_H

/* "xxxxxxxx-xxxx-5xxx-yxxx-xxxxxxxxxxxx" and its NUL. */
#define UUID_MAX 37

/* Of a URL, within RFC 4122's name space of URLs. Returns `out`. */
const char *uuid_from_url(const char *url, char out[static UUID_MAX]);

#endif
