/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader: the bytes of a plan file in, its plans out. A pure function: no file, no clock, no
 * output.
 *
 * It reads Markdown by blocks (CommonMark 0.30: containers, fences, HTML blocks, indented code) and
 * knows where an ExecPlan departs from it: inside a Progress section an indented checkbox counts
 * even where CommonMark sees code, because the format's own skeleton indents its items by four
 * spaces. Linear in the input, no recursion on its depth, no allocation per line.
 *
 * Lines count from 1. All strings are valid UTF-8 with a final NUL and belong to the plan_file: one
 * plan_free() frees all.
 */
#ifndef PLANWATCH_PLAN_H
#define PLANWATCH_PLAN_H

#include "planwatch/cleanup.h"
#include "planwatch/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A larger file is recorded as too large and not parsed. */
#define PLAN_SIZE_MAX ((size_t)4 << 20)

enum item_state {
	ITEM_OPEN,  /* "[ ]" */
	ITEM_DONE,  /* "[x]", "[X]" */
	ITEM_OTHER, /* any other single mark: "[~]" and "[-]" dropped, "[/]" and "[>]" under way,
		       the rest as written */
};

enum stamp_precision {
	STAMP_DAY,
	STAMP_MINUTE,
	STAMP_SECOND,
};

/* A time that the author wrote into an item: a claim. raw is NULL where the item has none. */
struct stamp {
	const char *raw; /* as written, without the parentheses around it */
	usec_t
	    at; /* UTC; midnight UTC for a day; INSTANT_NONE where it names no date that exists */
	enum stamp_precision precision;
	bool leading; /* at the head of the item, where the format puts it */
};

/* "Stage A", "Milestone 1c", "M2.5": kind is the word ("stage", "milestone", lower case; "m" and
 * "p" stay), NULL for no label. */
struct label {
	const char *kind;
	const char *id;
};

struct item {
	uint32_t line, end_line;
	uint32_t mark_at; /* the mark's first byte in the file */
	uint32_t depth;	  /* 0 for a top-level item, 1 for one nested in it, ... */
	enum item_state state;
	const char *mark; /* the one character between the brackets */
	const char
	    *text; /* the whole block without bullet and box, white space folded to single blanks */
	const char *gist; /* within text: what follows the leading stamp and label, and the
			     punctuation after them */
	struct label label;
	struct stamp stamp; /* the leading one, else the first one found */
};

enum section_kind {
	SECTION_UNKNOWN,
	SECTION_PURPOSE,
	SECTION_CONSTRAINTS,
	SECTION_TOLERANCES,
	SECTION_RISKS,
	SECTION_PROGRESS,
	SECTION_SURPRISES,
	SECTION_DECISION_LOG,
	SECTION_OUTCOMES,
	SECTION_CONTEXT,
	SECTION_PLAN_OF_WORK,
	SECTION_CONCRETE_STEPS,
	SECTION_VALIDATION,
	SECTION_RECOVERY,
	SECTION_ARTIFACTS,
	SECTION_INTERFACES,
	SECTION_STATUS,
	SECTION_REVISION_NOTE,
	SECTION_KIND_COUNT
};

struct section {
	enum section_kind kind;
	unsigned level; /* 1 to 6 */
	const char *title;
	uint32_t line,
	    end_line; /* up to the line before the next heading of the same or a higher level */
	/* What is in it, subsections without a name of the format included. */
	uint32_t
	    entries; /* outermost list items or rows of a table, else paragraphs; placeholders such as "None yet" are none */
	uint64_t
	    digest; /* of its text, wherever that is broken into lines (XXH3); 0 for an empty section */
};

enum plan_status {
	STATUS_UNKNOWN,
	STATUS_DRAFT,
	STATUS_APPROVED,
	STATUS_IN_PROGRESS,
	STATUS_BLOCKED,
	STATUS_IN_REVIEW,
	STATUS_COMPLETE,
	STATUS_SUPERSEDED,
};

enum tolerance_kind {
	TOLERANCE_TIME,
	TOLERANCE_SCOPE,
	TOLERANCE_INTERFACE,
	TOLERANCE_DEPENDENCIES,
	TOLERANCE_ITERATIONS,
	TOLERANCE_AMBIGUITY,
	TOLERANCE_OTHER,
};

enum tolerance_applies {
	APPLIES_OTHER,	   /* no time limit at all */
	APPLIES_MILESTONE, /* each stage */
	APPLIES_PLAN,	   /* the whole plan */
	APPLIES_ACTIVITY,  /* something that we do not time, such as a test run */
	APPLIES_NONE,	   /* the plan says that there is no limit */
};

enum tolerance_basis {
	BASIS_WALL,   /* time on the clock */
	BASIS_EFFORT, /* working time: quiet hours are left out */
};

/* One entry of the Tolerances section. A number that it does not state is -1. */
struct tolerance {
	uint32_t line;
	const char *label; /* "Time", without emphasis and colon; "" where the entry has none */
	const char *text;  /* the whole entry, white space folded */
	enum tolerance_kind kind;
	enum tolerance_applies applies_to;
	enum tolerance_basis basis;
	int64_t seconds;
	int64_t files, lines; /* scope */
	int64_t attempts;     /* iterations */
};

enum progress_source {
	PROGRESS_NONE, /* no boxes: progress is not determinable */
	PROGRESS_SECTION,
	PROGRESS_BODY, /* the Progress has no boxes, others count */
};

/* `total` leaves out what was dropped: marks "~" and "-". */
struct plan_counts {
	uint32_t done, open, other, total;
};

struct plan {
	uint32_t part; /* 1, 2, ... within the file */
	uint32_t line, end_line;
	const char *title; /* first H1, else front matter's title, else "" */
	bool is_plan; /* by content: a Progress section with boxes, or the phrase that names itself
			 an ExecPlan */
	enum progress_source source;
	struct plan_counts counts;
	uint32_t other_boxes; /* checkboxes that are not items: acceptance criteria and the like */
	struct {
		enum plan_status state;
		const char *raw; /* the whole value; NULL where the plan has no status */
		uint32_t line;
		bool front_matter;
		size_t start,
		    end; /* the value's bytes in the file, closing emphasis and quotes left out */
	} status;
	struct section *sections;
	size_t section_count;
	struct item *items;
	size_t item_count;
	struct tolerance *tolerances;
	size_t tolerance_count;
};

struct plan_file {
	struct plan *plans; /* at least one, also for an empty file */
	size_t plan_count;
	void *memory; /* private: the arena that all of this lives in */
};

/*
 * Reads bytes[0..length). On success the caller owns *ret and ends it with plan_free(). Nothing in
 * the input is an error, only its size: -EFBIG over PLAN_SIZE_MAX; -ENOMEM.
 */
int plan_parse(const char *bytes, size_t length, struct plan_file **ret);

/* The same for a checklist: a box below a heading about acceptance or risk is an item, too, where no Progress has boxes. */
int plan_parse_boxes(const char *bytes, size_t length, struct plan_file **ret);

/* NULL is fine. */
void plan_free(struct plan_file *file);

static inline void cleanup_plan_pointer(struct plan_file *const *file)
{
	plan_free(*file);
}
#define cleanup_plan cleanup(cleanup_plan_pointer)

/* True for "~" and "-": dropped, so not in the total. */
bool item_is_dropped(const struct item *item);

/* The words of the JSON contract: "open", "in_progress", "milestone", "decision_log" (NULL for
 * SECTION_UNKNOWN), ... */
const char *item_state_name(enum item_state state);
const char *stamp_precision_name(enum stamp_precision precision);
const char *section_kind_name(enum section_kind kind);
const char *plan_status_name(enum plan_status status);
const char *tolerance_kind_name(enum tolerance_kind kind);
const char *tolerance_applies_name(enum tolerance_applies applies);
const char *tolerance_basis_name(enum tolerance_basis basis);
const char *progress_source_name(enum progress_source source);

#endif
