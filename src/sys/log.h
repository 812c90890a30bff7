/*
 * The log: one line an event on stderr, for an operator to act on. No secrets;
 * control characters of the input are replaced. Layer 5; any thread.
 */
#ifndef SYS_LOG_H
#define SYS_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/*
 * Write one line: time (UTC), level, event, text. Whole lines only, also when
 * several threads write.
 * @param event what happened, a short stable word such as "ready".
 * @param format as printf; no newline; what is longer than 1000 bytes is cut.
 */
void log_event(enum log_level level, const char *event, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

#endif
