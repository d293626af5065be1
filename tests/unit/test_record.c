/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The recording over the store: random edits of a plan, and the laws after each. */
#include "unit.h"

#include "planwatch/record.h"
#include "planwatch/verify.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct world {
	char folder[40], *path;
	struct store *store;
	usec_t now;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct error error = { 0 };

	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/test_record.XXXXXX");
	if (!mkdtemp(w->folder) || asprintf(&w->path, "%s/state/planwatch.db", w->folder) < 0)
		return -1;
	w->now = instant_from_civil(2026, 1, 1, 0, 0, 0, 0);
	*state = w;
	return store_open(&w->store, w->path, STORE_WRITE, &error);
}

static int tear_down(void **state)
{
	static const char *const files[] = { "state/planwatch.db",
					     "state/planwatch.db-wal",
					     "state/planwatch.db-shm",
					     "state/planwatch.db.lock",
					     "state",
					     "" };
	struct world *w = *state;

	store_close(w->store);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[100];
		(void)snprintf(path, sizeof(path), "%s/%s", w->folder, files[i]);
		if (remove(path) < 0 && errno != ENOENT)
			return -1;
	}
	free(w->path);
	free(w);
	return 0;
}

static struct look look_at(struct world *w, const char *path)
{
	return (struct look){ .path = path,
			      .at = w->now += USEC_PER_MIN,
			      .not_before = INSTANT_NONE,
			      .modified = INSTANT_NONE,
			      .committed_at = INSTANT_NONE,
			      .device = 1,
			      .inode = 1 };
}

/* `text` NULL: the file is not there. */
static int record_look(struct world *w, const struct look *look, const char *text)
{
	struct error error = { 0 };
	int r;

	assert_int_equal(store_begin(w->store, &error), 0);
	r = text ? record_content(w->store, look, text, strlen(text), &error)
		 : record_absence(w->store, look, &error);
	assert_true(r >= 0);
	assert_int_equal(store_commit(w->store, &error), 0);
	return r;
}

static int record(struct world *w, const char *path, const char *text, bool believe_loss)
{
	struct look look = look_at(w, path);

	look.believe_loss = believe_loss;
	return record_look(w, &look, text);
}

static void print_finding(void *userdata, const char *finding)
{
	(void)userdata;
	print_error("%s\n", finding);
}

static struct verify_counts verify(struct world *w)
{
	struct verify_counts counts;
	struct error error = { 0 };

	assert_int_equal(verify_store(w->store, print_finding, NULL, &counts, &error), 0);
	assert_int_equal(counts.findings, 0);
	return counts;
}

#define HEAD "# Plan\n\nStatus: IN PROGRESS\n\n## Progress\n\n"

static void test_same_bytes_again(void **state)
{
	struct world *w = *state;

	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", false), RECORD_FOUND);
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", false), RECORD_UNCHANGED);
	assert_int_equal(verify(w).revisions, 1);
}

static void test_loss_is_not_believed(void **state)
{
	struct world *w = *state;

	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n- [ ] two\n", false);
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", false), RECORD_LOSS);
	assert_int_equal(record(w, "/p/plan.md", "", false), RECORD_LOSS);
	assert_int_equal(verify(w).revisions, 1);
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n", true), RECORD_CHANGED);
	assert_int_equal(verify(w).revisions, 2);
}

static void test_no_plan(void **state)
{
	struct world *w = *state;

	assert_int_equal(record(w, "/p/notes.md", "# Notes\n\nnothing\n", false), RECORD_NO_PLAN);
	assert_int_equal(verify(w).plans, 0);
}

static int note_section(void *userdata, const struct log_row *row)
{
	(void)snprintf(userdata, 20, "%s>%s", row->event.before, row->event.after);
	return 0;
}

#define LOGGED(entries) HEAD "- [ ] one\n\n## Decision Log\n\n" entries

/* The last change of a section, as "before>after". */
static void assert_last_section(struct world *w, const char *wanted)
{
	struct log_filter filter = { .since = INSTANT_NONE,
				     .until = INSTANT_NONE,
				     .kinds = 1u << EVENT_SECTION_CHANGED,
				     .limit = 1 };
	struct error error = { 0 };
	char counts[20] = "";

	assert_int_equal(store_log(w->store, &filter, note_section, counts, &error), 0);
	assert_string_equal(counts, wanted);
}

/* Too large for it to be kept itself. */
static void record_large(struct world *w, int width)
{
	cleanup_free char *large = NULL;

	assert_true(asprintf(&large, LOGGED("- a\n\n%*s\n"), width, "word") > 0);
	(void)record(w, "/p/plan.md", large, true);
}

/* The next content gets the id of one that was rolled back; what was kept of that is not taken for it. */
static void check_rollback(struct world *w)
{
	const char *three = LOGGED("- a\n- b\n- c\n");
	struct look look = { .path = "/p/plan.md",
			     .at = w->now + USEC_PER_MIN,
			     .not_before = INSTANT_NONE,
			     .modified = INSTANT_NONE };
	struct error error = { 0 };

	assert_int_equal(store_begin(w->store, &error), 0);
	assert_int_equal(record_content(w->store, &look, three, strlen(three), &error),
			 RECORD_CHANGED);
	store_rollback(w->store);
	record_large(w, 300000);
	(void)record(w, "/p/plan.md", LOGGED("- a\n- b\n"), true);
	assert_last_section(w, "1>2");
	(void)verify(w);
}

static void test_what_was_rolled_back_is_forgotten(void **state)
{
	struct world *w = *state;
	struct error error = { 0 };
	char db[100];

	(void)record(w, "/p/plan.md", LOGGED(""), true);
	check_rollback(w);

	/* So is what was kept of another database: this one counts its contents anew, the kept one's id was 4. */
	(void)record(w, "/p/plan.md", LOGGED("- a\n- b\n- c\n"), true);
	(void)snprintf(db, sizeof(db), "%s/state/planwatch.db", w->folder);
	assert_int_equal(unlink(db), 0);
	assert_true(store_is_lost(w->store));
	assert_int_equal(store_reopen(w->store, &error), 0);
	for (int i = 1; i <= 4; i++)
		record_large(w, 300000 + i);
	(void)record(w, "/p/plan.md", LOGGED(""), true);
	assert_last_section(w, "1>0");
	check_rollback(w);
}

/* ---- What is said of a change ---- */

struct log_end {
	size_t count;
	char kinds[400];
	char last[100]; /* "before>text" */
	char remark[40];
};

static int note_end(void *userdata, const struct log_row *row)
{
	struct log_end *end = userdata;

	end->count++;
	(void)snprintf(end->kinds + strlen(end->kinds), sizeof(end->kinds) - strlen(end->kinds),
		       "%s%s", *end->kinds ? " " : "", event_kind_name(row->event.kind));
	(void)snprintf(end->last, sizeof(end->last), "%s>%s",
		       row->event.before ? row->event.before : "",
		       row->event.text ? row->event.text : "");
	if (row->remark)
		(void)snprintf(end->remark, sizeof(end->remark), "%s", row->remark);
	return 0;
}

/* What was recorded with the last look, or nothing. */
static struct log_end said(struct world *w)
{
	struct log_filter filter = { .since = w->now, .until = INSTANT_NONE };
	struct log_end end = { 0 };
	struct error error = { 0 };

	assert_int_equal(store_log(w->store, &filter, note_end, &end, &error), 0);
	return end;
}

static void assert_said(struct world *w, const char *kinds)
{
	assert_string_equal(said(w).kinds, kinds);
}

static int stop_there(void *userdata, const struct log_row *row)
{
	*(int64_t *)userdata = row->id;
	return 7;
}

static void test_log_from_an_event_on(void **state)
{
	struct world *w = *state;
	struct log_filter filter = { .since = INSTANT_NONE, .until = INSTANT_NONE };
	struct error error = { 0 };
	int64_t first = 0, second = 0;

	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n- [ ] two\n", false);
	assert_int_equal(store_log(w->store, &filter, stop_there, &first, &error), 7);
	filter.after_id = first;
	assert_int_equal(store_log(w->store, &filter, stop_there, &second, &error), 7);
	assert_true(second > first);
	filter.after_id = second + 1;
	assert_int_equal(store_log(w->store, &filter, stop_there, &second, &error), 0);
}

static int note_plan(void *userdata, const struct plan_row *row)
{
	return plan_row_copy(row, userdata);
}

static void test_first_look(void **state)
{
	/* The file's own time, in minutes from the look on. */
	static const struct {
		int modified, edited;
	} rows[] = { { -50, -50 }, { 0, 0 }, { 5, 0 } };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup(plan_row_done) struct plan_row plan = { 0 };
		struct look look = look_at(w, "/p/plan.md");
		struct error error = { 0 };

		look.modified = look.at + rows[i].modified * USEC_PER_MIN;
		look.believe_loss = true;
		assert_int_equal(store_begin(w->store, &error), 0);
		assert_int_equal(record_content(w->store, &look, HEAD "- [ ] Stage A\n",
						strlen(HEAD "- [ ] Stage A\n"), &error),
				 RECORD_FOUND);
		assert_int_equal(store_plans(w->store, note_plan, &plan, &error), 0);
		assert_int_equal(plan.state.last_edit_at, look.at + rows[i].edited * USEC_PER_MIN);
		assert_int_equal(plan.state.started_at, plan.state.last_edit_at);
		assert_int_equal(plan.state.stage_since, plan.state.last_edit_at);
		/* An item that is nothing but its label is called by that. */
		assert_string_equal(plan.stage_label, "Stage A");
		assert_string_equal(plan.stage_text, "Stage A");
		store_rollback(w->store);
	}
}

static void test_empty_section(void **state)
{
	struct world *w = *state;

	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n", false);
	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n\n## Risks\n", false);
	assert_string_equal(said(w).kinds, "section_changed");
	assert_string_equal(said(w).last, ">Risks");
}

#define BOXES(a, b, c, d)                                                                 \
	"- [" a "] Stage A: one\n- [" b "] Stage B: two\n- [" c "] Stage C: three\n- [" d \
	"] Stage D: four\n"
#define LIMITED(status, constraint, limit, decisions, boxes)          \
	"# A\n\nStatus: " status "\n\n## Constraints\n\n" constraint  \
	"\n\n## Tolerances\n\n- Time: a stage takes more than " limit \
	"\n\n## Decision Log\n\n" decisions "\n\n## Progress\n\n" boxes

struct timed_look {
	int minutes; /* since the one before */
	const char *text, *remark;
};

static void check_remarks(struct world *w, const struct timed_look *looks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		w->now += (looks[i].minutes - 1) * USEC_PER_MIN;
		(void)record(w, "/p/plan.md", looks[i].text, true);
		if (strcmp(said(w).remark, looks[i].remark) != 0)
			fail_msg("look %zu: %s, expected %s", i, said(w).remark, looks[i].remark);
	}
	(void)verify(w);
}

static void test_remarks(void **state)
{
	static const struct timed_look looks[] = {
		{ 1, LIMITED("DRAFT", "- a", "1 hour", "", BOXES(" ", " ", " ", " ")), "" },
		{ 1, LIMITED("DRAFT", "- b", "2 hours", "", BOXES(" ", " ", " ", " ")), "" },
		{ 1, LIMITED("APPROVED", "- a", "1 hour", "", BOXES(" ", " ", " ", " ")), "" },
		{ 1, LIMITED("IN PROGRESS", "- a", "1 hour", "", BOXES("/", " ", " ", " ")), "" },
		{ 30, LIMITED("IN PROGRESS", "- a", "1 hour", "", BOXES("x", "/", " ", " ")), "" },
		/* The person's time is not the agent's. */
		{ 30, LIMITED("BLOCKED", "- a", "1 hour", "", BOXES("x", "/", " ", " ")), "" },
		{ 600, LIMITED("IN PROGRESS", "- a", "1 hour", "", BOXES("x", "/", " ", " ")), "" },
		{ 20, LIMITED("IN PROGRESS", "- a", "1 hour", "", BOXES("x", "x", " ", " ")), "" },
		{ 90, LIMITED("IN PROGRESS", "- a", "1 hour", "", BOXES("x", "x", "x", " ")),
		  "ticked_past_limit" },
		{ 90,
		  LIMITED("IN PROGRESS", "- a", "1 hour", "- Go on.", BOXES("x", "x", "x", "/")),
		  "" },
		{ 1, LIMITED("IN PROGRESS", "- b", "1 hour", "- Go on.", BOXES("x", "x", "x", "/")),
		  "constraints_changed" },
		{ 1,
		  LIMITED("IN PROGRESS", "- b", "3 hours", "- Go on.", BOXES("x", "x", "x", "/")),
		  "limit_raised" },
		{ 1,
		  LIMITED("IN PROGRESS", "- b", "2 hours", "- Go on.", BOXES("x", "x", "x", "/")),
		  "tolerances_changed" },
		{ 1,
		  LIMITED("IN PROGRESS", "- b", "2 hours\n- Scope: 4 files", "- Go on.",
			  BOXES("x", "x", "x", "/")),
		  "tolerances_changed" },
		{ 1,
		  LIMITED("IN PROGRESS", "- b", "2 hours", "- Go on.", BOXES("x", "x", "x", "/")),
		  "tolerances_changed" },
		{ 1,
		  "# A\n\nStatus: IN PROGRESS\n\n## Constraints\n\n- b\n\n## Progress\n\n" BOXES(
		      "x", "x", "x", "/"),
		  "limit_raised" },
	};

	check_remarks(*state, looks, ARRAY_SIZE(looks));
}

#define OVERALL(decisions, boxes)                                                                    \
	"# A\n\nStatus: IN PROGRESS\n\n## Tolerances\n\n- Time: the plan takes more than 1 hour\n\n" \
	"## Decision Log\n\n" decisions "\n\n## Progress\n\n" boxes

static void test_decisions_about_a_limit(void **state)
{
	static const struct timed_look looks[] = {
		{ 1, OVERALL("", BOXES(" ", " ", " ", " ")), "" },
		{ 1, OVERALL("", BOXES("x", " ", " ", " ")), "" },
		{ 10, OVERALL("- Go on.", BOXES("x", " ", " ", " ")), "" },
		/* What was decided before the limit was passed decides nothing about that. */
		{ 90, OVERALL("- Go on.", BOXES("x", "x", " ", " ")), "ticked_past_limit" },
		{ 1, OVERALL("- Go on.\n- And on.", BOXES("x", "x", " ", " ")), "" },
		{ 1, OVERALL("- Go on.\n- And on.", BOXES("x", "x", "x", " ")), "" },
	};

	check_remarks(*state, looks, ARRAY_SIZE(looks));
}

static void test_drafts_that_are_ticked(void **state)
{
	struct world *w = *state;

	(void)record(w, "/p/plan.md", "# A\n\nStatus: DRAFT\n\n## Progress\n\n- [ ] Stage A: one\n",
		     false);
	(void)record(w, "/p/plan.md", "# A\n\nStatus: DRAFT\n\n## Progress\n\n- [x] Stage A: one\n",
		     false);
	assert_string_equal(said(w).remark, "draft_ticked");
}

/* ---- Files that go, come and cannot be read ---- */

#define SECOND "\n# B\n\n## Progress\n\n- [ ] three\n"

static void test_absence(void **state)
{
	struct world *w = *state;

	assert_int_equal(record(w, "/p/plan.md", NULL, true), RECORD_NO_PLAN);
	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n" SECOND, false);
	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n", true);
	assert_said(w, "plan_gone");
	assert_int_equal(record(w, "/p/plan.md", NULL, false), RECORD_LOSS);
	assert_int_equal(record(w, "/p/plan.md", NULL, true), RECORD_CHANGED);
	assert_said(w, "plan_gone"); /* B was gone already */
	assert_int_equal(record(w, "/p/plan.md", NULL, true), RECORD_UNCHANGED);
	assert_said(w, "");
	assert_int_equal(record(w, "/p/plan.md", "nothing", false), RECORD_NO_PLAN);
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n" SECOND, false), RECORD_CHANGED);
	assert_said(w, "plan_returned plan_returned");
	(void)verify(w);
}

static void test_moves(void **state)
{
	struct world *w = *state;
	struct look look;

	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n", false);
	look = look_at(w, "/p/done/plan.md");
	look.moved_from = "/p/plan.md";
	assert_int_equal(record_look(w, &look, HEAD "- [x] one\n"), RECORD_CHANGED);
	assert_said(w, "plan_moved item_done");
	look = look_at(w, "/p/done/plan.md");
	look.renamed_from = "/p/old.md";
	look.renamed_to = "/p/new.md";
	assert_int_equal(record_look(w, &look, HEAD "- [x] one\n"), RECORD_CHANGED);
	assert_said(w, "plan_moved");
	assert_string_equal(said(w).last, "/p/old.md>/p/new.md");
	assert_int_equal(verify(w).plans, 1);
}

static int unreadable(struct world *w, const char *reason)
{
	struct look look = look_at(w, "/p/plan.md");
	struct error error = { 0 };
	int r;

	assert_int_equal(store_begin(w->store, &error), 0);
	r = record_unreadable(w->store, &look, reason, &error);
	assert_int_equal(store_commit(w->store, &error), 0);
	return r;
}

static void test_unreadable(void **state)
{
	struct world *w = *state;

	assert_int_equal(unreadable(w, "too large"), RECORD_NO_PLAN);
	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n" SECOND, false);
	assert_int_equal(unreadable(w, "too large"), RECORD_CHANGED);
	assert_said(w, "gap");
	assert_string_equal(said(w).last, ">/p/plan.md: too large");
	assert_int_equal(unreadable(w, "too large"), RECORD_UNCHANGED);
	assert_said(w, "");
	assert_int_equal(unreadable(w, "not allowed"), RECORD_CHANGED);
	assert_string_equal(said(w).last, ">/p/plan.md: not allowed");
	/* It can be read again. */
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n" SECOND, false), RECORD_CHANGED);
	assert_said(w, "");
	assert_int_equal(record(w, "/p/plan.md", HEAD "- [ ] one\n" SECOND, false),
			 RECORD_UNCHANGED);
	(void)verify(w);
}

/* ---- Branches ---- */

static int record_on(struct world *w, const char *branch, const char *text)
{
	cleanup_free char *repo = strdup("/p"), *name = branch ? strdup(branch) : NULL;
	struct git_context git = { repo, name, NULL };
	struct look look = look_at(w, "/p/plan.md");

	look.git = &git;
	look.believe_loss = !text;
	return record_look(w, &look, text);
}

static void test_branches(void **state)
{
	static const char ours[] =
	    LIMITED("IN PROGRESS", "- a", "1 hour", "", "- [x] one\n- [ ] two\n");
	static const char theirs[] =
	    LIMITED("BLOCKED", "- b\n- c", "9 hours", "- d", "- [ ] one\n- [x] another\n") SECOND;
	static const char fewer[] = LIMITED("IN PROGRESS", "- a", "1 hour", "", "- [x] one\n");
	static const char both[] =
	    LIMITED("IN PROGRESS", "- a", "1 hour", "", "- [x] one\n- [x] two\n") SECOND;
	/* What the file says on a branch, and what is no doing of git's in that. */
	static const struct {
		const char *branch, *text, *said;
	} looks[] = {
		{ "main", ours, "plan_found item_added item_added" },
		/* Never seen there: taken as it is, but for a plan that is new. */
		{ "other", theirs, "plan_found item_added" },
		/* B is not there on this branch. */
		{ "main", ours, "" },
		/* Nor was it then. */
		{ "third", fewer, "" },
		{ "main", ours, "" },
		{ "other", theirs, "" },
		{ "main", both, "item_done plan_returned" },
		/* Taken as it is, and B is gone. */
		{ NULL, ours, "" },
		{ "main", both, "" },
		{ "third", NULL, "" },
		{ "main", both, "" },
		{ "main", NULL, "plan_gone plan_gone" },
		/* Back from where it is, taken as it is where it was not. */
		{ "other", theirs, "" },
		{ "main", ours, "" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		(void)record_on(w, looks[i].branch, looks[i].text);
		if (strcmp(said(w).kinds, looks[i].said) != 0)
			fail_msg("look %zu: %s, expected %s", i, said(w).kinds, looks[i].said);
		(void)verify(w);
	}
}

#define STAGES(a1, a2, b1, b2)                                                                 \
	HEAD "- [" a1 "] Stage A: read\n- [" a2 "] Stage A: write\n- [" b1 "] Stage B: test\n" \
	     "- [" b2 "] Stage B: mend\n- [ ] Stage C: show\n"

/* A checkout and back is no work: the stage that was under way goes on, since when it was. */
static void test_stage_over_branches(void **state)
{
	/* The look with which the current stage began, from 1. */
	static const struct {
		const char *branch, *text, *stage;
		int since;
	} looks[] = {
		{ "main", STAGES(" ", " ", " ", " "), "Stage A", 1 },
		{ "main", STAGES("x", " ", " ", " "), "Stage A", 1 },
		{ "main", STAGES("x", "x", " ", " "), "Stage B", 3 },
		{ "main", STAGES("x", "x", "x", " "), "Stage B", 3 },
		{ "other", STAGES("x", "x", "x", "x"), "Stage C", 5 },
		{ "main", STAGES("x", "x", "x", " "), "Stage B", 3 },
		{ "third", STAGES(" ", " ", " ", " "), "Stage A", 7 },
		{ "main", STAGES("x", "x", "x", "x"), "Stage C", 8 },
		/* No item before the stage's own was seen done: it began when the work did. */
		{ "third", STAGES("x", " ", " ", " "), "Stage A", 1 },
	};
	struct world *w = *state;
	usec_t began = w->now;

	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		cleanup(plan_row_done) struct plan_row plan = { 0 };
		struct error error = { 0 };

		(void)record_on(w, looks[i].branch, looks[i].text);
		assert_int_equal(store_plans(w->store, note_plan, &plan, &error), 0);
		intmax_t since = (plan.state.stage_since - began) / USEC_PER_MIN;
		if (strcmp(plan.stage_label, looks[i].stage) != 0 || since != looks[i].since)
			fail_msg("look %zu: %s since look %jd", i + 1, plan.stage_label, since);
	}
	(void)verify(w);
}

/* What is ticked together with the way back is held against the limit of this branch. */
static void test_limits_over_branches(void **state)
{
	struct world *w = *state;

	(void)record_on(w, "main",
			LIMITED("IN PROGRESS", "- a", "1 hour", "", BOXES(" ", " ", " ", " ")));
	(void)record_on(w, "other",
			LIMITED("IN PROGRESS", "- a", "9 hours", "", BOXES(" ", " ", " ", " ")));
	w->now += 90 * USEC_PER_MIN;
	(void)record_on(w, "main",
			LIMITED("IN PROGRESS", "- a", "1 hour", "", BOXES("x", " ", " ", " ")));
	assert_string_equal(said(w).remark, "ticked_past_limit");
}

/* ---- A record that is not as its laws have it ---- */

static void note_finding(void *userdata, const char *finding)
{
	char *all = userdata;

	(void)snprintf(all + strlen(all), 1000 - strlen(all), "%s\n", finding);
}

static void test_findings(void **state)
{
	static const struct {
		struct event event;
		const char *finding;
	} rows[] = {
		{ { .kind = EVENT_ITEM_ADDED, .item = 1, .after = " ", .text = "one" },
		  "law 1: event adds item 1, which is there" },
		{ { .kind = EVENT_ITEM_DONE, .item = 9, .after = "x", .text = "one" },
		  "law 1: event item_done is of item 9, which is not there" },
		{ { .kind = EVENT_ITEM_ADDED,
		    .item = 9,
		    .after = " ",
		    .text = "two",
		    .position = 7 },
		  "puts an item where no place is" },
		{ { .kind = EVENT_ITEM_MOVED, .item = 1, .text = "one", .position = -5 },
		  "puts an item where no place is" },
		{ { .kind = EVENT_ITEM_REMOVED, .item = 1, .text = "one" },
		  "law 1: the events do not give the items as they stand" },
		{ { .kind = EVENT_ITEM_DONE, .item = 1, .after = "X", .text = "one" },
		  "law 1: the events do not give the items as they stand" },
	};
	struct world *w = *state;

	(void)record(w, "/p/plan.md", HEAD "- [ ] one\n", false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct observation look = { .at = w->now, .not_before = INSTANT_NONE };
		struct event event = rows[i].event;
		struct verify_counts counts;
		struct error error = { 0 };
		char findings[1000] = "";

		event.plan = 1;
		event.claimed_at = INSTANT_NONE;
		assert_int_equal(store_begin(w->store, &error), 0);
		assert_int_equal(store_observation_add(w->store, &look, &error), 0);
		assert_int_equal(store_event_add(w->store, &event, &error), 0);
		assert_int_equal(verify_store(w->store, note_finding, findings, &counts, &error),
				 0);
		assert_true(counts.findings > 0);
		if (!strstr(findings, rows[i].finding))
			fail_msg("%s: %s", rows[i].finding, findings);
		store_rollback(w->store);
	}
	(void)verify(w);
}

/* ---- Random edits ---- */

enum { ITEMS_MAX = 30 };

struct draft {
	struct {
		char text[64];
		char mark;
	} items[ITEMS_MAX];
	int count, next;
};

static unsigned pick(uint64_t *seed, unsigned below)
{
	/* xorshift64* (Vigna, 2016): the same sequence everywhere. */
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (unsigned)((*seed * 2685821657736338717u) >> 33) % below;
}

static void edit(struct draft *d, uint64_t *seed)
{
	static const char *const verbs[] = { "write", "test", "wire", "measure", "document" };
	unsigned at = d->count ? pick(seed, (unsigned)d->count) : 0, to;

	switch (pick(seed, 6)) {
	case 0:
	case 1:
		if (d->count == ITEMS_MAX)
			break;
		memmove(&d->items[at + 1], &d->items[at],
			((size_t)d->count - at) * sizeof(d->items[0]));
		(void)snprintf(d->items[at].text, sizeof(d->items[at].text),
			       "%s part %d of the thing", verbs[pick(seed, 5)],
			       pick(seed, 4) ? d->next++ : 0);
		d->items[at].mark = " x~"[pick(seed, 3)];
		d->count++;
		break;
	case 2:
		if (d->count)
			d->items[at].mark = " x~"[pick(seed, 3)];
		break;
	case 3:
		if (d->count)
			(void)snprintf(d->items[at].text, sizeof(d->items[at].text),
				       "(2026-01-%02u) %s it, %d cases", pick(seed, 28) + 1,
				       verbs[pick(seed, 5)], d->next++);
		break;
	case 4:
		if (d->count) {
			memmove(&d->items[at], &d->items[at + 1],
				((size_t)d->count - at - 1) * sizeof(d->items[0]));
			d->count--;
		}
		break;
	default:
		if (d->count) {
			to = pick(seed, (unsigned)d->count);
			__typeof__(d->items[0]) moved = d->items[at];
			d->items[at] = d->items[to];
			d->items[to] = moved;
		}
	}
}

static char *write_draft(const struct draft *d)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)fputs(HEAD, out);
	for (int i = 0; i < d->count; i++)
		(void)fprintf(out, "- [%c] %s\n", d->items[i].mark, d->items[i].text);
	(void)fclose(out);
	return text;
}

static void test_laws_over_random_edits(void **state)
{
	struct world *w = *state;
	int revisions = 0;

	for (uint64_t plan = 1; plan <= 40; plan++) {
		struct draft draft = { .next = 1 };
		uint64_t seed = plan * 7919;
		char path[40];

		(void)snprintf(path, sizeof(path), "/p/plan-%d.md", (int)plan);
		for (int revision = 0; revision < 50; revision++) {
			for (unsigned edits = pick(&seed, 5) + (revision == 0 ? 5 : 0); edits > 0;
			     edits--)
				edit(&draft, &seed);
			/* Before its first item nobody would take it for a plan. */
			if (draft.count == 0 && revision == 0)
				continue;
			cleanup_free char *text = write_draft(&draft);
			revisions += record(w, path, text, true) != RECORD_UNCHANGED;
		}
	}
	struct verify_counts counts = verify(w);
	assert_int_equal(counts.plans, 40);
	assert_in_range(counts.revisions, 1000, revisions);
}

static void test_second_writer_is_refused(void **state)
{
	struct world *w = *state;
	struct store *second = NULL;
	struct error error = { 0 };

	assert_int_equal(store_open(&second, w->path, STORE_WRITE, &error), -EBUSY);
	assert_non_null(strstr(error.message, "another program writes this database"));
	assert_int_equal(store_open(&second, w->path, STORE_READ, &error), 0);
	assert_true(store_root_add(second, "/x", 0, &error) < 0);
	store_close(second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_same_bytes_again),
		TEST(test_loss_is_not_believed),
		TEST(test_no_plan),
		TEST(test_what_was_rolled_back_is_forgotten),
		TEST(test_remarks),
		TEST(test_decisions_about_a_limit),
		TEST(test_drafts_that_are_ticked),
		TEST(test_log_from_an_event_on),
		TEST(test_first_look),
		TEST(test_empty_section),
		TEST(test_findings),
		TEST(test_absence),
		TEST(test_moves),
		TEST(test_unreadable),
		TEST(test_branches),
		TEST(test_stage_over_branches),
		TEST(test_limits_over_branches),
		TEST(test_laws_over_random_edits),
		TEST(test_second_writer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
