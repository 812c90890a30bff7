/*
 * The table of settings (settings/settings.def) as mdoc.
 */
#include "doc/gen/gen.h"

#include "settings/schema.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
print_size(uint64_t bytes)
{
	static const char units[] = "KMGT";
	size_t unit = 0;

	while (bytes >= 1024 && bytes % 1024 == 0 && unit < 4) {
		bytes /= 1024;
		unit++;
	}
	printf("%" PRIu64, bytes);
	if (unit > 0)
		putchar(units[unit - 1]);
}

static void
print_time(uint64_t ms)
{
	if (ms >= 3600000 && ms % 3600000 == 0)
		printf("%" PRIu64 "h", ms / 3600000);
	else if (ms >= 60000 && ms % 60000 == 0)
		printf("%" PRIu64 "m", ms / 60000);
	else if (ms >= 1000 && ms % 1000 == 0)
		printf("%" PRIu64 "s", ms / 1000);
	else
		printf("%" PRIu64 "ms", ms);
}

static void
print_range(const struct option *option, void (*print)(uint64_t value))
{
	fputs("From ", stdout);
	print(option->min);
	fputs(" to ", stdout);
	print(option->max);
	puts(".");
}

static void
print_plain(uint64_t value)
{
	printf("%" PRIu64, value);
}

static void
print_limits(const struct option *option)
{
	switch (option->kind) {
	case KIND_SIZE:
		print_range(option, print_size);
		break;
	case KIND_TIME:
		print_range(option, print_time);
		break;
	case KIND_COUNT:
		print_range(option, print_plain);
		break;
	case KIND_ADDRESSES:
	case KIND_SECONDARIES:
		printf("At most %" PRIu64 " of them.\n", option->max);
		break;
	case KIND_NAME:
	case KIND_PATH:
	case KIND_SOCKET:
	case KIND_TEXT:
		printf("At most %" PRIu64 " bytes.\n", option->max);
		break;
	case KIND_ADDRESS:
	case KIND_SWITCH:
	case KIND_LOG_FORMAT:
	case KIND_LOG_LEVEL:
	case KIND_COUNT_OF:
		break;
	}
}

static void
print_default(const struct option *option)
{
	if (option->fallback == NULL) {
		puts("Required.");
		return;
	}
	if (option->fallback[0] == '\0') {
		puts("Not set unless given.");
		return;
	}
	fputs("Default:\n.Ql ", stdout);
	mdoc_characters(option->fallback, strlen(option->fallback));
	if (strcmp(option->fallback, "cores") == 0)
		puts(" ,\none for each core.");
	else
		puts(" .");
}

void
print_options(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < option_table_len; i++) {
		const struct option *option = &option_table[i];
		const char *expected = option_expected(option->kind);
		printf(".It Cm %s\n%c", option->path,
		    toupper((unsigned char)option->help[0]));
		mdoc_characters(option->help + 1, strlen(option->help) - 1);
		printf(".\n%c", toupper((unsigned char)expected[0]));
		mdoc_characters(expected + 1, strlen(expected) - 1);
		puts(".");
		print_limits(option);
		print_default(option);
		puts(option->when == AT_RELOAD ?
		    "A reload takes another value." :
		    "Another value is taken at the next start.");
	}
	puts(".El");
}
