/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan to be written: the format's sections in their order. What only its author can say stands there as the format asks for it, so
 * that `lint` finds it.
 */
#ifndef PLANWATCH_SKELETON_H
#define PLANWATCH_SKELETON_H

/* Strings belong to the caller; all but the title may be NULL. */
struct skeleton {
	const char *title;
	const char *status; /* else DRAFT */
	const char *rules;  /* the path of the repository's PLANS.md */
	const char *limits; /* the list of the Tolerances, in Markdown; else limits with numbers */
	const char *progress; /* the Progress, in Markdown; else four stages */
	const char *note;     /* a paragraph; without it there is no Revision note */
};

/* The plan's text, which the caller frees; NULL without memory. */
char *skeleton_write(const struct skeleton *skeleton);

#endif
