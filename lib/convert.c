/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/convert.h"

#include "arena.h"
#include "ascii.h"
#include "convert_private.h"
#include "head.h"
#include "label.h"
#include "planwatch/text.h"
#include "scan.h"
#include "uuid.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

/* From then on a date has more digits than its readers expect. */
#define YEAR_10000 (INT64_C(253402300800) * USEC_PER_SEC)

/* ---- Stages ---- */

static bool same_label(const struct label *a, const struct label *b)
{
	return a->kind && b->kind && strcmp(a->kind, b->kind) == 0 && strcmp(a->id, b->id) == 0;
}

size_t convert_stages(const struct item *items, size_t count, struct stage *ret)
{
	size_t stages = 0;

	for (size_t i = 0; i < count; i++) {
		const struct item *first = stages ? &items[ret[stages - 1].first] : NULL;
		if (!first || (items[i].depth == 0 && !same_label(&first->label, &items[i].label)))
			ret[stages++] = (struct stage){ .first = i };
		ret[stages - 1].count++;
	}
	return stages;
}

/* ---- Marks and times ---- */

enum standing_mark convert_mark(const struct item *item)
{
	if (item->state != ITEM_OTHER)
		return item->state == ITEM_DONE ? MARK_DONE : MARK_OPEN;
	if (item_is_dropped(item))
		return MARK_DROPPED;
	return strcmp(item->mark, "/") == 0 || strcmp(item->mark, ">") == 0 ? MARK_UNDER_WAY
									    : MARK_UNKNOWN;
}

usec_t convert_done_at(const struct checklist_item *item)
{
	if (item->item->state != ITEM_DONE)
		return INSTANT_NONE;
	return item->done_at != INSTANT_NONE ? item->done_at : item->claimed_at;
}

static struct tm civil(usec_t at)
{
	time_t seconds = (time_t)(at / USEC_PER_SEC);
	struct tm tm = { 0 };

	(void)gmtime_r(&seconds, &tm);
	return tm;
}

const char *convert_day(usec_t at, char out[static CONVERT_TIME_MAX])
{
	struct tm tm = civil(at);

	(void)snprintf(out, CONVERT_TIME_MAX, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
		       tm.tm_mday);
	return out;
}

const char *convert_minute(usec_t at, char out[static CONVERT_TIME_MAX])
{
	struct tm tm = civil(at);
	char day[CONVERT_TIME_MAX];

	(void)snprintf(out, CONVERT_TIME_MAX, "%.10s %02d:%02dZ", convert_day(at, day), tm.tm_hour,
		       tm.tm_min);
	return out;
}

const char *convert_basic(usec_t at, char out[static CONVERT_TIME_MAX])
{
	struct tm tm = civil(at);

	(void)snprintf(out, CONVERT_TIME_MAX, "%04d%02d%02dT%02d%02d%02dZ", tm.tm_year + 1900,
		       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}

const char *convert_claim(const struct checklist_item *item, char out[static CONVERT_TIME_MAX])
{
	enum stamp_precision precision = item->item->stamp.precision;

	if (precision == STAMP_DAY)
		return convert_day(item->claimed_at, out);
	(void)convert_basic(item->claimed_at, out);
	if (precision == STAMP_MINUTE)
		memcpy(out + strlen("20260105T1002"), "Z", 2);
	return out;
}

/* ---- The value ---- */

static const char *format(struct arena *arena, const char *pattern, ...)
    __attribute__((format(printf, 2, 3)));

/* Never NULL: out of memory is remembered by the arena. */
static const char *format(struct arena *arena, const char *pattern, ...)
{
	cleanup_free char *text = NULL;
	va_list arguments;
	int length;

	va_start(arguments, pattern);
	length = vasprintf(&text, pattern, arguments);
	va_end(arguments);
	char *copy = length < 0 ? NULL : arena_string(arena, text, (size_t)length);
	arena->failed |= length < 0;
	return copy ? copy : "";
}

static const char *clean(struct arena *arena, const char *text)
{
	cleanup_free char *printable = text_printable(text);

	arena->failed |= !printable;
	return format(arena, "%s", printable ? printable : "");
}

/* "Stage A", "PR 12", "M2.5": as a plan writes it, so that it is read as one again. */
static const char *label_name(struct arena *arena, const struct label *label)
{
	bool joined = !label->kind[1] || strcmp(label->kind, "ep-m") == 0;
	char *kind = arena_string(arena, label->kind, strlen(label->kind));

	for (char *c = kind; c && *c; c++)
		if (is_lower(*c) && (c == kind || joined || strcmp(label->kind, "pr") == 0))
			*c = (char)(*c - 'a' + 'A');
	return format(arena, joined ? "%s%s" : "%s %s", kind ? kind : "", label->id);
}

/*
 * The gist, behind the label where the stage does not tell it. It stays also before a gist that begins with a label of its own, which
 * would be taken for it.
 */
static const char *item_text(struct arena *arena, const struct checklist_item *item)
{
	struct label_span span;

	if (!item->label || (item->item->depth == 0 && *item->gist && !head_has_label(item->gist)))
		return item->gist;
	if (*item->gist)
		return format(arena, "%s: %s", item->label, item->gist);
	/* Some are labels only with a sign behind them: "F1", "Stage a". */
	return label_read(item->label, &span) ? item->label : format(arena, "%s:", item->label);
}

/* With what the gist leaves out behind it: the commits of "(2026-08-14, 7fc57169) Document it". */
static const char *item_gist(struct arena *arena, const struct item *item)
{
	size_t length;
	const char *remark = head_remark(item, &length);

	if (!remark)
		return clean(arena, item->gist);
	remark = clean(arena, format(arena, "(%.*s)", (int)length, remark));
	return *item->gist ? format(arena, "%s %s", clean(arena, item->gist), remark) : remark;
}

/* Items without a record are told apart by label and gist, and among equal ones by their order. */
static int compare_identity(const struct item *a, const struct item *b)
{
	const char *kinds[] = { a->label.kind ? a->label.kind : "",
				b->label.kind ? b->label.kind : "" };
	int order = strcmp(kinds[0], kinds[1]);

	if (order == 0 && *kinds[0])
		order = strcmp(a->label.id, b->label.id);
	return order ? order : strcmp(a->gist, b->gist);
}

static int compare_places(const void *left, const void *right)
{
	const struct item *const *a = left, *const *b = right;
	int order = compare_identity(*a, *b);

	return order ? order : (*a > *b) - (*a < *b);
}

/* How many of the items before each one have its identity; the caller frees. */
static size_t *count_before(const struct plan *plan)
{
	cleanup_free const struct item **sorted =
	    calloc(plan->item_count + 1, sizeof(const struct item *));
	size_t *before = calloc(plan->item_count + 1, sizeof(*before));

	if (!sorted || !before) {
		free(before);
		return NULL;
	}
	for (size_t i = 0; i < plan->item_count; i++)
		sorted[i] = &plan->items[i];
	qsort(sorted, plan->item_count, sizeof(const struct item *), compare_places);
	for (size_t i = 1; i < plan->item_count; i++)
		if (compare_identity(sorted[i - 1], sorted[i]) == 0)
			before[sorted[i] - plan->items] = before[sorted[i - 1] - plan->items] + 1;
	return before;
}

static const char *item_uuid(struct arena *arena, const struct checklist *list, size_t i,
			     size_t before, const struct convert_witness *witness)
{
	const struct item *item = &list->plan->items[i];
	char uuid[UUID_MAX];
	const char *url =
	    witness ? format(arena, "file://%s#%u/item/%jd", list->path, list->plan->part,
			     (intmax_t)witness->id)
		    : format(arena, "file://%s#%u/text/%zu/%s %s/%s", list->path, list->plan->part,
			     before, item->label.kind ? item->label.kind : "",
			     item->label.kind ? item->label.id : "", item->gist);

	return format(arena, "%s", uuid_from_url(url, uuid));
}

static void make_item(struct arena *arena, struct checklist *list, size_t before,
		      const struct convert_witness *witness)
{
	size_t i = list->count++;
	const struct item *item = &list->plan->items[i];
	struct checklist_item *made = &list->items[i];
	bool claims = item->stamp.raw && item->stamp.leading;

	*made = (struct checklist_item){
		.item = item,
		.mark = clean(arena, item->mark),
		.label = item->label.kind ? label_name(arena, &item->label) : NULL,
		.gist = item_gist(arena, item),
		.claim = claims ? clean(arena, item->stamp.raw) : NULL,
		.claimed_at = claims && item->stamp.at >= 0 && item->stamp.at < YEAR_10000
				  ? item->stamp.at
				  : INSTANT_NONE,
		.first_seen_at = witness ? witness->first_seen_at : INSTANT_NONE,
		.done_at = witness ? witness->done_at : INSTANT_NONE,
		.uuid = item_uuid(arena, list, i, before, witness),
		.parent = CHECKLIST_NO_PARENT,
	};
	made->text = item_text(arena, made);
}

static int make_items(struct arena *arena, struct checklist *list,
		      const struct convert_witness *witnessed)
{
	cleanup_free size_t *before = count_before(list->plan);

	if (!before)
		return -ENOMEM;
	while (list->count < list->plan->item_count)
		make_item(arena, list, before[list->count],
			  witnessed ? &witnessed[list->count] : NULL);
	return 0;
}

/* An item lies in the last one before it that is less deep. */
static void find_parents(struct checklist *list)
{
	size_t open[SCAN_DEPTH_MAX] = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		size_t depth = list->items[i].item->depth;
		open[depth] = i;
		if (depth == 0)
			continue;
		list->items[i].parent = open[depth - 1];
		list->items[open[depth - 1]].children++;
	}
}

static const char *file_name(struct arena *arena, const char *path, uint32_t part)
{
	const char *slash = strrchr(path, '/'), *base = clean(arena, slash ? slash + 1 : path);
	const char *dot = strrchr(base, '.');
	int length = (int)(dot && dot > base ? dot - base : (ptrdiff_t)strlen(base));

	return part > 1 ? format(arena, "%.*s-%u", length, base, part)
			: format(arena, "%.*s", length, base);
}

static void make_stages(struct checklist *list)
{
	list->stage_count = convert_stages(list->plan->items, list->count, list->stages);
	for (size_t i = 0; i < list->stage_count; i++) {
		const struct stage *stage = &list->stages[i];
		for (size_t k = 0; k < stage->count; k++)
			list->items[stage->first + k].stage = i;
		list->stage_names[i] = list->items[stage->first].label;
	}
}

int checklist_make(const struct plan *plan, const char *path,
		   const struct convert_witness *witnessed, usec_t revised_at,
		   struct checklist *ret)
{
	struct arena *arena = malloc(sizeof(*arena));
	char uuid[UUID_MAX];

	*ret = (struct checklist){ .plan = plan, .revised_at = revised_at, .memory = arena };
	if (!arena)
		return -ENOMEM;
	arena_init(arena);
	ret->path = clean(arena, path);
	ret->name = file_name(arena, path, plan->part);
	ret->title = *plan->title ? clean(arena, plan->title) : ret->name;
	ret->status = plan->status.raw ? clean(arena, plan->status.raw) : NULL;
	ret->uuid = format(
	    arena, "%s", uuid_from_url(format(arena, "file://%s#%u", ret->path, plan->part), uuid));
	ret->notes = arena_alloc(arena, (plan->tolerance_count + 1) * sizeof(*ret->notes));
	ret->items = arena_alloc(arena, (plan->item_count + 1) * sizeof(*ret->items));
	ret->stages = arena_alloc(arena, (plan->item_count + 1) * sizeof(*ret->stages));
	ret->stage_names = arena_alloc(arena, (plan->item_count + 1) * sizeof(*ret->stage_names));
	if (arena->failed)
		return -ENOMEM;
	for (size_t i = 0; i < plan->tolerance_count; i++)
		ret->notes[i] = clean(arena, plan->tolerances[i].text);
	if (make_items(arena, ret, witnessed) < 0)
		return -ENOMEM;
	find_parents(ret);
	make_stages(ret);
	return arena->failed ? -ENOMEM : 0;
}

void checklist_done(struct checklist *list)
{
	if (list->memory)
		arena_done(list->memory);
	free(list->memory);
	*list = (struct checklist){ 0 };
}

/* ---- Formats ---- */

static const struct convert_format formats[] = {
	{ "md", "md", convert_write_markdown },
	{ "html", "html", convert_write_html },
	{ "csv", "csv", convert_write_csv },
	{ "org", "org", convert_write_org },
	{ "todo.txt", "txt", convert_write_todotxt },
	{ "taskwarrior", "json", convert_write_taskwarrior },
	{ "ics", "ics", convert_write_ics },
	{ "tap", "tap", convert_write_tap },
};

const struct convert_format *convert_format(size_t i)
{
	return i < ARRAY_SIZE(formats) ? &formats[i] : NULL;
}

const struct convert_format *convert_format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

int convert(const struct convert_format *format_to, const struct checklist *lists, size_t count,
	    char **ret)
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	format_to->write(out, lists, count);
	if (!text_stream_end(out, &text))
		return -ENOMEM;
	*ret = take(text);
	return 0;
}
