/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planctl completion: a script for a shell, made of the commands' own entries (cli.h). What an argument can be follows from how
 * the entries name it: FILE, DIR, PLAN, ..., or the words themselves, "waybar|tmux|plain".
 */
#include "cli.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What planctl status --plain tells, as a user names a plan: by its file's name. */
#define PLAN_NAMES                                                               \
	"planctl status --plain --quiet 2>/dev/null | cut -f 6 | sed 's|.*/||; " \
	"s|\\.md$||' | sort -u"

struct argument {
	bool files, folders, plans, times, kinds;
	const char *words; /* "a|b|c"; NULL */
};

static bool names(const char *text, const char *word)
{
	return strstr(text, word) != NULL;
}

static struct argument read_argument(const char *text)
{
	struct argument a = { 0 };

	if (strchr(text, '|') && islower((unsigned char)*text)) {
		a.words = text;
		return a;
	}
	a.files = names(text, "FILE") || names(text, "PATH");
	a.folders = names(text, "DIR") || names(text, "REPO") || names(text, "FOLDER");
	a.plans = names(text, "PLAN");
	a.times = names(text, "TIME");
	a.kinds = names(text, "KINDS");
	return a;
}

/* The words that an argument can be, with blanks between them. */
static void print_words(const struct argument *a)
{
	for (const char *c = a->words ? a->words : ""; *c; c++)
		(void)putchar(*c == '|' ? ' ' : *c);
	if (a->times)
		(void)fputs("now today yesterday 1h 1d", stdout);
	for (enum event_kind kind = EVENT_PLAN_FOUND; a->kinds && kind < EVENT_KIND_COUNT; kind++)
		(void)printf("%s%s", kind > EVENT_PLAN_FOUND ? " " : "", event_kind_name(kind));
}

static bool has_words(const struct argument *a)
{
	return a->words || a->times || a->kinds;
}

/* Inside '...' of a shell: a quote ends the quoting, stands escaped, and begins it again; `escape` gets a backslash. */
static void print_quoted(const char *text, const char *escape)
{
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", stdout);
		else
			(void)printf("%s%c", strchr(escape, *text) ? "\\" : "", *text);
	}
}

/* The global options that take a value, which a command's name must not be mistaken for. */
static void print_valued(const char *between)
{
	for (const struct command_option *o = cli_global_options(); o->name; o++)
		if (o->argument)
			(void)printf("%s--%s", between, o->name);
}

/* ---- bash ---- */

static void bash_options(const struct command_option *options)
{
	for (; options && options->name; options++)
		(void)printf(" --%s", options->name);
}

static void bash_action(const struct argument *a)
{
	if (has_words(a)) {
		(void)fputs(" words '", stdout);
		print_words(a);
		(void)putchar('\'');
	}
	if (a->plans)
		(void)fputs(" plans", stdout);
	if (a->files)
		(void)fputs(" files", stdout);
	if (a->folders)
		(void)fputs(" folders", stdout);
}

/* An arm of the case over "COMMAND:OPTION". */
static void bash_arms(const char *command, const struct command_option *options)
{
	for (; options && options->name; options++) {
		struct argument a = read_argument(options->argument ? options->argument : "");
		if (!options->argument)
			continue;
		(void)printf("\t%s:--%s) _planctl_offer", command, options->name);
		bash_action(&a);
		(void)fputs("; return ;;\n", stdout);
	}
}

static const char bash_head[] =
    "# bash completion for planctl, made by `planctl completion bash`\n\n"
    "_planctl_plans() { " PLAN_NAMES "; }\n\n"
    "# _planctl_offer [words WORDS] [plans] [files] [folders]\n"
    "_planctl_offer() {\n"
    "\tlocal name\n"
    "\twhile [ $# -gt 0 ]; do\n"
    "\t\tcase $1 in\n"
    "\t\twords) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$2\" -- \"$cur\"); shift ;;\n"
    "\t\tplans) compopt -o filenames; while IFS= read -r name; do [[ $name != \"$cur\"* ]] || COMPREPLY+=(\"$name\"); done < <(_planctl_plans) ;;\n"
    "\t\tfiles) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
    "\t\tfolders) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
    "\t\tesac\n"
    "\t\tshift\n"
    "\tdone\n"
    "}\n\n"
    "_planctl() {\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= options= i\n"
    "\tCOMPREPLY=()\n"
    "\t# --option=value is three words here.\n"
    "\tif [ \"$cur\" = = ]; then cur=\n"
    "\telif [ \"$previous\" = = ]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
    "\t\tcase ${COMP_WORDS[i]} in\n"
    "\t\t-C";

static void print_bash(void)
{
	const struct command *command;

	(void)fputs(bash_head, stdout);
	print_valued("|");
	(void)fputs(") i=$((i + 1)); [ \"${COMP_WORDS[i]}\" != = ] || i=$((i + 1)) ;;\n"
		    "\t\t-*) ;;\n"
		    "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
		    "\t\tesac\n"
		    "\tdone\n"
		    "\tcase $command:$previous in\n"
		    "\t*:-C) _planctl_offer folders; return ;;\n",
		    stdout);
	bash_arms("*", cli_global_options());
	for (size_t i = 0; (command = cli_command(i)); i++)
		bash_arms(command->name, command->options);
	(void)fputs("\tesac\n\tcase $command in\n", stdout);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		(void)printf("\t%s) options='", command->name);
		bash_options(command->options);
		(void)fputs("' ;;\n", stdout);
	}
	(void)fputs("\tesac\n\tcase $command:$cur in\n\t*:-*) _planctl_offer words \"$options",
		    stdout);
	bash_options(cli_global_options());
	(void)fputs("\" ;;\n\t:*) _planctl_offer words '", stdout);
	for (size_t i = 0; (command = cli_command(i)); i++)
		(void)printf("%s%s", i > 0 ? " " : "", command->name);
	(void)fputs("' ;;\n", stdout);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		struct argument a = read_argument(command->arguments);
		(void)printf("\t%s:*) _planctl_offer", command->name);
		bash_action(&a);
		(void)fputs(" ;;\n", stdout);
	}
	(void)fputs("\tesac\n}\ncomplete -F _planctl planctl\n", stdout);
}

/* ---- zsh ---- */

static void zsh_action(const struct argument *a)
{
	if (has_words(a)) {
		(void)fputs("(", stdout);
		print_words(a);
		(void)fputs(")", stdout);
	} else if (a->plans) {
		(void)printf("_planctl_plans%s", a->files || a->folders ? "_or_files" : "");
	} else if (a->files) {
		(void)fputs("_files", stdout);
	} else if (a->folders) {
		(void)fputs("_files -/", stdout);
	}
}

static void zsh_options(const struct command_option *options)
{
	for (; options && options->name; options++) {
		struct argument a = read_argument(options->argument ? options->argument : "");
		(void)printf(" \\\n\t\t'--%s%s[", options->name, options->argument ? "=" : "");
		print_quoted(options->help, "[]:\\");
		(void)fputs("]", stdout);
		if (options->argument) {
			(void)fputs(": :", stdout);
			zsh_action(&a);
		}
		(void)putchar('\'');
	}
}

static void print_zsh(void)
{
	const struct command *command;

	(void)fputs("#compdef planctl\n"
		    "# zsh completion for planctl, made by `planctl completion zsh`\n\n"
		    "_planctl_plans() {\n"
		    "\tlocal -a plans=(${(f)\"$(" PLAN_NAMES ")\"})\n"
		    "\tcompadd -a plans\n"
		    "}\n\n"
		    "_planctl_plans_or_files() { _alternative 'plans:plan:_planctl_plans' "
		    "'files:file:_files'; }\n\n"
		    "_planctl() {\n"
		    "\tlocal context state line curcontext=$curcontext\n"
		    "\ttypeset -A opt_args\n"
		    "\tlocal -a global commands\n"
		    "\tglobal=('-C+[act as if started in a folder]: :_files -/'",
		    stdout);
	zsh_options(cli_global_options());
	(void)fputs(")\n\tcommands=(", stdout);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		(void)printf("\n\t\t'%s:", command->name);
		print_quoted(command->summary, ":\\");
		(void)putchar('\'');
	}
	(void)fputs(")\n"
		    "\t_arguments -C $global '1: :->command' '*:: :->argument' && return\n"
		    "\tcase $state in\n"
		    "\tcommand) _describe -t commands command commands; return ;;\n"
		    "\tesac\n"
		    "\tcase $words[1] in\n",
		    stdout);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		struct argument a = read_argument(command->arguments);
		(void)printf("\t%s) _arguments $global", command->name);
		zsh_options(command->options);
		if (has_words(&a) || a.plans || a.files || a.folders) {
			(void)fputs(" \\\n\t\t'*: :", stdout);
			zsh_action(&a);
			(void)putchar('\'');
		}
		(void)fputs(" ;;\n", stdout);
	}
	(void)fputs("\tesac\n}\n\n_planctl \"$@\"\n", stdout);
}

/* ---- fish ---- */

static void fish_action(const struct argument *a)
{
	if (has_words(a)) {
		(void)fputs(" -a '", stdout);
		print_words(a);
		(void)putchar('\'');
	}
	if (a->plans)
		(void)fputs(" -a '(__planctl_plans)'", stdout);
	if (a->folders)
		(void)fputs(" -a '(__fish_complete_directories)'", stdout);
	if (a->files)
		(void)fputs(" -F", stdout);
}

static void fish_options(const char *command, const struct command_option *options)
{
	for (; options && options->name; options++) {
		struct argument a = read_argument(options->argument ? options->argument : "");
		(void)fputs("complete -c planctl", stdout);
		if (command)
			(void)printf(" -n '__planctl_is %s'", command);
		(void)printf(" -l %s", options->name);
		if (options->argument)
			(void)fputs(a.files ? " -r" : " -x", stdout);
		fish_action(&a);
		(void)fputs(" -d '", stdout);
		print_quoted(options->help, "\\");
		(void)fputs("'\n", stdout);
	}
}

static void print_fish(void)
{
	const struct command *command;

	(void)fputs("# fish completion for planctl, made by `planctl completion fish`\n\n"
		    "function __planctl_plans\n\t" PLAN_NAMES "\nend\n\n"
		    "# Whether the command that was typed is this one, \"\" for none yet.\n"
		    "function __planctl_is\n"
		    "\tset -l command ''\n"
		    "\tset -l value 0\n"
		    "\tfor word in (commandline -opc)[2..]\n"
		    "\t\tif test $value = 1\n"
		    "\t\t\tset value 0\n"
		    "\t\t\tcontinue\n"
		    "\t\tend\n"
		    "\t\tswitch $word\n"
		    "\t\tcase -C",
		    stdout);
	print_valued(" ");
	(void)fputs("\n\t\t\tset value 1\n"
		    "\t\tcase '-*'\n"
		    "\t\tcase '*'\n"
		    "\t\t\tset command $word\n"
		    "\t\t\tbreak\n"
		    "\t\tend\n"
		    "\tend\n"
		    "\ttest \"$command\" = \"$argv\"\n"
		    "end\n\n"
		    "complete -c planctl -f\n"
		    "complete -c planctl -s C -x -a '(__fish_complete_directories)' "
		    "-d 'act as if started in a folder'\n",
		    stdout);
	fish_options(NULL, cli_global_options());
	for (size_t i = 0; (command = cli_command(i)); i++) {
		struct argument a = read_argument(command->arguments);
		(void)printf("complete -c planctl -n '__planctl_is \"\"' -a %s -d '",
			     command->name);
		print_quoted(command->summary, "\\");
		(void)fputs("'\n", stdout);
		fish_options(command->name, command->options);
		if (!has_words(&a) && !a.plans && !a.files && !a.folders)
			continue;
		(void)printf("complete -c planctl -n '__planctl_is %s'", command->name);
		fish_action(&a);
		(void)putchar('\n');
	}
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct error error = { 0 };

	(void)argc;
	if (strcmp(argv[0], "bash") == 0) {
		print_bash();
	} else if (strcmp(argv[0], "zsh") == 0) {
		print_zsh();
	} else if (strcmp(argv[0], "fish") == 0) {
		print_fish();
	} else {
		(void)error_set(&error, -EINVAL, "%s: expected bash, zsh or fish", argv[0]);
		return cli_fail(cli, EXIT_USAGE, &error);
	}
	return EXIT_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "bash|zsh|fish",
	.summary = "The script by which a shell completes planctl's words",
	.examples =
	    "  . <(planctl completion bash)    in ~/.bashrc, where no package has installed it\n"
	    "  planctl completion fish > ~/.config/fish/completions/planctl.fish\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
