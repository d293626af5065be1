/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's writing side for what was read: roots, files, contents, observations, events. */
#include "store_private.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

/* Plans are small and saves frequent: the fastest level keeps three quarters of what the default
 * would save. */
#define COMPRESSION_LEVEL 1

/* ---- Roots ---- */

int store_root_add(struct store *store, const char *path, usec_t at, struct error *error)
{
	return store_run(store, error, "INSERT INTO roots VALUES (?, ?) ON CONFLICT DO NOTHING",
			 "ti", path, at);
}

int store_root_remove(struct store *store, const char *path, struct error *error)
{
	int r = store_run(store, error, "DELETE FROM roots WHERE path = ?", "t", path);

	if (r == 0 && sqlite3_changes(store->db) == 0)
		return error_set(error, -ENOENT,
				 "%s: not a registered root; `planctl roots` lists them", path);
	return r;
}

int store_roots(struct store *store, int (*each)(void *userdata, const char *path, usec_t added_at),
		void *userdata, struct error *error)
{
	cleanup_statement sqlite3_stmt *statement =
	    store_query(store, error, "SELECT path, added_at FROM roots ORDER BY path", "");
	int r;

	while ((r = store_step(store, statement, error)) > 0) {
		int stop = each(userdata, store_column_required(statement, 0),
				store_column_instant(statement, 1));
		if (stop)
			return stop;
	}
	return r;
}

/* ---- Files ---- */

#define FILE_COLUMNS                                                              \
	"id, path, present, watched, coalesce(content, 0), coalesce(context, 0)," \
	" coalesce(device, 0), coalesce(inode, 0)"

static struct file_row file_of(sqlite3_stmt *statement)
{
	return (struct file_row){
		.id = sqlite3_column_int64(statement, 0),
		.path = store_column_required(statement, 1),
		.present = sqlite3_column_int(statement, 2),
		.watched = sqlite3_column_int(statement, 3),
		.content = sqlite3_column_int64(statement, 4),
		.context = sqlite3_column_int64(statement, 5),
		.device = sqlite3_column_int64(statement, 6),
		.inode = sqlite3_column_int64(statement, 7),
	};
}

void file_row_done(struct file_row *row)
{
	free(row->path);
	row->path = NULL;
}

int store_file_by_path(struct store *store, const char *path, struct file_row *ret,
		       struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error, "SELECT " FILE_COLUMNS " FROM files WHERE path = ?", "t", path);
	int r = store_step(store, statement, error);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = file_of(statement);
	ret->path = strdup(path);
	return ret->path ? 0 : error_set(error, -ENOMEM, "out of memory");
}

static int walk_files(struct store *store, sqlite3_stmt *query,
		      int (*each)(void *userdata, const struct file_row *row), void *userdata,
		      struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = query;
	int r;

	while ((r = store_step(store, statement, error)) > 0) {
		struct file_row row = file_of(statement);
		int stop = each(userdata, &row);
		if (stop)
			return stop;
	}
	return r;
}

int store_files(struct store *store, int (*each)(void *userdata, const struct file_row *row),
		void *userdata, struct error *error)
{
	return walk_files(
	    store,
	    store_query(store, error, "SELECT " FILE_COLUMNS " FROM files ORDER BY path", ""), each,
	    userdata, error);
}

int store_files_below(struct store *store, const char *path,
		      int (*each)(void *userdata, const struct file_row *row), void *userdata,
		      struct error *error)
{
	cleanup_free char *from = NULL, *to = NULL;
	const char *whole = strcmp(path, "/") == 0 ? "" : path;

	/* '0' comes right after '/', so that the index of the paths has them all in one place. */
	if (asprintf(&from, "%s/", whole) < 0 || asprintf(&to, "%s0", whole) < 0)
		return error_set(error, -ENOMEM, "out of memory");
	return walk_files(store,
			  store_query(store, error,
				      "SELECT " FILE_COLUMNS
				      " FROM files WHERE path = ? OR (path >= ? AND path < ?)",
				      "ttt", path, from, to),
			  each, userdata, error);
}

static int64_t hash_of(const char *bytes, size_t length)
{
	return (int64_t)XXH3_64bits(bytes, length);
}

int store_files_of(struct store *store, const char *bytes, size_t length,
		   int (*each)(void *userdata, const struct file_row *row), void *userdata,
		   struct error *error)
{
	return walk_files(store,
			  store_query(store, error,
				      "SELECT " FILE_COLUMNS " FROM files WHERE content IN"
				      " (SELECT id FROM contents WHERE hash = ? AND size = ?)",
				      "ii", hash_of(bytes, length), (int64_t)length),
			  each, userdata, error);
}

int store_file_put(struct store *store, struct file_row *row, struct error *error)
{
	int r = store_run(
	    store, error,
	    "INSERT INTO files (id, path, present, watched, content, context, device, inode)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
	    " (path, present, watched, content, context, device, inode) = (excluded.path,"
	    " excluded.present, excluded.watched, excluded.content, excluded.context,"
	    " excluded.device, excluded.inode)",
	    "ztiizzzz", row->id, row->path, (int64_t)row->present, (int64_t)row->watched,
	    row->content, row->context, row->device, row->inode);

	if (r == 0 && row->id == 0)
		row->id = sqlite3_last_insert_rowid(store->db);
	return r;
}

/* ---- Contents ---- */

static int decompress(struct store *store, sqlite3_stmt *statement, int blob_column, size_t size,
		      char **ret, struct error *error)
{
	cleanup_free char *bytes = malloc(size + 1);
	size_t n;

	if (!store->decompressor)
		store->decompressor = ZSTD_createDCtx();
	if (!bytes || !store->decompressor)
		return error_set(error, -ENOMEM, "out of memory");
	n = ZSTD_decompressDCtx(store->decompressor, bytes, size,
				sqlite3_column_blob(statement, blob_column),
				(size_t)sqlite3_column_bytes(statement, blob_column));
	if (n != size)
		return error_set(error, -EBADMSG, "%s: a stored revision is damaged (%s)",
				 store->path,
				 ZSTD_isError(n) ? ZSTD_getErrorName(n) : "wrong length");
	bytes[size] = '\0';
	*ret = take(bytes);
	return 0;
}

int store_content_get(struct store *store, int64_t id, char **ret_bytes, size_t *ret_length,
		      struct error *error)
{
	cleanup_statement sqlite3_stmt *statement =
	    store_query(store, error, "SELECT size, zstd FROM contents WHERE id = ?", "i", id);
	int r = store_step(store, statement, error);

	if (r <= 0)
		return r < 0 ? r
			     : error_set(error, -EBADMSG, "%s: revision content %ld is missing",
					 store->path, (long)id);
	/* The reader refuses larger files, so a larger size is damage, not something to allocate.
	 */
	int64_t size = sqlite3_column_int64(statement, 0);
	if (size < 0 || size > (int64_t)PLAN_SIZE_MAX)
		return error_set(error, -EBADMSG, "%s: revision content %ld has an impossible size",
				 store->path, (long)id);
	*ret_length = (size_t)size;
	return decompress(store, statement, 1, *ret_length, ret_bytes, error);
}

/* 1 and the id where these bytes are kept already. */
static int find_content(struct store *store, int64_t hash, const char *bytes, size_t length,
			int64_t *ret_id, struct error *error)
{
	cleanup_statement sqlite3_stmt *statement =
	    store_query(store, error, "SELECT id, zstd FROM contents WHERE hash = ? AND size = ?",
			"ii", hash, (int64_t)length);
	int r;

	while ((r = store_step(store, statement, error)) > 0) {
		cleanup_free char *kept = NULL;

		r = decompress(store, statement, 1, length, &kept, error);
		if (r < 0)
			return r;
		if (memcmp(kept, bytes, length) == 0) {
			*ret_id = sqlite3_column_int64(statement, 0);
			return 1;
		}
	}
	return r;
}

int store_content_put(struct store *store, const char *bytes, size_t length, int64_t *ret_id,
		      struct error *error)
{
	int64_t hash = hash_of(bytes, length);
	size_t bound = ZSTD_compressBound(length), n;
	cleanup_free void *compressed = NULL;
	int r = find_content(store, hash, bytes, length, ret_id, error);

	if (r != 0)
		return r < 0 ? r : 0;
	compressed = malloc(bound);
	if (!store->compressor)
		store->compressor = ZSTD_createCCtx();
	if (!compressed || !store->compressor)
		return error_set(error, -ENOMEM, "out of memory");
	n = ZSTD_compressCCtx(store->compressor, compressed, bound, bytes, length,
			      COMPRESSION_LEVEL);
	if (ZSTD_isError(n))
		return error_set(error, -EIO, "cannot compress a revision: %s",
				 ZSTD_getErrorName(n));
	r = store_run(store, error, "INSERT INTO contents (hash, size, zstd) VALUES (?, ?, ?)",
		      "iib", hash, (int64_t)length, compressed, n);
	*ret_id = sqlite3_last_insert_rowid(store->db);
	return r;
}

int store_content_equals(struct store *store, int64_t id, const char *bytes, size_t length,
			 struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error, "SELECT zstd FROM contents WHERE id = ? AND hash = ? AND size = ?", "iii",
	    id, hash_of(bytes, length), (int64_t)length);
	cleanup_free char *kept = NULL;
	int r = store_step(store, statement, error);

	if (r > 0 && (r = decompress(store, statement, 0, length, &kept, error)) == 0)
		r = memcmp(kept, bytes, length) == 0;
	return r;
}

/* ---- Observations and events ---- */

/* Ids are positive; one that is not would be taken for a failure. */
static int64_t checked(struct store *store, int64_t id, struct error *error)
{
	return id > 0 ? id
		      : error_set(error, -EBADMSG, "%s: the database is damaged (an impossible id)",
				  store->path);
}

int64_t store_text_put(struct store *store, const char *text, struct error *error)
{
	sqlite3_stmt *statement;
	int64_t id;
	int r;

	if (!text)
		return 0;
	statement = store_query(store, error, "SELECT id FROM texts WHERE text = ?", "t", text);
	r = store_step(store, statement, error);
	if (r > 0) {
		id = sqlite3_column_int64(statement, 0);
		(void)sqlite3_reset(statement);
		return checked(store, id, error);
	}
	if (r == 0)
		r = store_run(store, error, "INSERT INTO texts (text) VALUES (?)", "t", text);
	return r < 0 ? r : checked(store, sqlite3_last_insert_rowid(store->db), error);
}

int64_t store_context_put(struct store *store, const char *repo, const char *branch,
			  const char *commit, struct error *error)
{
	sqlite3_stmt *statement;
	int64_t id;
	int r;

	if (!repo)
		return 0;
	branch = branch ? branch : "";
	commit = commit ? commit : "";
	statement = store_query(
	    store, error, "SELECT id FROM contexts WHERE repo = ? AND branch = ? AND commit_id = ?",
	    "ttt", repo, branch, commit);
	r = store_step(store, statement, error);
	if (r > 0) {
		id = sqlite3_column_int64(statement, 0);
		(void)sqlite3_reset(statement);
		return checked(store, id, error);
	}
	if (r == 0)
		r = store_run(store, error,
			      "INSERT INTO contexts (repo, branch, commit_id) VALUES (?, ?, ?)",
			      "ttt", repo, branch, commit);
	return r < 0 ? r : checked(store, sqlite3_last_insert_rowid(store->db), error);
}

int store_context_is(struct store *store, int64_t context, const char *repo, const char *branch,
		     struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error, "SELECT 1 FROM contexts WHERE id = ? AND repo = ? AND branch = ?", "itt",
	    context, repo, branch ? branch : "");

	return store_step(store, statement, error);
}

int store_context_differs(struct store *store, int64_t context, const char *repo,
			  const char *branch, struct error *error)
{
	cleanup_statement sqlite3_stmt *statement =
	    store_query(store, error, "SELECT branch <> ? FROM contexts WHERE id = ? AND repo = ?",
			"tit", branch ? branch : "", context, repo);
	int r = store_step(store, statement, error);

	return r > 0 ? sqlite3_column_int(statement, 0) : r;
}

/* CROSS JOIN: from the newest observation backwards, which ends soon for a tree that is worked in. */
int store_branch_of(struct store *store, const char *repo, char **ret, struct error *error)
{
	cleanup_statement sqlite3_stmt *statement = store_query(
	    store, error,
	    "SELECT c.branch FROM observations o CROSS JOIN contexts c ON c.id = o.context"
	    " WHERE c.repo = ? ORDER BY o.id DESC LIMIT 1",
	    "t", repo);
	int r = store_step(store, statement, error);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = strdup(store_column_required(statement, 0));
	return *ret ? 0 : error_set(error, -ENOMEM, "out of memory");
}

int store_observation_on(struct store *store, int64_t file, const char *repo, const char *branch,
			 struct observation *ret, struct error *error)
{
	cleanup_statement sqlite3_stmt *s = store_query(
	    store, error,
	    "SELECT o.id, o.at, coalesce(o.content, 0) FROM observations o JOIN contexts c"
	    " ON c.id = o.context WHERE o.file = ? AND c.repo = ? AND c.branch = ?"
	    " ORDER BY o.id DESC LIMIT 1",
	    "itt", file, repo, branch);
	int r = store_step(store, s, error);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = (struct observation){ .id = sqlite3_column_int64(s, 0),
				     .at = store_column_instant(s, 1),
				     .content = sqlite3_column_int64(s, 2),
				     .file = file };
	return 0;
}

int store_observation_with(struct store *store, int64_t file, const char *bytes, size_t length,
			   struct observation *ret, struct error *error)
{
	int64_t content;
	int r = find_content(store, hash_of(bytes, length), bytes, length, &content, error);
	cleanup_statement sqlite3_stmt *s = NULL;

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	s = store_query(store, error,
			"SELECT id, at FROM observations WHERE file = ? AND content = ?"
			" ORDER BY id DESC LIMIT 1",
			"ii", file, content);
	r = store_step(store, s, error);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret = (struct observation){ .id = sqlite3_column_int64(s, 0),
				     .at = store_column_instant(s, 1),
				     .content = content,
				     .file = file };
	return 0;
}

int store_import_bounds(struct store *store, int64_t file, struct import_bounds *ret,
			struct error *error)
{
	cleanup_statement sqlite3_stmt *s =
	    store_query(store, error,
			"SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM observations", "");
	int r = store_step(store, s, error);

	if (r <= 0)
		return r;
	*ret = (struct import_bounds){ .lowest = sqlite3_column_int64(s, 0),
				       .highest = sqlite3_column_int64(s, 1) };
	(void)sqlite3_reset(s);
	s = store_query(store, error,
			"SELECT max(at) FROM observations WHERE file = ? AND origin = ?", "ii",
			file, (int64_t)ORIGIN_IMPORT);
	r = store_step(store, s, error);
	if (r <= 0)
		return r;
	ret->imported_until = store_column_instant(s, 0);
	(void)sqlite3_reset(s);
	s = store_query(store, error,
			"SELECT id, at, coalesce(content, 0) FROM observations"
			" WHERE file = ? AND origin <> ? ORDER BY id LIMIT 1",
			"ii", file, (int64_t)ORIGIN_IMPORT);
	r = store_step(store, s, error);
	if (r > 0)
		ret->witnessed = (struct observation){ .id = sqlite3_column_int64(s, 0),
						       .at = store_column_instant(s, 1),
						       .content = sqlite3_column_int64(s, 2),
						       .file = file };
	return r < 0 ? r : 0;
}

int store_observation_add(struct store *store, struct observation *observation, struct error *error)
{
	int64_t context = store_context_put(store, observation->repo, observation->branch,
					    observation->commit, error);
	int r;

	if (context < 0)
		return (int)context;
	observation->context = context;
	r = store_run(
	    store, error,
	    "INSERT INTO observations (id, at, not_before, origin, file, content, context)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?)",
	    "ziuizzz", observation->id, observation->at, observation->not_before,
	    (int64_t)observation->origin, observation->file, observation->content, context);
	if (r < 0)
		return r;
	observation->id = sqlite3_last_insert_rowid(store->db);
	store->observation = observation->id;
	store->ordinal = 0;
	return 0;
}

/* Which kinds keep `before` as the id of a text: the ones with whole sentences in it. */
static bool before_is_text(enum event_kind kind)
{
	return kind == EVENT_ITEM_REWORDED || kind == EVENT_STATUS_CHANGED ||
	       kind == EVENT_TOLERANCE_CHANGED || kind == EVENT_PLAN_MOVED;
}

int store_event_add(struct store *store, const struct event *event, struct error *error)
{
	/* An imported observation's id may be negative, which C does not shift. */
	int64_t seq = store->observation * ((int64_t)1 << ORDINAL_BITS) + store->ordinal;
	bool interned = before_is_text(event->kind);
	int64_t text = store_text_put(store, event->text, error);
	int64_t before = interned ? store_text_put(store, event->before, error) : 0;
	int64_t precision =
	    event->claimed_at == INSTANT_NONE ? -1 : (int64_t)event->claimed_precision;

	if (text < 0 || before < 0)
		return error->code;
	store->ordinal++;
	int r = store_run(
	    store, error,
	    "INSERT INTO events (plan, seq, kind, item, line, after, text, position, claimed_at,"
	    " claimed_precision, before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, ?))",
	    "iiizztznunzt", event->plan, seq, (int64_t)event->kind, event->item,
	    (int64_t)event->line, event->after, text, event->position, event->claimed_at, precision,
	    before, interned ? NULL : event->before);
	if (r < 0 || event->remark == REMARK_NONE)
		return r;
	return store_run(store, error, "INSERT INTO remarks (plan, seq, remark) VALUES (?, ?, ?)",
			 "iit", event->plan, seq, remark_name(event->remark));
}

int store_journal_add(struct store *store, struct observation *observation, enum event_kind kind,
		      const char *before, const char *text, struct error *error)
{
	int r = store_observation_add(store, observation, error);

	if (r < 0)
		return r;
	return store_run(
	    store, error,
	    "INSERT INTO journal (observation, kind, before, text) VALUES (?, ?, ?, ?)", "iitt",
	    observation->id, (int64_t)kind, before, text);
}

static int add_keyframe_line(struct store *store, int64_t plan, int64_t position, int64_t item,
			     const char *mark, int64_t text, usec_t first_seen_at, usec_t done_at,
			     struct error *error)
{
	return store_run(
	    store, error,
	    "INSERT INTO keyframes (plan, observation, position, item, mark, text, first_seen_at, done_at)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	    "iiiitzuu", plan, store->observation, position, item, mark, text, first_seen_at,
	    done_at);
}

int store_keyframe_line_add(struct store *store, int64_t plan, int64_t position,
			    const struct keyframe_line *line, struct error *error)
{
	int64_t text = store_text_put(store, line->text, error);

	return text < 0 ? (int)text
			: add_keyframe_line(store, plan, position, line->item, line->mark, text,
					    line->first_seen_at, line->done_at, error);
}

int store_keyframe_add(struct store *store, int64_t plan, bool present, const struct item_row *rows,
		       size_t count, struct error *error)
{
	int r = add_keyframe_line(store, plan, -1, 0, present ? "present" : "gone", 0, INSTANT_NONE,
				  INSTANT_NONE, error);

	for (size_t i = 0; i < count && r == 0; i++) {
		int64_t text = store_text_put(store, rows[i].item.text, error);
		r = text < 0
			? (int)text
			: add_keyframe_line(store, plan, (int64_t)i, rows[i].id, rows[i].item.mark,
					    text, rows[i].first_seen_at, rows[i].done_at, error);
	}
	return r;
}
