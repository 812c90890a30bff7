/*
 * NAPTR rules of anybody: the input is a number (its first byte says how many
 * of the following bytes are its digits) and then rdata, as a rule and as a
 * pattern. A pattern that is taken matches where the C library's regular
 * expressions match; a rule that is taken for a number gives a URI for it that
 * passes again.
 */
#include "fuzz/fuzz.h"

#include "dns/rdata.h"
#include "registry/ere.h"
#include "registry/naptr.h"

#include <regex.h>
#include <stdbool.h>
#include <string.h>

enum { PATTERN_MAX = 80 }; /* bytes that are also given to the C library */

/*
 * POSIX: leftmost, then longest. Groups are ours to set as we like. The C
 * library finds +1232 in (1|^.*$2|3){2,3}: anchors are compared only at the
 * ends of a pattern.
 */
static void
compare_with_library(const char *pattern, const struct ere *ere,
    const char *subject)
{
	regex_t theirs;
	regmatch_t at[1];
	struct ere_match ours;

	FUZZ_CHECK(regcomp(&theirs, pattern, REG_EXTENDED) == 0);
	bool is_theirs = regexec(&theirs, subject, 1, at, 0) == 0;
	bool is_ours = ere_search(&ours, ere,
	    (struct blob){ (const uint8_t *)subject, strlen(subject) });
	FUZZ_CHECK(is_ours == is_theirs);
	if (is_ours)
		FUZZ_CHECK(ours.at[0] == at[0].rm_so &&
		    ours.at[1] == at[0].rm_eo);
	regfree(&theirs);
}

static void
try_pattern(struct blob pattern, const char *subject)
{
	struct ere ere;
	struct reason reason = { "" };
	char text[PATTERN_MAX + 1];

	if (ere_compile(&ere, pattern, &reason) != OK) {
		FUZZ_CHECK(reason.text[0] != '\0');
		return;
	}
	FUZZ_CHECK(ere.n > 0 && ere.n <= ERE_PROGRAM_MAX);
	/* the library's are in UTF-8 or not, and slow with braces in braces */
	if (pattern.len > PATTERN_MAX ||
	    memchr(pattern.data, '\0', pattern.len) != NULL)
		return;
	memcpy(text, pattern.data, pattern.len);
	text[pattern.len] = '\0';
	for (size_t i = 0; i < pattern.len; i++) {
		bool is_anchor = (text[i] == '^' && i > 0 &&
				     (text[i - 1] != '[' ||
					 memchr(text, '\\', i) != NULL)) ||
		    (text[i] == '$' && i + 1 < pattern.len);
		if ((uint8_t)text[i] >= 0x80 || is_anchor)
			return;
	}
	compare_with_library(text, &ere, subject);
}

static void
try_rule(struct blob rdata, struct tn number)
{
	struct naptr naptr;
	struct reason reason = { "" };
	uint8_t uri[NAPTR_URI_MAX];
	size_t len = 0;

	bool is_read = naptr_read(&naptr, rdata);
	/* that the replacement is a name is what rdata_check asks */
	if (rdata_check(TYPE_NAPTR, rdata, NULL) != OK)
		return;
	FUZZ_CHECK(is_read);
	enum status status = naptr_uri(uri, &len, &naptr, number, &reason);
	FUZZ_CHECK(status == OK || reason.text[0] != '\0');
	if (status == OK)
		FUZZ_CHECK(len <= sizeof uri);
	reason.text[0] = '\0';
	enum status good = naptr_check_number(rdata, number, &reason);
	FUZZ_CHECK(good == OK || reason.text[0] != '\0');
	/* what a carrier may write gives every reader a URI */
	FUZZ_CHECK(good != OK || (status == OK && len > 0));
	reason.text[0] = '\0';
	good = naptr_check_block(rdata, number, &reason);
	FUZZ_CHECK(good == OK || reason.text[0] != '\0');
	FUZZ_CHECK(naptr_check_set(&rdata, 1, 30, &reason) == OK ||
	    rdata.len > NAPTR_RRSET_MAX / 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char subject[1 + TN_DIGITS_MAX + 1] = "+";
	struct tn number;

	if (len < 1 || len > RDATA_MAX || data[0] > TN_DIGITS_MAX ||
	    len < 1u + data[0])
		return 0;
	memcpy(subject + 1, data + 1, data[0]);
	if (tn_parse(&number, subject, 1u + data[0], NULL) != OK)
		return 0;
	data += 1 + data[0];
	len -= (size_t)(strlen(subject));
	struct blob rest = { data, len };
	try_pattern(rest, subject);
	try_rule(rest, number);
	return 0;
}
