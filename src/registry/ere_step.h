/*
 * What ere_compile.c makes and ere_search.c runs. Folder-private. Layer 2.
 */
#ifndef REGISTRY_ERE_STEP_H
#define REGISTRY_ERE_STEP_H

enum ere_op {
	ERE_BYTE,  /* take the byte arg */
	ERE_ANY,   /* take any byte */
	ERE_SET,   /* take a byte of set arg */
	ERE_BEGIN, /* only at the beginning */
	ERE_END,   /* only at the end */
	ERE_SAVE,  /* note the place in slot arg */
	ERE_JUMP,  /* go on at first */
	ERE_SPLIT, /* go on at first, and at second */
	ERE_DONE,  /* a match */
};

#endif
