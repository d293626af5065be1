/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/diff.h"

#include "ascii.h"
#include "likeness.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

/*
 * Evidence, in units of likeness of words (0 to 1). Measured on reworded ticks of real plans and on tests/matching.
 */
#define SAME_LABEL 0.45f
#define KIN_LABEL 0.20f	      /* "Stage 2" and "Milestone 2", "Stage B" and "Stage 2" */
#define OTHER_LABEL (-0.25f)  /* where the words do not say better */
#define OTHER_NUMBER (-0.60f) /* "Implement Milestone 2", "Implement Milestone 3" */
#define SAME_STAMP 0.30f
#define OTHER_STAMP (-0.30f) /* of two ticked items */
#define TICKED 0.10f
#define UNTICKED (-0.30f)
#define SAME_GAP 0.15f /* between the same matched neighbours */
#define OTHER_GAP (-0.35f)
#define SAME_PARENT 0.20f
#define OTHER_PARENT (-0.30f)
/* "Stage 4, rest: ...", "Stage E follow-ups": not the heir of its stage. */
#define REMAINDER (-0.75f)
/* From here on it is the same item. */
#define ENOUGH 0.45f
/* Words that are so alike say more than a label does. */
#define ALIKE 0.60f
/* In a gap, the place alone tells an open item that comes back ticked. */
#define PLACE 0.05f
/* In a gap with as many items before as behind, a word in common is enough for the two in the same place. */
#define ANY_LIKENESS 0.10f
/* An added item is split off another one when it carries this much of its old words. */
#define SPLIT_MIN 0.49f
/* Pairs that are weighed in one comparison: beyond them, what is left is matched by place. */
#define PAIRS_MAX ((size_t)1 << 21)

/* What is asked of an item again and again. */
struct traits {
	size_t gist_length;
	float most;	 /* likeness to any item of the other side */
	unsigned number; /* of the milestone, stage, ... that its text names; 0 */
	bool placeholder, remainder;
};

struct side {
	const struct item *items;
	struct traits *traits;
	uint32_t count;
	uint32_t *partner; /* the index on the other side; DIFF_NONE */
	uint32_t *parent;  /* the item that it is nested in; DIFF_NONE */
	uint32_t *gap;	   /* matched items in order that stand before it */
	struct word_set *words;
};

struct matching {
	struct side old, new;
	bool *stays;  /* of the new items: matched, and in order */
	size_t pairs; /* that may still be weighed */
	struct vocabulary vocabulary;
};

static void pair(struct matching *m, uint32_t o, uint32_t n)
{
	m->old.partner[o] = n;
	m->new.partner[n] = o;
}

static bool same_text(const struct item *a, const struct item *b)
{
	return strcmp(a->text, b->text) == 0;
}

/* "M2" and "Milestone 2" are one. */
static bool same_label(const struct item *a, const struct item *b)
{
	const char *left = a->label.kind, *right = b->label.kind;

	if (!left || !right || strcasecmp(a->label.id, b->label.id) != 0)
		return false;
	return strcmp(left, right) == 0 || (left[0] == right[0] && (!left[1] || !right[1]));
}

/* 1 for "1", "A" and "I"; 0 where it is no plain number. */
static unsigned ordinal(const char *id)
{
	if (is_digit(*id)) {
		unsigned number = 0;
		for (; is_digit(*id) && number < 10000; id++)
			number = number * 10 + (unsigned)(*id - '0');
		return *id ? 0 : number;
	}
	return (is_upper(*id) || is_lower(*id)) && !id[1] ? (unsigned)(*id | 0x20) - 'a' + 1 : 0;
}

/* The same number under another word, or in another notation. */
static bool kin_label(const struct item *a, const struct item *b)
{
	if (!a->label.kind || !b->label.kind || same_label(a, b))
		return false;
	return strcasecmp(a->label.id, b->label.id) == 0 ||
	       (ordinal(a->label.id) && ordinal(a->label.id) == ordinal(b->label.id));
}

static bool other_label(const struct item *a, const struct item *b)
{
	return a->label.kind && b->label.kind && !same_label(a, b);
}

/* Nothing yet: an empty box, "TBD", "...". */
static bool is_placeholder(const struct item *item)
{
	const char *at = item->gist;

	while (*at && !is_word(*at))
		at++;
	return !*at || strcasecmp(at, "tbd") == 0 || strcasecmp(at, "todo") == 0 ||
	       strcasecmp(at, "tba") == 0;
}

/* ---- The sides ---- */

static void side_done(struct side *side)
{
	for (uint32_t i = 0; side->words && i < side->count; i++)
		word_set_done(&side->words[i]);
	free(side->words);
	free(side->traits);
	free(side->partner);
	free(side->parent);
	free(side->gap);
}

static int side_init(struct side *side, const struct item *items, size_t count)
{
	*side = (struct side){ .items = items, .count = (uint32_t)count };
	side->partner = malloc((count + 1) * sizeof(*side->partner));
	side->parent = malloc((count + 1) * sizeof(*side->parent));
	side->gap = calloc(count + 1, sizeof(*side->gap));
	side->words = calloc(count + 1, sizeof(*side->words));
	side->traits = calloc(count + 1, sizeof(*side->traits));
	if (!side->traits || !side->partner || !side->parent || !side->gap || !side->words)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t above = i ? i - 1 : DIFF_NONE;
		while (above != DIFF_NONE && items[above].depth >= items[i].depth)
			above = side->parent[above];
		side->parent[i] = above;
		side->partner[i] = DIFF_NONE;
	}
	return 0;
}

static void matching_done(struct matching *m)
{
	side_done(&m->old);
	side_done(&m->new);
	vocabulary_done(&m->vocabulary);
	free(m->stays);
}

/* ---- The matched items that kept their order ---- */

/* Marks in stays[] a longest increasing subsequence of the matched old indices (patience sorting, O(n log n)). */
static int find_stays(struct matching *m)
{
	const struct side *new = &m->new;
	cleanup_free uint32_t *tails = calloc(new->count + 1, sizeof(*tails));
	cleanup_free uint32_t *before = calloc(new->count + 1, sizeof(*before));
	size_t length = 0;

	if (!tails || !before)
		return -ENOMEM;
	memset(m->stays, 0, new->count + 1);
	for (uint32_t n = 0; n < new->count; n++) {
		size_t low = 0, high = length;

		if (new->partner[n] == DIFF_NONE)
			continue;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (new->partner[tails[middle]] < new->partner[n])
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
		m->stays[n] = true;
	return 0;
}

/* Numbers the gaps between the items that stay, on both sides. */
static int find_gaps(struct matching *m)
{
	uint32_t gap = 0, o = 0;
	int r = find_stays(m);

	for (uint32_t n = 0; r == 0 && n < m->new.count; n++) {
		m->new.gap[n] = gap;
		if (!m->stays[n])
			continue;
		for (; o <= m->new.partner[n]; o++)
			m->old.gap[o] = gap;
		gap++;
	}
	for (; o < m->old.count; o++)
		m->old.gap[o] = gap;
	return r;
}

/* ---- Pass 1: equal texts, equal gists ---- */

enum key_kind { KEY_TEXT, KEY_GIST };

/* The bytes that two items must have in common, and the item that both are nested in. False where an item has none. */
static bool key_of(const struct matching *m, const struct side *side, uint32_t i,
		   enum key_kind kind, uint64_t *key)
{
	const struct item *item = &side->items[i];
	const char *text = kind == KEY_TEXT ? item->text : item->gist;
	uint32_t parent = side->parent[i];
	uint64_t seed = 0;

	if (kind == KEY_GIST && is_placeholder(item))
		return false;
	/* By its new index, where that is known on both sides. */
	if (parent != DIFF_NONE) {
		bool matched = side->partner[parent] != DIFF_NONE;
		seed = !matched ? 1 : (side == &m->new ? parent : side->partner[parent]) + 2;
	}
	*key = XXH3_64bits_withSeed(text, strlen(text), seed);
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

static size_t collect(const struct matching *m, const struct side *side, enum key_kind kind,
		      uint32_t depth, struct keyed *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < side->count; i++)
		if (side->partner[i] == DIFF_NONE && (side->items[i].depth > 0) == (depth > 0) &&
		    key_of(m, side, i, kind, &out[n].key))
			out[n++].index = i;
	if (n)
		qsort(out, n, sizeof(*out), compare_keyed);
	return n;
}

/* How many matched neighbours the two have in common, and whether their labels agree. */
static unsigned agreement(const struct matching *m, uint32_t o, uint32_t n)
{
	bool above = o > 0 && n > 0 && m->old.partner[o - 1] == n - 1;
	bool below = o + 1 < m->old.count && n + 1 < m->new.count && m->old.partner[o + 1] == n + 1;
	bool ends = (o == 0 && n == 0) || (o + 1 == m->old.count && n + 1 == m->new.count);

	return 4u * (unsigned)same_label(&m->old.items[o], &m->new.items[n]) + 2u * above +
	       2u * below + ends + (m->old.gap[o] == m->new.gap[n]);
}

/*
 * Equal items of both sides. As many of them here as there: in their order. Else those stay together whose surroundings agree, and
 * the rest goes in order.
 */
static void match_group(struct matching *m, const struct keyed *old, size_t old_count,
			const struct keyed *new, size_t new_count)
{
	bool alone = old_count == 1 && new_count == 1;

	for (unsigned least = 3;
	     !alone && old_count != new_count && least > 0 && old_count * new_count <= m->pairs;
	     least--)
		for (size_t i = 0; i < old_count; i++)
			for (size_t k = 0; k < new_count; k++) {
				uint32_t o = old[i].index, n = new[k].index;
				bool unmatched = m->old.partner[o] == DIFF_NONE &&
						 m->new.partner[n] == DIFF_NONE;
				if (unmatched && agreement(m, o, n) >= least)
					pair(m, o, n);
			}
	for (size_t i = 0, k = 0; i < old_count && k < new_count;) {
		if (m->old.partner[old[i].index] != DIFF_NONE)
			i++;
		else if (m->new.partner[new[k].index] != DIFF_NONE)
			k++;
		else
			pair(m, old[i++].index, new[k++].index);
	}
}

static size_t group_end(const struct keyed *keys, size_t from, size_t count)
{
	size_t end = from;

	while (end < count && keys[end].key == keys[from].key)
		end++;
	return end;
}

/* `single`: only what stands once on either side, so that it can tell for the others where they are. */
static int match_equal(struct matching *m, enum key_kind kind, uint32_t depth, bool single)
{
	cleanup_free struct keyed *old = calloc(m->old.count + 1, sizeof(*old));
	cleanup_free struct keyed *new = calloc(m->new.count + 1, sizeof(*new));

	if (!old || !new)
		return -ENOMEM;
	size_t old_count = collect(m, &m->old, kind, depth, old);
	size_t new_count = collect(m, &m->new, kind, depth, new);
	for (size_t o = 0, n = 0; o < old_count && n < new_count;) {
		size_t o_end = group_end(old, o, old_count), n_end = group_end(new, n, new_count);
		if (old[o].key < new[n].key) {
			o = o_end;
		} else if (old[o].key > new[n].key) {
			n = n_end;
		} else {
			if (!single || (o_end - o == 1 && n_end - n == 1))
				match_group(m, old + o, o_end - o, new + n, n_end - n);
			o = o_end;
			n = n_end;
		}
	}
	return find_gaps(m);
}

/* ---- Pass 2: the weight of all evidence ---- */

/* The number that a text gives to a piece of work: "Implement Milestone 2", "step 4". 0 for none, or for several. */
static unsigned work_number(const struct item *item)
{
	static const char *const kinds[] = { "milestone", "stage", "phase",    "step",
					     "task",	  "part",  "round",    "batch",
					     "slice",	  "wave",  "iteration" };
	unsigned found = 0;

	for (const char *at = item->text; *at; at++) {
		if (at > item->text && is_word(at[-1]))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
			size_t length = strlen(kinds[i]);
			if (strncasecmp(at, kinds[i], length) != 0 || at[length] != ' ' ||
			    !is_digit(at[length + 1]))
				continue;
			unsigned number = 0;
			for (const char *d = at + length + 1; is_digit(*d) && number < 10000; d++)
				number = number * 10 + (unsigned)(*d - '0');
			if (found && found != number)
				return 0;
			found = number;
		}
	}
	return found;
}

/* "rest", "remaining", "follow-up" among the first words: what is left of something, not the thing. */
static bool is_remainder(const struct item *item)
{
	static const char *const words[] = { "rest",	 "remaining", "remainder", "follow-up",
					     "followup", "leftover",  "left over" };
	const char *at = item->gist;

	for (unsigned word = 0; word < 2 && *at; word++) {
		at += strspn(at, " ,:;-(");
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (strncasecmp(at, words[i], strlen(words[i])) == 0)
				return true;
		at += strcspn(at, " ,:;(");
	}
	return false;
}

/* Reads what is left over by the equal ones. */
static int read_rest(struct matching *m, struct side *side)
{
	for (uint32_t i = 0; i < side->count; i++) {
		const struct item *item = &side->items[i];
		if (side->partner[i] != DIFF_NONE)
			continue;
		side->traits[i] = (struct traits){ .gist_length = strlen(item->gist),
						   .number = work_number(item),
						   .placeholder = is_placeholder(item),
						   .remainder = is_remainder(item) };
		if (word_set_read(&side->words[i], &m->vocabulary, item->gist,
				  side->traits[i].gist_length) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The old item's words are in another new item: if this one has its label, labels have rotated. */
static bool is_elsewhere(const struct matching *m, uint32_t o, float like)
{
	return like < ALIKE / 2 && m->old.traits[o].most >= ALIKE;
}

static float weigh_labels(const struct matching *m, uint32_t at_old, uint32_t at_new, float like)
{
	const struct item *o = &m->old.items[at_old], *n = &m->new.items[at_new];
	unsigned old_number = m->old.traits[at_old].number,
		 new_number = m->new.traits[at_new].number;
	bool remainder = m->new.traits[at_new].remainder && !m->old.traits[at_old].remainder;

	if (is_elsewhere(m, at_old, like))
		return 0;
	if (same_label(o, n) || (old_number && old_number == new_number && !other_label(o, n)))
		return SAME_LABEL + (remainder ? REMAINDER : 0);
	if (kin_label(o, n))
		return KIN_LABEL;
	if (other_label(o, n))
		return like >= ALIKE ? 0 : OTHER_LABEL;
	return old_number && new_number ? OTHER_NUMBER : 0;
}

static float weigh_states(const struct item *o, const struct item *n)
{
	if (o->state == ITEM_DONE && n->state != ITEM_DONE)
		return UNTICKED;
	if (o->state != ITEM_DONE && n->state == ITEM_DONE)
		return TICKED;
	if (o->state != ITEM_DONE || !o->stamp.raw || !n->stamp.raw)
		return 0;
	return strcmp(o->stamp.raw, n->stamp.raw) == 0 ? SAME_STAMP : OTHER_STAMP;
}

static float weigh_places(const struct matching *m, uint32_t o, uint32_t n)
{
	uint32_t o_parent = m->old.parent[o], n_parent = m->new.parent[n];
	float place = m->old.gap[o] == m->new.gap[n] ? SAME_GAP : OTHER_GAP;

	if (o_parent != DIFF_NONE && n_parent != DIFF_NONE) {
		if (m->old.partner[o_parent] == n_parent)
			place += SAME_PARENT;
		else if (m->old.partner[o_parent] != DIFF_NONE ||
			 m->new.partner[n_parent] != DIFF_NONE)
			place += OTHER_PARENT;
	}
	return place;
}

/* One text goes on with the other: "Webcam in box 4", "Webcam in box 4 (the cable is too short)". */
static bool goes_on(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t shorter = a_length < b_length ? a_length : b_length;
	const char *longer = a_length < b_length ? b : a;

	if (*a != *b)
		return false;
	while (shorter > 0 && !is_word(longer[shorter - 1]))
		shorter--;
	return shorter >= 8 && strncmp(a, b, shorter) == 0 && !is_word(longer[shorter]);
}

static float likeness(const struct matching *m, uint32_t o, uint32_t n)
{
	const struct traits *old = &m->old.traits[o], *new = &m->new.traits[n];
	const char *then = m->old.items[o].gist, *now = m->new.items[n].gist;

	if (strcmp(then, now) == 0 && !old->placeholder)
		return 1.0f;
	return goes_on(then, old->gist_length, now, new->gist_length)
		   ? 0.9f
		   : word_set_likeness(&m->old.words[o], &m->new.words[n]);
}

/* How strongly new item `n` looks like a later state of old item `o`. */
static float weigh(const struct matching *m, uint32_t o, uint32_t n, float like)
{
	const struct item *old = &m->old.items[o], *new = &m->new.items[n];
	float labels = weigh_labels(m, o, n, like), states = weigh_states(old, new);

	if (like <= 0 && labels < SAME_LABEL && states < SAME_STAMP)
		return 0;
	float place = weigh_places(m, o, n);
	/* The very same words may have gone anywhere. */
	if (like >= 1 && place < OTHER_GAP)
		place = OTHER_GAP;
	return like + labels + states + place;
}

struct weighed {
	float weight;
	uint32_t o, n;
};

/* The heaviest first; of equals the one that moves least, then in order. */
static int compare_weighed(const void *a, const void *b)
{
	const struct weighed *left = a, *right = b;

	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	if (left->o != right->o)
		return left->o < right->o ? -1 : 1;
	return (left->n > right->n) - (left->n < right->n);
}

static size_t free_ones(const struct side *side, uint32_t *out)
{
	size_t count = 0;

	for (uint32_t i = 0; i < side->count; i++)
		if (side->partner[i] == DIFF_NONE)
			out[count++] = i;
	return count;
}

static int match_weighed(struct matching *m)
{
	cleanup_free uint32_t *old = calloc(m->old.count + 1, sizeof(*old));
	cleanup_free uint32_t *new = calloc(m->new.count + 1, sizeof(*new));
	size_t old_count = old ? free_ones(&m->old, old) : 0,
	       new_count = new ? free_ones(&m->new, new) : 0;
	cleanup_free struct weighed *weighed = NULL;
	size_t count = 0, size = 0;

	if (!old || !new || read_rest(m, &m->old) < 0 || read_rest(m, &m->new) < 0)
		return -ENOMEM;
	if (old_count * new_count > m->pairs)
		return 0;
	m->pairs -= old_count * new_count;
	cleanup_free float *likes = calloc(old_count * new_count + 1, sizeof(*likes));
	if (!likes)
		return -ENOMEM;
	for (size_t i = 0; i < old_count; i++)
		for (size_t k = 0; k < new_count; k++) {
			float like = likeness(m, old[i], new[k]);
			likes[i * new_count + k] = like;
			if (!m->new.traits[new[k]].remainder && like > m->old.traits[old[i]].most)
				m->old.traits[old[i]].most = like;
		}
	for (size_t i = 0; i < old_count; i++)
		for (size_t k = 0; k < new_count; k++) {
			float weight = weigh(m, old[i], new[k], likes[i * new_count + k]);
			if (weight < ENOUGH)
				continue;
			if (count == size) {
				size = size ? size * 2 : 256;
				struct weighed *grown = reallocarray(weighed, size, sizeof(*grown));
				if (!grown)
					return -ENOMEM;
				weighed = grown;
			}
			weighed[count++] = (struct weighed){ weight, old[i], new[k] };
		}
	if (count)
		qsort(weighed, count, sizeof(*weighed), compare_weighed);
	for (size_t i = 0; i < count; i++)
		if (m->old.partner[weighed[i].o] == DIFF_NONE &&
		    m->new.partner[weighed[i].n] == DIFF_NONE)
			pair(m, weighed[i].o, weighed[i].n);
	return find_gaps(m);
}

/* ---- Pass 3: the place ---- */

/* The unmatched items of both sides between two neighbours that stayed. */
struct gap {
	uint32_t *old, *new;
	size_t old_count, new_count;
	bool bounded; /* something stayed somewhere, so that there are places */
};

/*
 * What the place says where the rest of the evidence does not: an open item that comes back ticked is the same one, and so is what
 * stands in the same place of as many. Where nothing stayed at all, a place is worth nothing without a word in common.
 */
static float weigh_place(const struct matching *m, const struct gap *gap, size_t at_old,
			 size_t at_new)
{
	uint32_t o = gap->old[at_old], n = gap->new[at_new];
	const struct item *old = &m->old.items[o], *new = &m->new.items[n];
	uint32_t o_parent = m->old.parent[o], n_parent = m->new.parent[n];
	bool ticked = old->state != ITEM_DONE && new->state == ITEM_DONE;
	const struct traits *then = &m->old.traits[o], *now = &m->new.traits[n];
	bool equal = gap->old_count == gap->new_count;
	float like = word_set_likeness(&m->old.words[o], &m->new.words[n]);
	bool placed = equal && at_old == at_new && like >= ANY_LIKENESS &&
		      (old->state == ITEM_DONE) == (new->state == ITEM_DONE);

	bool labelled = same_label(old, new) && !now->remainder && !is_elsewhere(m, o, like);

	if (!ticked && !placed && !labelled && !(then->placeholder && old->state != ITEM_DONE))
		return 0;
	if (!gap->bounded && !equal && like <= 0)
		return 0;
	if (other_label(old, new) || (then->number && now->number && then->number != now->number))
		return 0;
	if (o_parent == DIFF_NONE ? n_parent != DIFF_NONE : m->old.partner[o_parent] != n_parent)
		return 0;
	return PLACE + like + (labelled ? SAME_LABEL : 0);
}

static float *cell(float *table, const struct gap *gap, size_t o, size_t n)
{
	return &table[o * (gap->new_count + 1) + n];
}

/* The alignment in order of greatest weight (Needleman and Wunsch, 1970, without a cost for what stays alone). */
static int align(struct matching *m, const struct gap *gap)
{
	size_t cells = (gap->old_count + 1) * (gap->new_count + 1);
	cleanup_free float *best = calloc(cells, sizeof(*best));

	if (!best)
		return -ENOMEM;
	for (size_t o = gap->old_count; o-- > 0;)
		for (size_t n = gap->new_count; n-- > 0;) {
			float weight = weigh_place(m, gap, o, n);
			float both = weight > 0 ? weight + *cell(best, gap, o + 1, n + 1) : 0;
			float skip_old = *cell(best, gap, o + 1, n),
			      skip_new = *cell(best, gap, o, n + 1);
			float skip = skip_old > skip_new ? skip_old : skip_new;
			*cell(best, gap, o, n) = both > skip ? both : skip;
		}
	for (size_t o = 0, n = 0; o < gap->old_count && n < gap->new_count;) {
		float weight = weigh_place(m, gap, o, n);
		if (weight > 0 && weight + *cell(best, gap, o + 1, n + 1) >= *cell(best, gap, o, n))
			pair(m, gap->old[o++], gap->new[n++]);
		else if (*cell(best, gap, o + 1, n) >= *cell(best, gap, o, n + 1))
			o++;
		else
			n++;
	}
	return 0;
}

static int match_gap(struct matching *m, const struct gap *gap)
{
	size_t pairs = gap->old_count * gap->new_count;

	if (pairs == 0)
		return 0;
	if (pairs <= m->pairs) {
		m->pairs -= pairs;
		return align(m, gap);
	}
	for (size_t i = 0; i < gap->old_count && i < gap->new_count; i++)
		pair(m, gap->old[i], gap->new[i]);
	return 0;
}

static int match_places(struct matching *m)
{
	cleanup_free uint32_t *old = calloc(m->old.count + 1, sizeof(*old));
	cleanup_free uint32_t *new = calloc(m->new.count + 1, sizeof(*new));
	size_t old_count = old ? free_ones(&m->old, old) : 0,
	       new_count = new ? free_ones(&m->new, new) : 0;
	bool any = false;
	int r = 0;

	if (!old || !new)
		return -ENOMEM;
	for (uint32_t n = 0; n < m->new.count; n++)
		any |= m->stays[n];
	for (size_t o = 0, n = 0; o < old_count && n < new_count && r == 0;) {
		uint32_t number = m->old.gap[old[o]];
		struct gap gap = { .old = old + o, .new = new + n, .bounded = any };

		for (; o < old_count && m->old.gap[old[o]] == number; o++)
			gap.old_count++;
		while (n < new_count && m->new.gap[new[n]] < number)
			n++;
		gap.new = new + n;
		for (; n < new_count && m->new.gap[new[n]] == number; n++)
			gap.new_count++;
		r = match_gap(m, &gap);
	}
	return r < 0 ? r : find_stays(m);
}

/* ---- Pass 4: copies ---- */

/* True where new item `n` has most words of old item `o`: the verb of an order is gone when it was obeyed. */
static int says_most(const struct matching *m, uint32_t o, uint32_t n, bool *ret)
{
	const char *gist = m->old.items[o].gist;
	struct word_set words = { 0 };
	int r = word_set_read(&words, &m->vocabulary, gist, strlen(gist));

	*ret = r == 0 && words.count > 0 && word_set_share(&words, &m->new.words[n]) >= ALIKE;
	word_set_done(&words);
	return r;
}

/*
 * "Run all checks" comes back ticked in other words, and stands once more, open, under a milestone that was added: that is the new
 * milestone's own. Of the added items in front of the copy, one begins a stage, and one before that is the heir.
 */
static int match_copy(struct matching *m, uint32_t n)
{
	uint32_t o = m->new.partner[n];
	bool begins = false, heir = false;
	int r = 0;

	if (m->old.items[o].state == ITEM_DONE || m->new.items[n].state == ITEM_DONE ||
	    !same_text(&m->old.items[o], &m->new.items[n]))
		return 0;
	for (uint32_t k = n; r == 0 && !heir && k-- > 0 && m->new.partner[k] == DIFF_NONE;) {
		const struct item *item = &m->new.items[k];
		if (begins && item->state == ITEM_DONE)
			r = says_most(m, o, k, &heir);
		begins |= item->state != ITEM_DONE && item->label.kind;
		if (heir) {
			m->new.partner[n] = DIFF_NONE;
			pair(m, o, k);
		}
	}
	return r;
}

static int match_copies(struct matching *m)
{
	int r = 0;

	for (uint32_t n = 0; r == 0 && n < m->new.count; n++)
		if (m->new.partner[n] != DIFF_NONE)
			r = match_copy(m, n);
	return r < 0 ? r : find_stays(m);
}

static bool all_matched(const struct matching *m)
{
	for (uint32_t o = 0; o < m->old.count; o++)
		if (m->old.partner[o] == DIFF_NONE)
			return false;
	return m->old.count == m->new.count;
}

static int match(struct matching *m)
{
	static const struct {
		enum key_kind kind;
		uint32_t depth;
		bool single;
	} passes[] = {
		{ KEY_TEXT, 0, true },	{ KEY_TEXT, 0, false }, { KEY_GIST, 0, true },
		{ KEY_GIST, 0, false }, { KEY_TEXT, 1, true },	{ KEY_TEXT, 1, false },
		{ KEY_GIST, 1, true },	{ KEY_GIST, 1, false },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(passes) && r == 0 && !all_matched(m); i++)
		r = match_equal(m, passes[i].kind, passes[i].depth, passes[i].single);
	if (r < 0 || all_matched(m))
		return r < 0 ? r : match_copies(m);
	/* Words are read only now: most saves tick, and leave nothing over. */
	r = vocabulary_read(&m->vocabulary, m->old.items, m->old.count, m->new.items, m->new.count);
	if (r == 0)
		r = match_weighed(m);
	if (r == 0)
		r = match_places(m);
	return r == 0 ? match_copies(m) : r;
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

/* The first clause of a text: a part names itself there, and tells its story behind. */
static size_t first_clause(const char *text)
{
	size_t length = strcspn(text, ":;,");
	const char *dash = strstr(text, " \u2014 ");

	if (dash && (size_t)(dash - text) < length)
		length = (size_t)(dash - text);
	return text[length] ? length : strlen(text);
}

/* "Marked the roadmap ..." of "run the reviewer, mark the roadmap, commit": up to the end of the second word. */
static size_t first_words(const char *text)
{
	const char *at = text;

	for (unsigned words = 0; words < 3 && *at; words++) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return (size_t)(at - text);
}

/* Whether the first `length` bytes of an added item's text say what the old one said, up to a part of their words. */
static int carries(const struct matching *m, const struct item *added, size_t length, float least,
		   const struct word_set *old_words, bool *ret)
{
	struct word_set words = { 0 };
	int r = word_set_read(&words, &m->vocabulary, added->gist, length);

	*ret |= r == 0 && word_set_share(&words, old_words) >= least;
	word_set_done(&words);
	return r;
}

/* True where new item `n` continues an item whose old text holds most of the added one's words. */
static int is_parent(const struct matching *m, uint32_t n, const struct item *added, bool *ret)
{
	const struct item *old = &m->old.items[m->new.partner[n]];
	struct word_set words = { 0 };
	int r = 0;

	*ret = false;
	if (old->state == ITEM_DONE || same_text(old, &m->new.items[n]))
		return 0;
	if (same_text(old, added))
		return 0; /* a copy: all of it stands there again, and not a part */
	if (!added->label.kind && work_number(added) && work_number(old) &&
	    work_number(added) != work_number(old))
		return 0; /* "Implement Milestone 3" is no part of "Implement Milestone 2" */
	*ret = same_label(old, added) && is_remainder(added);
	r = word_set_read(&words, &m->vocabulary, old->gist, strlen(old->gist));
	if (r == 0 && !*ret)
		r = carries(m, added, strlen(added->gist), SPLIT_MIN, &words, ret);
	if (r == 0 && !*ret)
		r = carries(m, added, first_clause(added->gist), SPLIT_MIN, &words, ret);
	if (r == 0 && !*ret)
		r = carries(m, added, first_words(added->gist), 1, &words, ret);
	word_set_done(&words);
	return r;
}

/* The item that an added one was split off: a matched one that stands next to it, other added ones between them left out. */
static int find_parent(const struct matching *m, uint32_t added, uint32_t *ret)
{
	bool found = false;
	int r = 0;

	*ret = DIFF_NONE;
	for (int step = -1; step <= 1 && r == 0 && !found; step += 2) {
		uint32_t n = added + (uint32_t)step; /* below 0 it wraps to beyond the end */
		while (n < m->new.count && m->new.partner[n] == DIFF_NONE)
			n += (uint32_t)step;
		if (n >= m->new.count)
			continue;
		r = is_parent(m, n, &m->new.items[added], &found);
		if (found)
			*ret = n;
	}
	return r;
}

static int describe(const struct matching *m, struct diff *ret)
{
	ret->changes = calloc((size_t)m->new.count + m->old.count + 1, sizeof(*ret->changes));
	if (!ret->changes)
		return -ENOMEM;
	for (uint32_t n = 0; n < m->new.count; n++) {
		struct change *change = &ret->changes[ret->count++];
		uint32_t o = m->new.partner[n];

		*change = (struct change){ o, n, DIFF_NONE, 0 };
		if (o == DIFF_NONE) {
			int r = find_parent(m, n, &change->parent);
			if (r < 0)
				return r;
			change->flags = change->parent == DIFF_NONE ? CHANGE_ADDED
								    : CHANGE_ADDED | CHANGE_SPLIT;
		} else {
			change->flags = compare_items(&m->old.items[o], &m->new.items[n]);
			if (!m->stays[n])
				change->flags |= CHANGE_MOVED;
		}
	}
	for (uint32_t o = 0; o < m->old.count; o++)
		if (m->old.partner[o] == DIFF_NONE)
			ret->changes[ret->count++] =
			    (struct change){ o, DIFF_NONE, DIFF_NONE, CHANGE_REMOVED };
	return 0;
}

int diff_items(const struct item *old_items, size_t old_count, const struct item *new_items,
	       size_t new_count, struct diff *ret)
{
	cleanup(matching_done) struct matching m = { .pairs = PAIRS_MAX };
	int r = side_init(&m.old, old_items, old_count);

	*ret = (struct diff){ 0 };
	if (r == 0)
		r = side_init(&m.new, new_items, new_count);
	m.stays = calloc(new_count + 1, sizeof(*m.stays));
	if (r == 0 && !m.stays)
		r = -ENOMEM;
	if (r == 0)
		r = match(&m);
	if (r == 0)
		r = describe(&m, ret);
	if (r < 0)
		diff_done(ret);
	return r;
}

void diff_done(struct diff *diff)
{
	free(diff->changes);
	*diff = (struct diff){ 0 };
}
