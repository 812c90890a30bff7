/*
 * The table of commands (cmd/commands.def) for completion in bash and zsh. The
 * usage line says all: "--format csv|zone" is an option with two values,
 * "FILE" is a file.
 */
#include "doc/gen/gen.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* In single quotes of the shell. */
static void
print_quoted(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

static bool
is_word(const char *text)
{
	return islower((unsigned char)text[0]) && strchr(text, '=') == NULL;
}

/* ---------------------------------------------------------------- bash */

/* The first words: "key" once, though three commands begin with it. */
static void
print_bash_verbs(void)
{
	const char *last = "";

	fputs("	'') echo '", stdout);
	for (size_t i = 0; i < command_rows_len; i++) {
		const char *verb = command_rows[i].verb;
		size_t len = strcspn(verb, " ");
		if (strncmp(last, verb, len) != 0 || last[len] != ' ')
			printf("%s%.*s", i > 0 ? " " : "", (int)len, verb);
		last = verb;
	}
	puts("' ;;");
}

/* "key) echo 'add list revoke' ;;" before the first of its commands. */
static void
print_bash_second(size_t i)
{
	const char *verb = command_rows[i].verb;
	const char *space = strchr(verb, ' ');
	size_t len = strcspn(verb, " ") + 1;

	if (space == NULL ||
	    (i > 0 && strncmp(command_rows[i - 1].verb, verb, len) == 0))
		return;
	printf("	'%.*s') echo '%s", (int)(space - verb), verb, space + 1);
	for (size_t j = i + 1; j < command_rows_len &&
	    strncmp(command_rows[j].verb, verb, len) == 0; j++)
		printf(" %s", command_rows[j].verb + len);
	puts("' ;;");
}

static void
print_bash_row(const struct command_row *row)
{
	char word[ARGUMENT_WORD_MAX];
	char option[ARGUMENT_WORD_MAX] = "";
	const char *at = row->arguments;
	const char *next;

	while ((next = argument_next(&at, word)) != NULL) {
		if (strncmp(next, "--", 2) == 0) {
			memcpy(option, word, sizeof option);
			continue;
		}
		if (option[0] != '\0' && strcmp(next, "]") != 0) {
			printf("	'%s %s') echo '", row->verb, option);
			for (const char *c = next; is_word(next) && *c != '\0';
			    c++)
				putchar(*c == '|' ? ' ' : *c);
			puts("' ;;");
		} else if (strcmp(next, "FILE") == 0) {
			printf("	'%s FILE') ;;\n", row->verb);
		}
		option[0] = '\0';
	}
	printf("	'%s') echo '", row->verb);
	at = row->arguments;
	while ((next = argument_next(&at, word)) != NULL) {
		if (strncmp(next, "--", 2) == 0)
			printf("%s ", next);
	}
	puts("--help' ;;");
}

void
print_bash(void)
{
	print_bash_verbs();
	for (size_t i = 0; i < command_rows_len; i++) {
		print_bash_second(i);
		print_bash_row(&command_rows[i]);
	}
}

/* ----------------------------------------------------------------- zsh */

/* An option with its value, or what is expected, for _arguments. */
static void
print_zsh_value(const char *what)
{
	if (!is_word(what)) {
		printf(":%s:%s", what, strcmp(what, "FILE") == 0 ? "_files" :
		    "");
		return;
	}
	fputs(":value:(", stdout);
	for (; *what != '\0'; what++)
		putchar(*what == '|' ? ' ' : *what);
	putchar(')');
}

static void
print_zsh_row(const struct command_row *row)
{
	char word[ARGUMENT_WORD_MAX];
	const char *at = row->arguments;
	const char *next;
	bool is_option = false;

	printf("	'%s') _arguments", row->verb);
	while ((next = argument_next(&at, word)) != NULL) {
		bool is_end = strcmp(next, "[") == 0 || strcmp(next, "]") == 0;
		if (is_option && !is_end)
			print_zsh_value(next);
		if (is_option)
			putchar('\'');
		if (strncmp(next, "--", 2) == 0) {
			printf(" '*%s", next);
			is_option = true;
			continue;
		}
		if (!is_option && !is_end && strcmp(next, "...") != 0) {
			fputs(" '1", stdout);
			print_zsh_value(next);
			putchar('\'');
		}
		is_option = false;
	}
	if (is_option)
		putchar('\'');
	puts(" '(- *)--help[say more]' ;;");
}

void
print_zsh_verbs(void)
{
	for (size_t i = 0; i < command_rows_len; i++) {
		fputs("		'", stdout);
		print_quoted(command_rows[i].verb);
		putchar(':');
		print_quoted(command_rows[i].summary);
		puts("'");
	}
}

void
print_zsh_cases(void)
{
	for (size_t i = 0; i < command_rows_len; i++)
		print_zsh_row(&command_rows[i]);
}
