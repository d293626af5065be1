/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include "planwatch/plan.h"
#include "scan.h"

#include <cmark-gfm-core-extensions.h>
#include <md4c.h>

void reader_scan(const char *bytes, size_t length)
{
	struct scan scan;
	struct scan_line line;

	scan_init(&scan, bytes, length);
	while (scan_next(&scan, &line))
		;
}

void reader_parse(const char *bytes, size_t length)
{
	struct plan_file *file;

	if (plan_parse(bytes, length, &file) < 0)
		abort();
	plan_free(file);
}

static int ignore_block(MD_BLOCKTYPE type, void *detail, void *userdata)
{
	(void)type;
	(void)detail;
	(void)userdata;
	return 0;
}

static int ignore_span(MD_SPANTYPE type, void *detail, void *userdata)
{
	(void)type;
	(void)detail;
	(void)userdata;
	return 0;
}

static int ignore_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *userdata)
{
	(void)type;
	(void)text;
	(void)size;
	(void)userdata;
	return 0;
}

void reader_md4c(const char *bytes, size_t length)
{
	static const MD_PARSER parser = {
		0,	     MD_FLAG_TASKLISTS, ignore_block, ignore_block, ignore_span,
		ignore_span, ignore_text,	NULL,	      NULL
	};

	if (md_parse(bytes, (MD_SIZE)length, &parser, NULL) != 0)
		abort();
}

void reader_cmark(const char *bytes, size_t length)
{
	static const char *const extensions[] = { "table", "strikethrough", "autolink",
						  "tasklist" };
	cmark_parser *parser;

	cmark_gfm_core_extensions_ensure_registered();
	parser = cmark_parser_new(CMARK_OPT_DEFAULT);
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
		cmark_parser_attach_syntax_extension(parser,
						     cmark_find_syntax_extension(extensions[i]));
	cmark_parser_feed(parser, bytes, length);
	cmark_node *document = cmark_parser_finish(parser);
	cmark_iter *walk = cmark_iter_new(document);
	while (cmark_iter_next(walk) != CMARK_EVENT_DONE)
		;
	cmark_iter_free(walk);
	cmark_node_free(document);
	cmark_parser_free(parser);
}
