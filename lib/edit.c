/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edit_private.h"

#include "ascii.h"
#include "label.h"

#include "planwatch/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void edited_done(struct edited *edited)
{
	free(take(edited->bytes));
}

/* ---- Words from outside ---- */

int edit_plain(const char *what, const char *text, char **ret, struct error *error)
{
	size_t length = strlen(text), n;
	bool valid = true;
	uint32_t code;
	char *out;

	*ret = out = malloc(length + 1);
	if (!out)
		return error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < length; i += n) {
		bool blank = is_space(text[i]);
		n = text_decode(text + i, length - i, &code, &valid);
		if (!valid || (!blank && text_is_unprintable(code)))
			return error_set(error, -EINVAL, "%s: expected plain text in UTF-8", what);
		if (blank && (out == *ret || out[-1] == ' '))
			continue;
		if (blank)
			*out++ = ' ';
		else
			out = mempcpy(out, text + i, n);
	}
	out -= out > *ret && out[-1] == ' ';
	*out = '\0';
	return **ret ? 0 : error_set(error, -EINVAL, "%s: is empty", what);
}

/* ---- Which item is meant ---- */

static bool is_number(const char *what)
{
	return *what && what[strspn(what, "0123456789")] == '\0';
}

/* "B", or the whole of "Stage B". */
static bool is_label(const struct label *label, const char *what)
{
	struct label_span span;

	if (!label->kind)
		return false;
	if (strcasecmp(label->id, what) == 0)
		return true;
	return label_read(what, &span) && !what[span.length] &&
	       strlen(label->kind) == span.kind_length &&
	       strncasecmp(label->kind, what, span.kind_length) == 0 &&
	       strcasecmp(label->id, what + span.id_start) == 0;
}

/* 3 the whole text, 2 its label, 1 words in it, 0 not meant. */
static int fit(const struct item *item, const char *what)
{
	if (strcasecmp(item->text, what) == 0 || strcasecmp(item->gist, what) == 0)
		return 3;
	if (is_label(&item->label, what))
		return 2;
	return strcasestr(item->text, what) ? 1 : 0;
}

/* A mark that is no tick can become one; what is dropped stands in the way of a number or a name only where nothing else fits. */
static bool has_state(const struct item *item, enum item_state wanted)
{
	if (wanted == ITEM_DONE)
		return item->state == ITEM_DONE;
	return item->state != ITEM_DONE && !item_is_dropped(item);
}

static int find_words(const struct plan *plan, const char *what, enum item_state wanted,
		      size_t *ret, size_t *ret_count)
{
	int best = 0;

	*ret_count = 0;
	for (size_t i = 0; i < plan->item_count; i++) {
		const struct item *item = &plan->items[i];
		/* The state counts more than how well the words fit. */
		int quality = fit(item, what);
		quality += quality && has_state(item, wanted) ? 4 : 0;
		if (quality == 0 || quality < best)
			continue;
		if (quality > best)
			*ret_count = 0;
		best = quality;
		ret[(*ret_count)++] = i;
	}
	return *ret_count ? 0 : -ENOENT;
}

int edit_find(const struct plan *plan, const char *what, enum item_state wanted, size_t *ret,
	      size_t *ret_count, struct error *error)
{
	if (plan->item_count == 0)
		return error_set(error, -ENOENT, "the plan has no items");
	if (is_number(what)) {
		unsigned long number = strtoul(what, NULL, 10);
		if (number < 1 || number > plan->item_count)
			return error_set(error, -ENOENT, "%s: the plan has items 1 to %zu", what,
					 plan->item_count);
		*ret = number - 1;
		*ret_count = 1;
		return 0;
	}
	if (!*what || find_words(plan, what, wanted, ret, ret_count) < 0)
		return error_set(error, -ENOENT, "%s: the plan has no such item", what);
	return 0;
}

/* ---- Results ---- */

int edit_splice(const struct edit *edit, const struct splice *splices, size_t count,
		struct edited *ret, struct error *error)
{
	FILE *out = open_memstream(&ret->bytes, &ret->length);
	size_t at = 0;

	if (!out)
		return error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		(void)fwrite(edit->bytes + at, 1, splices[i].from - at, out);
		(void)fputs(splices[i].text, out);
		at = splices[i].to;
	}
	(void)fwrite(edit->bytes + at, 1, edit->length - at, out);
	if (text_stream_end(out, &ret->bytes))
		return 0;
	edited_done(ret);
	return error_set(error, -ENOMEM, "out of memory");
}

/* What follows stamp and label is the same, but for signs that belong to a stamp in front of them, and to nothing without. */
static bool same_words(const char *a, const char *b)
{
	size_t long_a = strlen(a), long_b = strlen(b), common = long_a < long_b ? long_a : long_b;

	return strcmp(a + long_a - common, b + long_b - common) == 0 &&
	       (common > 0 || long_a == long_b);
}

static bool same_items(const struct plan *before, const struct plan *after, ptrdiff_t item,
		       enum item_state state)
{
	if (before->item_count != after->item_count || before->source != after->source)
		return false;
	for (size_t i = 0; i < before->item_count; i++) {
		const struct item *a = &before->items[i], *b = &after->items[i];
		bool meant = item >= 0 && i == (size_t)item;

		if (b->state != (meant ? state : a->state) || a->depth != b->depth)
			return false;
		if (meant ? !same_words(a->gist, b->gist) : strcmp(a->text, b->text) != 0)
			return false;
	}
	return true;
}

static uint64_t notes_of(const struct plan *plan)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < plan->section_count; i++)
		if (plan->sections[i].kind == SECTION_REVISION_NOTE)
			digest = plan->sections[i].digest;
	return digest;
}

static bool is_as_meant(const struct edit *edit, const struct plan_file *file, ptrdiff_t item,
			enum item_state state, enum plan_status status)
{
	if (file->plan_count != edit->file->plan_count)
		return false;
	for (size_t i = 0; i < file->plan_count; i++) {
		const struct plan *before = &edit->file->plans[i], *after = &file->plans[i];
		bool meant = i == edit->plan, changes = meant && status != STATUS_UNKNOWN;

		if (!same_items(before, after, meant ? item : -1, state) ||
		    after->status.state != (changes ? status : before->status.state) ||
		    (notes_of(after) != notes_of(before)) != changes)
			return false;
	}
	return true;
}

int edit_check(const struct edit *edit, ptrdiff_t item, enum item_state state,
	       enum plan_status status, struct edited *ret, struct error *error)
{
	cleanup_plan struct plan_file *file = NULL;
	int r = plan_parse(ret->bytes, ret->length, &file);

	if (r == 0 && is_as_meant(edit, file, item, state, status))
		return 0;
	edited_done(ret);
	if (r < 0)
		return error_set(error, r, "the plan would be too large: %s", strerror(-r));
	return error_set(
	    error, -ENOTSUP,
	    "its Markdown is too odd for a safe edit; nothing was written, edit it by hand");
}

void edit_format_time(usec_t at, char out[static INSTANT_MAX])
{
	time_t seconds = at / USEC_PER_SEC;
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(out, INSTANT_MAX, "%Y-%m-%d %H:%MZ", &tm);
}
