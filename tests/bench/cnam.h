/* cnam.h - caller names for gen_zone and gen_csv: the same for both. */
#ifndef CNAM_H
#define CNAM_H
#include <stdint.h>
#include <stdio.h>

static const char *fn[] = {"JAMES","MARY","ROBERT","LINDA","JOHN","SUSAN","DAVID","KAREN","WILLIAM","NANCY",
 "JOSE","MARIA","WEI","AISHA","OLGA","PIERRE","ANNA","OMAR","YUKI","EMMA"};
static const char *ln[] = {"SMITH","JOHNSON","WILLIAMS","BROWN","JONES","GARCIA","MILLER","DAVIS","WILSON","LOPEZ",
 "LEE","KHAN","NGUYEN","KIM","CHEN","IVANOV","MARTIN","SATO","DUBOIS","OKAFOR"};

/* h: hash of the number; unshared: unique per number, otherwise one of 20000 */
static inline void cnam_text(char *cnam, size_t cap, uint64_t h, const char *num, int unshared)
{
	if (unshared) { snprintf(cnam, cap, "%s %s %.5s", ln[h % 20], fn[(h >> 8) % 20], num + 6); return; }
	uint32_t q = (uint32_t)((h >> 16) % 20000);
	snprintf(cnam, cap, "%s %s %u", ln[q % 20], fn[(q / 20) % 20], q / 400);
}
#endif
