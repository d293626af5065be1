/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include "planwatch/cleanup.h"

#include <string.h>
#include <strings.h>

#define ONE 1000
#define HOUR 3600
#define WORKING_DAY (8 * HOUR)
#define NUMBER_LIMIT ((int64_t)1000000000 * ONE)

static const struct {
	const char *name;
	int value;
} small_numbers[] = {
	{ "zero", 0 },	   { "one", 1 },	{ "two", 2 },	    { "three", 3 },
	{ "four", 4 },	   { "five", 5 },	{ "six", 6 },	    { "seven", 7 },
	{ "eight", 8 },	   { "nine", 9 },	{ "ten", 10 },	    { "eleven", 11 },
	{ "twelve", 12 },  { "thirteen", 13 },	{ "fourteen", 14 }, { "fifteen", 15 },
	{ "sixteen", 16 }, { "seventeen", 17 }, { "eighteen", 18 }, { "nineteen", 19 },
	{ "twenty", 20 },  { "thirty", 30 },	{ "forty", 40 },    { "fifty", 50 },
	{ "sixty", 60 },   { "seventy", 70 },	{ "eighty", 80 },   { "ninety", 90 },
	{ "single", 1 },   { "couple", 2 },	{ "dozen", 12 },    { "a", 1 },
	{ "an", 1 },
};

enum unit_type {
	UNIT_CLOCK,   /* hours, minutes */
	UNIT_DAY,     /* 24 hours, or 8 where they are worked */
	UNIT_SESSION, /* work, whatever stands before */
};

static const struct {
	const char *name;
	enum unit_type type;
	int64_t seconds, worked;
} units[] = {
	{ "s", UNIT_CLOCK, 1, 1 },
	{ "sec", UNIT_CLOCK, 1, 1 },
	{ "secs", UNIT_CLOCK, 1, 1 },
	{ "second", UNIT_CLOCK, 1, 1 },
	{ "seconds", UNIT_CLOCK, 1, 1 },
	{ "m", UNIT_CLOCK, 60, 60 },
	{ "min", UNIT_CLOCK, 60, 60 },
	{ "mins", UNIT_CLOCK, 60, 60 },
	{ "minute", UNIT_CLOCK, 60, 60 },
	{ "minutes", UNIT_CLOCK, 60, 60 },
	{ "h", UNIT_CLOCK, HOUR, HOUR },
	{ "hr", UNIT_CLOCK, HOUR, HOUR },
	{ "hrs", UNIT_CLOCK, HOUR, HOUR },
	{ "hour", UNIT_CLOCK, HOUR, HOUR },
	{ "hours", UNIT_CLOCK, HOUR, HOUR },
	{ "d", UNIT_DAY, 24 * HOUR, WORKING_DAY },
	{ "day", UNIT_DAY, 24 * HOUR, WORKING_DAY },
	{ "days", UNIT_DAY, 24 * HOUR, WORKING_DAY },
	{ "wk", UNIT_DAY, 7 * 24 * HOUR, 5 * WORKING_DAY },
	{ "week", UNIT_DAY, 7 * 24 * HOUR, 5 * WORKING_DAY },
	{ "weeks", UNIT_DAY, 7 * 24 * HOUR, 5 * WORKING_DAY },
	{ "workday", UNIT_SESSION, 0, WORKING_DAY },
	{ "workdays", UNIT_SESSION, 0, WORKING_DAY },
	{ "session", UNIT_SESSION, 0, 4 * HOUR },
	{ "sessions", UNIT_SESSION, 0, 4 * HOUR },
	{ "morning", UNIT_SESSION, 0, 4 * HOUR },
	{ "afternoon", UNIT_SESSION, 0, 4 * HOUR },
};

/* Words between a number and its unit, by what they say about the time. */
static const char *const effort_words[] = {
	"working", "work",     "worked", "focused",	"focussed",	"effort",
	"active",  "agent",    "person", "engineering", "engineer",	"developer",
	"dev",	   "business", "hands",	 "coding",	"concentrated", "man",
};
static const char *const wall_words[] = { "wall", "clock", "wallclock", "calendar", "real" };
static const char *const plain_adjectives[] = {
	"full",	      "consecutive", "continuous", "uninterrupted", "whole", "solid",	 "total",
	"additional", "cumulative",  "extra",	   "elapsed",	    "net",   "straight", "more"
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_blank(const char *at)
{
	return *at == ' ' ||
	       (*at < 0 && (strncmp(at, "\u00a0", 2) == 0 || strncmp(at, "\u202f", 3) == 0));
}

static size_t dash_length(const char *at)
{
	static const char *const dashes[] = { "\u2010", "\u2011", "\u2012",
					      "\u2013", "\u2014", "\u2212" };

	for (size_t i = 0; *at < 0 && i < ARRAY_SIZE(dashes); i++)
		if (strncmp(at, dashes[i], 3) == 0)
			return 3;
	return *at == '-';
}

static size_t number_length(const char *at)
{
	bool fraction = *at < 0 && (strncmp(at, "\u00bd", 2) == 0 ||
				    strncmp(at, "\u00bc", 2) == 0 || strncmp(at, "\u00be", 2) == 0);
	size_t length = fraction ? 2 : 0;

	while (is_digit(at[length]) ||
	       ((at[length] == '.' || at[length] == ',') && length && is_digit(at[length + 1])))
		length++;
	return length;
}

static size_t name_length(const char *at)
{
	size_t length = 0;

	while (is_letter(at[length]) && !is_blank(at + length) && !dash_length(at + length) &&
	       !number_length(at + length))
		length++;
	/* "milestone's": the apostrophe belongs to the word. */
	while (length && at[length] == '\'' && is_letter(at[length + 1])) {
		length++;
		while (is_letter(at[length]))
			length++;
	}
	return length;
}

void words_read(struct words *words, const char *text)
{
	bool glued = false;

	words->count = 0;
	while (*text && words->count < WORDS_MAX) {
		struct word *word = &words->at[words->count];
		if (is_blank(text)) {
			text += *text == ' ' ? 1 : *text == '\xC2' ? 2 : 3;
			glued = false;
			continue;
		}
		if (*text == '*' || *text == '`' || *text == '_') {
			text++;
			continue;
		}
		*word = (struct word){ .text = text, .glued = glued, .type = WORD_NUMBER };
		word->length = number_length(text);
		if (!word->length) {
			word->type = WORD_NAME;
			word->length = name_length(text);
		}
		text += word->length;
		if (!word->length) {
			size_t dash = dash_length(text);
			word->type = WORD_SIGN;
			word->text = dash ? "-" : text;
			word->length = 1;
			text += dash ? dash : 1;
		}
		word->head[0] = (char)(word->text[0] | 0x20);
		word->head[1] = (char)(word->length > 1 ? word->text[1] | 0x20 : '\0');
		words->count++;
		glued = true;
	}
}

bool word_equals(const struct word *word, const char *name)
{
	return strlen(name) == word->length && strncasecmp(word->text, name, word->length) == 0;
}

bool word_in(const struct words *words, size_t i, const char *const *names, size_t count)
{
	if (i >= words->count)
		return false;
	const struct word word = words->at[i];
	for (size_t n = 0; n < count; n++)
		if (word_starts(&word, names[n]) && word_equals(&word, names[n]))
			return true;
	return false;
}

/* "1,200" is a thousand and more, "1,5" one and a half. */
static bool is_decimal_comma(const struct word *word, size_t i)
{
	size_t digits = 0;

	while (i + 1 + digits < word->length && is_digit(word->text[i + 1 + digits]))
		digits++;
	return word->text[i] == ',' && digits != 3;
}

static int64_t digits_value(const struct word *word)
{
	int64_t value = 0, unit = 0;

	if ((unsigned char)*word->text == 0xC2)
		return (unsigned char)word->text[1] == 0xBC   ? ONE / 4
		       : (unsigned char)word->text[1] == 0xBD ? ONE / 2
							      : ONE * 3 / 4;
	for (size_t i = 0; i < word->length; i++) {
		if (word->text[i] == '.' || is_decimal_comma(word, i)) {
			unit = ONE;
		} else if (is_digit(word->text[i]) && unit) {
			unit /= 10;
			value += (word->text[i] - '0') * unit;
		} else if (is_digit(word->text[i]) && value < NUMBER_LIMIT) {
			value = value * 10 + (int64_t)(word->text[i] - '0') * ONE;
		}
	}
	return value < NUMBER_LIMIT ? value : NUMBER_LIMIT;
}

static int small_number(const struct words *words, size_t i)
{
	for (size_t n = 0; n < ARRAY_SIZE(small_numbers); n++)
		if (word_is(words, i, small_numbers[n].name))
			return small_numbers[n].value;
	return -1;
}

/* "half a", "half an", "half of a", "half-": the rest is the unit, or a dozen. */
static size_t read_half(const struct words *words, size_t i, int64_t *ret)
{
	i++;
	i += word_is(words, i, "-") || word_is(words, i, "of");
	i += word_is(words, i, "a") || word_is(words, i, "an") || word_is(words, i, "one");
	*ret = ONE / 2;
	if (!word_is(words, i, "dozen"))
		return i;
	*ret = 6 * ONE;
	return i + 1;
}

/* "a quarter of an", "three quarters of an", "three-quarters of an" */
static size_t read_quarters(const struct words *words, size_t i, int value, int64_t *ret)
{
	size_t at = i + word_is(words, i, "-");

	if (!word_is(words, at, "quarter") && !word_is(words, at, "quarters"))
		return i;
	*ret = (int64_t)value * ONE / 4;
	at++;
	at += word_is(words, at, "of");
	return at + (word_is(words, at, "a") || word_is(words, at, "an"));
}

/* "one hundred and twenty-five", "two thousand" */
static size_t read_number_words(const struct words *words, size_t i, int64_t *ret)
{
	int64_t sum = 0, group = 0;
	size_t start = i, next;

	for (;;) {
		int value = small_number(words, i);
		if (value < 0)
			break;
		next = read_quarters(words, i + 1, value, ret);
		if (next != i + 1)
			return next;
		bool dozen = word_is(words, i, "dozen") || word_is(words, i, "couple");
		if (i > start && !dozen && (word_is(words, i, "a") || word_is(words, i, "an")))
			break;
		group = dozen && group ? group * value : group + value;
		i++;
		i += dozen && word_is(words, i, "of");
		if (word_is(words, i, "hundred")) {
			group *= 100;
			i++;
		}
		if (word_is(words, i, "thousand")) {
			sum += group * 1000;
			group = 0;
			i++;
		}
		next = i +
		       (word_is(words, i, "-") || (group + sum >= 100 && word_is(words, i, "and")));
		if (small_number(words, next) <= 0 || sum > 1000000)
			break;
		/* "twenty-five" is one number, "two five" and "twenty-forty" are not. */
		bool joins = group % 100 == 0 ||
			     (group % 10 == 0 && small_number(words, next) < 10) ||
			     word_is(words, next, "dozen") || word_is(words, next, "couple");
		if (!joins)
			break;
		i = next;
	}
	*ret = (sum + group) * ONE;
	return i;
}

static size_t read_number(const struct words *words, size_t i, int64_t *ret)
{
	size_t start = i;

	if (i >= words->count || words->at[i].type == WORD_SIGN)
		return i;
	if (word_is(words, i, "half"))
		return read_half(words, i, ret);
	if (word_is(words, i, "quarter"))
		return read_quarters(words, i, 1, ret);
	if (words->at[i].type == WORD_NUMBER) {
		*ret = digits_value(&words->at[i++]);
		if (word_is(words, i, "k") && words->at[i].glued) {
			*ret *= 1000;
			i++;
		} else if (i < words->count && words->at[i].type == WORD_NUMBER &&
			   words->at[i].glued) {
			*ret += digits_value(&words->at[i++]);
		}
	} else {
		i = read_number_words(words, i, ret);
	}
	if (i > start && word_is(words, i, "and") && word_is(words, i + 1, "a") &&
	    word_is(words, i + 2, "half")) {
		*ret += ONE / 2;
		i += 3;
	}
	return i;
}

static bool is_article(const struct words *words, size_t i)
{
	return word_is(words, i, "a") || word_is(words, i, "an") || word_is(words, i, "single");
}

size_t words_number(const struct words *words, size_t i, int64_t *ret)
{
	int64_t upper;
	size_t after = read_number(words, i, ret);

	if (after == i || is_article(words, after - 1))
		return after;
	bool between = i > 0 && word_is(words, i - 1, "between") && word_is(words, after, "and");
	if (!between && !word_is(words, after, "-") && !word_is(words, after, "to") &&
	    !word_is(words, after, "or"))
		return after;
	size_t end = read_number(words, after + 1, &upper);
	/* "3 to 5 hours", but not "12 or a"; and no range runs down. */
	if (end == after + 1 || is_article(words, after + 1) || upper < *ret)
		return after;
	*ret = upper;
	return end;
}

/* Skips "wall-clock", "focused", "full" before a unit, and "of agent" behind it, and notes what they say. */
static size_t skip_adjectives(const struct words *words, size_t i, struct length_of_time *time)
{
	for (;;) {
		size_t at = i + word_is(words, i, "-");
		if (word_in(words, at, effort_words, ARRAY_SIZE(effort_words)))
			time->effort = true;
		else if (word_in(words, at, wall_words, ARRAY_SIZE(wall_words)))
			time->wall = true;
		else if (!word_in(words, at, plain_adjectives, ARRAY_SIZE(plain_adjectives)))
			return i;
		i = at + 1;
		i += word_is(words, i, "-") && word_is(words, i + 1, "on");
		i += word_is(words, i, "on") && word_is(words, i - 1, "-");
	}
}

/* The unit at word i and what its neighbours make of it. Returns the index behind it. */
static size_t read_unit(const struct words *words, size_t i, int64_t thousandths,
			struct length_of_time *ret)
{
	size_t at = skip_adjectives(words, i, ret);

	at += word_is(words, at, "-");
	for (size_t n = 0; n < ARRAY_SIZE(units); n++) {
		if (!word_is(words, at, units[n].name))
			continue;
		/* "a second suite" counts suites. */
		if (units[n].seconds == 1 && is_article(words, i - 1))
			continue;
		/* "5 M" is no time. */
		if (units[n].name[1] == '\0' && words->at[at].text[0] != units[n].name[0])
			continue;
		size_t after = at + 1;
		after += word_is(words, after, "'");
		after += word_is(words, after, "of") || word_is(words, after, "in");
		size_t said = skip_adjectives(words, after, ret);
		ret->effort |= units[n].type == UNIT_SESSION;
		bool worked = units[n].type == UNIT_SESSION || (ret->effort && !ret->wall);
		int64_t unit = worked ? units[n].worked : units[n].seconds;
		ret->seconds += unit * thousandths / ONE;
		if (word_is(words, at + 1, "and") && word_is(words, at + 2, "a") &&
		    word_is(words, at + 3, "half")) {
			ret->seconds += unit / 2;
			return at + 4;
		}
		return said > after ? said : at + 1;
	}
	return i;
}

size_t words_time(const struct words *words, size_t i, struct length_of_time *ret)
{
	int64_t number, more = 0;
	struct length_of_time time = { 0 };
	size_t after = words_number(words, i, &number);

	if (after == i)
		return i;
	size_t end = read_unit(words, after, number, &time);
	if (end == after)
		return i;
	/* "1h30m", "2 hours and 30 minutes", "1h30" */
	struct length_of_time rest = { .effort = time.effort, .wall = time.wall };
	size_t next = end + word_is(words, end, "and");
	size_t unit = words_number(words, next, &more);
	size_t tail = unit > next ? read_unit(words, unit, more, &rest) : unit;
	if (unit > next && tail > unit && rest.seconds < time.seconds && !is_article(words, next)) {
		time.seconds += rest.seconds;
		end = tail;
	} else if (unit == next + 1 && words->at[next].type == WORD_NUMBER &&
		   words->at[next].glued && word_is(words, next - 1, "h") && more < 60 * ONE) {
		time.seconds += more * 60 / ONE;
		end = unit;
	}
	*ret = time;
	return end;
}
