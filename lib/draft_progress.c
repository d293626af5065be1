/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Progress section out of what the rest of a plan says is to be done. */
#include "arena.h"
#include "ascii.h"
#include "draft_private.h"
#include "fold.h"
#include "label.h"
#include "planwatch/cleanup.h"
#include "planwatch/plan.h"
#include "planwatch/text.h"
#include "scan.h"

#include <string.h>
#include <strings.h>

/* An outermost entry of a list. */
struct entry {
	size_t section;	  /* the index of the one that it lies in */
	const char *mark; /* in its box; " " without a box */
	const char *text;
};

struct deriver {
	struct arena arena;
	const struct plan *plan;
	enum section_kind
	    *homes; /* of each section: its own kind, else that of the one around it */
	struct entry *entries;
	size_t entry_count, entry_capacity;
	struct draft draft;
};

/* ---- What is there ---- */

static void find_homes(struct deriver *d)
{
	enum section_kind around[7] = { SECTION_UNKNOWN };

	for (size_t i = 0; i < d->plan->section_count; i++) {
		const struct section *section = &d->plan->sections[i];
		enum section_kind home = section->kind ? section->kind : around[section->level - 1];
		for (unsigned level = section->level; level < 7; level++)
			around[level] = home;
		d->homes[i] = home;
	}
}

/* "Read the grammar." of "Read the grammar. It is in ..."; "Run" of "Run:". */
static const char *first_sentence(struct deriver *d, const char *text)
{
	size_t length = strlen(text);

	for (const char *at = strstr(text, ". "); at; at = strstr(at + 1, ". ")) {
		/* Not behind "e.g." */
		if (is_upper(at[2]) || at[2] == '`') {
			length = (size_t)(at + 1 - text);
			break;
		}
	}
	while (length && (text[length - 1] == ':' || text[length - 1] == ' '))
		length--;
	return arena_string(&d->arena, text, length);
}

static void add_entry(struct deriver *d, struct fold *text, size_t section)
{
	struct entry *entries =
	    arena_grow(&d->arena, d->entries, d->entry_count, &d->entry_capacity, sizeof(*entries));
	const char *string = fold_take(text, &d->arena), *box, *rest;
	size_t length;

	if (!entries || !string)
		return;
	rest = scan_box(string, string + strlen(string), &box, &length);
	d->entries = entries;
	entries[d->entry_count++] =
	    (struct entry){ .section = section,
			    .mark = rest ? arena_string(&d->arena, box, length) : " ",
			    .text = first_sentence(d, rest ? rest : string) };
}

/* The outermost entries of all lists, each with its first paragraph. */
static void find_entries(struct deriver *d, const char *bytes, size_t length)
{
	cleanup(fold_done) struct fold text = { 0 };
	struct scan scan;
	struct scan_line line;
	size_t next = 0, open = 0; /* the section of the entry that is open, + 1 */

	scan_init(&scan, bytes, length);
	while (scan_next(&scan, &line)) {
		bool begins = line.items && line.opened == line.items;
		bool goes_on = line.items == 1 && line.block == SCAN_TEXT && !begins;
		if (open && !goes_on) {
			add_entry(d, &text, open - 1);
			open = 0;
		}
		while (next < d->plan->section_count && d->plan->sections[next].line <= line.number)
			next++;
		if (begins && line.block == SCAN_TEXT && next && !line.quotes)
			open = next;
		if (open)
			fold_add(&text, line.text, line.end);
	}
	if (open)
		add_entry(d, &text, open - 1);
	d->arena.failed |= text.failed;
}

/* ---- What becomes of it ---- */

static void add(struct deriver *d, uint32_t depth, const char *mark, const char *before,
		const char *text)
{
	cleanup_free char *joined = NULL;

	if (asprintf(&joined, "%s%s", before, text) < 0) {
		d->draft.failed = true;
		return;
	}
	draft_add(&d->draft, &(struct draft_item){ .depth = depth, .mark = mark, .text = joined });
}

static bool same_label(const char *a, const char *b)
{
	struct label_span left, right;
	size_t length = label_read(a, &left);

	return length && label_read(b, &right) == length && strncasecmp(a, b, length) == 0;
}

/* Below a heading of level 2 or deeper that is no section of the format, and in a place where work is told. */
static bool tells_work(const struct deriver *d, size_t section)
{
	enum section_kind home = d->homes[section];

	return d->plan->sections[section].level > 1 &&
	       d->plan->sections[section].kind == SECTION_UNKNOWN &&
	       (home == SECTION_UNKNOWN || home == SECTION_PLAN_OF_WORK ||
		home == SECTION_CONCRETE_STEPS);
}

static void add_steps(struct deriver *d, const char *label)
{
	for (size_t i = 0; i < d->entry_count; i++) {
		size_t section = d->entries[i].section;
		if (d->homes[section] == SECTION_CONCRETE_STEPS &&
		    same_label(d->plan->sections[section].title, label))
			add(d, 1, d->entries[i].mark, "", d->entries[i].text);
	}
}

/* "### Stage A: read the grammar", each label once. */
static void add_labelled_headings(struct deriver *d)
{
	const struct section *sections = d->plan->sections;
	struct label_span span;

	for (size_t i = 0; i < d->plan->section_count; i++) {
		bool first = tells_work(d, i) && label_read(sections[i].title, &span);
		for (size_t k = 0; k < i && first; k++)
			first =
			    !(tells_work(d, k) && same_label(sections[k].title, sections[i].title));
		if (!first)
			continue;
		add(d, 0, " ", "", sections[i].title);
		add_steps(d, sections[i].title);
	}
}

/* "- Stage A: read the grammar" */
static void add_labelled_entries(struct deriver *d)
{
	struct label_span span;

	for (size_t i = 0; i < d->entry_count; i++) {
		if (d->homes[d->entries[i].section] != SECTION_PLAN_OF_WORK ||
		    !label_read(d->entries[i].text, &span))
			continue;
		add(d, 0, d->entries[i].mark, "", d->entries[i].text);
		add_steps(d, d->entries[i].text);
	}
}

static void add_headings(struct deriver *d)
{
	for (size_t i = 0; i < d->plan->section_count; i++)
		if (tells_work(d, i) && d->homes[i] == SECTION_PLAN_OF_WORK)
			add(d, 0, " ", "", d->plan->sections[i].title);
}

static void add_entries(struct deriver *d, enum section_kind home, const char *before)
{
	for (size_t i = 0; i < d->entry_count; i++)
		if (d->homes[d->entries[i].section] == home)
			add(d, 0, d->entries[i].mark, before, d->entries[i].text);
}

/* A Validation without a list is one item. */
static void add_validation(struct deriver *d)
{
	size_t before = d->draft.items;

	add_entries(d, SECTION_VALIDATION, "Validate: ");
	for (size_t i = 0; i < d->plan->section_count && d->draft.items == before; i++)
		if (d->plan->sections[i].kind == SECTION_VALIDATION)
			add(d, 0, " ", "Validate as told in ", d->plan->sections[i].title);
}

static void derive(struct deriver *d)
{
	add_labelled_headings(d);
	if (!d->draft.items)
		add_labelled_entries(d);
	if (!d->draft.items)
		add_headings(d);
	if (!d->draft.items)
		add_entries(d, SECTION_PLAN_OF_WORK, "");
	if (!d->draft.items)
		add_entries(d, SECTION_CONCRETE_STEPS, "");
	add_validation(d);
}

/* ---- Where it goes ---- */

/* The line to put it before: at the end of an empty Progress, else in front of the first section that the format has behind it. */
static uint32_t find_place(const struct plan *plan, bool *ret_heading)
{
	const struct section *last = NULL;

	*ret_heading = false;
	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].kind == SECTION_PROGRESS)
			return plan->sections[i].end_line + 1;
	*ret_heading = true;
	for (size_t i = 0; i < plan->section_count; i++) {
		last = &plan->sections[i];
		if (last->level == 2 && last->kind > SECTION_PROGRESS &&
		    last->kind <= SECTION_INTERFACES)
			return last->line;
	}
	return last ? last->end_line + 1 : plan->end_line + 1;
}

static const char *find_line(const char *bytes, const char *end, uint32_t line)
{
	while (--line && bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		bytes = newline ? newline + 1 : end;
	}
	return bytes;
}

/* Text of ours, with the file's line ends. */
static void put_text(FILE *out, const char *text, bool crlf)
{
	for (; *text; text++)
		(void)fprintf(out, *text == '\n' && crlf ? "\r%c" : "%c", *text);
}

static int insert(const char *bytes, size_t length, const char *place, const char *section,
		  char **ret)
{
	const char *end = bytes + length, *newline = memchr(bytes, '\n', length), *last = place;
	bool crlf = newline > bytes && newline[-1] == '\r';
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	/* Between blank lines, whatever stands there; none in front of the fence that ends a whole file. */
	while (last > bytes && is_space(last[-1]))
		last--;
	(void)fwrite(bytes, 1, (size_t)(last - bytes), out);
	put_text(out, last > bytes ? "\n\n" : "", crlf);
	put_text(out, section, crlf);
	put_text(out, place < end && *place != '`' && *place != '~' ? "\n" : "", crlf);
	(void)fwrite(place, 1, (size_t)(end - place), out);
	if (!text_stream_end(out, &text))
		return -ENOMEM;
	*ret = take(text);
	return 0;
}

static int print_section(const struct draft *draft, bool heading, char **ret)
{
	return asprintf(ret, "%s%s", heading ? "## Progress\n\n" : "", draft->progress_text) < 0
		   ? -ENOMEM
		   : 0;
}

static int run(struct deriver *d, const char *bytes, size_t length, char **ret_section,
	       char **ret_file)
{
	bool heading;
	uint32_t line = find_place(d->plan, &heading);
	int r;

	d->homes = arena_alloc(&d->arena, (d->plan->section_count + 1) * sizeof(*d->homes));
	if (!d->homes || draft_start(&d->draft) < 0)
		return -ENOMEM;
	find_homes(d);
	find_entries(d, bytes, length);
	if (d->arena.failed)
		return -ENOMEM;
	derive(d);
	r = draft_finish(&d->draft);
	if (r == 0 && !d->draft.items)
		r = -ENODATA;
	if (r == 0)
		r = print_section(&d->draft, heading, ret_section);
	if (r == 0)
		r = insert(bytes, length, find_line(bytes, bytes + length, line), *ret_section,
			   ret_file);
	return r;
}

int draft_progress(const char *bytes, size_t length, char **ret_section, char **ret_file)
{
	cleanup_plan struct plan_file *file = NULL;
	struct deriver d = { 0 };
	int r = plan_parse(bytes, length, &file);

	if (r < 0)
		return r;
	if (file->plan_count > 1)
		return -ENOTUNIQ;
	if (file->plans->source != PROGRESS_NONE)
		return -EEXIST;
	d.plan = file->plans;
	arena_init(&d.arena);
	r = run(&d, bytes, length, ret_section, ret_file);
	draft_done(&d.draft);
	arena_done(&d.arena);
	return r;
}
