/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by lib/store*.c alone: the connection, its statements, and the few verbs that all queries
 * are made of.
 */
#ifndef PLANWATCH_STORE_PRIVATE_H
#define PLANWATCH_STORE_PRIVATE_H

#include "planwatch/store.h"

#include <sqlite3.h>

/* An event's sequence number: its observation's id, and its ordinal in it (a plan of 4 MiB has
 * under 2^20 items). */
#define ORDINAL_BITS 20

struct store {
	sqlite3 *db;
	char *path;
	int lock;			 /* the writer's lock; -1 for a reader */
	int64_t observation, ordinal;	 /* where the next event goes */
	void *compressor, *decompressor; /* ZSTD_CCtx, ZSTD_DCtx; made at first use */
	struct kept {
		int64_t content; /* 0 for nothing */
		void *value;
		void (*done)(void *value);
	} kept;
	struct cached {
		const char *sql; /* the literal's own address is the key */
		sqlite3_stmt *statement;
	} * cache;
	size_t cached, cache_size;
};

extern const char *const store_migrations[];
extern const int store_migration_count;

/*
 * The statement for a string literal, prepared once and kept (SQLITE_PREPARE_PERSISTENT), reset and
 * with all values bound. The format has one letter a value: i int64, z int64 with 0 as NULL, n
 * int64 with -1 as NULL, u instant with INSTANT_NONE as NULL, t text or NULL, b blob (pointer,
 * size_t). Values must stay as they are until the statement is reset. NULL on error.
 */
sqlite3_stmt *store_query(struct store *store, struct error *error, const char *sql,
			  const char *format, ...);

/* 1 a row is there, 0 the end (the statement is reset), negative errno (it is reset). */
int store_step(struct store *store, sqlite3_stmt *statement, struct error *error);

/* store_query() and store_step() for statements without rows. Returns 0 or a negative errno. */
#define store_run(store, error, ...) \
	store_finish(store, store_query(store, error, __VA_ARGS__), error)
int store_finish(struct store *store, sqlite3_stmt *statement, struct error *error);

/* SQLite's error as ours: the code and a sentence that says what to do. */
int store_fail(struct store *store, int rc, struct error *error);

/*
 * A database may be damaged, or made by somebody else, whatever its schema says: what is handed out keeps to store.h all the same. Texts
 * belong to the statement until its next step.
 */
usec_t store_column_instant(sqlite3_stmt *statement,
			    int column); /* years 0 to 9999; INSTANT_NONE */
char *store_column_text(sqlite3_stmt *statement, int column);
char *store_column_required(sqlite3_stmt *statement, int column); /* "" instead of NULL */
int64_t store_column_seconds(sqlite3_stmt *statement,
			     int column); /* -1 to a hundred years; 0 for NULL */
int store_column_choice(sqlite3_stmt *statement, int column, int count, int otherwise);

/* The id of a text in `texts`, which keeps each once; 0 for NULL. Negative errno. */
int64_t store_text_put(struct store *store, const char *text, struct error *error);

static inline void cleanup_statement_pointer(sqlite3_stmt *const *statement)
{
	(void)sqlite3_reset(*statement);
}
/* A statement whose rows may not be read to the end. */
#define cleanup_statement cleanup(cleanup_statement_pointer)

#endif
