/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth table of the verdicts, tests/data/verdicts.tsv: a name, a state, the verdict, a part of the reason, and what else is
 * expected. The state is a list of words; later ones win.
 *
 *   tz now                         `now` is 2026-03-04T12:00Z; a time without zone is of `tz`, UTC
 *   status boxes                   boxes are done/open/other/total
 *   stage started tick edit commit since waited_until   since when: TIME, `since` being the status's
 *   stage_budget plan_budget       the plan's own, 4h or 4h:effort, in lines 9 and 12 of it
 *   stage_limit plan_limit stall_after draft_after nearing      as configured
 *   lapse wait                     TIME..TIME, may be repeated
 *   quiet                          blanks as underscores; may be repeated; none: not those before
 *   seen                           a remark
 *   problem no_boxes work_ticked no_alerts
 *
 * A TIME is one of instant_parse(), which has 5m for five minutes ago; 0 is now, in:5m to come, past:5m the first microsecond after.
 * Expected are: next since began (the clock's start), TIME or never; used, a length, 0 or none; limit; source; line; clock; mask; remarks.
 */
#include "unit.h"

#include "planwatch/cleanup.h"
#include "planwatch/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE "tests/data/verdicts.tsv"
#define SPANS_MAX 8

struct row {
	char *name, *base, *state, *verdict, *reason, *expected;
	int line;
};

struct world {
	usec_t now;
	struct plan_state state;
	struct limits limits;
	struct worktime time;
	struct span lapses[SPANS_MAX], waits[SPANS_MAX];
	struct quiet_hours quiet[SPANS_MAX];
};

/* ---- Reading a row ---- */

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static usec_t length_of(const struct row *row, const char *text)
{
	usec_t length;

	if (duration_parse(text, &length) < 0)
		fail_msg("line %d: %s is no duration", row->line, text);
	return length;
}

static usec_t time_of(const struct row *row, const struct world *world, const char *text)
{
	usec_t at;

	if (strcmp(text, "never") == 0)
		return INSTANT_NONE;
	if (strcmp(text, "0") == 0)
		return world->now;
	if (strncmp(text, "past:", 5) == 0)
		return time_of(row, world, text + 5) + 1;
	if (strncmp(text, "in:", 3) == 0)
		return world->now + length_of(row, text + 3);
	if (instant_parse(text, world->now, &at) < 0)
		fail_msg("line %d: %s is no time", row->line, text);
	return at;
}

/* "4h", "4h:effort" */
static struct budget budget_of(const struct row *row, char *text, uint32_t line)
{
	char *basis = strchr(text, ':');

	if (basis)
		*basis++ = '\0';
	return (struct budget){ length_of(row, text) / USEC_PER_SEC, line,
				basis && strcmp(basis, "effort") == 0 ? BASIS_EFFORT : BASIS_WALL };
}

/* "FROM..UNTIL" */
static void add_span(const struct row *row, const struct world *world, struct span *spans,
		     size_t *count, char *text)
{
	char *until = strstr(text, "..");

	assert_non_null(until);
	assert_true(*count < SPANS_MAX);
	*until = '\0';
	spans[(*count)++] =
	    (struct span){ time_of(row, world, text), time_of(row, world, until + 2) };
}

/* "done/open/other/total" */
static struct plan_counts counts_of(char *text)
{
	uint32_t numbers[4] = { 0 };

	for (size_t i = 0; i < 4; i++) {
		numbers[i] = (uint32_t)strtoul(text, &text, 10);
		text += *text == '/';
	}
	return (struct plan_counts){ numbers[0], numbers[1], numbers[2], numbers[3] };
}

static enum plan_status status_of(const struct row *row, const char *word)
{
	for (enum plan_status status = STATUS_UNKNOWN; status <= STATUS_SUPERSEDED; status++)
		if (strcmp(plan_status_name(status), word) == 0)
			return status;
	fail_msg("line %d: %s is no status", row->line, word);
	return STATUS_UNKNOWN;
}

static bool read_time(const struct row *row, struct world *w, const char *key, const char *value)
{
	struct plan_state *s = &w->state;
	const struct {
		const char *key;
		usec_t *slot;
	} slots[] = { { "stage", &s->stage_since },	   { "started", &s->started_at },
		      { "tick", &s->last_tick_at },	   { "edit", &s->last_edit_at },
		      { "commit", &s->last_commit_at },	   { "since", &s->status_since },
		      { "waited_until", &s->waited_until } };

	for (size_t i = 0; i < ARRAY_SIZE(slots); i++)
		if (strcmp(slots[i].key, key) == 0) {
			*slots[i].slot = time_of(row, w, value);
			return true;
		}
	return false;
}

static void read_flag(const struct row *row, struct world *w, const char *flag)
{
	if (strcmp(flag, "problem") == 0)
		w->state.problem = true;
	else if (strcmp(flag, "no_boxes") == 0)
		w->state.source = PROGRESS_NONE;
	else if (strcmp(flag, "work_ticked") == 0)
		w->state.work_ticked = true;
	else if (strcmp(flag, "no_alerts") == 0)
		w->limits.quiet = true;
	else
		fail_msg("line %d: %s says nothing", row->line, flag);
}

static void read_limit(const struct row *row, struct world *w, const char *key, char *value)
{
	if (strcmp(key, "stage_budget") == 0)
		w->state.stage = budget_of(row, value, 9);
	else if (strcmp(key, "plan_budget") == 0)
		w->state.plan = budget_of(row, value, 12);
	else if (strcmp(key, "stall_after") == 0) {
		w->limits.stall_after = length_of(row, value);
		w->limits.stall_after_configured = true;
	} else if (strcmp(key, "draft_after") == 0)
		w->limits.draft_after = length_of(row, value);
	else if (strcmp(key, "stage_limit") == 0)
		w->limits.stage_limit = length_of(row, value);
	else if (strcmp(key, "plan_limit") == 0)
		w->limits.plan_limit = length_of(row, value);
	else if (strcmp(key, "nearing") == 0)
		w->limits.nearing_percent = (int)strtol(value, NULL, 10);
	else
		fail_msg("line %d: %s says nothing", row->line, key);
}

static void read_quiet(const struct row *row, struct world *w, char *value)
{
	if (strcmp(value, "none") == 0) {
		w->time.quiet_count = 0;
		return;
	}
	for (char *c = value; *c; c++)
		*c = *c == '_' ? ' ' : *c;
	assert_true(w->time.quiet_count < SPANS_MAX);
	if (quiet_hours_parse(value, &w->quiet[w->time.quiet_count++]) < 0)
		fail_msg("line %d: %s are no quiet hours", row->line, value);
}

static enum remark remark_of(const struct row *row, const char *word)
{
	for (enum remark remark = REMARK_NONE + 1; remark < REMARK_COUNT; remark++)
		if (strcmp(remark_name(remark), word) == 0)
			return remark;
	fail_msg("line %d: %s is no remark", row->line, word);
	return REMARK_NONE;
}

static void read_word(const struct row *row, struct world *w, char *word)
{
	char *value = strchr(word, '=');

	if (!value) {
		read_flag(row, w, word);
		return;
	}
	*value++ = '\0';
	if (strcmp(word, "status") == 0)
		w->state.status = status_of(row, value);
	else if (strcmp(word, "boxes") == 0)
		w->state.counts = counts_of(value);
	else if (strcmp(word, "lapse") == 0)
		add_span(row, w, w->lapses, &w->time.lapse_count, value);
	else if (strcmp(word, "wait") == 0)
		add_span(row, w, w->waits, &w->time.wait_count, value);
	else if (strcmp(word, "quiet") == 0)
		read_quiet(row, w, value);
	else if (strcmp(word, "seen") == 0)
		w->state.remarks |= 1u << remark_of(row, value);
	else if (!read_time(row, w, word, value))
		read_limit(row, w, word, value);
}

/* Zone and clock come first: all other times are read by them. */
static void read_words(const struct row *row, struct world *w, const char *text, bool clock)
{
	cleanup_free char *words = strdup(text);
	char *rest = words, *word;

	while ((word = strsep(&rest, " "))) {
		bool zone = strncmp(word, "tz=", 3) == 0, now = strncmp(word, "now=", 4) == 0;
		if (!*word || (zone || now) != clock)
			continue;
		if (zone)
			set_zone(word + 3);
		else if (now)
			w->now = time_of(row, w, word + 4);
		else
			read_word(row, w, word);
	}
}

static void read_world(const struct row *row, struct world *w)
{
	*w = (struct world){ .state = { .source = PROGRESS_SECTION,
					.stage_since = INSTANT_NONE,
					.started_at = INSTANT_NONE,
					.last_tick_at = INSTANT_NONE,
					.last_edit_at = INSTANT_NONE,
					.last_commit_at = INSTANT_NONE,
					.status_since = INSTANT_NONE,
					.waited_until = INSTANT_NONE,
					.decided_at = INSTANT_NONE,
					.stage = { .seconds = -1, .line = 99 },
					.plan = { .seconds = -1, .line = 99 } },
			     .limits = LIMITS_DEFAULT };
	set_zone("UTC");
	assert_int_equal(instant_parse("2026-03-04T12:00:00Z", 0, &w->now), 0);
	read_words(row, w, row->base, true);
	read_words(row, w, row->state, true);
	read_words(row, w, row->base, false);
	read_words(row, w, row->state, false);
	w->time.lapses = w->lapses;
	w->time.waits = w->waits;
	w->time.quiet = w->quiet;
}

/* ---- What is expected beside the verdict ---- */

/* All rows are told that are wrong, not only the first. */
static size_t wrong_rows;

static void __attribute__((format(printf, 2, 3)))
wrong(const struct row *row, const char *format, ...)
{
	char what[400];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	print_error("%s:%d: %s: %s\n", TABLE, row->line, row->name, what);
	wrong_rows++;
}

static void expect_time(const struct row *row, const struct world *w, const char *key,
			const char *value, usec_t found)
{
	usec_t wanted = time_of(row, w, value);
	char a[INSTANT_MAX], b[INSTANT_MAX];

	if (found != wanted)
		wrong(row, "%s is %s, expected %s", key, instant_format_utc(found, a),
		      instant_format_utc(wanted, b));
}

static void expect_number(const struct row *row, const char *key, int64_t wanted, int64_t found)
{
	if (found != wanted)
		wrong(row, "%s is %ld, expected %ld", key, (long)found, (long)wanted);
}

static void expect_word(const struct row *row, const char *key, const char *wanted,
			const char *found)
{
	if (strcmp(found ? found : "none", wanted) != 0)
		wrong(row, "%s is %s, expected %s", key, found ? found : "none", wanted);
}

static int64_t seconds_of(const struct row *row, const char *text)
{
	if (strcmp(text, "none") == 0)
		return -1;
	return strcmp(text, "0") == 0 ? 0 : length_of(row, text) / USEC_PER_SEC;
}

static unsigned remarks_of(const struct row *row, char *text)
{
	unsigned remarks = 0;
	char *word;

	while (strcmp(text, "none") != 0 && (word = strsep(&text, ","))) {
		remarks |= 1u << remark_of(row, word);
		if (!text)
			break;
	}
	return remarks;
}

/* "lapses,waits,quiet" */
static unsigned mask_of(const char *text)
{
	return (strstr(text, "lapses") ? WORKTIME_LAPSES : 0u) |
	       (strstr(text, "waits") ? WORKTIME_WAITS : 0u) |
	       (strstr(text, "quiet") ? WORKTIME_QUIET : 0u);
}

static void expect(const struct row *row, const struct world *w, const struct verdict *v, char *key)
{
	char *value = strchr(key, '=');

	assert_non_null(value);
	*value++ = '\0';
	if (strcmp(key, "next") == 0)
		expect_time(row, w, key, value, v->next);
	else if (strcmp(key, "since") == 0)
		expect_time(row, w, key, value, v->since);
	else if (strcmp(key, "began") == 0)
		expect_time(row, w, key, value, v->clock_since);
	else if (strcmp(key, "used") == 0)
		expect_number(row, key, seconds_of(row, value), v->used_seconds);
	else if (strcmp(key, "limit") == 0)
		expect_number(row, key, seconds_of(row, value), v->limit_seconds);
	else if (strcmp(key, "line") == 0)
		expect_number(row, key, strtol(value, NULL, 10), v->limit_line);
	else if (strcmp(key, "source") == 0)
		expect_word(row, key, value, limit_source_name(v->limit_source));
	else if (strcmp(key, "clock") == 0)
		expect_word(row, key, value, judge_clock_name(v->clock));
	else if (strcmp(key, "mask") == 0)
		expect_number(row, key, mask_of(value), v->clock_mask);
	else if (strcmp(key, "remarks") == 0)
		expect_number(row, key, remarks_of(row, value), v->remarks);
	else
		fail_msg("line %d: %s is nothing to expect", row->line, key);
}

/* ---- The table ---- */

static size_t for_each_row(void (*check)(const struct row *row))
{
	cleanup_fclose FILE *file = fopen(TABLE, "re");
	cleanup_free char *line = NULL, *base = strdup("");
	size_t size = 0, rows = 0;

	if (!file)
		fail_msg("%s: not there; run from the top of the tree", TABLE);
	for (int number = 1; getline(&line, &size, file) > 0; number++) {
		char *rest = line;
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		if (*line == '@') {
			free(base);
			base = strdup(line + 1);
			continue;
		}
		struct row row = { .name = strsep(&rest, "\t"),
				   .base = base,
				   .state = strsep(&rest, "\t"),
				   .verdict = strsep(&rest, "\t"),
				   .reason = strsep(&rest, "\t"),
				   .expected = strsep(&rest, "\t"),
				   .line = number };
		if (!row.reason || rest)
			fail_msg("%s:%d: four or five columns are wanted", TABLE, number);
		check(&row);
		rows++;
	}
	return rows;
}

static void check_verdict(const struct row *row)
{
	struct world w;
	struct verdict verdict;
	char *rest = row->expected, *word;

	read_world(row, &w);
	judge(&w.state, &w.limits, &w.time, w.now, &verdict);
	if (verdict_parse(row->verdict) != (int)verdict.kind ||
	    !strstr(verdict.reason, row->reason))
		wrong(row, "%s (%s), expected %s (%s)", verdict_name(verdict.kind), verdict.reason,
		      row->verdict, row->reason);
	while (rest && (word = strsep(&rest, " ")))
		expect(row, &w, &verdict, word);
}

static void test_table(void **unused)
{
	(void)unused;
	assert_true(for_each_row(check_verdict) >= 150);
	assert_int_equal(wrong_rows, 0);
}

/* Whether the record starts the clocks: a rule of its own, because the verdict asks it only where nobody is waited for. */
static void test_under_way(void **unused)
{
	static const struct {
		enum plan_status status;
		struct plan_counts counts;
		bool work_ticked;
		usec_t last_tick_at, status_since;
		bool under_way;
	} rows[] = {
		{ STATUS_UNKNOWN, { 0, 3, 0, 3 }, false, INSTANT_NONE, 5, false },
		{ STATUS_UNKNOWN, { 1, 2, 0, 3 }, false, INSTANT_NONE, 5, true },
		{ STATUS_UNKNOWN, { 3, 0, 0, 3 }, false, 9, 5, false },
		{ STATUS_UNKNOWN, { 2, 0, 1, 3 }, false, 9, 5, true },
		{ STATUS_UNKNOWN, { 2, 0, 1, 2 }, false, 9, 5, false },
		{ STATUS_IN_PROGRESS, { 0, 3, 0, 3 }, false, INSTANT_NONE, 5, true },
		{ STATUS_IN_PROGRESS, { 0, 0, 3, 0 }, false, INSTANT_NONE, 5, false },
		{ STATUS_IN_PROGRESS, { 3, 0, 0, 3 }, true, 9, 5, false },
		{ STATUS_DRAFT, { 1, 2, 0, 3 }, false, 9, 5, false },
		{ STATUS_DRAFT, { 1, 2, 0, 3 }, true, 9, 5, true },
		{ STATUS_APPROVED, { 0, 3, 0, 3 }, false, INSTANT_NONE, 5, false },
		{ STATUS_APPROVED, { 0, 3, 0, 3 }, false, INSTANT_NONE, INSTANT_NONE, false },
		{ STATUS_APPROVED, { 1, 2, 0, 3 }, false, 4, 5, false },
		{ STATUS_APPROVED, { 1, 2, 0, 3 }, false, 5, 5, true },
		{ STATUS_APPROVED, { 1, 2, 0, 3 }, true, 4, 5, true },
		{ STATUS_BLOCKED, { 1, 2, 0, 3 }, false, 4, 5, true },
		{ STATUS_BLOCKED, { 0, 3, 0, 3 }, false, 4, 5, false },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_state state = { .status = rows[i].status,
					    .counts = rows[i].counts,
					    .work_ticked = rows[i].work_ticked,
					    .last_tick_at = rows[i].last_tick_at,
					    .status_since = rows[i].status_since };
		if (plan_is_under_way(&state) != rows[i].under_way)
			fail_msg("row %zu, %s: it is not", i, plan_status_name(rows[i].status));
	}
}

/* ---- Properties, of every row and of random states ---- */

static enum verdict_kind kind_at(const struct world *w, usec_t now)
{
	struct verdict verdict;

	judge(&w->state, &w->limits, &w->time, now, &verdict);
	return verdict.kind;
}

/* A verdict that time has brought about began when it says, and not a moment sooner. */
static void check_since(const struct world *w, const struct verdict *verdict, const char *name)
{
	bool of_draft = verdict->kind == VERDICT_NEEDS_YOU && w->state.status == STATUS_DRAFT;

	if (verdict->since == INSTANT_NONE || (verdict->kind == VERDICT_NEEDS_YOU && !of_draft))
		return;
	if (verdict->since > w->now || kind_at(w, verdict->since) != verdict->kind ||
	    kind_at(w, verdict->since - 1) == verdict->kind)
		fail_msg("%s: %s did not begin when it is said to", name,
			 verdict_name(verdict->kind));
}

#define LOOKS 30

/* Time alone changes nothing before the moment that is told, but then: from there on to the next one, for as long as there is one. */
static void check_in_time(struct world *w, const char *name)
{
	for (int moments = 0; moments < 12; moments++) {
		struct verdict first;
		judge(&w->state, &w->limits, &w->time, w->now, &first);
		check_since(w, &first, name);
		usec_t end = first.next == INSTANT_NONE ? w->now + 40 * USEC_PER_DAY : first.next;
		if (end <= w->now)
			fail_msg("%s: the next moment has gone", name);
		for (int i = 0; i <= LOOKS; i++) {
			usec_t then = w->now + (end - 1 - w->now) / LOOKS * i;
			if (kind_at(w, i == LOOKS ? end - 1 : then) != first.kind)
				fail_msg("%s: %s does not last to the moment that was told", name,
					 verdict_name(first.kind));
		}
		if (first.next == INSTANT_NONE)
			return;
		if (kind_at(w, end) == first.kind)
			fail_msg("%s: %s does not end at the moment that was told", name,
				 verdict_name(first.kind));
		w->now = first.next;
	}
	fail_msg("%s: never comes to rest", name);
}

static void check_row_in_time(const struct row *row)
{
	struct world w;

	read_world(row, &w);
	check_in_time(&w, row->name);
}

static void test_rows_in_time(void **unused)
{
	(void)unused;
	(void)for_each_row(check_row_in_time);
}

/* ---- Random states ---- */

#define WORLDS 6000

static uint64_t random_state;

/* xorshift64 (G. Marsaglia, "Xorshift RNGs"). */
static int64_t below(int64_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (int64_t)(random_state % (uint64_t)bound);
}

/* Within the last three days, mostly, and often at the same as another one. */
static usec_t random_time(const struct world *w)
{
	switch (below(10)) {
	case 0:
		return INSTANT_NONE;
	case 1:
		return w->now + below(10 * 60) * USEC_PER_MIN;
	case 2:
		return w->now - below(3 * USEC_PER_DAY);
	default:
		return w->now - below(below(2) == 0 ? 300 : 3 * 24 * 60) * USEC_PER_MIN;
	}
}

static struct budget random_budget(void)
{
	return (struct budget){ below(3) == 0 ? -1 : (1 + below(12)) * 1800, 9,
				below(2) == 0 ? BASIS_EFFORT : BASIS_WALL };
}

static size_t random_spans(const struct world *w, struct span *spans)
{
	size_t count = (size_t)below(4);
	usec_t at = w->now - 3 * USEC_PER_DAY;

	for (size_t i = 0; i < count; i++) {
		at += below(24 * 60) * USEC_PER_MIN;
		spans[i].from = at;
		at += (1 + below(12 * 60)) * USEC_PER_MIN;
		spans[i].until = at;
		if (at > w->now)
			return i;
	}
	return count;
}

static void random_limits(struct limits *limits)
{
	*limits = (struct limits)LIMITS_DEFAULT;
	limits->stall_after = (1 + below(600)) * USEC_PER_MIN;
	limits->draft_after = (1 + below(60)) * USEC_PER_MIN;
	limits->stage_limit = below(2) * below(600) * USEC_PER_MIN;
	limits->plan_limit = below(2) * below(2000) * USEC_PER_MIN;
	limits->nearing_percent = 1 + (int)below(99);
}

static void random_quiet(struct world *w)
{
	w->time.quiet_count = (size_t)below(3);
	for (size_t i = 0; i < w->time.quiet_count; i++) {
		int16_t from = (int16_t)below(1440);
		w->quiet[i] = (struct quiet_hours){ (uint8_t)(1 + below(0x7f)), from,
						    (int16_t)((from + 1 + below(1000)) % 1440) };
	}
}

static void random_world(struct world *w)
{
	struct plan_state *s = &w->state;
	uint32_t done = (uint32_t)below(3), open = (uint32_t)below(3), other = (uint32_t)below(2);

	*w = (struct world){ 0 };
	/* Around the night in which the clock is set. */
	assert_int_equal(instant_parse("2026-03-29T01:00Z", 0, &w->now), 0);
	w->now += below(4 * USEC_PER_DAY);
	s->status = (enum plan_status)below(STATUS_SUPERSEDED + 1);
	if (below(2) == 0)
		s->status = STATUS_IN_PROGRESS;
	s->source = PROGRESS_SECTION;
	s->counts = (struct plan_counts){ done, open, other,
					  done + open + (uint32_t)below((int64_t)other + 1) };
	s->work_ticked = done > 0 && below(2) == 0;
	usec_t *const times[] = { &s->stage_since,  &s->started_at,	&s->last_tick_at,
				  &s->last_edit_at, &s->last_commit_at, &s->status_since,
				  &s->waited_until };
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		*times[i] = i > 0 && below(4) == 0 ? *times[i - 1] : random_time(w);
	s->decided_at = INSTANT_NONE;
	s->stage = random_budget();
	s->plan = random_budget();
	random_limits(&w->limits);
	w->time.lapse_count = random_spans(w, w->lapses);
	w->time.wait_count = random_spans(w, w->waits);
	random_quiet(w);
	w->time.lapses = w->lapses;
	w->time.waits = w->waits;
	w->time.quiet = w->quiet;
}

/* Said once more, the plain way: has more than `limit` been used since? Of a limit in effort quiet hours are none. */
static bool is_past(const struct world *w, usec_t since, usec_t limit, enum tolerance_basis basis)
{
	unsigned mask = WORKTIME_LAPSES | WORKTIME_WAITS;

	if (basis == BASIS_EFFORT)
		mask |= WORKTIME_QUIET;
	return limit > 0 && since != INSTANT_NONE &&
	       worktime_between(&w->time, mask, since, w->now) > limit;
}

static bool is_budget_past(const struct world *w, int percent)
{
	const struct plan_state *s = &w->state;
	bool own_stage = s->stage.seconds > 0, own_plan = s->plan.seconds > 0;
	usec_t stage = own_stage ? s->stage.seconds * USEC_PER_SEC : w->limits.stage_limit;
	usec_t plan = own_plan ? s->plan.seconds * USEC_PER_SEC : w->limits.plan_limit;

	return is_past(w, s->stage_since, stage * percent / 100,
		       own_stage ? s->stage.basis : BASIS_WALL) ||
	       is_past(w, s->started_at, plan * percent / 100,
		       own_plan ? s->plan.basis : BASIS_WALL);
}

static bool is_silent(const struct world *w, bool edits, bool commits)
{
	const struct plan_state *s = &w->state;
	usec_t limit = w->limits.stall_after, sign = s->last_tick_at;
	enum tolerance_basis basis = BASIS_WALL;

	if (s->stage.seconds > 0 || s->plan.seconds > 0) {
		const struct budget *own = s->stage.seconds > 0 ? &s->stage : &s->plan;
		limit = own->seconds * USEC_PER_SEC;
		basis = own->basis;
	}
	sign = s->started_at > sign ? s->started_at : sign;
	sign = s->waited_until > sign ? s->waited_until : sign;
	sign = edits && s->last_edit_at > sign ? s->last_edit_at : sign;
	sign = commits && s->last_commit_at > sign ? s->last_commit_at : sign;
	return is_past(w, sign, limit, basis);
}

static enum verdict_kind plain_kind(const struct world *w)
{
	return is_budget_past(w, 100)			      ? VERDICT_OVER
	       : is_silent(w, true, true)		      ? VERDICT_STALLED
	       : is_silent(w, true, false)		      ? VERDICT_DRIFTING
	       : is_silent(w, false, false)		      ? VERDICT_CHURNING
	       : is_budget_past(w, w->limits.nearing_percent) ? VERDICT_NEARING
							      : VERDICT_MOVING;
}

/* Every kind comes up, so that nothing here holds of nothing. */
static void test_random_worlds(void **unused)
{
	size_t kinds[VERDICT_UNKNOWN + 1] = { 0 };

	(void)unused;
	set_zone("Europe/Berlin");
	for (uint64_t i = 0; i < WORLDS; i++) {
		struct world w;
		char name[40];
		random_state = 0x9e3779b97f4a7c15u + i * 977;
		(void)snprintf(name, sizeof(name), "world %d", (int)i);
		random_world(&w);
		enum verdict_kind kind = kind_at(&w, w.now);
		kinds[kind]++;
		if (w.state.status == STATUS_IN_PROGRESS && kind <= VERDICT_MOVING &&
		    kind != plain_kind(&w))
			fail_msg("%s: %s, and %s the plain way", name, verdict_name(kind),
				 verdict_name(plain_kind(&w)));
		check_in_time(&w, name);
	}
	for (int kind = 0; kind < VERDICT_UNKNOWN; kind++)
		if (kinds[kind] < 20)
			fail_msg("%s came up %zu times", verdict_name((enum verdict_kind)kind),
				 kinds[kind]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_rows_in_time),
		cmocka_unit_test(test_random_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
