/*
 * Which kind of name an owner is: the table of DESIGN "the state is a zone",
 * read label by label from the apex outwards. Total, refuses nothing.
 * Layer 2; any thread.
 */
#include "registry/scope.h"

#include "e164/e164_name.h"

#include <string.h>

enum { OCN_LEN = 4 };

/* A label with its length byte, as it stands in an owner. */
#define LABEL(text) { (const uint8_t *)text, sizeof text - 1 }
static const struct blob label_whois = LABEL("\1w");
static const struct blob label_registry = LABEL("\11_registry");
static const struct blob label_ocn = LABEL("\4_ocn");
static const struct blob label_key = LABEL("\4_key");
static const struct blob label_pool = LABEL("\5_pool");
static const struct blob label_wildcard = LABEL("\1*");

static const struct {
	struct blob label;
	enum name_kind kind;
} pseudo[] = {
	{ LABEL("\4_has"), NAME_HAS },
	{ LABEL("\4_pin"), NAME_PIN },
	{ LABEL("\5_code"), NAME_CODE },
	{ LABEL("\7_dryrun"), NAME_DRY_RUN },
};
#undef LABEL

enum { PSEUDO_COUNT = sizeof pseudo / sizeof pseudo[0] };

/* Take label off the front of rest; false (and nothing taken) if another. */
static bool
take_label(struct blob *rest, struct blob label)
{
	if (rest->len < label.len ||
	    memcmp(rest->data, label.data, label.len) != 0)
		return false;
	rest->data += label.len;
	rest->len -= label.len;
	return true;
}

/* Take the digits off the front of rest; packed 0 if there are none. */
static struct tn
take_digits(struct blob *rest)
{
	struct tn tn = { 0 };

	if (rest->len == 0)
		return tn;
	size_t used = e164_name_read(&tn, rest->data, rest->len);
	rest->data += used;
	rest->len -= used;
	return tn;
}

/* Take a pseudo label (_has, _pin, _code); its row, PSEUDO_COUNT if none. */
static size_t
take_pseudo(struct blob *rest)
{
	size_t row = 0;

	while (row < PSEUDO_COUNT && !take_label(rest, pseudo[row].label))
		row++;
	return row;
}

/* N, *.P and below them the pseudo names; also pseudo names without N. */
static void
classify_public(struct name_class *class, struct blob rest)
{
	struct tn tn = take_digits(&rest);
	bool is_number = tn_count(tn) > 0;

	if (rest.len == 0) {
		class->kind = NAME_NUMBER;
		class->tn = tn;
		return;
	}
	if (is_number && take_label(&rest, label_wildcard)) {
		if (rest.len > 0)
			return;
		class->kind = NAME_BLOCK;
		class->tn = tn;
		return;
	}
	size_t row = take_pseudo(&rest);
	if (row == PSEUDO_COUNT)
		return;
	class->scope = SCOPE_PSEUDO;
	/* three of them stand at a number, the last at the apex */
	if (rest.len > 0 || is_number == (pseudo[row].kind == NAME_DRY_RUN))
		return;
	class->kind = pseudo[row].kind;
	class->tn = tn;
}

/* Below w. */
static void
classify_whois(struct name_class *class, struct blob rest)
{
	struct tn tn = take_digits(&rest);

	class->scope = SCOPE_WHOIS;
	if (tn_count(tn) == 0)
		return;
	if (rest.len == 0)
		class->kind = NAME_WHOIS_NUMBER;
	else if (take_label(&rest, label_wildcard) && rest.len == 0)
		class->kind = NAME_WHOIS_BLOCK;
	else
		return;
	class->tn = tn;
}

/* Below _ocn: one label of four characters; below that _key. */
static void
classify_ocn(struct name_class *class, struct blob rest)
{
	char ocn[sizeof class->ocn] = "";

	if (rest.len < 1 + OCN_LEN || rest.data[0] != OCN_LEN)
		return;
	for (size_t i = 0; i < OCN_LEN; i++) {
		char c = (char)rest.data[1 + i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (c < '0' || c > '9')
			return;
		ocn[i] = c;
	}
	rest.data += 1 + OCN_LEN;
	rest.len -= 1 + OCN_LEN;
	if (rest.len == 0) {
		class->kind = NAME_OCN;
	} else if (take_label(&rest, label_key)) {
		class->scope = SCOPE_PSEUDO;
		if (rest.len == 0)
			return;
		class->kind = NAME_KEY;
	} else {
		return;
	}
	memcpy(class->ocn, ocn, sizeof ocn);
}

/* Below _pool: one label of 1 to 15 digits. */
static void
classify_pool(struct name_class *class, struct blob rest)
{
	struct tn tn = { 0 };

	if (rest.len < 2 || rest.len != (size_t)1 + rest.data[0])
		return;
	for (size_t i = 1; i < rest.len; i++) {
		uint8_t c = rest.data[i];
		if (c < '0' || c > '9' || !tn_push(&tn, (unsigned)(c - '0')))
			return;
	}
	class->kind = NAME_POOL;
	class->tn = tn;
}

struct name_class
name_classify(struct blob owner)
{
	struct name_class class = { .scope = SCOPE_PUBLIC, .kind = NAME_OTHER };
	struct blob rest = owner;

	if (owner.len == 0)
		class.kind = NAME_APEX;
	else if (take_label(&rest, label_whois)) {
		if (rest.len > 0)
			classify_whois(&class, rest);
	} else if (take_label(&rest, label_registry))
		class.scope = SCOPE_PRIVATE;
	else if (take_label(&rest, label_ocn))
		classify_ocn(&class, rest);
	else if (take_label(&rest, label_pool))
		classify_pool(&class, rest);
	else
		classify_public(&class, rest);
	return class;
}

enum scope
owner_scope(struct blob owner)
{
	struct blob rest = owner;

	if (take_label(&rest, label_whois))
		return rest.len > 0 ? SCOPE_WHOIS : SCOPE_PUBLIC;
	if (take_label(&rest, label_registry))
		return SCOPE_PRIVATE;
	if (take_label(&rest, label_ocn))
		return name_classify(owner).scope;
	(void)take_digits(&rest);
	return take_pseudo(&rest) < PSEUDO_COUNT ? SCOPE_PSEUDO : SCOPE_PUBLIC;
}
