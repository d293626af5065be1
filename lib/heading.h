/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a heading says about the section below it. Headings are known by how they start, without
 * case, emphasis, a number in front and a parenthesis behind; "&" is "and". Pure functions over one
 * title.
 */
#ifndef LIB_HEADING_H
#define LIB_HEADING_H

#include "planwatch/plan.h"

#include <stdbool.h>

/* `title` is valid UTF-8. A first-level heading names the plan, never a section. */
enum section_kind heading_kind(const char *title, unsigned level);

/* True for titles about acceptance, validation, verification, criteria, evidence or risk: boxes
 * below them are not progress. */
bool heading_is_about_proof(const char *title);

#endif
