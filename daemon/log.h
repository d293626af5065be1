/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon says on standard error: one line each. Under systemd with a priority prefix (sd-daemon(3)), which the journal
 * understands; at a terminal without. Control characters from file names never reach the terminal.
 */
#ifndef PLANWATCHD_LOG_H
#define PLANWATCHD_LOG_H

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
