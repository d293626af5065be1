/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lint_private.h"

#include "ascii.h"
#include "fold.h"
#include "planwatch/text.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

/* What lint_report.memory points to; the report is its first member, so that one block holds both. */
struct lint_memory {
	struct lint_report report;
	struct arena arena;
};

/* ---- Rules ---- */

size_t lint_rule_count(void)
{
	return RULE_COUNT;
}

const struct lint_rule *lint_rule(size_t index)
{
	return index < RULE_COUNT ? &lint_rules[index] : NULL;
}

static bool is_name(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && strncasecmp(name, text, length) == 0;
}

int lint_rule_find(const char *name, size_t length)
{
	for (int i = 0; i < RULE_COUNT; i++)
		if (is_name(lint_rules[i].code, name, length) ||
		    is_name(lint_rules[i].name, name, length))
			return i;
	return -1;
}

static const char *const severity_names[] = {
	[LINT_OFF] = "off",
	[LINT_ADVICE] = "advice",
	[LINT_WARNING] = "warning",
	[LINT_ERROR] = "error",
};

const char *lint_severity_name(enum lint_severity severity)
{
	return severity_names[severity];
}

int lint_severity_parse(const char *name, enum lint_severity *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(severity_names); i++) {
		if (strcmp(name, severity_names[i]) != 0)
			continue;
		*ret = (enum lint_severity)i;
		return 0;
	}
	return -EINVAL;
}

void lint_severities_init(struct lint_severities *severities)
{
	*severities = (struct lint_severities){ 0 };
	for (size_t i = 0; i < RULE_COUNT; i++)
		severities->of[i] = (unsigned char)lint_rules[i].severity;
}

/* ---- The file as lines ---- */

/* The reader takes indented boxes below a Progress heading for items; the scanner must be told the same. */
static bool is_in_progress(const struct plan_file *file, uint32_t number, size_t hint[2])
{
	for (; hint[0] < file->plan_count; hint[0]++, hint[1] = 0) {
		const struct plan *plan = &file->plans[hint[0]];
		for (; hint[1] < plan->section_count; hint[1]++) {
			const struct section *section = &plan->sections[hint[1]];
			if (section->kind != SECTION_PROGRESS || section->end_line < number)
				continue;
			return section->line < number;
		}
	}
	return false;
}

static void add_line(struct lint *lint, const struct scan_line *from, const char *line_end)
{
	struct lint_line *lines = arena_grow(&lint->arena, lint->lines, lint->line_count,
					     &lint->line_capacity, sizeof(*lines));

	if (!lines)
		return;
	lint->lines = lines;
	lines[lint->line_count++] = (struct lint_line){
		.start = from->start,
		.text = from->text,
		.end = from->end,
		.marker = from->marker,
		.line_end = line_end,
		.number = from->number,
		.block = (unsigned char)from->block,
		.level = (unsigned char)from->level,
		.items = (unsigned char)from->items,
		.opened = (unsigned char)from->opened,
		.quotes = (unsigned char)from->quotes,
		.continues = from->continues,
	};
}

static void read_lines(struct lint *lint)
{
	const char *end = lint->input->bytes + lint->input->length;
	size_t hint[2] = { 0 };
	struct scan scan;
	struct scan_line line;

	scan_init(&scan, lint->input->bytes, lint->input->length);
	lint->fenced = scan.number > 0;
	while (!lint->arena.failed) {
		scan.loose_boxes = is_in_progress(lint->file, scan.number + 1, hint);
		if (!scan_next(&scan, &line))
			break;
		const char *newline = memchr(line.start, '\n', (size_t)(end - line.start));
		const char *stop = newline ? newline : end;
		add_line(lint, &line, stop > line.start && stop[-1] == '\r' ? stop - 1 : stop);
	}
}

const struct lint_line *lint_line(const struct lint *lint, uint32_t number)
{
	const struct lint_line *first = lint->lines;

	return first && number >= first->number && number - first->number < lint->line_count
		   ? &first[number - first->number]
		   : NULL;
}

struct lint_lines lint_lines_between(const struct lint *lint, uint32_t first, uint32_t last)
{
	const struct lint_line *from = lint_line(lint, first), *to = lint_line(lint, last);

	if (!from || first > last)
		return (struct lint_lines){ NULL, NULL };
	return (struct lint_lines){ from, to ? to + 1 : lint->lines + lint->line_count };
}

struct lint_lines lint_plan_lines(const struct lint *lint, const struct plan *plan)
{
	const struct lint_line *first = lint->lines;

	return lint_lines_between(
	    lint, first && first->number > plan->line ? first->number : plan->line, plan->end_line);
}

/* ---- Findings ---- */

/* Counts on from the finding before, where that is in the same line: a line may be long, and full of them. */
static uint32_t column_of(struct lint *lint, const struct lint_line *line, const char *at)
{
	uint32_t code;

	if (lint->counted < line->start || lint->counted > at) {
		lint->counted = line->start;
		lint->column = 1;
	}
	for (; lint->counted < at; lint->column++)
		lint->counted += text_decode(lint->counted,
					     (size_t)(line->line_end - lint->counted), &code, NULL);
	return lint->column;
}

/* The start of a line is enough, and a line may be the whole file. */
#define FINGERPRINT_BYTES 200

static uint64_t fingerprint_of(enum lint_rule_id rule, const struct lint_line *line)
{
	const char *code = lint_rules[rule].code;
	size_t length = line ? (size_t)(line->end - line->text) : 0;

	return XXH3_64bits_withSeed(line ? line->text : "",
				    length > FINGERPRINT_BYTES ? FINGERPRINT_BYTES : length,
				    XXH3_64bits(code, strlen(code)));
}

struct lint_finding *lint_add(struct lint *lint, enum lint_rule_id rule, uint32_t number,
			      const char *at, const char *format, ...)
{
	enum lint_severity severity = lint->input->severities->of[rule];
	const struct lint_line *line = lint_line(lint, number);
	struct lint_report *report = lint->report;
	char message[512];
	va_list arguments;

	if (severity == LINT_OFF)
		return NULL;
	struct lint_finding *findings = arena_grow(&lint->arena, report->findings, report->count,
						   &lint->finding_capacity, sizeof(*findings));
	if (!findings)
		return NULL;
	report->findings = findings;
	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	struct lint_finding *finding = &findings[report->count++];
	*finding = (struct lint_finding){ .rule = rule, .severity = severity, .line = number };
	finding->column = line ? column_of(lint, line, at ? at : line->text) : 1;
	finding->fingerprint = fingerprint_of(rule, line);
	/* What was cut within a character is repaired. */
	cleanup_free char *repaired = text_repair(message, strlen(message));
	lint->arena.failed |= !repaired;
	finding->message =
	    arena_string(&lint->arena, repaired ? repaired : "", repaired ? strlen(repaired) : 0);
	return finding;
}

void lint_set_fix(struct lint *lint, struct lint_finding *finding, const char *from, const char *to,
		  const char *text, size_t length)
{
	if (!finding)
		return;
	finding->fix.at = (size_t)(from - lint->input->bytes);
	finding->fix.length = (size_t)(to - from);
	finding->fix.text = arena_string(&lint->arena, text, length);
}

/* ---- What several rules ask ---- */

const struct section *lint_section(const struct plan *plan, enum section_kind kind)
{
	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].kind == kind)
			return &plan->sections[i];
	return NULL;
}

bool lint_has_limits(const struct plan *plan)
{
	return lint_section(plan, SECTION_CONSTRAINTS) || lint_section(plan, SECTION_TOLERANCES);
}

const char *lint_text(struct lint *lint, struct lint_lines lines)
{
	cleanup(fold_done) struct fold fold = { 0 };

	for (const struct lint_line *line = lines.at; line < lines.end; line++)
		if (line->block == SCAN_TEXT || line->block == SCAN_CODE ||
		    line->block == SCAN_HEADING || line->block == SCAN_UNDERLINE)
			fold_add(&fold, line->text, line->end);
	const char *text = fold_take(&fold, &lint->arena);
	lint->arena.failed |= fold.failed;
	return text ? text : "";
}

bool lint_begins(const char *text, const char *words)
{
	size_t length = strlen(words);

	return strncasecmp(text, words, length) == 0 && !is_word(text[length]);
}

bool lint_holds(const char *text, const char *words)
{
	const char *at = text;

	while ((at = strcasestr(at, words))) {
		if ((at == text || !is_word(at[-1])) && lint_begins(at, words))
			return true;
		at++;
	}
	return false;
}

bool lint_holds_any(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (lint_holds(text, *words))
			return true;
	return false;
}

/* "- " in indented code: the skeleton's own lists stand so. */
static bool is_code_bullet(const struct lint_line *line)
{
	return line->block == SCAN_CODE && line->end - line->text > 2 && line->text[0] == '-' &&
	       line->text[1] == ' ';
}

static bool opens_entry(const struct lint_line *line, const char *code_column)
{
	if (line->items)
		return line->opened == line->items;
	return is_code_bullet(line) &&
	       (!code_column || line->text - line->start <= code_column - line->start);
}

/* A heading, or a paragraph at the margin: it belongs to no entry. */
static bool ends_entry(const struct lint_line *line)
{
	return line->items == 0 && line->block != SCAN_BLANK && line->block != SCAN_CODE &&
	       line->block != SCAN_FENCE && !line->continues;
}

bool lint_next_entry(struct lint *lint, struct lint_lines *rest, struct lint_entry *ret)
{
	const struct lint_line *line = rest->at;

	while (line < rest->end && !opens_entry(line, NULL))
		line++;
	if (line >= rest->end)
		return false;
	ret->lines.at = line;
	size_t indent = (size_t)(line->text - line->start);
	for (line++; line < rest->end; line++)
		if (opens_entry(line, line->start + indent) || ends_entry(line))
			break;
	ret->lines.end = rest->at = line;
	ret->text = lint_text(lint, ret->lines);
	ret->text += strspn(ret->text, "-*_` ");
	return true;
}

/* ---- Comments that switch rules off ---- */

#define DISABLE "<!-- planctl-disable"

struct lint_disable {
	uint32_t line;
	int rule; /* -1: every rule */
};

struct disables {
	bool everywhere[RULE_COUNT];
	struct lint_disable *at; /* the last line first */
	size_t count, capacity;
};

/* `line` 0: the whole file. */
static void add_disable(struct lint *lint, struct disables *disables, uint32_t line, int rule)
{
	if (line == 0) {
		for (int i = 0; i < RULE_COUNT; i++)
			disables->everywhere[i] |= rule < 0 || rule == i;
		return;
	}
	struct lint_disable *grown = arena_grow(&lint->arena, disables->at, disables->count,
						&disables->capacity, sizeof(*grown));
	if (!grown)
		return;
	disables->at = grown;
	grown[disables->count++] = (struct lint_disable){ line, rule };
}

/* "PLN030 PLN031 -->"; none named means all. */
static void read_names(struct lint *lint, struct disables *disables, uint32_t target,
		       const char *at, const char *end)
{
	bool any = false;

	while (at < end) {
		while (at < end && (is_space(*at) || *at == ','))
			at++;
		const char *name = at;
		while (at < end && !is_space(*at) && *at != ',')
			at++;
		if (at == name || (at - name >= 3 && memcmp(name, "-->", 3) == 0))
			break;
		int rule = lint_rule_find(name, (size_t)(at - name));
		any = true;
		if (rule >= 0)
			add_disable(lint, disables, target, rule);
	}
	if (!any)
		add_disable(lint, disables, target, -1);
}

static const char *find_disable(const struct lint_line *line)
{
	if (line->block == SCAN_FENCE || line->block == SCAN_CODE || line->block == SCAN_BLANK)
		return NULL;
	return memmem(line->start, (size_t)(line->line_end - line->start), DISABLE,
		      strlen(DISABLE));
}

/*
 * A comment on a line of its own is for the next line that is neither blank nor such a comment, above everything else for the whole
 * file; behind text it is for that line. Read from the end, so that what comes next is known.
 */
static void read_disables(struct lint *lint, struct disables *disables)
{
	uint32_t next = UINT32_MAX;
	size_t top = 0;

	if (!memmem(lint->input->bytes, lint->input->length, DISABLE, strlen(DISABLE)))
		return;
	while (top < lint->line_count &&
	       (lint->lines[top].block == SCAN_BLANK || lint->lines[top].block == SCAN_HTML ||
		lint->lines[top].block == SCAN_FRONT_MATTER))
		top++;
	for (size_t i = lint->line_count; i > 0; i--) {
		const struct lint_line *line = &lint->lines[i - 1];
		const char *comment = find_disable(line);
		bool alone = line->block == SCAN_HTML && comment == line->text;
		if (comment)
			read_names(lint, disables,
				   !alone     ? line->number
				   : i <= top ? 0
					      : next,
				   comment + strlen(DISABLE), line->line_end);
		if (!alone && line->block != SCAN_BLANK)
			next = line->number;
	}
}

static int compare_findings(const void *a, const void *b)
{
	const struct lint_finding *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

/* Both go from the last line to the first. */
static bool is_disabled(const struct disables *disables, size_t *next,
			const struct lint_finding *finding)
{
	const struct lint_disable *at = disables->at;

	while (*next < disables->count && at[*next].line > finding->line)
		++*next;
	for (size_t i = *next; i < disables->count && at[i].line == finding->line; i++)
		if (at[i].rule < 0 || (size_t)at[i].rule == finding->rule)
			return true;
	return disables->everywhere[finding->rule];
}

static void finish_report(struct lint *lint)
{
	struct disables disables = { 0 };
	struct lint_report *report = lint->report;
	size_t kept = report->count, next = 0;

	if (!report->count)
		return;
	qsort(report->findings, report->count, sizeof(*report->findings), compare_findings);
	read_disables(lint, &disables);
	for (size_t i = report->count; i > 0; i--)
		if (!is_disabled(&disables, &next, &report->findings[i - 1]))
			report->findings[--kept] = report->findings[i - 1];
	report->findings += kept;
	report->count -= kept;
}

/* ---- The whole ---- */

/* Three sections of the format make a plan that forgot its Progress. */
static bool looks_like_plan(const struct plan *plan)
{
	unsigned kinds = 0;

	for (int kind = SECTION_UNKNOWN + 1; kind < SECTION_KIND_COUNT; kind++)
		kinds += lint_section(plan, (enum section_kind)kind) != NULL;
	return plan->is_plan || kinds >= 3;
}

static void examine(struct lint *lint, const struct plan_file *previous)
{
	const struct plan_file *file = lint->file;

	for (size_t i = 0; i < file->plan_count; i++)
		lint->report->is_plan |= looks_like_plan(&file->plans[i]);
	if (!lint->report->is_plan) {
		(void)lint_add(
		    lint, RULE_NOT_A_PLAN, 1, NULL,
		    "no ExecPlan: no Progress with checkboxes, and nothing that says \"this ExecPlan\"; "
		    "no other rule was applied");
		return;
	}
	for (size_t i = 0; i < file->plan_count; i++) {
		const struct plan *plan = &file->plans[i];
		lint_sections(lint, plan);
		lint_status(lint, plan);
		lint_stamps(lint, plan);
		lint_tolerances(lint, plan);
		lint_items(lint, plan);
		lint_form(lint, plan);
		lint_logs(lint, plan);
		lint_references(lint, plan);
		/* Of a file with many plans nobody can say which was which. */
		if (previous && previous->plan_count == 1 && file->plan_count == 1)
			lint_revision(lint, plan, previous->plans);
	}
}

static int run(struct lint *lint)
{
	const struct lint_input *input = lint->input;
	cleanup_plan struct plan_file *file = NULL, *previous = NULL;
	int r = plan_parse(input->bytes, input->length, &file);

	if (r == 0 && input->previous)
		r = plan_parse(input->previous, input->previous_length, &previous);
	if (r < 0)
		return r;
	lint->file = file;
	read_lines(lint);
	if (!lint->arena.failed)
		examine(lint, previous);
	if (!lint->arena.failed)
		finish_report(lint);
	return lint->arena.failed ? -ENOMEM : 0;
}

int lint_run(const struct lint_input *input, struct lint_report **ret)
{
	struct lint_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	struct lint lint = {
		.input = input, .report = &memory->report, .counted = input->bytes, .column = 1
	};
	memory->report.memory = memory;
	arena_init(&lint.arena);
	int r = run(&lint);
	memory->arena = lint.arena;
	if (r < 0)
		lint_free(&memory->report);
	else
		*ret = &memory->report;
	return r;
}

void lint_free(struct lint_report *report)
{
	struct lint_memory *memory = report ? report->memory : NULL;

	if (!memory)
		return;
	arena_done(&memory->arena);
	free(memory);
}

/* ---- Mending ---- */

/* One pass may uncover what the next can mend; more than a handful of them means that two fixes undo each other. */
#define PASSES_MAX 8

static int compare_fixes(const void *a, const void *b)
{
	const struct lint_fix *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Fixes that overlap wait for the next pass. */
static char *apply(const struct lint_input *input, struct lint_fix *fixes, size_t count,
		   size_t *length, size_t *fixed)
{
	size_t size = input->length + 1, from = 0;

	for (size_t i = 0; i < count; i++)
		size += strlen(fixes[i].text);
	char *bytes = malloc(size), *to = bytes;
	if (!bytes)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (fixes[i].at < from)
			continue;
		to = mempcpy(to, input->bytes + from, fixes[i].at - from);
		to = stpcpy(to, fixes[i].text);
		from = fixes[i].at + fixes[i].length;
		++*fixed;
	}
	to = mempcpy(to, input->bytes + from, input->length - from);
	*to = '\0';
	*length = (size_t)(to - bytes);
	return bytes;
}

/* 1 where something was mended: *ret is new then. */
static int mend_once(const struct lint_input *input, char **ret, size_t *length, size_t *fixed)
{
	cleanup_lint struct lint_report *report = NULL;
	cleanup_free struct lint_fix *fixes = NULL;
	size_t count = 0;
	int r = lint_run(input, &report);

	if (r < 0)
		return r;
	fixes = calloc(report->count + 1, sizeof(*fixes));
	if (!fixes)
		return -ENOMEM;
	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].fix.text)
			fixes[count++] = report->findings[i].fix;
	if (!count)
		return 0;
	qsort(fixes, count, sizeof(*fixes), compare_fixes);
	*ret = apply(input, fixes, count, length, fixed);
	return *ret ? 1 : -ENOMEM;
}

int lint_mend(const struct lint_input *input, char **ret, size_t *length, size_t *fixed)
{
	struct lint_input now = *input;
	char *bytes = malloc(input->length + 1);
	int r = bytes ? 1 : -ENOMEM;

	*fixed = 0;
	if (bytes)
		*(char *)mempcpy(bytes, input->bytes, input->length) = '\0';
	for (int pass = 0; r > 0 && pass < PASSES_MAX; pass++) {
		char *mended;
		size_t size;
		now.bytes = bytes;
		r = mend_once(&now, &mended, &size, fixed);
		if (r > 0) {
			free(bytes);
			bytes = mended;
			now.length = size;
		}
	}
	if (r < 0) {
		free(bytes);
		return r;
	}
	*ret = bytes;
	*length = now.length;
	return 0;
}
