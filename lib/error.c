/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planwatch/error.h"

#include <stdio.h>
#include <string.h>

int error_put(struct error *error, int code, const char *format, ...)
{
	if (error) {
		va_list arguments;
		error->code = error_code(code);
		va_start(arguments, format);
		(void)vsnprintf(error->message, sizeof(error->message), format, arguments);
		va_end(arguments);
	}
	return code;
}

int error_prefix(struct error *error, const char *format, ...)
{
	char old[sizeof(error->message)];
	va_list arguments;

	if (!error)
		return 0;
	memcpy(old, error->message, sizeof(old));
	va_start(arguments, format);
	int n = vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	if (n >= 0 && (size_t)n < sizeof(error->message))
		(void)snprintf(error->message + n, sizeof(error->message) - (size_t)n, ": %s", old);
	return error->code;
}
