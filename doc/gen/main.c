/*
 * usage: doc/gen/gen TEMPLATE >PAGE. Copies the template and puts the parts in;
 * refuses a part that it does not know.
 */
#include "doc/gen/gen.h"

#include <stdio.h>
#include <string.h>

enum { LINE_CAP = 512 };

static const struct {
	const char *line;
	void (*print)(void);
} parts[] = {
	{ "@options@\n", print_options },
	{ "@commands@\n", print_commands },
	{ "@examples@\n", print_examples },
	{ "@counters@\n", print_counters },
	{ "@events@\n", print_events },
	{ "@causes@\n", print_causes },
	{ "@bash@\n", print_bash },
	{ "@zsh-verbs@\n", print_zsh_verbs },
	{ "@zsh-cases@\n", print_zsh_cases },
};

/* @return 0, or 1: a line that cannot be understood. */
static int
copy_line(const char *line)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (strcmp(parts[i].line, line) == 0) {
			parts[i].print();
			return 0;
		}
	}
	size_t len = strlen(line);
	if (len == 0 || line[len - 1] != '\n' ||
	    (len > 3 && line[0] == '@' && line[len - 2] == '@')) {
		fprintf(stderr, "gen: cannot use the line '%s'\n", line);
		return 1;
	}
	fputs(line, stdout);
	return 0;
}

int
main(int argc, char **argv)
{
	char line[LINE_CAP];
	int bad = 0;

	if (argc != 2) {
		fputs("usage: gen TEMPLATE >PAGE\n", stderr);
		return 2;
	}
	FILE *in = fopen(argv[1], "r");
	if (in == NULL) {
		perror(argv[1]);
		return 1;
	}
	while (fgets(line, sizeof line, in) != NULL)
		bad |= copy_line(line);
	bad |= ferror(in);
	fclose(in);
	return bad != 0 || fflush(stdout) != 0 || ferror(stdout) != 0;
}
