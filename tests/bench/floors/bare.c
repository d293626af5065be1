/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare DB SQL: opens a database, prints what one query finds, separated by tabs, and ends: the least that an answer of planctl can
 * cost. It links nothing but SQLite.
 */
#include <sqlite3.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	sqlite3 *db;
	sqlite3_stmt *query;

	if (argc != 3 ||
	    sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ||
	    sqlite3_prepare_v2(db, argv[2], -1, &query, NULL)) {
		(void)fputs("bare DB SQL\n", stderr);
		return 2;
	}
	while (sqlite3_step(query) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(query); i++)
			(void)printf("%s%c", (const char *)sqlite3_column_text(query, i),
				     i + 1 < sqlite3_column_count(query) ? '\t' : '\n');
	(void)sqlite3_finalize(query);
	(void)sqlite3_close(db);
	return 0;
}
