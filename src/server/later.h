/*
 * What every door of the query threads tells net_defer: whose ticket came
 * back. The first member of the door's own struct. Layer 10; a query thread.
 */
#ifndef SERVER_LATER_H
#define SERVER_LATER_H

struct later {
	/* The ticket came back: answer and release it. */
	void (*resume)(struct later *later);
};

#endif
