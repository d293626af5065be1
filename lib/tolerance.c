/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tolerance.h"

#include "words.h"

#include <string.h>
#include <strings.h>

#define LABEL_MAX 60
#define LABEL_WORDS_MAX 7

/* Who or what a limit is for. A strong word is not replaced by a weak one behind it. */
struct subject {
	enum tolerance_applies applies; /* APPLIES_OTHER: not known */
	bool weak;
	bool named; /* "milestone 2", one of several */
};

static const char *const milestone_nouns[] = {
	"milestone", "milestones", "stage", "stages",	  "phase",	 "phases",
	"step",	     "steps",	   "task",  "tasks",	  "item",	 "items",
	"slice",     "slices",	   "batch", "workstream", "workstreams",
};
static const char *const plan_nouns[] = {
	"plan",	      "execplan", "project", "feature",	   "change",
	"everything", "overall",  "total",   "altogether",
};
static const char *const weak_plan_nouns[] = {
	"work", "implementation", "effort", "delivery", "drafting",
	"time", "duration",	  "it",	    "this",
};
static const char *const run_on[] = { "longer", "over", "past", "beyond", "for", "more", "on" };
static const char *const activity_nouns[] = {
	"test",	      "tests",	   "suite",	  "suites",	"benchmark",	"benchmarks",
	"build",      "builds",	   "ci",	  "job",	"jobs",		"harness",
	"harnesses",  "pipeline",  "command",	  "commands",	"run",		"runs",
	"runtime",    "compile",   "compilation", "query",	"queries",	"request",
	"requests",   "response",  "download",	  "install",	"review",	"deploy",
	"deployment", "script",	   "check",	  "checks",	"lint",		"fuzz",
	"fuzzing",    "soak",	   "timeout",	  "latency",	"debugging",	"investigation",
	"spike",      "prototype", "research",	  "validation", "verification", "solver",
	"proof",      "proofs",	   "call",	  "calls",	"startup",	"gate",
	"flake",      "migration", "rollback",	  "outage",	"wait",		"waiting",
	"approval",   "session",   "diagnosis",
};

/* What comes behind one of these says more about the noun in front, and is not the noun. */
static const char *const prepositions[] = {
	"of",	  "for", "in", "on",   "that", "which",	 "with",
	"during", "per", "to", "from", "at",   "inside", "within",
};
static const char *const starts_of_clause[] = {
	"if", "when", "whenever", "unless", "should", "once"
};
static const char *const negations[] = { "cannot", "can't", "unable", "fails", "not" };
static const char *const completions[] = {
	"complete", "completed", "finish", "finished", "done",	"deliver", "delivered",
	"land",	    "landed",	 "ship",   "shipped",  "close", "closed",
};

static const char *const time_labels[] = {
	"time",	   "timebox",	 "duration", "deadline", "schedule", "effort", "hours",
	"elapsed", "timebudget", "timeline", "pace",	 "day",	     "days",
};

static const struct {
	const char *start;
	enum tolerance_kind kind;
} labels[] = {
	{ "scope", TOLERANCE_SCOPE },
	{ "size", TOLERANCE_SCOPE },
	{ "diff", TOLERANCE_SCOPE },
	{ "files", TOLERANCE_SCOPE },
	{ "lines", TOLERANCE_SCOPE },
	{ "interface", TOLERANCE_INTERFACE },
	{ "api", TOLERANCE_INTERFACE },
	{ "public api", TOLERANCE_INTERFACE },
	{ "public interface", TOLERANCE_INTERFACE },
	{ "dependenc", TOLERANCE_DEPENDENCIES },
	{ "new dependenc", TOLERANCE_DEPENDENCIES },
	{ "iteration", TOLERANCE_ITERATIONS },
	{ "attempt", TOLERANCE_ITERATIONS },
	{ "retries", TOLERANCE_ITERATIONS },
	{ "fix attempt", TOLERANCE_ITERATIONS },
	{ "ambigu", TOLERANCE_AMBIGUITY },
};

#define IS(words, i, table) word_in(words, i, table, ARRAY_SIZE(table))

/* Where the label ends and the sentence begins. */
struct label_end {
	size_t label, sentence;
};

static bool is_mark(char c)
{
	return c == '*' || c == '_' || c == '`';
}

/* "**Time.** If ...", "**Time**: if ...", "**Time** - if ...": a bold start is a label where something ends it. */
static struct label_end bold_label(const char *text)
{
	size_t open = strspn(text, "*_"), end = open;

	while (end < LABEL_MAX && text[end] && text[end] != '*' &&
	       strncmp(text + end, "__", 2) != 0)
		end++;
	if (open == 0 || !(text[end] == '*' || text[end] == '_'))
		return (struct label_end){ 0 };
	size_t after = end + strspn(text + end, "*_");
	bool inside = strchr(".:", text[end - 1]) != NULL;
	size_t sign = after + (text[after] == ' ');
	bool dash = text[sign] == '-' || strncmp(text + sign, "\u2013", 3) == 0 ||
		    strncmp(text + sign, "\u2014", 3) == 0;
	if (!inside && text[after] != ':' && !dash)
		return (struct label_end){ 0 };
	return (struct label_end){ end, after + (!inside && text[after] == ':') };
}

/* "Time: if ...". A colon that comes late, or behind "if", is one of the sentence. */
static struct label_end plain_label(const char *text)
{
	size_t end = 0, blanks = 0;

	for (; text[end] && text[end] != ':' && end < LABEL_MAX; end++) {
		blanks += text[end] == ' ';
		if (text[end] == '.' || text[end] == ',' || text[end] == ';')
			return (struct label_end){ 0 };
	}
	bool sentence = strncasecmp(text, "if ", 3) == 0 || strncasecmp(text, "when ", 5) == 0 ||
			strncasecmp(text, "stop ", 5) == 0;
	if (text[end] != ':' || blanks >= LABEL_WORDS_MAX || sentence)
		return (struct label_end){ 0 };
	return (struct label_end){ end, end + 1 };
}

static const char *copy_label(struct arena *arena, const char *text, size_t length)
{
	char label[LABEL_MAX + 4];
	size_t out = 0;

	for (size_t i = 0; i < length; i++)
		if (!is_mark(text[i]))
			label[out++] = text[i];
	while (out && strchr(" .:", label[out - 1]))
		out--;
	const char *copy = arena_string(arena, label, out);
	return copy ? copy : "";
}

static enum tolerance_kind label_kind(const char *label)
{
	struct words words;

	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		if (strncasecmp(label, labels[i].start, strlen(labels[i].start)) == 0)
			return labels[i].kind;
	words_read(&words, label);
	enum tolerance_kind kind = TOLERANCE_OTHER;
	for (size_t i = 0; i < words.count; i++) {
		/* "Test time" and "CI budget" are about what we do not time. */
		if (IS(&words, i, activity_nouns))
			return TOLERANCE_OTHER;
		if (IS(&words, i, time_labels) ||
		    (word_is(&words, i, "wall") &&
		     (word_is(&words, i + 1, "clock") || word_is(&words, i + 2, "clock"))))
			kind = TOLERANCE_TIME;
	}
	return kind;
}

/*
 * A reading of one sentence after the other: which noun the words are about, and the first limit for each kind of it. A noun
 * behind a preposition is not the subject ("the test suite of a stage"), except that "work on a milestone" is about it.
 */
struct reading {
	struct subject subject;
	bool fresh;	  /* a limit has been read: the next noun starts over */
	bool preposition; /* since the subject */
	bool negated, completes;
	bool without; /* behind "without": what must be seen, not who takes the time */
	bool effort;  /* words of effort before the number */
	unsigned parentheses;
	struct length_of_time milestone, plan, unknown, activity;
	struct length_of_time *last; /* where the last limit went */
	bool none;
};

/* The "2" of "milestone 2", the "B" of "stage B". */
static bool is_name(const struct words *words, size_t i)
{
	return i < words->count && words->at[i].type != WORD_SIGN &&
	       (words->at[i].type == WORD_NUMBER || words->at[i].length == 1) &&
	       !word_is(words, i, "a");
}

static struct subject noun_at(const struct words *words, size_t i)
{
	if (IS(words, i, milestone_nouns))
		return (struct subject){ .applies = APPLIES_MILESTONE,
					 .named = is_name(words, i + 1) };
	/* "a stage runs longer than": a verb, not a run. */
	if ((word_is(words, i, "run") || word_is(words, i, "runs")) && IS(words, i + 1, run_on))
		return (struct subject){ .applies = APPLIES_OTHER, .weak = true };
	if (IS(words, i, activity_nouns))
		return (struct subject){ .applies = APPLIES_ACTIVITY };
	if (IS(words, i, plan_nouns))
		return (struct subject){ .applies = APPLIES_PLAN };
	if (IS(words, i, weak_plan_nouns))
		return (struct subject){ .applies = APPLIES_PLAN, .weak = true };
	return (struct subject){ .applies = APPLIES_OTHER, .weak = true };
}

static bool is_known(const struct length_of_time *time)
{
	return time->seconds > 0;
}

static void start_clause(struct reading *reading, bool sentence)
{
	reading->fresh = reading->preposition = reading->negated = false;
	reading->completes = reading->without = reading->effort = false;
	reading->subject = (struct subject){ .applies = APPLIES_OTHER, .weak = true };
	reading->last = NULL;
	if (sentence)
		reading->parentheses = 0;
}

/* "four hours per milestone", "four hours without progress": what stands behind a limit that had no subject of its own. */
static void assign_later(struct reading *reading, enum tolerance_applies applies)
{
	struct length_of_time *from = reading->last;
	struct length_of_time *to = applies == APPLIES_MILESTONE ? &reading->milestone
				    : applies == APPLIES_PLAN	 ? &reading->plan
								 : &reading->activity;

	if (from != &reading->unknown || is_known(to))
		return;
	*to = *from;
	*from = (struct length_of_time){ 0 };
	reading->last = to;
}

static void read_noun(struct reading *reading, const struct words *words, size_t i)
{
	struct subject noun = noun_at(words, i);

	if (noun.applies == APPLIES_OTHER || reading->without)
		return;
	/* "4 hours of agent time per milestone": who the limit is for comes behind. */
	if (reading->fresh && reading->last == &reading->unknown) {
		if (!noun.weak)
			assign_later(reading, noun.applies);
		return;
	}
	bool replaces = reading->subject.applies == APPLIES_OTHER || reading->subject.weak ||
			reading->fresh || (!reading->preposition && !noun.weak);
	if (!replaces ||
	    (noun.weak && reading->subject.applies != APPLIES_OTHER && !reading->fresh))
		return;
	if (reading->fresh)
		start_clause(reading, false);
	reading->subject = noun;
	reading->preposition = false;
}

/* Whom the limit that was just read is for. */
static struct length_of_time *slot_of(struct reading *reading)
{
	enum tolerance_applies applies = reading->subject.applies;

	if (applies == APPLIES_MILESTONE)
		return &reading->milestone;
	/* "cannot reach a passing test in one session" times the way to there, "cannot be completed in" the whole. */
	if (applies == APPLIES_ACTIVITY || (reading->negated && !reading->completes))
		return &reading->activity;
	return applies == APPLIES_PLAN && !reading->subject.weak ? &reading->plan
								 : &reading->unknown;
}

static void read_limit(struct reading *reading, const struct length_of_time *time)
{
	struct length_of_time *slot = slot_of(reading);

	/* What stands in parentheses explains. */
	if (reading->parentheses || reading->without)
		return;
	/* "milestone 1: 2 h, milestone 2: 4 h": no alarm for either before the larger one. */
	if (!is_known(slot) || (reading->subject.named && time->seconds > slot->seconds)) {
		*slot = *time;
		slot->effort |= reading->effort;
	}
	reading->last = slot;
	reading->fresh = true;
}

static void read_sign(struct reading *reading, const struct words *words, size_t i)
{
	char sign = words->at[i].text[0];
	bool ends = i + 1 == words->count || !words->at[i + 1].glued;

	if (sign == '(')
		reading->parentheses++;
	else if (sign == ')' && reading->parentheses)
		reading->parentheses--;
	else if ((sign == '.' || sign == ';' || sign == '!') && ends)
		start_clause(reading, true);
}

static void read_word(struct reading *reading, const struct words *words, size_t i)
{
	if (words->at[i].type == WORD_SIGN) {
		read_sign(reading, words, i);
		return;
	}
	if (reading->parentheses)
		return;
	if (IS(words, i, starts_of_clause)) {
		start_clause(reading, false);
	} else if (IS(words, i, prepositions)) {
		reading->preposition = true;
	} else if (IS(words, i, negations) && !(i > 0 && word_is(words, i - 1, "do"))) {
		reading->negated = true;
	} else if (IS(words, i, completions)) {
		reading->completes = true;
	} else if (word_is(words, i, "without")) {
		/* A silence is watched stage by stage, whoever the sentence leaves out. */
		assign_later(reading, APPLIES_MILESTONE);
		reading->without = true;
	} else {
		reading->effort |= word_is(words, i, "effort") || word_is(words, i, "focused") ||
				   word_is(words, i, "hands") || word_is(words, i, "active");
		read_noun(reading, words, i);
	}
}

/* "There is no deadline", "Time: none". */
static bool says_no_limit(const struct words *words, size_t i)
{
	static const char *const limits[] = { "limit",	  "deadline", "tolerance", "budget",
					      "timebox",  "time",     "cap",	   "explicit",
					      "fixed",	  "hard",     "specific",  "wall",
					      "schedule", "calendar", "duration" };
	static const char *const nothing[] = { "none", "unlimited", "unbounded" };

	if (i == 0 && (IS(words, i, nothing) || (word_is(words, 0, "n") && word_is(words, 2, "a"))))
		return true;
	if (word_is(words, i, "no") || word_is(words, i, "without")) {
		size_t at = i + 1;
		at += word_is(words, at, "a") || word_is(words, at, "any");
		/* "with no time to spare" */
		return IS(words, at, limits) && !word_is(words, at + 1, "to");
	}
	return word_is(words, i, "not") &&
	       (word_is(words, i + 1, "timeboxed") || word_is(words, i + 1, "applicable") ||
		word_is(words, i + 1, "limited") ||
		(word_is(words, i + 1, "time") && word_is(words, i + 3, "boxed")));
}

static void read_sentences(struct reading *reading, const struct words *words)
{
	struct length_of_time time;

	for (size_t i = 0; i < words->count;) {
		reading->none |= says_no_limit(words, i);
		size_t after = words_time(words, i, &time);
		if (after > i && time.seconds > 0) {
			read_limit(reading, &time);
			i = after;
		} else {
			read_word(reading, words, i++);
		}
	}
}

static void set_time(struct tolerance *tolerance, enum tolerance_applies applies,
		     const struct length_of_time *time)
{
	tolerance->applies_to = applies;
	tolerance->seconds = time->seconds;
	tolerance->basis = time->effort && !time->wall ? BASIS_EFFORT : BASIS_WALL;
}

/* The subject that the label names: "Milestone duration", "Time per stage", "Total time". */
static struct subject label_subject(const char *label)
{
	struct words words;

	words_read(&words, label);
	for (size_t i = 0; i < words.count; i++) {
		struct subject subject = noun_at(&words, i);
		if (subject.applies != APPLIES_OTHER && !subject.weak)
			return subject;
	}
	return (struct subject){ .applies = APPLIES_OTHER, .weak = true };
}

static void judge_time(struct tolerance *tolerance, struct reading *reading)
{
	struct subject subject = label_subject(tolerance->label);
	bool time_label = tolerance->kind == TOLERANCE_TIME;
	bool unlabelled = !*tolerance->label;

	if (time_label && reading->none) {
		tolerance->applies_to = APPLIES_NONE;
		return;
	}
	if (is_known(&reading->unknown) && subject.applies == APPLIES_MILESTONE &&
	    !is_known(&reading->milestone))
		reading->milestone = reading->unknown;
	if (strcasestr(tolerance->label, "effort"))
		reading->milestone.effort = reading->plan.effort = reading->unknown.effort = true;
	bool timed = time_label || unlabelled;
	if (timed && is_known(&reading->milestone))
		set_time(tolerance, APPLIES_MILESTONE, &reading->milestone);
	else if (timed && is_known(&reading->plan))
		set_time(tolerance, APPLIES_PLAN, &reading->plan);
	else if (time_label && is_known(&reading->unknown))
		set_time(tolerance, APPLIES_PLAN, &reading->unknown);
	else if (is_known(&reading->activity))
		set_time(tolerance, APPLIES_ACTIVITY, &reading->activity);
	else if (is_known(&reading->unknown))
		set_time(tolerance, APPLIES_ACTIVITY, &reading->unknown);
	else if (is_known(&reading->milestone) || is_known(&reading->plan))
		set_time(tolerance, APPLIES_ACTIVITY,
			 is_known(&reading->milestone) ? &reading->milestone : &reading->plan);
	if (unlabelled &&
	    (tolerance->applies_to == APPLIES_MILESTONE || tolerance->applies_to == APPLIES_PLAN))
		tolerance->kind = TOLERANCE_TIME;
}

static const char *const file_units[] = { "file", "files" };
static const char *const line_units[] = { "line", "lines", "loc", "sloc" };
static const char *const attempt_units[] = {
	"attempt", "attempts",	"try",	      "tries",	    "time",  "times",	 "cycle",
	"cycles",  "iteration", "pass",	      "passes",	    "round", "rounds",	 "retry",
	"retries", "loop",	"loops",      "fix",	    "fixes", "failures", "repair",
	"repairs", "revisions", "iterations", "approaches",
};

/* Looks for the unit of the number before word i: "12 source files", "900 net lines". */
static bool has_unit(const struct words *words, size_t i, const char *const *names, size_t count)
{
	int64_t ignored;

	for (size_t at = i; at < i + 5 && at < words->count; at++) {
		if (word_in(words, at, names, count))
			return true;
		bool sign = words->at[at].type == WORD_SIGN && words->at[at].text[0] != '-' &&
			    words->at[at].text[0] != '(' && words->at[at].text[0] != '/';
		bool number =
		    words->at[at].type == WORD_NUMBER ||
		    (word_is(words, at, "and") && words_number(words, at + 1, &ignored) > at + 1);
		if (sign || number || word_is(words, at, "if") || IS(words, at, prepositions))
			return false;
	}
	return false;
}

/* "files: 12" */
static bool unit_before(const struct words *words, size_t i, const char *const *names, size_t count)
{
	size_t signs = 0;

	while (i > signs && words->at[i - signs - 1].type == WORD_SIGN &&
	       words->at[i - signs - 1].text[0] != '.' && words->at[i - signs - 1].text[0] != ',' &&
	       signs < 2)
		signs++;
	return signs && i > signs && word_in(words, i - signs - 1, names, count);
}

static int64_t larger(int64_t old, int64_t thousandths)
{
	int64_t value = thousandths / 1000;

	return value > old ? value : old;
}

/* The largest number of files and of lines: a sentence that names two of one kind allows for the larger. */
static void read_scope(struct tolerance *tolerance, const struct words *words)
{
	int64_t number;

	for (size_t i = 0; i < words->count;) {
		size_t after = words_number(words, i, &number);
		if (after == i) {
			i++;
			continue;
		}
		bool article = word_is(words, i, "a") || word_is(words, i, "an") ||
			       word_is(words, i, "single");
		if (!article &&
		    (has_unit(words, after, file_units, ARRAY_SIZE(file_units)) ||
		     unit_before(words, i, file_units, ARRAY_SIZE(file_units))) &&
		    !has_unit(words, after, line_units, ARRAY_SIZE(line_units)))
			tolerance->files = larger(tolerance->files, number);
		else if (!article && (has_unit(words, after, line_units, ARRAY_SIZE(line_units)) ||
				      unit_before(words, i, line_units, ARRAY_SIZE(line_units))))
			tolerance->lines = larger(tolerance->lines, number);
		i = after;
	}
}

static int64_t ordinal(const struct words *words, size_t i)
{
	static const char *const ordinals[] = { "second", "third", "fourth", "fifth", "sixth" };

	for (size_t n = 0; n < ARRAY_SIZE(ordinals); n++)
		if (word_is(words, i, ordinals[n]))
			return (int64_t)n + 2;
	return word_is(words, i, "twice") ? -2 : word_is(words, i, "thrice") ? -3 : 0;
}

/* The first number of attempts: "three fix attempts", "a third try", "fails twice". */
static void read_attempts(struct tolerance *tolerance, const struct words *words)
{
	struct length_of_time time;
	int64_t number;

	for (size_t i = 0; i < words->count && tolerance->attempts < 0;) {
		size_t after = words_number(words, i, &number);
		bool article = word_is(words, i, "a") || word_is(words, i, "an") ||
			       word_is(words, i, "single");
		if (article || after == i) {
			int64_t place = ordinal(words, i);
			if (place < 0)
				tolerance->attempts = -place;
			else if (place &&
				 has_unit(words, i + 1, attempt_units, ARRAY_SIZE(attempt_units)))
				tolerance->attempts = place;
			i++;
			continue;
		}
		bool limit =
		    i > 0 && (word_is(words, i - 1, "after") || word_is(words, i - 1, "than") ||
			      word_is(words, i - 1, "exceed") || word_is(words, i - 1, "exceeds"));
		bool bare = limit && words_time(words, i, &time) == i &&
			    (after == words->count || words->at[after].type == WORD_SIGN);
		if (bare || has_unit(words, after, attempt_units, ARRAY_SIZE(attempt_units)))
			tolerance->attempts = number / 1000;
		i = after;
	}
}

/* An entry without a label is known by what it counts. */
static void judge_unlabelled(struct tolerance *tolerance, const struct words *words)
{
	read_scope(tolerance, words);
	if (tolerance->kind == TOLERANCE_OTHER && (tolerance->files >= 0 || tolerance->lines >= 0))
		tolerance->kind = TOLERANCE_SCOPE;
	if (tolerance->kind != TOLERANCE_SCOPE)
		tolerance->files = tolerance->lines = -1;
	if (tolerance->kind != TOLERANCE_OTHER)
		return;
	read_attempts(tolerance, words);
	if (tolerance->attempts >= 0)
		tolerance->kind = TOLERANCE_ITERATIONS;
}

void tolerance_read(struct arena *arena, struct tolerance *tolerance)
{
	struct label_end end = bold_label(tolerance->text);
	struct reading reading = { .subject = { .applies = APPLIES_OTHER, .weak = true } };
	struct words words;

	if (!end.sentence)
		end = plain_label(tolerance->text);
	tolerance->label = copy_label(arena, tolerance->text, end.label);
	tolerance->kind = label_kind(tolerance->label);
	tolerance->applies_to = APPLIES_OTHER;
	tolerance->basis = BASIS_WALL;
	tolerance->seconds = tolerance->files = tolerance->lines = tolerance->attempts = -1;

	words_read(&words, tolerance->text + end.sentence);
	read_sentences(&reading, &words);
	judge_time(tolerance, &reading);
	if (tolerance->kind == TOLERANCE_SCOPE)
		read_scope(tolerance, &words);
	else if (tolerance->kind == TOLERANCE_ITERATIONS)
		read_attempts(tolerance, &words);
	else if (!*tolerance->label)
		judge_unlabelled(tolerance, &words);
}
