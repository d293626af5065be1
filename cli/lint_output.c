/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lint_output.h"

#include "output.h"

#include "planwatch/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const format_names[] = {
	[LINT_TEXT] = "text",
	[LINT_JSON] = "json",
	[LINT_SARIF] = "sarif",
	[LINT_GITHUB] = "github",
};

int lint_format_parse(const char *name, enum lint_format *ret)
{
	*ret = LINT_TEXT;
	if (!name)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(format_names); i++) {
		if (strcmp(name, format_names[i]) != 0)
			continue;
		*ret = (enum lint_format)i;
		return 0;
	}
	return -EINVAL;
}

/* ---- Text ---- */

/* In front of what a terminal has no room for on the line. */
#define INDENT 4

static enum style style_of(enum lint_severity severity)
{
	return severity == LINT_ERROR	  ? STYLE_RED
	       : severity == LINT_WARNING ? STYLE_YELLOW
					  : STYLE_DIM;
}

static void print_finding(const struct cli *cli, const char *path,
			  const struct lint_finding *finding)
{
	const struct lint_rule *rule = lint_rule(finding->rule);
	const char *severity = lint_severity_name(finding->severity);
	char name[80];
	size_t column = print_wrapped(cli, path, 0, 0);

	column += (size_t)printf(":%u:%u: %s ", finding->line, finding->column, rule->code);
	(void)printf("%s%s%s: ", style_on(cli, style_of(finding->severity)), severity,
		     style_off(cli));
	column = print_wrapped(cli, finding->message, column + strlen(severity) + 2, INDENT);
	(void)snprintf(name, sizeof(name), " [%s%s]", rule->name,
		       finding->fix.text ? ", --fix" : "");
	(void)print_wrapped(cli, name, column, INDENT);
	(void)putchar('\n');
}

static void print_count(size_t count, const char *one, const char *many)
{
	(void)printf("%zu %s", count, count == 1 ? one : many);
}

static void print_sum(const struct lint_output *output)
{
	print_count(output->of[LINT_ERROR], "error, ", "errors, ");
	print_count(output->of[LINT_WARNING], "warning, ", "warnings, ");
	print_count(output->of[LINT_ADVICE], "piece of advice in ", "pieces of advice in ");
	print_count(output->files, "file", "files");
	if (output->fixed)
		(void)printf("; %zu mended", output->fixed);
	if (output->fixable)
		(void)printf("; --fix mends %zu", output->fixable);
	(void)putchar('\n');
}

/* ---- GitHub ---- */

/* GitHub's escapes: in a property ":" and "," end it. */
static void print_escaped(const char *text, bool property)
{
	cleanup_free char *printable = text_printable(text);

	if (!printable)
		(void)cli_fail_memory();
	for (const char *c = printable ? printable : ""; *c; c++) {
		if (*c == '%' || *c == '\r' || *c == '\n' || (property && strchr(":,", *c)))
			(void)printf("%%%02X", (unsigned char)*c);
		else
			(void)putchar(*c);
	}
}

static void print_github(const char *path, const struct lint_finding *finding)
{
	static const char *const commands[] = {
		[LINT_ADVICE] = "notice", [LINT_WARNING] = "warning", [LINT_ERROR] = "error"
	};
	const struct lint_rule *rule = lint_rule(finding->rule);

	(void)printf("::%s file=", commands[finding->severity]);
	print_escaped(path, true);
	(void)printf(",line=%u,col=%u,title=%s %s::", finding->line, finding->column, rule->code,
		     rule->name);
	print_escaped(finding->message, false);
	(void)putchar('\n');
}

/* ---- JSON ---- */

static void add_finding(struct json *list, const char *path, const struct lint_finding *finding)
{
	const struct lint_rule *rule = lint_rule(finding->rule);
	struct json *entry = json_add_object(list, NULL);

	json_add_text(entry, "path", path);
	json_add_int(entry, "line", finding->line);
	json_add_int(entry, "column", finding->column);
	json_add_text(entry, "rule", rule->code);
	json_add_text(entry, "name", rule->name);
	json_add_text(entry, "severity", lint_severity_name(finding->severity));
	json_add_text(entry, "message", finding->message);
	json_add_bool(entry, "fixable", finding->fix.text != NULL);
}

static int print_json(struct lint_output *output, struct cli *cli)
{
	struct json *data = json_object();

	json_add(data, "findings", take(output->list));
	json_add_int(data, "files", (int64_t)output->files);
	json_add_int(data, "fixed", (int64_t)output->fixed);
	return cli_print_json(cli, data);
}

/* ---- SARIF ---- */

static const char *sarif_level(enum lint_severity severity)
{
	static const char *const levels[] = { "none", "note", "warning", "error" };

	return levels[severity];
}

/* A path as a relative or absolute URI reference (RFC 3986); the caller frees. */
static char *uri_of(const char *path)
{
	bool absolute = *path == '/';
	char *uri = malloc(strlen(path) * 3 + sizeof("file://")), *to = uri;

	if (!uri)
		return NULL;
	if (absolute)
		to = stpcpy(to, "file://");
	for (const char *c = strcmp(path, "-") == 0 ? "stdin" : path; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			     (*c >= '0' && *c <= '9') || strchr("/-._~", *c);
		if (plain)
			*to++ = *c;
		else
			to += snprintf(to, 4, "%%%02X", (unsigned char)*c);
	}
	*to = '\0';
	return uri;
}

static void add_message(struct json *parent, const char *name, const char *text)
{
	json_add_text(json_add_object(parent, name), "text", text);
}

static void add_result(struct json *list, const char *path, const struct lint_finding *finding)
{
	cleanup_free char *uri = uri_of(path);
	struct json *result = json_add_object(list, NULL), *location, *region;
	char fingerprint[20];

	json_add_text(result, "ruleId", lint_rule(finding->rule)->code);
	json_add_int(result, "ruleIndex", (int64_t)finding->rule);
	json_add_text(result, "level", sarif_level(finding->severity));
	add_message(result, "message", finding->message);
	location = json_add_object(json_add_array(result, "locations"), NULL);
	location = json_add_object(location, "physicalLocation");
	json_add_text(json_add_object(location, "artifactLocation"), "uri", uri ? uri : "");
	region = json_add_object(location, "region");
	json_add_int(region, "startLine", finding->line);
	json_add_int(region, "startColumn", finding->column);
	(void)snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64, finding->fingerprint);
	json_add_text(json_add_object(result, "partialFingerprints"), "ruleAndLine/v1",
		      fingerprint);
}

static void add_rule(struct json *list, const struct lint_rule *rule)
{
	struct json *entry = json_add_object(list, NULL);

	json_add_text(entry, "id", rule->code);
	json_add_text(entry, "name", rule->name);
	add_message(entry, "shortDescription", rule->summary);
	add_message(entry, "fullDescription", rule->explanation);
	json_add_text(json_add_object(entry, "defaultConfiguration"), "level",
		      sarif_level(rule->severity));
}

static int print_sarif(struct lint_output *output)
{
	cleanup_json struct json *json = json_object();
	struct json *run, *driver, *rules;

	json_add_text(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_add_text(json, "version", "2.1.0");
	run = json_add_object(json_add_array(json, "runs"), NULL);
	driver = json_add_object(json_add_object(run, "tool"), "driver");
	json_add_text(driver, "name", "planctl lint");
	json_add_text(driver, "version", PLANWATCH_VERSION);
	rules = json_add_array(driver, "rules");
	for (size_t i = 0; i < lint_rule_count(); i++)
		add_rule(rules, lint_rule(i));
	json_add_text(run, "columnKind", "unicodeCodePoints");
	json_add(run, "results", take(output->list));
	return cli_print_line(json);
}

/* ---- All of them ---- */

void lint_output_add(struct lint_output *output, const struct cli *cli, const char *path,
		     const struct lint_report *report)
{
	if (!output->list && output->format != LINT_TEXT)
		output->list = json_array();
	output->files++;
	for (size_t i = 0; i < report->count; i++) {
		const struct lint_finding *finding = &report->findings[i];
		output->of[finding->severity]++;
		output->fixable += finding->fix.text != NULL;
		if (output->format == LINT_TEXT)
			print_finding(cli, path, finding);
		else if (output->format == LINT_GITHUB)
			print_github(path, finding);
		else if (output->format == LINT_JSON)
			add_finding(output->list, path, finding);
		else
			add_result(output->list, path, finding);
	}
}

int lint_output_finish(struct lint_output *output, struct cli *cli)
{
	bool found = output->of[LINT_ERROR] || output->of[LINT_WARNING];
	int r = EXIT_DONE;

	if (!output->list)
		output->list = json_array();
	if (output->format == LINT_JSON)
		r = print_json(output, cli);
	else if (output->format == LINT_SARIF)
		r = print_sarif(output);
	else if (output->format == LINT_TEXT && cli->terminal && !cli->options.quiet)
		print_sum(output);
	json_free(take(output->list));
	return r != EXIT_DONE ? r : found ? EXIT_FINDINGS : EXIT_DONE;
}

/* ---- Rules ---- */

static void print_rule(const struct cli *cli, const struct lint_rule *rule, bool whole)
{
	size_t column;

	(void)printf("%s%s%s ", style_on(cli, STYLE_BOLD), rule->code, style_off(cli));
	column = (size_t)printf("%s (%s%s)%s", rule->name, lint_severity_name(rule->severity),
				rule->fixable ? ", --fix" : "", whole ? "\n\n" : ": ");
	column = whole ? 0 : column + strlen(rule->code) + 1;
	(void)print_wrapped(cli, rule->summary, column, whole ? 0 : INDENT);
	if (whole) {
		(void)fputs("\n\n", stdout);
		(void)print_wrapped(cli, rule->explanation, 0, 0);
	}
	(void)putchar('\n');
}

int lint_output_explain(const struct cli *cli, const char *name)
{
	bool all = strcmp(name, "all") == 0;
	int rule = all ? 0 : lint_rule_find(name, strlen(name));

	if (rule < 0)
		return -ENOENT;
	for (size_t i = 0; i < lint_rule_count(); i++)
		if (all || i == (size_t)rule)
			print_rule(cli, lint_rule(i), !all);
	return 0;
}
