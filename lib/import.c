/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/import.h"

#include "planwatch/cleanup.h"
#include "planwatch/history.h"
#include "planwatch/json.h"
#include "planwatch/record.h"

#include <fcntl.h>
#include <string.h>

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

/* ---- The revisions ---- */

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int import_add(struct import *import, const struct import_revision *revision, struct error *error)
{
	cleanup_free char *bytes = revision->bytes;
	struct import_revision *grown = import->revisions;

	if (revision->length > IMPORT_SIZE_MAX - import->bytes)
		return error_set(error, -EFBIG, "%s: its history has more than %zu MiB",
				 import->path, IMPORT_SIZE_MAX >> 20);
	if (import->count == import->size) {
		size_t size = import->size ? import->size * 2 : 16;
		grown = reallocarray(grown, size, sizeof(*grown));
		if (!grown)
			return out_of_memory(error);
		import->revisions = grown;
		import->size = size;
	}
	grown += import->count;
	*grown = *revision;
	grown->name = copy(revision->name);
	grown->branch = copy(revision->branch);
	grown->commit = copy(revision->commit);
	bytes = NULL;
	import->count++;
	import->bytes += revision->length;
	bool complete = !revision->name == !grown->name && !revision->branch == !grown->branch &&
			!revision->commit == !grown->commit;
	return complete ? 0 : out_of_memory(error);
}

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

void import_done(struct import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		free(import->revisions[i].bytes);
		free_text(import->revisions[i].name);
		free_text(import->revisions[i].branch);
		free_text(import->revisions[i].commit);
	}
	free(import->revisions);
	free(import->path);
	free(import->repo);
	*import = (struct import){ 0 };
}

/* ---- Recording them in their order ---- */

/* The part of the history that is recorded, and how far that is. */
struct recording {
	struct store *store;
	const struct import *import;
	usec_t after, before; /* only revisions between the two; INSTANT_NONE: open */
	size_t next;	      /* the first one that was not looked at */
	size_t last;	      /* the revision whose state the plan has; IMPORT_NONE: not known */
	struct import_pause pause;
	struct import_result *result;
	struct error *error;
};

static bool is_wanted(const struct recording *r, const struct import_revision *revision)
{
	return (r->after == INSTANT_NONE || revision->at > r->after) &&
	       (r->before == INSTANT_NONE || revision->at < r->before);
}

/*
 * The observation that left the plan as the revision `from`, or the nearest one before it that was recorded, found it. 1 where
 * the plan has to go back there, 0 where it stands so already.
 */
static int find_state(struct recording *r, size_t from, struct observation *ret)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	int result;

	if (from == r->last && from != IMPORT_NONE)
		return 0;
	result = store_file_by_path(r->store, r->import->path, &file, r->error);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	for (; from != IMPORT_NONE; from = r->import->revisions[from].parent) {
		const struct import_revision *revision = &r->import->revisions[from];

		result = store_content_equals(r->store, file.content, revision->bytes,
					      revision->length, r->error);
		if (result != 0)
			return result < 0 ? result : 0;
		result = store_observation_with(r->store, file.id, revision->bytes,
						revision->length, ret, r->error);
		if (result != -ENOENT)
			return result < 0 ? result : 1;
	}
	/* It was made from nothing, or from what was no plan yet. */
	*ret = (struct observation){ 0 };
	return 1;
}

static usec_t earliest(const struct import *import, const struct import_revision *revision)
{
	usec_t at =
	    revision->parent == IMPORT_NONE ? INSTANT_NONE : import->revisions[revision->parent].at;

	/* A clock that went back says nothing. */
	return at != INSTANT_NONE && at < revision->at ? at : INSTANT_NONE;
}

/* A revision has another name than the one before it. */
static bool is_renamed(const struct import *import, const struct import_revision *revision)
{
	const char *then =
	    revision->parent == IMPORT_NONE ? NULL : import->revisions[revision->parent].name;

	return then && revision->name && strcmp(then, revision->name) != 0;
}

/*
 * The same bytes again are no event, but an observation: a repeat must know how far the history was looked at, and a branch how
 * the plan stood on it.
 */
static int record_again(struct recording *r, const struct look *look)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	struct observation observation = { .at = look->at,
					   .not_before = look->not_before,
					   .origin = look->origin };
	int result = store_file_by_path(r->store, look->path, &file, r->error);

	if (look->git) {
		observation.repo = look->git->repo;
		observation.branch = look->git->branch;
		observation.commit = look->git->commit;
	}
	observation.file = file.id;
	observation.content = file.content;
	if (result == 0)
		result = store_observation_add(r->store, &observation, r->error);
	file.context = observation.context;
	return result < 0 ? result : store_file_put(r->store, &file, r->error);
}

/* Records a revision as one that was made from revision `from`. An enum record_result. */
static int record_one(struct recording *r, size_t index, size_t from)
{
	const struct import_revision *revision = &r->import->revisions[index];
	const struct git_context git = { r->import->repo, (char *)(uintptr_t)revision->branch,
					 (char *)(uintptr_t)revision->commit };
	struct observation state;
	struct look look = { .path = r->import->path,
			     .at = revision->at,
			     .not_before = earliest(r->import, revision),
			     .modified = INSTANT_NONE,
			     .origin = ORIGIN_IMPORT,
			     .believe_loss = true,
			     .git = r->import->repo ? &git : NULL,
			     .committed_at = r->import->repo ? revision->at : INSTANT_NONE,
			     .switch_kept_files = true };
	int result = find_state(r, from, &state);

	if (from != index && is_renamed(r->import, revision)) {
		look.renamed_from = r->import->revisions[revision->parent].name;
		look.renamed_to = revision->name;
	}
	if (result > 0)
		look.continues = &state;
	if (result >= 0)
		result =
		    record_content(r->store, &look, revision->bytes, revision->length, r->error);
	if (result == RECORD_UNCHANGED)
		result = record_again(r, &look);
	if (result >= 0 && result != RECORD_NO_PLAN)
		r->last = index;
	return result;
}

/* What is checked out is where the plan stands, whatever was committed elsewhere since. */
static int return_to_tip(struct recording *r)
{
	const struct import_revision *all = r->import->revisions;
	size_t tip = r->import->tip;

	while (tip != IMPORT_NONE && r->before != INSTANT_NONE && all[tip].at >= r->before)
		tip = all[tip].parent;
	return tip == IMPORT_NONE || tip == r->last ? 0 : record_one(r, tip, tip);
}

static int record_next(struct recording *r)
{
	const struct import_revision *revision = &r->import->revisions[r->next];
	struct import_result *all = r->result;
	int result;

	r->next++;
	if (!is_wanted(r, revision)) {
		all->known++;
		return 0;
	}
	result = record_one(r, r->next - 1, revision->parent);
	if (result < 0 || result == RECORD_NO_PLAN)
		return result;
	all->revisions++;
	if (all->first == INSTANT_NONE || revision->at < all->first)
		all->first = revision->at;
	if (all->last == INSTANT_NONE || revision->at > all->last)
		all->last = revision->at;
	return 0;
}

static void make_pause(const struct recording *r)
{
	if (r->pause.call)
		r->pause.call(r->pause.userdata);
}

static int in_transaction(struct store *store, int (*work)(void *userdata), void *userdata,
			  struct error *error)
{
	int result = store_begin(store, error);

	if (result == 0)
		result = work(userdata);
	if (result >= 0)
		return store_commit(store, error);
	store_rollback(store);
	return result;
}

/* ---- After what was imported, or as the first that is known ---- */

/* As many as keep nobody waiting; each transaction costs a flush of the disk. */
static int record_some(void *userdata)
{
	struct recording *r = userdata;
	int result = 0;

	for (int n = 0; n < 32 && r->next < r->import->count && result >= 0; n++)
		result = record_next(r);
	if (result >= 0 && r->next == r->import->count && r->result->revisions > 0)
		result = return_to_tip(r);
	return result;
}

/* The daemon may have come upon the file during a pause: then it is witnessed from there on. */
static int is_witnessed(struct store *store, const char *path, struct error *error)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	struct import_bounds bounds = { 0 };
	int r = store_file_by_path(store, path, &file, error);

	if (r == 0)
		r = store_import_bounds(store, file.id, &bounds, error);
	return r < 0 ? (r == -ENOENT ? 0 : r) : bounds.witnessed.id != 0;
}

static int record_after(struct recording *r)
{
	int result = 0;

	while (r->next < r->import->count && result == 0) {
		result = in_transaction(r->store, record_some, r, r->error);
		make_pause(r);
		if (result == 0)
			result = is_witnessed(r->store, r->import->path, r->error);
	}
	r->result->known += (int64_t)(r->import->count - r->next);
	return result < 0 ? result : 0;
}

/* ---- Before what was witnessed ---- */

/* A plan of the scratch store, and the one that it is in the real store. */
struct joined_plan {
	struct plan_row scratch, real;
	bool gone;	/* before the first look */
	int64_t *items; /* by the scratch item's id; 0: not met yet */
};

struct prefix {
	struct store *scratch, *store;
	int64_t file;
	int64_t last;	/* the scratch store's last observation that is copied */
	int64_t offset; /* from the scratch store's observations to the real ones */
	struct joined_plan *plans;
	size_t count;
	struct error *error;
};

static void prefix_done(struct prefix *p)
{
	for (size_t i = 0; i < p->count; i++) {
		plan_row_done(&p->plans[i].scratch);
		plan_row_done(&p->plans[i].real);
		free(p->plans[i].items);
	}
	free(p->plans);
}

static struct joined_plan *find_plan(struct prefix *p, int64_t id)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->plans[i].scratch.id == id)
			return &p->plans[i];
	(void)error_set(p->error, -EIO, "the history to import has a plan that was not joined");
	return NULL;
}

/* What became no item of the first look gets an id that the plan never used. */
static int64_t item_of(struct joined_plan *plan, int64_t id)
{
	if (id <= 0 || id >= plan->scratch.next_item)
		return 0;
	if (!plan->items[id])
		plan->items[id] = plan->real.next_item++;
	return plan->items[id];
}

/* The items of the first look: both stores have them, in the same places. */
static int join_items(struct prefix *p, struct joined_plan *plan, int64_t first_look)
{
	cleanup_history struct history history = { 0 };
	struct item_list items = { 0 };
	int r = history_load(p->store, plan->real.id, first_look, &history, p->error);

	if (r == 0)
		r = store_items(p->scratch, plan->scratch.id, &items, p->error);
	for (size_t i = 0; r == 0 && i < items.count && i < history.count; i++)
		if (strcmp(items.rows[i].item.text, history.items[i].text) == 0)
			plan->items[items.rows[i].id] = history.items[i].id;
	item_list_done(&items);
	return r;
}

/* The plans of the first look, in the order of their parts. */
struct first_plans {
	int64_t ids[64];
	size_t count;
};

static int note_found(void *userdata, const struct event *event)
{
	struct first_plans *first = userdata;

	if (event->kind == EVENT_PLAN_FOUND && first->count < ARRAY_SIZE(first->ids))
		first->ids[first->count++] = event->plan;
	return 0;
}

/* A plan that the first look did not find is one that was gone by then. */
static int add_gone_plan(struct prefix *p, struct joined_plan *plan)
{
	int r = plan_row_copy(&plan->scratch, &plan->real);

	if (r < 0)
		return out_of_memory(p->error);
	plan->gone = true;
	plan->real.id = 0;
	plan->real.file = p->file;
	plan->real.present = false;
	plan->real.stage_item = 0;
	plan->real.next_item = 1;
	return store_plan_put(p->store, &plan->real, p->error);
}

static int join_plan(struct prefix *p, struct joined_plan *plan, const struct first_plans *first,
		     int64_t first_look)
{
	uint32_t part = plan->scratch.part;
	int r;

	plan->items = calloc((size_t)plan->scratch.next_item, sizeof(*plan->items));
	if (!plan->items)
		return out_of_memory(p->error);
	if (!plan->scratch.present || part > first->count)
		return add_gone_plan(p, plan);
	r = store_plan_get(p->store, first->ids[part - 1], &plan->real, p->error);
	return r < 0 ? r : join_items(p, plan, first_look);
}

static int join(struct prefix *p, const struct file_row *file, int64_t first_look)
{
	cleanup(plan_list_done) struct plan_list plans = { 0 };
	struct first_plans first = { 0 };
	int r = store_observation_events(p->store, first_look, note_found, &first, p->error);

	if (r == 0)
		r = store_plan_list(p->scratch, file->id, &plans, p->error);
	p->plans = r == 0 ? calloc(plans.count + 1, sizeof(*p->plans)) : NULL;
	if (r == 0 && !p->plans)
		return out_of_memory(p->error);
	while (r == 0 && p->count < plans.count) {
		struct joined_plan *plan = &p->plans[p->count];

		plan->scratch = plans.rows[p->count];
		plans.rows[p->count++] = (struct plan_row){ 0 };
		r = join_plan(p, plan, &first, first_look);
	}
	return r;
}

/* ---- Copying the prefix ---- */

static int copy_event(void *userdata, const struct event *event)
{
	struct prefix *p = userdata;
	struct joined_plan *plan = find_plan(p, event->plan);
	struct event copied = *event;
	char number[24];

	if (!plan)
		return p->error->code;
	copied.plan = plan->real.id;
	copied.item = item_of(plan, event->item);
	if (event->kind == EVENT_ITEM_SPLIT && event->before) {
		(void)snprintf(number, sizeof(number), "%ld",
			       (long)item_of(plan, strtoll(event->before, NULL, 10)));
		copied.before = number;
	}
	return store_event_add(p->store, &copied, p->error);
}

static int copy_keyframe_line(void *userdata, int64_t id, int64_t position,
			      const struct keyframe_line *line)
{
	struct prefix *p = userdata;
	struct joined_plan *plan = find_plan(p, id);
	struct keyframe_line copied = *line;

	if (!plan)
		return p->error->code;
	copied.item = item_of(plan, line->item);
	return store_keyframe_line_add(p->store, plan->real.id, position, &copied, p->error);
}

enum { COPIED = 1 };

static int copy_observation(void *userdata, const struct observation *observation)
{
	struct prefix *p = userdata;
	struct observation copied = *observation;
	cleanup_free char *bytes = NULL;
	size_t length;
	int r;

	if (observation->id > p->last)
		return COPIED;
	copied.id += p->offset;
	copied.file = p->file;
	r = store_content_get(p->scratch, observation->content, &bytes, &length, p->error);
	if (r == 0)
		r = store_content_put(p->store, bytes, length, &copied.content, p->error);
	if (r == 0)
		r = store_observation_add(p->store, &copied, p->error);
	if (r == 0)
		r = store_observation_keyframes(p->scratch, observation->id, copy_keyframe_line, p,
						p->error);
	return r < 0
		   ? r
		   : store_observation_events(p->scratch, observation->id, copy_event, p, p->error);
}

/* Of a plan that the first look found only the ids that are used up; of one that was gone by then all. */
static int finish_plan(struct prefix *p, struct joined_plan *plan)
{
	struct item_list items = { 0 };
	int r = store_plan_put(p->store, &plan->real, p->error);

	if (r == 0 && plan->gone)
		r = store_items(p->scratch, plan->scratch.id, &items, p->error);
	for (size_t i = 0; i < items.count && r == 0; i++) {
		items.rows[i].id = item_of(plan, items.rows[i].id);
		r = store_item_put(p->store, plan->real.id, &items.rows[i], p->error);
	}
	item_list_done(&items);
	return r;
}

static int copy_prefix(struct prefix *p, const struct file_row *file, int64_t first_look)
{
	int r = join(p, file, first_look);

	if (r == 0)
		r = store_observations(p->scratch, file->id, copy_observation, p, p->error);
	for (size_t i = 0; r >= 0 && i < p->count; i++)
		r = finish_plan(p, &p->plans[i]);
	return r;
}

/* The content of the first look, as the last of the scratch store: what it has, it continues. */
static int record_first_look(struct store *scratch, struct store *store, const char *path,
			     const struct observation *first_look, struct error *error)
{
	const struct look look = { .path = path,
				   .at = first_look->at,
				   .not_before = INSTANT_NONE,
				   .modified = INSTANT_NONE,
				   .believe_loss = true,
				   .committed_at = INSTANT_NONE };
	cleanup_free char *bytes = NULL;
	size_t length;
	int r = store_content_get(store, first_look->content, &bytes, &length, error);

	return r < 0 ? r : record_content(scratch, &look, bytes, length, error);
}

struct prefix_work {
	struct recording recording;
	struct prefix prefix;
	struct file_row file; /* of the scratch store */
	struct observation first_look;
};

static int record_in_scratch(void *userdata)
{
	struct prefix_work *w = userdata;
	struct recording *r = &w->recording;
	struct import_bounds bounds = { 0 };
	int result = 0;

	for (; r->next < r->import->count && result >= 0; make_pause(r))
		result = record_next(r);
	if (result < 0 || r->result->revisions == 0)
		return result;
	result = return_to_tip(r);
	if (result >= 0)
		result = store_file_by_path(r->store, r->import->path, &w->file, r->error);
	if (result == 0)
		result = store_import_bounds(r->store, w->file.id, &bounds, r->error);
	if (result < 0)
		return result;
	w->prefix.last = bounds.highest;
	return record_first_look(r->store, w->prefix.store, r->import->path, &w->first_look,
				 r->error);
}

static int copy_to_store(void *userdata)
{
	struct prefix_work *w = userdata;

	return copy_prefix(&w->prefix, &w->file, w->first_look.id);
}

static int record_before(struct recording *recording, int64_t file,
			 const struct import_bounds *bounds)
{
	cleanup_store struct store *scratch = NULL;
	struct prefix_work w = { .recording = *recording, .first_look = bounds->witnessed };
	struct store *store = recording->store;
	struct error *error = recording->error;
	int r = store_open(&scratch, "the history to import", STORE_MEMORY, error);

	w.recording.store = scratch;
	w.recording.before = bounds->witnessed.at;
	w.prefix =
	    (struct prefix){ .scratch = scratch, .store = store, .file = file, .error = error };
	if (r == 0)
		r = in_transaction(scratch, record_in_scratch, &w, error);
	w.prefix.offset = (bounds->lowest < 0 ? bounds->lowest : 0) - 1 - w.prefix.last;
	if (r == 0 && recording->result->revisions > 0)
		r = in_transaction(store, copy_to_store, &w, error);
	prefix_done(&w.prefix);
	file_row_done(&w.file);
	return r;
}

int import_record(struct store *store, const struct import *import, struct import_pause pause,
		  struct import_result *ret, struct error *error)
{
	cleanup(file_row_done) struct file_row file = { 0 };
	struct import_bounds bounds = { .imported_until = INSTANT_NONE };
	struct recording recording = { .store = store,
				       .import = import,
				       .before = INSTANT_NONE,
				       .last = IMPORT_NONE,
				       .pause = pause,
				       .result = ret,
				       .error = error };
	int r = store_file_by_path(store, import->path, &file, error);

	*ret = (struct import_result){ .first = INSTANT_NONE, .last = INSTANT_NONE };
	if (r == 0)
		r = store_import_bounds(store, file.id, &bounds, error);
	if (r < 0 && r != -ENOENT)
		return r;
	recording.after = bounds.imported_until;
	if (bounds.witnessed.id == 0)
		return record_after(&recording);
	if (bounds.imported_until == INSTANT_NONE)
		return record_before(&recording, file.id, &bounds);
	ret->known = (int64_t)import->count;
	return 0;
}

/* ---- The file in between ---- */

/* A line of JSON says what follows it: the whole first, then each revision with its bytes behind its line. */

static int put_line(FILE *file, const struct json *json)
{
	cleanup_free char *text = json_print(json);

	return text && fprintf(file, "%s\n", text) >= 0 ? 0 : -EIO;
}

static int put_revision(FILE *file, const struct import_revision *revision)
{
	cleanup_json struct json *json = json_object();

	json_add_int(json, "at", revision->at);
	json_add_int(json, "length", (int64_t)revision->length);
	json_add_text(json, "name", revision->name);
	json_add_text(json, "branch", revision->branch);
	json_add_text(json, "commit", revision->commit);
	if (revision->parent != IMPORT_NONE)
		json_add_int(json, "parent", (int64_t)revision->parent);
	return put_line(file, json) == 0 &&
		       fwrite(revision->bytes, 1, revision->length, file) == revision->length
		   ? 0
		   : -EIO;
}

int import_write(int fd, const struct import *import, struct error *error)
{
	cleanup_json struct json *json = json_object();
	FILE *file = fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 0), "w");
	int r = file ? 0 : -errno;

	json_add_text(json, "path", import->path);
	json_add_text(json, "repo", import->repo);
	json_add_int(json, "revisions", (int64_t)import->count);
	if (import->tip != IMPORT_NONE)
		json_add_int(json, "tip", (int64_t)import->tip);
	/* JSON is UTF-8, and so a path that is not would come out as another one. */
	if (r == 0 && strcmp(json_get_text(json, "path"), import->path) != 0)
		r = -EILSEQ;
	if (r == 0)
		r = put_line(file, json);
	for (size_t i = 0; i < import->count && r == 0; i++)
		r = put_revision(file, &import->revisions[i]);
	if (file && fclose(file) != 0)
		r = -EIO;
	return r < 0 ? error_set(error, r, "cannot hand the history over: %s", strerror(-r)) : 0;
}

static int damaged(struct error *error)
{
	return error_set(error, -EINVAL, "the history that was handed over is damaged");
}

static int get_line(FILE *file, struct json **ret)
{
	cleanup_free char *line = NULL;
	size_t size = 0;
	ssize_t n = getline(&line, &size, file);

	return n > 0 && json_parse(line, (size_t)n, ret) == 0 ? 0 : -EINVAL;
}

static int get_revision(FILE *file, struct import *import, struct error *error)
{
	cleanup_json struct json *json = NULL;
	struct import_revision revision = { .parent = IMPORT_NONE };
	int64_t length, parent;

	if (get_line(file, &json) < 0 || json_get_int(json, "at", &revision.at) < 0 ||
	    json_get_int(json, "length", &length) < 0 || length < 0 ||
	    length > (int64_t)PLAN_SIZE_MAX)
		return damaged(error);
	if (json_get_int(json, "parent", &parent) == 0) {
		if (parent < 0 || (size_t)parent >= import->count)
			return damaged(error);
		revision.parent = (size_t)parent;
	}
	revision.length = (size_t)length;
	revision.name = json_get_text(json, "name");
	revision.branch = json_get_text(json, "branch");
	revision.commit = json_get_text(json, "commit");
	revision.bytes = malloc(revision.length + 1);
	if (!revision.bytes)
		return out_of_memory(error);
	if (fread(revision.bytes, 1, revision.length, file) != revision.length) {
		free(revision.bytes);
		return damaged(error);
	}
	return import_add(import, &revision, error);
}

int import_read(int fd, struct import *ret, struct error *error)
{
	cleanup_fclose FILE *file = fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 0), "r");
	cleanup_json struct json *json = NULL;
	int64_t count, tip;
	int r = 0;

	*ret = (struct import){ 0 };
	if (!file)
		return error_set(error, -errno, "cannot read the history: %s", strerror(errno));
	if (get_line(file, &json) < 0 || json_get_int(json, "revisions", &count) < 0)
		return damaged(error);
	ret->path = copy(json_get_text(json, "path"));
	ret->repo = copy(json_get_text(json, "repo"));
	if (!ret->path || *ret->path != '/' || (json_get_text(json, "repo") && !ret->repo))
		r = damaged(error);
	for (int64_t i = 0; i < count && r == 0; i++)
		r = get_revision(file, ret, error);
	ret->tip = IMPORT_NONE;
	if (json_get_int(json, "tip", &tip) == 0) {
		ret->tip = (size_t)tip;
		if (r == 0 && (tip < 0 || tip >= count))
			r = damaged(error);
	}
	if (r < 0)
		import_done(ret);
	return r;
}
