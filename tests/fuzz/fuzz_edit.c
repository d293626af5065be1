/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of any bytes: what is not refused, reads as what was meant (edit.h proves that itself); a tick that is taken back
 * leaves the bytes as they were, where the item had no stamp in front.
 */
#include "fuzz.h"

#include "planwatch/edit.h"

#include <string.h>

/* Of a file with more, the first ones. */
#define ITEMS_MAX 8

/* Reads `edited` again and unticks the item. */
static void take_back(const struct edit *edit, size_t item, const struct edited *edited)
{
	const struct item *meant = &edit->file->plans[edit->plan].items[item];
	cleanup_plan struct plan_file *file = NULL;
	cleanup_edited struct edited back = { 0 };
	struct edit again = *edit;
	struct error error = { 0 };

	CHECK(plan_parse(edited->bytes, edited->length, &file) == 0);
	again.bytes = edited->bytes;
	again.length = edited->length;
	again.file = file;
	if (edit_untick(&again, item, &back, &error) < 0) {
		/* Without the stamp, the item's own text may read as another: that is refused. */
		CHECK(error.code == -ENOTSUP);
	} else if (edit->bytes[meant->mark_at] == ' ' && !meant->stamp.leading) {
		CHECK(back.length == edit->length &&
		      memcmp(back.bytes, edit->bytes, edit->length) == 0);
	}
}

static void change(const struct edit *edit)
{
	const struct plan *plan = &edit->file->plans[edit->plan];

	for (size_t i = 0; i < plan->item_count && i < ITEMS_MAX; i++) {
		cleanup_edited struct edited ticked = { 0 }, unticked = { 0 };
		struct error error = { 0 };
		if (edit_tick(edit, i, &ticked, &error) == 0)
			take_back(edit, i, &ticked);
		(void)edit_untick(edit, i, &unticked, &error);
	}
	for (enum plan_status status = STATUS_APPROVED; status <= STATUS_COMPLETE; status++) {
		cleanup_edited struct edited edited = { 0 };
		struct error error = { 0 };
		if (status == STATUS_APPROVED || status == STATUS_BLOCKED ||
		    status == STATUS_COMPLETE)
			(void)edit_status(edit, status, "Ada", "no disk", &edited, &error);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_plan struct plan_file *file = NULL;
	cleanup_free char *bytes = malloc(size + 1);

	CHECK(bytes);
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	if (plan_parse(bytes, size, &file) < 0)
		return 0;
	for (size_t i = 0; i < file->plan_count && i < ITEMS_MAX; i++) {
		struct edit edit = { bytes, size, file, i, 1772600767 * USEC_PER_SEC };
		change(&edit);
	}
	return 0;
}
