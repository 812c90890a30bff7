/*
 * Foreign names and rdata: the input is a message with a name at its start,
 * and once more the text of a name, and the rdata of the type in its first
 * two bytes. What is accepted must read back as the same.
 */
#include "fuzz/fuzz.h"

#include "base/reason.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "registry/scope.h"

#include <string.h>

/* The owner once more from its labels; its order, parent and text. */
static void
check_owner(const struct owner *owner)
{
	static const struct dname apex = { .len = 3, .bytes = "\1z" };
	struct owner again = { .len = 0 };
	struct blob all = owner_blob(owner);
	char text[NAME_TEXT_MAX];
	size_t n = 0;

	for (size_t at = 0; at < all.len; at += 1u + all.data[at]) {
		FUZZ_CHECK(owner_push(&again, all.data + at + 1,
			       all.data[at]) == OK);
		FUZZ_CHECK(owner_is_at_or_below(all, owner_blob(&again)));
		n++;
	}
	FUZZ_CHECK(blob_equal(owner_blob(&again), all));
	FUZZ_CHECK(owner_labels(all) == n && owner_compare(all, all) == 0);
	FUZZ_CHECK(owner_push(&again, "", 0) == ERR_MALFORMED);
	enum status pushed = owner_push(&again, all.data, all.len);
	FUZZ_CHECK(pushed != OK || again.len == 2u * all.len + 1);
	FUZZ_CHECK(owner_format(text, sizeof text, all, &apex) == text);
	FUZZ_CHECK(owner_format(text, 8, all, &apex) == text &&
	    strlen(text) < 8);
	if (n == 0)
		return;
	struct blob parent = owner_parent(all);
	struct blob label = owner_last_label(all);
	FUZZ_CHECK(parent.len + 1 + label.len == all.len);
	FUZZ_CHECK(owner_compare(parent, all) < 0 &&
	    owner_compare(all, parent) > 0);
	FUZZ_CHECK(!owner_is_at_or_below(parent, all));
	owner_set(&again, parent);
	FUZZ_CHECK(blob_equal(owner_blob(&again), parent));
}

/* Text, owner and class of a name. */
static void
check_name(const struct dname *name)
{
	static const struct dname root = { .len = 1 };
	char text[NAME_TEXT_MAX];
	struct dname back;
	struct owner owner;

	FUZZ_CHECK(dname_check(name->bytes, name->len) == name->len);
	(void)dname_format(text, sizeof text, name);
	FUZZ_CHECK(dname_parse(&back, text, strlen(text), NULL) == OK);
	FUZZ_CHECK(back.len == name->len &&
	    memcmp(back.bytes, name->bytes, back.len) == 0);

	FUZZ_CHECK(owner_from_dname(&owner, name, &root) == OK);
	FUZZ_CHECK(owner_is_valid(owner_blob(&owner)));
	FUZZ_CHECK(owner_to_dname(&back, owner_blob(&owner), &root) == OK);
	FUZZ_CHECK(dname_equal(&back, name));
	check_owner(&owner);
	FUZZ_CHECK(name_classify(owner_blob(&owner)).scope ==
	    owner_scope(owner_blob(&owner)));
}

/* Other case is the same data, as far as it is in names. */
static void
check_case(uint16_t type, struct blob rdata)
{
	static uint8_t other[RDATA_MAX];

	for (size_t i = 0; i < rdata.len; i++)
		other[i] = dns_lower(rdata.data[i]);
	struct blob lower = { other, rdata.len };
	if (rdata_check(type, lower, NULL) != OK)
		return;
	bool is_equal = rdata_equal(type, rdata, lower);
	FUZZ_CHECK(is_equal == rdata_equal(type, lower, rdata));
	FUZZ_CHECK(!is_equal || rdata_has_names(type) ||
	    blob_equal(rdata, lower));
}

static void
check_rdata(const uint8_t *data, size_t len)
{
	static uint8_t out[RDATA_MAX];
	size_t out_len = 0;
	uint16_t type = (uint16_t)(data[0] << 8 | data[1]);
	struct blob rdata = { data + 2, len - 2 };

	struct reason reason = { "" };
	bool is_plain = rdata_check(type, rdata, &reason) == OK;
	FUZZ_CHECK(is_plain == (reason.text[0] == '\0'));
	if (is_plain)
		check_case(type, rdata);
	enum status status = rdata_read(out, sizeof out, &out_len, type, data,
	    len, 2, len - 2);
	struct blob read = { out, out_len };

	/* Without compression reading is copying. */
	FUZZ_CHECK(!is_plain || (status == OK && blob_equal(rdata, read)));
	if (status == OK) {
		FUZZ_CHECK(rdata_check(type, read, NULL) == OK);
		FUZZ_CHECK(rdata_equal(type, read, read));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dname origin = { .len = 3, .bytes = "\1z" };
	struct dname name;
	size_t offset = 0;

	if (dname_read(&name, data, len, &offset) == OK) {
		FUZZ_CHECK(offset > 0 && offset <= len);
		check_name(&name);
	}
	if (dname_parse(&name, (const char *)data, len, &origin) == OK)
		check_name(&name);
	struct blob bytes = { data, len };
	if (owner_is_valid(bytes)) {
		struct owner owner;
		owner_set(&owner, bytes);
		check_owner(&owner);
	}
	if (len >= 2 && len <= RDATA_MAX)
		check_rdata(data, len);
	return 0;
}
