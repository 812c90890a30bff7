/*
 * What kind of name an owner is: the table of DESIGN "the state is a zone".
 * Decides who may write it, where it is kept and whether it is served.
 * Layer 2; pure.
 */
#ifndef REGISTRY_SCOPE_H
#define REGISTRY_SCOPE_H

#include "base/bytes.h"
#include "e164/tn.h"

enum scope {
	SCOPE_PUBLIC,  /* image and store; query, AXFR */
	SCOPE_WHOIS,   /* at or below w: store only (the cut itself is public) */
	SCOPE_PRIVATE, /* at or below _registry: store only, registrars only */
	SCOPE_PSEUDO,  /* _has, _pin, _code: only inside an UPDATE */
};

enum name_kind {
	NAME_APEX,
	NAME_NUMBER,       /* N: tn is the number */
	NAME_BLOCK,        /* *.P: tn is the prefix P */
	NAME_OCN,          /* <ocn>._ocn */
	NAME_POOL,         /* <prefix>._pool: tn is the prefix */
	NAME_WHOIS_NUMBER, /* N.w */
	NAME_WHOIS_BLOCK,  /* *.P.w */
	NAME_HAS,          /* _has.N */
	NAME_PIN,          /* _pin.N */
	NAME_CODE,         /* _code.N */
	NAME_OTHER,        /* hosts, CNAMEs, delegations, ... */
};

struct name_class {
	enum scope scope;
	enum name_kind kind;
	struct tn tn; /* for the kinds that have one */
	char ocn[5];  /* NAME_OCN: four characters and NUL, upper case */
};

/*
 * Classify an owner. Total: every valid owner gets a class.
 */
struct name_class name_classify(struct blob owner);

/* Where an owner is kept; cheaper than name_classify. */
enum scope owner_scope(struct blob owner);

#endif
