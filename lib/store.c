/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/store.h"

#include "planwatch/cleanup.h"
#include "store_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <zstd.h>

/* "PlWa", at offset 68 of the file: file(1) and we know our databases by it. */
#define APPLICATION_ID 0x506C5761

/* A reader can wait; the writer has a loop to run, and tries again by itself. */
#define READER_BUSY_MS 5000
#define WRITER_BUSY_MS 200

/* What the disk fails to give is damaged for SQLite, too (SQLITE_IOERR_CORRUPTFS), and is not. */
static bool disk_fails(struct store *store)
{
	sqlite3_file *wal = NULL;
	int code = 0;

	(void)sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
	if (wal && wal->pMethods &&
	    wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &code) == SQLITE_OK &&
	    code == EIO)
		return true;
	return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_LAST_ERRNO, &code) ==
		   SQLITE_OK &&
	       code == EIO;
}

int store_fail(struct store *store, int rc, struct error *error)
{
	const char *reason = store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc);
	bool full = sqlite3_system_errno(store->db) == ENOSPC;

	if ((rc & 0xFF) == SQLITE_CORRUPT && disk_fails(store))
		return error_set(error, -EIO, "%s: the disk could not read it", store->path);
	switch (rc & 0xFF) {
	case SQLITE_NOMEM:
		return error_set(error, -ENOMEM, "out of memory");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(error, -EBUSY,
				 "%s: the database is in use by another program; try again",
				 store->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return error_set(
		    error, -EBADMSG,
		    "%s: the database is damaged (%s); move it away, or put a backup in its place",
		    store->path, reason);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		/* sqlite.org/wal.html, "Read-Only Databases": who reads it makes its -shm. */
		if (access(store->path, W_OK) < 0 && errno == EROFS)
			return error_set(
			    error, -EACCES,
			    "%s: on a read-only disk, where it cannot be read either; give a copy of it with --db",
			    store->path);
		return error_set(error, -EACCES, "%s: cannot open the database: %s", store->path,
				 reason);
	case SQLITE_FULL:
		full = true;
		break;
	default:
		break;
	}
	/* In WAL mode a full disk shows as SQLITE_IOERR_SHMSIZE or _WRITE, not as SQLITE_FULL. */
	if (full)
		return error_set(
		    error, -ENOSPC,
		    "%s: the disk is full; nothing was half-written, make room and it goes on",
		    store->path);
	return error_set(error, -EIO, "%s: %s", store->path, reason);
}

static int exec(struct store *store, const char *sql, struct error *error)
{
	int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_fail(store, rc, error);
}

/* ---- Statements ---- */

static sqlite3_stmt *prepared(struct store *store, const char *sql, struct error *error)
{
	struct cached *grown;
	int rc;

	for (size_t i = 0; i < store->cached; i++)
		if (store->cache[i].sql == sql)
			return store->cache[i].statement;
	if (store->cached == store->cache_size) {
		size_t size = store->cache_size ? store->cache_size * 2 : 16;
		grown = reallocarray(store->cache, size, sizeof(*grown));
		if (!grown) {
			(void)error_set(error, -ENOMEM, "out of memory");
			return NULL;
		}
		store->cache = grown;
		store->cache_size = size;
	}
	grown = &store->cache[store->cached];
	rc = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &grown->statement,
				NULL);
	if (rc != SQLITE_OK) {
		(void)store_fail(store, rc, error);
		return NULL;
	}
	grown->sql = sql;
	store->cached++;
	return grown->statement;
}

static int bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	return text ? sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC)
		    : sqlite3_bind_null(statement, index);
}

static int bind_integer(sqlite3_stmt *statement, int index, int64_t value, int64_t null)
{
	return value == null ? sqlite3_bind_null(statement, index)
			     : sqlite3_bind_int64(statement, index, value);
}

sqlite3_stmt *store_query(struct store *store, struct error *error, const char *sql,
			  const char *format, ...)
{
	sqlite3_stmt *statement = prepared(store, sql, error);
	int rc = SQLITE_OK;
	va_list values;

	if (!statement)
		return NULL;
	(void)sqlite3_reset(statement);
	va_start(values, format);
	for (int i = 1; format[i - 1] && rc == SQLITE_OK; i++) {
		const void *blob;

		switch (format[i - 1]) {
		case 'i':
			rc = sqlite3_bind_int64(statement, i, va_arg(values, int64_t));
			break;
		case 'z':
			rc = bind_integer(statement, i, va_arg(values, int64_t), 0);
			break;
		case 'n':
			rc = bind_integer(statement, i, va_arg(values, int64_t), -1);
			break;
		case 'u':
			rc = bind_integer(statement, i, va_arg(values, usec_t), INSTANT_NONE);
			break;
		case 't':
			rc = bind_text(statement, i, va_arg(values, const char *));
			break;
		case 'b':
			blob = va_arg(values, const void *);
			rc = sqlite3_bind_blob64(statement, i, blob, va_arg(values, size_t),
						 SQLITE_STATIC);
			break;
		default:
			rc = SQLITE_MISUSE;
		}
	}
	va_end(values);
	if (rc == SQLITE_OK)
		return statement;
	(void)store_fail(store, rc, error);
	return NULL;
}

int store_step(struct store *store, sqlite3_stmt *statement, struct error *error)
{
	int rc;

	if (!statement)
		return error ? error->code : -EIO;
	rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		return 1;
	int result = rc == SQLITE_DONE ? 0 : store_fail(store, rc, error);
	(void)sqlite3_reset(statement);
	return result;
}

int store_finish(struct store *store, sqlite3_stmt *statement, struct error *error)
{
	int rc = store_step(store, statement, error);

	if (rc > 0)
		(void)sqlite3_reset(statement);
	return rc < 0 ? rc : 0;
}

usec_t store_column_instant(sqlite3_stmt *statement, int column)
{
	const usec_t earliest = INT64_C(-62167219200) * USEC_PER_SEC,
		     latest = INT64_C(253402300799) * USEC_PER_SEC;
	usec_t at = sqlite3_column_int64(statement, column);

	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return INSTANT_NONE;
	return at < earliest ? earliest : at > latest ? latest : at;
}

char *store_column_text(sqlite3_stmt *statement, int column)
{
	/* The callers' rows have plain pointers because some of them own their strings; nobody
	 * writes through these. */
	return (char *)(uintptr_t)sqlite3_column_text(statement, column);
}

char *store_column_required(sqlite3_stmt *statement, int column)
{
	static const char nothing[] = "";
	char *text = store_column_text(statement, column);

	return text ? text : (char *)(uintptr_t)nothing;
}

int64_t store_column_seconds(sqlite3_stmt *statement, int column)
{
	const int64_t longest = (int64_t)100 * 365 * 24 * 3600;
	int64_t seconds = sqlite3_column_int64(statement, column);

	return seconds < -1 ? -1 : seconds > longest ? longest : seconds;
}

int store_column_choice(sqlite3_stmt *statement, int column, int count, int otherwise)
{
	int64_t value = sqlite3_column_int64(statement, column);

	return value >= 0 && value < count ? (int)value : otherwise;
}

static int integer(struct store *store, const char *sql, int64_t *ret, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
		*ret = sqlite3_column_int64(statement, 0);
		rc = SQLITE_OK;
	}
	int result = rc == SQLITE_OK ? 0 : store_fail(store, rc, error);
	(void)sqlite3_finalize(statement);
	return result;
}

/* ---- Opening ---- */

/* Creates the folders above a path with mode 0700, as the XDG Base Directory Specification asks. */
static int make_folders(const char *path, struct error *error)
{
	cleanup_free char *copy = strdup(path);

	if (!copy)
		return error_set(error, -ENOMEM, "out of memory");
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return error_set(error, -errno, "%s: cannot create the folder: %s", copy,
					 strerror(errno));
		*slash = '/';
	}
	return 0;
}

static int take_lock(struct store *store, struct error *error)
{
	cleanup_free char *path = NULL;
	char holder[64] = "";
	ssize_t n;

	if (asprintf(&path, "%s.lock", store->path) < 0)
		return error_set(error, -ENOMEM, "out of memory");
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock < 0)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	if (flock(store->lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return error_set(error, -errno, "%s: cannot lock: %s", path,
					 strerror(errno));
		n = pread(store->lock, holder, sizeof(holder) - 1, 0);
		holder[n < 0 ? 0 : strcspn(holder, "\n")] = '\0';
		return error_set(error, -EBUSY, "%s: another program writes this database: %s",
				 store->path, *holder ? holder : "(it has not said who it is)");
	}
	/* The lock file's time is when the plans were last looked at: taking the lock is no look.
	 */
	struct stat before = { 0 };
	bool known = fstat(store->lock, &before) == 0 && before.st_size > 0;
	int length = snprintf(holder, sizeof(holder), "%s, process %jd\n",
			      program_invocation_short_name, (intmax_t)getpid());
	if (ftruncate(store->lock, 0) < 0 ||
	    pwrite(store->lock, holder, (size_t)length, 0) != length)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	if (known)
		(void)futimens(store->lock, (struct timespec[]){ before.st_atim, before.st_mtim });
	return 0;
}

static int backup(struct store *store, int64_t version, struct error *error)
{
	cleanup_free char *path = NULL;

	if (asprintf(&path, "%s.v%" PRId64 ".bak", store->path, version) < 0)
		return error_set(error, -ENOMEM, "out of memory");
	(void)unlink(path);
	if (store_run(store, error, "VACUUM INTO ?", "t", path) < 0)
		return error_prefix(error, "no backup before the migration could be made");
	return chmod(path, 0600) < 0 ? error_set(error, -errno, "%s: %s", path, strerror(errno))
				     : 0;
}

static int migrate(struct store *store, int64_t version, struct error *error)
{
	int r = version > 0 ? backup(store, version, error) : 0;

	for (; r == 0 && version < store_migration_count; version++) {
		char set_version[64];

		(void)snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %" PRId64,
			       version + 1);
		r = exec(store, "BEGIN IMMEDIATE", error);
		if (r == 0)
			r = exec(store, store_migrations[version], error);
		if (r == 0)
			r = exec(store, set_version, error);
		if (r == 0)
			r = exec(store, "COMMIT", error);
		if (r < 0)
			(void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	}
	return r;
}

/* Whose database this is, and which schema it has. A new, empty one has version 0. */
static int check_identity(struct store *store, int64_t *version, struct error *error)
{
	int64_t application = 0, tables = 0;
	int r = integer(store, "PRAGMA application_id", &application, error);

	if (r == 0)
		r = integer(store, "PRAGMA user_version", version, error);
	if (r == 0)
		r = integer(store, "SELECT count(*) FROM sqlite_schema", &tables, error);
	if (r < 0)
		return r;
	if (application != APPLICATION_ID && (tables > 0 || application != 0 || *version != 0))
		return error_set(error, -EBADMSG,
				 "%s: not a Planwatch database; give another with --db",
				 store->path);
	if (*version > store_migration_count)
		return error_set(error, -EPROTO,
				 "%s: written by a newer Planwatch (schema %" PRId64
				 ", this program knows %d); upgrade this program",
				 store->path, *version, store_migration_count);
	return 0;
}

/* The content may have gone with the transaction, and another may get its id. */
static void forget(void *userdata)
{
	struct store *store = userdata;

	if (store->kept.content)
		store->kept.done(store->kept.value);
	store->kept = (struct kept){ 0 };
}

void store_keep(struct store *store, int64_t content, void *value, void (*done)(void *value))
{
	forget(store);
	store->kept = (struct kept){ content, value, done };
	(void)sqlite3_rollback_hook(store->db, forget, store);
}

void *store_kept(struct store *store, int64_t content)
{
	void *value = store->kept.content == content ? store->kept.value : NULL;

	if (value)
		store->kept = (struct kept){ 0 };
	return value;
}

static int open_database(struct store *store, enum store_mode mode, struct error *error)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
		    (mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
		    (mode == STORE_MEMORY ? SQLITE_OPEN_MEMORY | SQLITE_OPEN_CREATE : 0);
	/* No program here has threads, or asks how much memory SQLite uses. Refused once SQLite runs. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	int rc = sqlite3_open_v2(store->path, &store->db, flags, NULL);

	if (rc != SQLITE_OK)
		return store_fail(store, rc, error);
	(void)sqlite3_busy_timeout(store->db, mode == STORE_READ ? READER_BUSY_MS : WRITER_BUSY_MS);
	/* A database is a file that somebody else may have made: its schema gets no trust
	 * (sqlite.org/security.html). */
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (mode == STORE_READ)
		(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return exec(store, "PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON", error);
}

static int open_for_writing(struct store *store, struct error *error)
{
	char set_id[64];
	int64_t version = 0;
	int fd, r;

	r = make_folders(store->path, error);
	if (r == 0)
		r = take_lock(store, error);
	if (r < 0)
		return r;
	/* SQLite would create it with the umask's mode; -wal and -shm take the mode of the
	 * database. */
	fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(error, -errno, "%s: %s", store->path, strerror(errno));
	(void)close(fd);
	r = open_database(store, STORE_WRITE, error);
	if (r == 0)
		r = check_identity(store, &version, error);
	if (r < 0)
		return r;
	(void)snprintf(set_id, sizeof(set_id), "PRAGMA application_id = %d", APPLICATION_ID);
	r = version == 0 ? exec(store, set_id, error) : 0;
	if (r == 0)
		r = exec(store,
			 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			 "PRAGMA journal_size_limit = 4194304; PRAGMA temp_store = MEMORY",
			 error);
	return r == 0 && version < store_migration_count ? migrate(store, version, error) : r;
}

static int open_for_reading(struct store *store, struct error *error)
{
	int64_t version;
	int r;

	if (access(store->path, F_OK) < 0)
		return error_set(error, -errno, "%s: %s", store->path, strerror(errno));
	r = open_database(store, STORE_READ, error);
	if (r == 0)
		r = check_identity(store, &version, error);
	if (r == 0 && version < store_migration_count)
		return error_set(
		    error, -EPROTO,
		    "%s: the database has an older schema; start planwatchd once to migrate it",
		    store->path);
	return r;
}

static int open_in_memory(struct store *store, struct error *error)
{
	int r = open_database(store, STORE_MEMORY, error);

	return r < 0 ? r : migrate(store, 0, error);
}

int store_open(struct store **ret, const char *path, enum store_mode mode, struct error *error)
{
	cleanup_store struct store *store = calloc(1, sizeof(*store));
	int r;

	if (!store)
		return error_set(error, -ENOMEM, "out of memory");
	store->lock = -1;
	store->path = strdup(path);
	if (!store->path)
		return error_set(error, -ENOMEM, "out of memory");
	r = mode == STORE_WRITE	 ? open_for_writing(store, error)
	    : mode == STORE_READ ? open_for_reading(store, error)
				 : open_in_memory(store, error);
	if (r == 0)
		*ret = take(store);
	return r;
}

static void close_database(struct store *store)
{
	store_rollback(store);
	forget(store);
	for (size_t i = 0; i < store->cached; i++)
		(void)sqlite3_finalize(store->cache[i].statement);
	free(store->cache);
	(void)sqlite3_close(store->db);
}

bool store_is_lost(struct store *store)
{
	int moved = 0;

	return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
		   SQLITE_OK &&
	       moved;
}

int store_reopen(struct store *store, struct error *error)
{
	struct store fresh = { .path = store->path, .lock = -1 };
	int r;

	cleanup_close_fd(&store->lock); /* the new lock may be on the same file */
	store->lock = -1;
	r = open_for_writing(&fresh, error);
	if (r < 0) {
		close_database(&fresh);
		cleanup_close_fd(&fresh.lock);
		return r;
	}
	close_database(store);
	store->db = fresh.db;
	store->lock = fresh.lock;
	store->cache = fresh.cache;
	store->cached = fresh.cached;
	store->cache_size = fresh.cache_size;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	close_database(store);
	(void)ZSTD_freeCCtx(store->compressor);
	(void)ZSTD_freeDCtx(store->decompressor);
	cleanup_close_fd(&store->lock);
	free(store->path);
	free(store);
}

/* ---- Transactions ---- */

int store_begin(struct store *store, struct error *error)
{
	if (store_is_lost(store))
		return error_set(error, -ESTALE, "%s: the database was deleted or moved away",
				 store->path);
	store_rollback(store); /* a ROLLBACK that memory did not suffice for has left one open */
	return store_run(store, error, "BEGIN IMMEDIATE", "");
}

int store_commit(struct store *store, struct error *error)
{
	int r = store_run(store, error, "COMMIT", "");

	if (r < 0)
		store_rollback(store);
	return r;
}

void store_rollback(struct store *store)
{
	if (store->db && !sqlite3_get_autocommit(store->db))
		(void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

void store_mark_looked(struct store *store, usec_t at)
{
	struct timespec time = { .tv_sec = at / USEC_PER_SEC, .tv_nsec = at % USEC_PER_SEC * 1000 };

	if (store->lock >= 0)
		(void)futimens(store->lock, (struct timespec[]){ { .tv_nsec = UTIME_OMIT }, time });
}

usec_t store_last_looked(const char *path)
{
	cleanup_free char *lock = NULL;
	struct stat st;

	if (asprintf(&lock, "%s.lock", path) < 0 || stat(lock, &st) < 0)
		return INSTANT_NONE;
	return (usec_t)st.st_mtim.tv_sec * USEC_PER_SEC + st.st_mtim.tv_nsec / 1000;
}

/* ---- Checks ---- */

const char *store_library_version(void)
{
	return sqlite3_libversion();
}

int store_check(struct store *store, void (*found)(void *userdata, const char *finding),
		void *userdata, struct error *error)
{
	sqlite3_stmt *statement = store_query(store, error, "PRAGMA integrity_check", "");
	int r;

	while ((r = store_step(store, statement, error)) > 0)
		if (strcmp(store_column_text(statement, 0), "ok") != 0)
			found(userdata, store_column_text(statement, 0));
	if (r < 0)
		return r;
	statement = store_query(store, error, "PRAGMA foreign_key_check", "");
	while ((r = store_step(store, statement, error)) > 0) {
		char finding[256];

		(void)snprintf(finding, sizeof(finding),
			       "table %s row %" PRId64 " refers to a missing row of %s",
			       store_column_text(statement, 0),
			       (int64_t)sqlite3_column_int64(statement, 1),
			       store_column_text(statement, 2));
		found(userdata, finding);
	}
	return r;
}
