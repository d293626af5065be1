/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block scanner, as tables: a text, and what each of its lines is. Sections and rules are those of CommonMark 0.30, the texts
 * are ours. test_oracle holds random mixtures of the same against other readers.
 */
#include "unit.h"

#include "../../lib/scan.h"
#include "planwatch/cleanup.h"
#include "planwatch/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Lines are told as "NUMBER KIND CONTAINERS TEXT", with "; " between them. Kinds: B blank, T text (t: it goes on with the line
 * before), H1 to H6 headings, U1 and U2 underlines (with the line where their heading begins), R rule, C code, F fence, X HTML,
 * M front matter. Containers: ">" for each quote, "*" for each item, "+" for each that begins here.
 */
struct row {
	const char *name, *text, *lines;
};

/* 4.1 Thematic breaks */
static const struct row rules[] = {
	{ "three of a kind", "***\n---\n___\n", "1R ***; 2R ---; 3R ___" },
	{ "blanks between and around", "  * * *  \n -  -\t-\n_____________ _\n",
	  "1R * * *; 2R -  -\\t-; 3R _____________ _" },
	{ "other signs, too few, mixed", "+++\n--\n**\n*-*\n- - x\n",
	  "1T +++; 2U2 from 1 +++; 3T **; 4t *-*; 5T**++ x" },
	{ "four blanks make code, or go on with the paragraph", "    ***\n\ntext\n    ***\n",
	  "1C ***; 2B; 3T text; 4t ***" },
	{ "a rule ends a paragraph and a list", "text\n***\n- a\n***\n- b\n",
	  "1T text; 2R ***; 3T*+ a; 4R ***; 5T*+ b" },
	{ "a rule before a list item", "- a\n- * * *\n", "1T*+ a; 2R*+ * * *" },
};

/* 4.2 ATX headings */
static const struct row atx_headings[] = {
	{ "six levels and no seventh", "# a\n## b\n### c\n#### d\n##### e\n###### f\n####### g\n",
	  "1H1 a; 2H2 b; 3H3 c; 4H4 d; 5H5 e; 6H6 f; 7T ####### g" },
	{ "a blank must follow", "#5\n#tag\n\\## a\n#\tTab\n",
	  "1T #5; 2t #tag; 3t \\## a; 4H1 Tab" },
	{ "up to three blanks before it", "   # a\n    # b\n\ntext\n    # c\n",
	  "1H1 a; 2C # b; 3B; 4T text; 5t # c" },
	{ "closing marks", "## a ##\n# b #######\n### c ###  \n# d#\n# e # f\n## g \\##\n",
	  "1H2 a; 2H1 b; 3H3 c; 4H1 d#; 5H1 e # f; 6H2 g \\##" },
	{ "empty ones", "#\n##  \n### ###\n", "1H1; 2H2; 3H3" },
	{ "it needs no blank line", "text\n# a\ntext\n", "1T text; 2H1 a; 3T text" },
	{ "in containers", "> # a\n- ## b\n1. # c\n", "1H1> a; 2H2*+ b; 3H1*+ c" },
};

/* 4.3 Setext headings */
static const struct row setext_headings[] = {
	{ "both levels", "a\n=\nb\n-\n", "1T a; 2U1 from 1 a; 3T b; 4U2 from 3 b" },
	{ "more than one line", "a\nb  \n===\n", "1T a; 2t b; 3U1 from 1 a\\nb" },
	{ "blanks around the line", "a\n   ---  \nb\n    ---\n",
	  "1T a; 2U2 from 1 a; 3T b; 4t ---" },
	{ "no blanks within", "a\n= =\n\nb\n--- -\n", "1T a; 2t = =; 3B; 4T b; 5R --- -" },
	{ "not in a lazy line", "> a\n---\n- b\n---\n> c\n===\n",
	  "1T> a; 2R ---; 3T*+ b; 4R ---; 5T> c; 6t> ===" },
	{ "in its container", "> a\n> ---\n- b\n  ===\n",
	  "1T> a; 2U2 from 1> a; 3T*+ b; 4U1 from 3* b" },
	{ "nothing above", "\n===\n---\n# a\n===\n", "1B; 2T ===; 3U2 from 2 ===; 4H1 a; 5T ===" },
	{ "an empty bullet that underlines", "a\n-\n", "1T a; 2U2 from 1 a" },
	{ "a tab behind the line", "a\n-\t\n", "1T a; 2U2 from 1 a" },
};

/* 4.4 Indented code blocks */
static const struct row indented_code[] = {
	{ "chunks", "    a\n      b\n\n\n    c\ntext\n", "1C a; 2C b; 3B; 4B; 5C c; 6T text" },
	{ "no interruption of a paragraph", "text\n    a\n\n    b\n", "1T text; 2t a; 3B; 4C b" },
	{ "behind a heading, before one", "# a\n    code\n## b\n", "1H1 a; 2C code; 3H2 b" },
	{ "less than four is text", "   a\n    b\n", "1T a; 2t b" },
	{ "in an item, from its content on", "- a\n\n      code\n\n    text\n",
	  "1T*+ a; 2B*; 3C* code; 4B*; 5T* text" },
	{ "tabs", "\tcode\n  \tcode\n \t text\n", "1C code; 2C code; 3C text" },
};

/* 4.5 Fenced code blocks */
static const struct row fences[] = {
	{ "backticks and tildes", "```\n<\n```\n~~~\n>\n~~~\n",
	  "1F ```; 2F <; 3F ```; 4F ~~~; 5F >; 6F ~~~" },
	{ "only its own kind closes it", "```\n~~~\n```\n~~~\n```\n~~~\n",
	  "1F ```; 2F ~~~; 3F ```; 4F ~~~; 5F ```; 6F ~~~" },
	{ "at least as long", "a\n````\n```\n`````\n", "1T a; 2F ````; 3F ```; 4F `````" },
	{ "a closing fence has no info", "a\n```\n``` x\n```\n", "1T a; 2F ```; 3F ``` x; 4F ```" },
	{ "too short", "``\na\n``\n", "1T ``; 2t a; 3t ``" },
	{ "info strings", "``` sh x\na\n```\n~~~ a`b ~\na\n~~~\n``` a`b\ntext\n",
	  "1F ``` sh x; 2F a; 3F ```; 4F ~~~ a`b ~; 5F a; 6F ~~~; 7T ``` a`b; 8t text" },
	{ "indented", "   ```\n a\n  ```\n    ```\n", "1F ```; 2F a; 3F ```; 4C ```" },
	{ "never closed", "text\n```\na\n\n# b\n", "1T text; 2F ```; 3F a; 4F; 5F # b" },
	{ "closed by its container", "> ```\n> a\nb\n- ```\n  c\n\nd\n",
	  "1F> ```; 2F> a; 3T b; 4F*+ ```; 5F* c; 6F*; 7T d" },
	{ "it interrupts a paragraph", "text\n```\na\n```\ntext\n",
	  "1T text; 2F ```; 3F a; 4F ```; 5T text" },
	{ "a closing fence too far to the right", "a\n```\nb\n    ```\n```\n",
	  "1T a; 2F ```; 3F b; 4F ```; 5F ```" },
};

/* 4.6 HTML blocks */
static const struct row html_blocks[] = {
	{ "1: until its end tag, blank lines and all",
	  "<pre x>\n\n# a\n</pre> b\ntext\n<SCRIPT>\na</script>\n<style>a</style>\n<textarea>\n</pre>\ntext\n",
	  "1X <pre x>; 2X; 3X # a; 4X </pre> b; 5T text; 6X <SCRIPT>; 7X a</script>; 8X <style>a</style>; 9X <textarea>; 10X </pre>; 11T text" },
	{ "2: comments", "<!-- a -->\n<!--\n\n- b\n-->\ntext <!--\n- c\n",
	  "1X <!-- a -->; 2X <!--; 3X; 4X - b; 5X -->; 6T text <!--; 7T*+ c" },
	{ "3: instructions", "<?php\n\n- a\n?> b\ntext\n",
	  "1X <?php; 2X; 3X - a; 4X ?> b; 5T text" },
	{ "4: declarations", "<!DOCTYPE\n- a\n>\ntext\n<!1>\n",
	  "1X <!DOCTYPE; 2X - a; 3X >; 4T text; 5t <!1>" },
	{ "5: CDATA", "<![CDATA[\n\n- a ]]>\ntext\n", "1X <![CDATA[; 2X; 3X - a ]]>; 4T text" },
	{ "6: block tags, up to a blank line",
	  "<div>\n- a\n\n- b\n</div>\n</table\n# a\n\n<hr/>\na\n\n<divx>\n",
	  "1X <div>; 2X - a; 3B; 4T*+ b; 5X </div>; 6X </table; 7X # a; 8B; 9X <hr/>; 10X a; 11B; 12X <divx>" },
	{ "7: any tag that is alone", "<a href=\"b\">\n*c*\n\n</ins>\nd\n\n<b>e\n",
	  "1X <a href=\"b\">; 2X *c*; 3B; 4X </ins>; 5X d; 6B; 7T <b>e" },
	{ "7 does not interrupt a paragraph, the others do",
	  "text\n<a>\ntext\n<div>\n\ntext\n<!-- a -->\n",
	  "1T text; 2t <a>; 3t text; 4X <div>; 5B; 6T text; 7X <!-- a -->" },
	{ "1: what is no end tag of it",
	  "<pre>\n<\n</\n</b>\n</pre\n</pre x>\n</abcdefghijklmnopq>\n<pre>\n</pre>\ntext\n",
	  "1X <pre>; 2X <; 3X </; 4X </b>; 5X </pre; 6X </pre x>; 7X </abcdefghijklmnopq>; 8X <pre>; 9X </pre>; 10T text" },
	{ "4 needs a letter", "<!a\n>\n<!\n<\n", "1X <!a; 2X >; 3T <!; 4t <" },
	{ "6: what may stand behind the name", "<h1\n\n<div\tx\n\n<hr/>\n\n<hr/\n<hr/x>\n<hr.>\n",
	  "1X <h1; 2B; 3X <div\\tx; 4B; 5X <hr/>; 6B; 7T <hr/; 8t <hr/x>; 9t <hr.>" },
	{ "7: names", "<my-tag2>\n\n<abcdefghijklmnopq>\n\n<a/>\n\n<1>\n\n</>\n\n<a\n\n<a.b>\n",
	  "1X <my-tag2>; 2B; 3X <abcdefghijklmnopq>; 4B; 5X <a/>; 6B; 7T <1>; 8B; 9T </>; 10B; 11T <a; 12B; 13T <a.b>" },
	{ "7: end tags", "</a  >\n\n</a b>\n\n</a/>\n\n</a\n\n</\n\n<\n",
	  "1X </a  >; 2B; 3T </a b>; 4B; 5T </a/>; 6B; 7T </a; 8B; 9T </; 10B; 11T <" },
	{ "7: attributes",
	  "<a _b :c d.e-f:g1=x>\n\n<a\tb = 'c>' >\t\n\n<a b=\"c\"d>\n\n<a 1>\n\n<a b\n\n<a \n\n<a /\n",
	  "1X <a _b :c d.e-f:g1=x>; 2B; 3X <a\\tb = 'c>' >; 4B; 5T <a b=\"c\"d>; 6B; 7T <a 1>; 8B; 9T <a b; 10B; 11T <a; 12B; 13T <a /" },
	{ "7: values", "<a b=c>\n\n<a b=\n\n<a b=>\n\n<a b=\"c>\n\n<a b=\"\">\n\n<a b=c`d>\n",
	  "1X <a b=c>; 2B; 3T <a b=; 4B; 5T <a b=>; 6B; 7T <a b=\"c>; 8B; 9X <a b=\"\">; 10B; 11T <a b=c`d>" },
	{ "indented by four it is code", "    <div>\n", "1C <div>" },
	{ "in containers", "> <div>\na\n- <!--\n  b\nc\n",
	  "1X> <div>; 2T a; 3X*+ <!--; 4X* b; 5T c" },
};

/* 5.1 Block quotes */
static const struct row block_quotes[] = {
	{ "the blank may be left out", "> a\n>b\n   > c\n    > d\n",
	  "1T> a; 2t> b; 3t> c; 4t> > d" },
	{ "lazy lines", "> a\nb\n> - c\nd\n", "1T> a; 2t> b; 3T>*+ c; 4t>* d" },
	{ "only a paragraph is lazy", "> # a\nb\n>     c\n    d\n> ```\ne\n",
	  "1H1> a; 2T b; 3C> c; 4C d; 5F> ```; 6T e" },
	{ "a list in it is not", "> - a\n- b\n", "1T>*+ a; 2T*+ b" },
	{ "a blank line ends it", "> a\n\n> b\n>\n> c\n", "1T> a; 2B; 3T> b; 4B>; 5T> c" },
	{ "empty", "> \n>\n", "1B>; 2B>" },
	{ "nested", "> > > a\nb\n>> c\n", "1T>>> a; 2t>>> b; 3t>>> c" },
	{ "it interrupts a paragraph", "a\n> b\n***\n> c\n", "1T a; 2T> b; 3R ***; 4T> c" },
	{ "code in it needs five blanks", "> code\n>     code\n>\n>    text\n",
	  "1T> code; 2t> code; 3B>; 4T> text" },
};

/* 5.2 List items */
static const struct row list_items[] = {
	{ "content begins behind the blanks", "-  a\n\n   b\n\n  c\n",
	  "1T*+ a; 2B*; 3T* b; 4B*; 5T c" },
	{ "five blanks make code", "-     code\n\n      text\n", "1C*+ code; 2B*; 3C* text" },
	{ "bullets", "- a\n+ b\n* c\n-d\n", "1T*+ a; 2T*+ b; 3T*+ c; 4t* -d" },
	{ "numbers", "1. a\n2) b\n123456789. c\n1234567890. d\n-1. e\n0. f\n003) g\n",
	  "1T*+ a; 2T*+ b; 3T*+ c; 4t* 1234567890. d; 5t* -1. e; 6T*+ f; 7T*+ g" },
	{ "they begin with a blank line", "-\n  a\n-\n\n  b\n1.\n   ```\n   ```\n",
	  "1B*+; 2T* a; 3B*+; 4B; 5T b; 6t 1.; 7F ```; 8F ```" },
	{ "an empty one interrupts no paragraph", "text\n*\ntext\n1.\n",
	  "1T text; 2t *; 3t text; 4t 1." },
	{ "only number one interrupts a paragraph", "text\n2. a\ntext\n1. b\n",
	  "1T text; 2t 2. a; 3t text; 4T*+ b" },
	{ "indented by three, not by four", "   - a\n\n    - b\n", "1T*+ a; 2B*; 3C - b" },
	{ "lazy lines", "- a\nb\n  > c\nd\n", "1T*+ a; 2t* b; 3T>* c; 4t>* d" },
	{ "nested", "- a\n  - b\n    - c\n   - d\n - e\n",
	  "1T*+ a; 2T**+ b; 3T***+ c; 4T**+ d; 5T*+ e" },
	{ "on one line", "- - 1. a\n      b\n", "1T***+++ a; 2t*** b" },
	{ "a heading in it", "- # a\n- b\n  ---\n  c\n", "1H1*+ a; 2T*+ b; 3U2 from 2* b; 4T* c" },
	{ "fences in it", "- ```\n  - a\n  ```\n- b\n  ~~~\n c\n",
	  "1F*+ ```; 2F* - a; 3F* ```; 4T*+ b; 5F* ~~~; 6T c" },
	{ "blank lines do not end it, less indentation does", "- a\n\n\n      b\n\n    c\n\n d\n",
	  "1T*+ a; 2B*; 3B*; 4C* b; 5B*; 6T* c; 7B*; 8T d" },
};

/* 5.3 Lists */
static const struct row lists[] = {
	{ "a rule between them", "- a\n---\n- b\n", "1T*+ a; 2R ---; 3T*+ b" },
	{ "a paragraph ends it only behind a blank line", "- a\ntext\n\ntext\n",
	  "1T*+ a; 2t* text; 3B*; 4T text" },
	{ "siblings may be indented differently", "- a\n - b\n  - c\n   - d\n    - e\n",
	  "1T*+ a; 2T*+ b; 3T*+ c; 4T*+ d; 5t* - e" },
	{ "other text of the same width", "1. a\n\n  2. b\n\n    3. c\n",
	  "1T*+ a; 2B*; 3T*+ b; 4B*; 5C 3. c" },
};

/* 2.2 Tabs */
static const struct row tabs[] = {
	{ "four columns", "\ta\tb\n", "1C a\\tb" },
	{ "behind a bullet", "-\ta\n\n\tb\n\n\t\tc\n", "1T*+ a; 2B*; 3T* b; 4B*; 5C* c" },
	{ "half a tab is left for the content", "-\t\ta\n>\t\tb\n", "1C*+ a; 2C> b" },
	{ "in a list", "  - a\n\n\tb\n - c\n\t- d\n", "1T*+ a; 2B*; 3T* b; 4T*+ c; 5T**+ d" },
	{ "a rule and a heading", "*\t*\t*\t\n#\ta\t#\n", "1R *\\t*\\t*; 2H1 a" },
};

/* CommonMark's own view of an indented box */
static const struct row strict_boxes[] = {
	{ "in code they are none", "    - [ ] a\n", "1C - [ ] a" },
};

/* What is taken off before CommonMark reads: DESIGN.md 3 */
static const struct row before_commonmark[] = {
	{ "front matter", "---\na: b\n---\n# c\n", "1M ---; 2M a: b; 3M ---; 4H1 c" },
	{ "closed by dots, with comments and blanks in front of its first key",
	  "---\n# a\n\nb: c\n...\ntext\n", "1M ---; 2M # a; 3M; 4M b: c; 5M ...; 6T text" },
	{ "a rule is no front matter", "---\ntext\n---\n", "1R ---; 2T text; 3U2 from 2 text" },
	{ "a list is none", "---\n- a: b\n---\n", "1R ---; 2T*+ a: b; 3R ---" },
	{ "never closed it is none", "---\na: b\n\n# c\n", "1R ---; 2T a: b; 3B; 4H1 c" },
	{ "it opens the file", "\n---\na: b\n---\n", "1B; 2R ---; 3T a: b; 4U2 from 3 a: b" },
	{ "a byte-order mark",
	  "\xEF\xBB\xBF"
	  "---\na: b\n---\n# c\n",
	  "1M ---; 2M a: b; 3M ---; 4H1 c" },
	{ "a fence around the file", "```md\n# a\n```\n", "2H1 a" },
	{ "blank lines around it", "\n\n~~~~ markdown\n# a\n~~~\n~~~\n~~~~\n\n",
	  "4H1 a; 5F ~~~; 6F ~~~" },
	{ "without a name", "```\n# a\n```\n", "2H1 a" },
	{ "nested fences that pair up", "```md\n# a\n```sh\nb\n```\n# c\n```\n",
	  "2H1 a; 3F ```sh; 4F b; 5F ```; 6H1 c" },
	{ "never closed", "```markdown\n# a\n", "2H1 a" },
	{ "another language of as many letters", "```mk\n# a\n```\n", "1F ```mk; 2F # a; 3F ```" },
	{ "another one of as many letters", "```makefile\n# a\n```\n",
	  "1F ```makefile; 2F # a; 3F ```" },
	{ "another language", "```sh\n# a\n```\n", "1F ```sh; 2F # a; 3F ```" },
	{ "two of them are two fences", "```\n# a\n```\ntext\n```\n# b\n```\n",
	  "1F ```; 2F # a; 3F ```; 4T text; 5F ```; 6F # b; 7F ```" },
	{ "front matter within the fence", "```md\n---\na: b\n---\n# c\n```\n",
	  "2M ---; 3M a: b; 4M ---; 5H1 c" },
	{ "line endings", "# a\r\nb\rc\r\n\r\n- d \r\n  e", "1H1 a; 2T b\\rc; 3B; 4T*+ d; 5t* e" },
};

/* The same with loose boxes */
static const struct row loose_boxes[] = {
	{ "indented by four, after text and after a blank line",
	  "text\n\n    - [ ] a\n    - [x] b\n      c\n",
	  "1T text; 2B; 3T*+ [ ] a; 4T*+ [x] b; 5t* c" },
	{ "they interrupt a paragraph, whatever their number", "text\n    7) [ ] a\n",
	  "1T text; 2T*+ [ ] a" },
	{ "behind a tab", "\t- [ ] a\n\t\t- [ ] b\n", "1T*+ [ ] a; 2T**+ [ ] b" },
	{ "five blanks behind the bullet", "-     [ ] a\n", "1T*+ [ ] a" },
	{ "what is no box stays code", "    - a\n\n    [ ] b\n", "1C - a; 2B; 3C [ ] b" },
	{ "not in fences and HTML", "```\n- [ ] a\n```\n<!--\n    - [ ] b\n-->\n",
	  "1F ```; 2F - [ ] a; 3F ```; 4X <!--; 5X - [ ] b; 6X -->" },
	{ "in quotes", "> a\n>     - [ ] b\n", "1T> a; 2T>*+ [ ] b" },
	{ "not behind a rule of dashes", "- [ ] a\n---\n    - [ ] b\n",
	  "1T*+ [ ] a; 2R ---; 3T*+ [ ] b" },
};

static void put_text(FILE *out, const char *at, const char *end)
{
	for (; at < end; at++) {
		switch (*at) {
		case '\n':
			(void)fputs("\\n", out);
			break;
		case '\t':
			(void)fputs("\\t", out);
			break;
		case '\r':
			(void)fputs("\\r", out);
			break;
		default:
			(void)fputc(*at, out);
		}
	}
}

static void put_line(FILE *out, const struct scan_line *line, bool first)
{
	static const char kinds[] = {
		[SCAN_BLANK] = 'B',	[SCAN_TEXT] = 'T', [SCAN_HEADING] = 'H',
		[SCAN_UNDERLINE] = 'U', [SCAN_RULE] = 'R', [SCAN_CODE] = 'C',
		[SCAN_FENCE] = 'F',	[SCAN_HTML] = 'X', [SCAN_FRONT_MATTER] = 'M'
	};

	(void)fprintf(out, "%s%u%c", first ? "" : "; ", line->number,
		      line->continues ? 't' : kinds[line->block]);
	if (line->level)
		(void)fprintf(out, "%u", line->level);
	if (line->block == SCAN_UNDERLINE)
		(void)fprintf(out, " from %u", line->heading_line);
	for (unsigned i = 0; i < line->quotes; i++)
		(void)fputc('>', out);
	for (unsigned i = 0; i < line->items; i++)
		(void)fputc('*', out);
	for (unsigned i = 0; i < line->opened; i++)
		(void)fputc('+', out);
	if (line->text < line->end)
		(void)fputc(' ', out);
	put_text(out, line->text, line->end);
}

static char *describe(const char *bytes, size_t length, bool loose)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct scan scan;
	struct scan_line line;

	assert_non_null(out);
	scan_init(&scan, bytes, length);
	scan.loose_boxes = loose;
	for (bool first = true; scan_next(&scan, &line); first = false)
		put_line(out, &line, first);
	(void)fclose(out);
	return text;
}

static void check_rows(const struct row *rows, size_t count, bool loose)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(rows[i].text);
		/* Of its exact size, so that a byte read behind it is seen. */
		cleanup_free char *bytes = malloc(length + 1);
		cleanup_free char *lines = NULL;

		assert_non_null(bytes);
		memcpy(bytes, rows[i].text, length);
		lines = describe(bytes, length, loose);
		if (strcmp(lines, rows[i].lines) != 0)
			fail_msg("%s:\n  %s\nexpected:\n  %s", rows[i].name, lines, rows[i].lines);
	}
}

#define CHECK_ROWS(rows, loose) check_rows(rows, ARRAY_SIZE(rows), loose)

static void test_blocks(void **unused)
{
	(void)unused;
	CHECK_ROWS(rules, false);
	CHECK_ROWS(atx_headings, false);
	CHECK_ROWS(setext_headings, false);
	CHECK_ROWS(indented_code, false);
	CHECK_ROWS(fences, false);
	CHECK_ROWS(html_blocks, false);
	CHECK_ROWS(block_quotes, false);
	CHECK_ROWS(list_items, false);
	CHECK_ROWS(lists, false);
	CHECK_ROWS(tabs, false);
}

static void test_loose_boxes(void **unused)
{
	(void)unused;
	CHECK_ROWS(strict_boxes, false);
	CHECK_ROWS(loose_boxes, true);
}

static void test_before_commonmark(void **unused)
{
	(void)unused;
	CHECK_ROWS(before_commonmark, false);
}

/* A NUL is a byte like others. */
static void test_nul(void **unused)
{
	static const char text[] = "- a\0b\n# c";
	struct scan scan;
	struct scan_line line;

	(void)unused;
	scan_init(&scan, text, sizeof(text) - 1);
	assert_true(scan_next(&scan, &line) && line.end - line.text == 3 && line.opened == 1);
	assert_true(scan_next(&scan, &line) && line.block == SCAN_HEADING && *line.text == 'c');
	assert_false(scan_next(&scan, &line));
}

/* Containers beyond the depth that the scanner keeps are text. */
static void test_depth(void **unused)
{
	char text[4 * SCAN_DEPTH_MAX];
	struct scan scan;
	struct scan_line line;

	(void)unused;
	memset(text, '>', sizeof(text));
	scan_init(&scan, text, sizeof(text));
	assert_true(scan_next(&scan, &line));
	assert_int_equal(line.quotes, SCAN_DEPTH_MAX);
	assert_int_equal(line.block, SCAN_TEXT);
	assert_ptr_equal(line.text, text + SCAN_DEPTH_MAX);
}

static void test_boxes(void **unused)
{
	static const struct {
		const char *text, *mark, *rest; /* mark NULL: no box */
	} rows[] = {
		{ "[ ] a", " ", "a" },
		{ "[x] a", "x", "a" },
		{ "[X]\ta", "X", "a" },
		{ "[ ]", " ", "" },
		{ "[x]  ", "x", "" },
		{ "[~] a", "~", "a" },
		{ "[\xE2\x9C\x93] a", "\xE2\x9C\x93", "a" },
		{ "[\xFF] a", "\xFF", "a" },
		{ "[\t] a", "\t", "a" },
		{ "[[] a", "[", "a" },
		{ "[x]a", NULL, NULL },
		{ "[x](u)", NULL, NULL },
		{ "[] a", NULL, NULL },
		{ "[xx] a", NULL, NULL },
		{ "[]] a", NULL, NULL },
		{ "[x", NULL, NULL },
		{ "[xy", NULL, NULL },
		{ "[\xE2\x9C\x93", NULL, NULL },
		{ "[", NULL, NULL },
		{ "", NULL, NULL },
		{ " [ ] a", NULL, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *mark = NULL, *end = rows[i].text + strlen(rows[i].text);
		size_t length = 0;
		const char *rest = scan_box(rows[i].text, end, &mark, &length);

		if (!rows[i].mark) {
			if (rest)
				fail_msg("\"%s\" is taken for a box", rows[i].text);
			continue;
		}
		if (!rest || length != strlen(rows[i].mark) ||
		    memcmp(mark, rows[i].mark, length) != 0 || strcmp(rest, rows[i].rest) != 0)
			fail_msg("\"%s\" is not the box [%s]%s", rows[i].text, rows[i].mark,
				 rows[i].rest);
	}
}

/*
 * What makes Markdown readers slow or deep: `start` once, `piece` again and again. Here only that it is read, at both sizes and
 * under the sanitizers, with as many lines as it has; how long it takes is measured by `make bench`.
 */
static const struct {
	const char *start, *piece;
} pathologies[] = {
	{ "", ">" },
	{ "", "> " },
	{ "", "- " },
	{ "", "1. " },
	{ "", "> - " },
	{ "", "> a\n" },
	{ "", "- a\n" },
	{ "## Progress\n", "- [ ] a\n" },
	{ "## Progress\n", "- [ ] " },
	{ "## Progress\n- [ ] a\n", "b\n" },
	{ "## Progress\n- [ ] a\n", "  - b\n" },
	{ "## Tolerances\n- Time: ", "4 hours " },
	{ "## Tolerances\n", "- Time: 4 hours per milestone\n" },
	{ "", "[" },
	{ "", "[a](" },
	{ "", "![a](<b" },
	{ "", "*a_" },
	{ "", "**a **" },
	{ "", "`a``" },
	{ "", "<" },
	{ "", "<!--" },
	{ "", "<!--\n" },
	{ "", "<a b=" },
	{ "", "<a b='c' " },
	{ "<pre>\n", "</" },
	{ "<pre>\n", "</x>\n" },
	{ "", "<?" },
	{ "", "```\n" },
	{ "```md\n", "```\na\n" },
	{ "", "~" },
	{ "", "#" },
	{ "", "# a\n" },
	{ "", "# A\n## Progress\n- [ ] a\n" },
	{ "# ", "a # " },
	{ "", "=\n" },
	{ "", "a\n-\n" },
	{ "---\n", "a: b\n" },
	{ "---\n", "#\n" },
	{ "", "\n" },
	{ "", " " },
	{ "", "\t" },
	{ "", "\r" },
	{ "", "|a" },
	{ "Status: ", "x **A" },
	{ "Status: ", "DRAFT " },
	{ "## Progress\n- [ ] ", "2026-01-02 " },
	{ "## Progress\n- [ ] ", "(" },
	{ "## Progress\n- [ ] ", "Stage A: " },
	{ "", "\xFF" },
	{ "## Progress\n- [ ] ", "\xE2\x82" },
	{ "# ExecPlan is ", "execplan is " },
};

static char *make_large(const char *start, const char *piece, size_t size)
{
	char *bytes = malloc(size);
	size_t used = strlen(start), length = strlen(piece);

	assert_non_null(bytes);
	memcpy(bytes, start, used);
	for (; used < size; used += length)
		memcpy(bytes + used, piece, length < size - used ? length : size - used);
	return bytes;
}

static uint32_t count_lines(const char *bytes, size_t size)
{
	uint32_t lines = 1;

	for (size_t i = 0; i + 1 < size; i++)
		lines += bytes[i] == '\n';
	return lines;
}

static void test_pathologies(void **unused)
{
	static const size_t sizes[] = { 100000, PLAN_SIZE_MAX };

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(pathologies) * ARRAY_SIZE(sizes); i++) {
		const char *start = pathologies[i / 2].start, *piece = pathologies[i / 2].piece;
		size_t size = sizes[i % 2];
		cleanup_free char *bytes = make_large(start, piece, size);
		cleanup_plan struct plan_file *file = NULL;

		assert_int_equal(plan_parse(bytes, size, &file), 0);
		if (file->plans[file->plan_count - 1].end_line != count_lines(bytes, size))
			fail_msg("%zu bytes of \"%s%s\": %u lines, expected %u", size, start, piece,
				 file->plans[file->plan_count - 1].end_line,
				 count_lines(bytes, size));
	}
}

static void test_too_large(void **unused)
{
	cleanup_free char *bytes = make_large("", "a\n", PLAN_SIZE_MAX + 1);
	struct plan_file *file = NULL;

	(void)unused;
	assert_int_equal(plan_parse(bytes, PLAN_SIZE_MAX + 1, &file), -EFBIG);
	assert_null(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_loose_boxes),
		cmocka_unit_test(test_before_commonmark),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_boxes),
		cmocka_unit_test(test_pathologies),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
