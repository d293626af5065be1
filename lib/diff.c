/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/diff.h"

#include "likeness.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

/* Two texts are alike from here on: below it, words in common are chance (measured on reworded ticks of real plans). */
#define LIKE_MIN 0.34f
/* A common label is worth this much likeness; a common place in a gap of equal size just decides between nothing and something. */
#define LIKE_LABEL 0.5f
#define LIKE_PLACE 0.05f
/* An added item is split off another one when it carries this much of its old words. */
#define SPLIT_MIN 0.6f
/* Cells of all alignment tables of one comparison: beyond them, items are matched by place. */
#define CELLS_MAX ((size_t)1 << 22)

struct matching {
	const struct item *old_items, *new_items;
	size_t old_count, new_count;
	uint32_t *old_of; /* for each new item its old one */
	uint32_t *new_of; /* and back */
	size_t cells;	  /* that are left */
};

static void pair(struct matching *m, uint32_t o, uint32_t n)
{
	m->old_of[n] = o;
	m->new_of[o] = n;
}

static bool same_text(const struct item *a, const struct item *b)
{
	return strcmp(a->text, b->text) == 0;
}

static bool same_label(const struct item *a, const struct item *b)
{
	return a->label.kind && b->label.kind && strcmp(a->label.kind, b->label.kind) == 0 &&
	       strcmp(a->label.id, b->label.id) == 0;
}

/* ---- Passes 1 and 2: equal keys ---- */

/* Fills `key`, the bytes that two items must have in common; returns false where an item has none in this pass. */
typedef bool key_function(const struct item *item, uint64_t *key);

static bool text_key(const struct item *item, uint64_t *key)
{
	*key = XXH3_64bits(item->text, strlen(item->text));
	return true;
}

static bool gist_key(const struct item *item, uint64_t *key)
{
	if (*item->gist)
		*key = XXH3_64bits(item->gist, strlen(item->gist));
	else if (item->label.kind)
		*key =
		    XXH3_64bits_withSeed(item->label.id, strlen(item->label.id),
					 XXH3_64bits(item->label.kind, strlen(item->label.kind)));
	else
		return false;
	return true;
}

struct keyed {
	uint64_t key;
	uint32_t index;
};

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *left = a, *right = b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

static size_t collect(const struct item *items, size_t count, const uint32_t *partner,
		      key_function *key, struct keyed *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < count; i++)
		if (partner[i] == DIFF_NONE && key(&items[i], &out[n].key))
			out[n++].index = i;
	qsort(out, n, sizeof(*out), compare_keyed);
	return n;
}

/* Pairs the k-th unmatched old item of each key with the k-th new one. */
static int match_equal(struct matching *m, key_function *key)
{
	cleanup_free struct keyed *old_keys = calloc(m->old_count + 1, sizeof(*old_keys));
	cleanup_free struct keyed *new_keys = calloc(m->new_count + 1, sizeof(*new_keys));
	size_t old_n, new_n;

	if (!old_keys || !new_keys)
		return -ENOMEM;
	old_n = collect(m->old_items, m->old_count, m->new_of, key, old_keys);
	new_n = collect(m->new_items, m->new_count, m->old_of, key, new_keys);
	for (size_t o = 0, n = 0; o < old_n && n < new_n;) {
		if (old_keys[o].key == new_keys[n].key)
			pair(m, old_keys[o++].index, new_keys[n++].index);
		else if (old_keys[o].key < new_keys[n].key)
			o++;
		else
			n++;
	}
	return 0;
}

static void match_ends(struct matching *m)
{
	uint32_t o_end = (uint32_t)m->old_count, n_end = (uint32_t)m->new_count, i = 0;

	for (; i < o_end && i < n_end && same_text(&m->old_items[i], &m->new_items[i]); i++)
		pair(m, i, i);
	for (; o_end > i && n_end > i &&
	       same_text(&m->old_items[o_end - 1], &m->new_items[n_end - 1]);)
		pair(m, --o_end, --n_end);
}

/* ---- The matched items that kept their order ---- */

/* Marks in stays[new index] a longest increasing subsequence of the matched old indices (patience sorting, O(n log n)). */
static int find_stays(const struct matching *m, bool *stays)
{
	cleanup_free uint32_t *tails = calloc(m->new_count + 1, sizeof(*tails));
	cleanup_free uint32_t *before = calloc(m->new_count + 1, sizeof(*before));
	size_t length = 0;

	if (!tails || !before)
		return -ENOMEM;
	for (uint32_t n = 0; n < m->new_count; n++) {
		size_t low = 0, high = length;

		if (m->old_of[n] == DIFF_NONE)
			continue;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (m->old_of[tails[middle]] < m->old_of[n])
				low = middle + 1;
			else
				high = middle;
		}
		before[n] = low > 0 ? tails[low - 1] : DIFF_NONE;
		tails[low] = n;
		if (low == length)
			length++;
	}
	for (uint32_t n = length ? tails[length - 1] : DIFF_NONE; n != DIFF_NONE; n = before[n])
		stays[n] = true;
	return 0;
}

/* ---- Pass 3: gaps ---- */

/* The unmatched items of both sides between two neighbours that stayed. */
struct gap {
	uint32_t *old_index, *new_index;
	size_t old_count, new_count;
};

/* How much new item `n` looks like a later state of old item `o`: 0 for not at all. */
static float likeness(const struct item *o, const struct item *n, const struct word_set *o_words,
		      const struct word_set *n_words, bool same_place)
{
	float like = word_set_likeness(o_words, n_words);
	bool labels_differ = o->label.kind && n->label.kind && !same_label(o, n);

	if (labels_differ)
		like /= 2;
	if (same_label(o, n))
		like += LIKE_LABEL;
	if (like >= LIKE_MIN)
		return like;
	return same_place && !labels_differ && o->state == ITEM_OPEN && n->state == ITEM_DONE
		   ? LIKE_PLACE
		   : 0;
}

struct alignment {
	const struct matching *m;
	const struct gap *gap;
	const struct word_set *old_words, *new_words;
	float
	    *best; /* (old_count + 1) x (new_count + 1): most likeness of the items from here on */
	float *like;
};

static float *cell(float *table, const struct gap *gap, size_t o, size_t n)
{
	return &table[o * (gap->new_count + 1) + n];
}

/* The alignment in order of greatest likeness (Needleman and Wunsch, 1970, without a cost for what stays alone). */
static void align(const struct alignment *a, struct matching *m)
{
	const struct gap *gap = a->gap;

	for (size_t o = gap->old_count; o-- > 0;) {
		for (size_t n = gap->new_count; n-- > 0;) {
			bool place = gap->old_count == gap->new_count && o == n;
			float like = likeness(&m->old_items[gap->old_index[o]],
					      &m->new_items[gap->new_index[n]], &a->old_words[o],
					      &a->new_words[n], place);
			float both = like > 0 ? like + *cell(a->best, gap, o + 1, n + 1) : 0;
			float skip_old = *cell(a->best, gap, o + 1, n),
			      skip_new = *cell(a->best, gap, o, n + 1);
			float best = skip_old > skip_new ? skip_old : skip_new;

			*cell(a->like, gap, o, n) = like;
			*cell(a->best, gap, o, n) = both > best ? both : best;
		}
	}
	for (size_t o = 0, n = 0; o < gap->old_count && n < gap->new_count;) {
		float like = *cell(a->like, gap, o, n), rest = *cell(a->best, gap, o + 1, n + 1);

		if (like > 0 && like + rest >= *cell(a->best, gap, o, n))
			pair(m, gap->old_index[o++], gap->new_index[n++]);
		else if (*cell(a->best, gap, o + 1, n) >= *cell(a->best, gap, o, n + 1))
			o++;
		else
			n++;
	}
}

static int gap_words(const struct item *items, const uint32_t *index, size_t count,
		     struct word_set **ret)
{
	struct word_set *words = calloc(count + 1, sizeof(*words));

	if (!words)
		return -ENOMEM;
	*ret = words;
	for (size_t i = 0; i < count; i++)
		if (word_set_read(&words[i], items[index[i]].gist) < 0)
			return -ENOMEM;
	return 0;
}

static void free_words(struct word_set *words, size_t count)
{
	for (size_t i = 0; words && i < count; i++)
		word_set_done(&words[i]);
	free(words);
}

static int match_gap(struct matching *m, const struct gap *gap)
{
	size_t cells = (gap->old_count + 1) * (gap->new_count + 1);
	struct word_set *old_words = NULL, *new_words = NULL;
	int r = 0;

	if (gap->old_count == 0 || gap->new_count == 0)
		return 0;
	if (cells > m->cells) {
		for (size_t i = 0; i < gap->old_count && i < gap->new_count; i++)
			pair(m, gap->old_index[i], gap->new_index[i]);
		return 0;
	}
	m->cells -= cells;
	cleanup_free float *best = calloc(cells, sizeof(*best));
	cleanup_free float *like = calloc(cells, sizeof(*like));
	if (!best || !like ||
	    gap_words(m->old_items, gap->old_index, gap->old_count, &old_words) < 0 ||
	    gap_words(m->new_items, gap->new_index, gap->new_count, &new_words) < 0)
		r = -ENOMEM;
	else
		align(&(struct alignment){ m, gap, old_words, new_words, best, like }, m);
	free_words(old_words, gap->old_count);
	free_words(new_words, gap->new_count);
	return r;
}

/* Walks both lists from one neighbour that stayed to the next. */
static int match_gaps(struct matching *m)
{
	cleanup_free bool *stays = calloc(m->new_count + 1, sizeof(*stays));
	cleanup_free uint32_t *old_index = calloc(m->old_count + 1, sizeof(*old_index));
	cleanup_free uint32_t *new_index = calloc(m->new_count + 1, sizeof(*new_index));
	uint32_t o = 0, n = 0;
	int r;

	if (!stays || !old_index || !new_index)
		return -ENOMEM;
	r = find_stays(m, stays);
	while (r == 0 && (o < m->old_count || n < m->new_count)) {
		struct gap gap = { old_index, new_index, 0, 0 };

		for (; n < m->new_count && !stays[n]; n++)
			if (m->old_of[n] == DIFF_NONE)
				new_index[gap.new_count++] = n;
		for (; o < m->old_count && (n == m->new_count || o != m->old_of[n]); o++)
			if (m->new_of[o] == DIFF_NONE)
				old_index[gap.old_count++] = o;
		r = match_gap(m, &gap);
		n++;
		o++;
	}
	return r;
}

/* ---- From the matching to changes ---- */

static unsigned compare_states(const struct item *o, const struct item *n)
{
	if (n->state == ITEM_DONE)
		return o->state == ITEM_DONE ? 0 : CHANGE_DONE;
	if (o->state == ITEM_DONE && n->state == ITEM_OPEN)
		return CHANGE_UNDONE;
	return strcmp(o->mark, n->mark) == 0 ? 0 : CHANGE_MARKED;
}

static unsigned compare_items(const struct item *o, const struct item *n)
{
	unsigned flags = compare_states(o, n);
	bool only_stamped = (flags & CHANGE_DONE) && *n->gist && strcmp(o->gist, n->gist) == 0 &&
			    (same_label(o, n) || (!o->label.kind && !n->label.kind));

	if (!same_text(o, n) && !only_stamped)
		flags |= CHANGE_REWORDED;
	return flags;
}

/* The matched neighbour that an added item was split off: its old text holds most of the added item's words. */
static int find_parent(const struct matching *m, uint32_t added, uint32_t *ret)
{
	struct word_set words = { 0 };
	int r = word_set_read(&words, m->new_items[added].gist);

	*ret = DIFF_NONE;
	for (uint32_t step = 0; r == 0 && step < 2 && *ret == DIFF_NONE; step++) {
		uint32_t n =
		    step == 0 ? added - 1 : added + 1; /* below 0 it wraps to beyond the end */
		struct word_set old_words = { 0 };

		if (n >= m->new_count || m->old_of[n] == DIFF_NONE)
			continue;
		const struct item *o = &m->old_items[m->old_of[n]];
		if (o->state == ITEM_DONE || same_text(o, &m->new_items[n]))
			continue;
		r = word_set_read(&old_words, o->gist);
		if (r == 0 && word_set_share(&words, &old_words) >= SPLIT_MIN)
			*ret = n;
		word_set_done(&old_words);
	}
	word_set_done(&words);
	return r;
}

static int describe(const struct matching *m, const bool *stays, struct diff *ret)
{
	ret->changes = calloc(m->new_count + m->old_count + 1, sizeof(*ret->changes));
	if (!ret->changes)
		return -ENOMEM;
	for (uint32_t n = 0; n < m->new_count; n++) {
		struct change *change = &ret->changes[ret->count++];
		uint32_t o = m->old_of[n];

		*change = (struct change){ o, n, DIFF_NONE, 0 };
		if (o == DIFF_NONE) {
			int r = find_parent(m, n, &change->parent);
			if (r < 0)
				return r;
			change->flags = change->parent == DIFF_NONE ? CHANGE_ADDED
								    : CHANGE_ADDED | CHANGE_SPLIT;
		} else {
			change->flags = compare_items(&m->old_items[o], &m->new_items[n]);
			if (!stays[n])
				change->flags |= CHANGE_MOVED;
		}
	}
	for (uint32_t o = 0; o < m->old_count; o++)
		if (m->new_of[o] == DIFF_NONE)
			ret->changes[ret->count++] =
			    (struct change){ o, DIFF_NONE, DIFF_NONE, CHANGE_REMOVED };
	return 0;
}

int diff_items(const struct item *old_items, size_t old_count, const struct item *new_items,
	       size_t new_count, struct diff *ret)
{
	cleanup_free uint32_t *old_of = malloc((new_count + 1) * sizeof(*old_of));
	cleanup_free uint32_t *new_of = malloc((old_count + 1) * sizeof(*new_of));
	cleanup_free bool *stays = calloc(new_count + 1, sizeof(*stays));
	struct matching m = {
		old_items, new_items, old_count, new_count, old_of, new_of, CELLS_MAX
	};
	int r;

	*ret = (struct diff){ 0 };
	if (!old_of || !new_of || !stays)
		return -ENOMEM;
	memset(old_of, 0xFF, (new_count + 1) * sizeof(*old_of));
	memset(new_of, 0xFF, (old_count + 1) * sizeof(*new_of));
	match_ends(&m);
	r = match_equal(&m, text_key);
	if (r == 0)
		r = match_equal(&m, gist_key);
	if (r == 0)
		r = match_gaps(&m);
	if (r == 0)
		r = find_stays(&m, stays);
	if (r == 0)
		r = describe(&m, stays, ret);
	if (r < 0)
		diff_done(ret);
	return r;
}

void diff_done(struct diff *diff)
{
	free(diff->changes);
	*diff = (struct diff){ 0 };
}
