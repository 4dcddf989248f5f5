/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PyTorch's zip archives as seeds. */

#pragma once

#include "../unit/pth-fixture.h"
#include "fuzz-target.h"

/* Adds the archive that torch.save would make of @pickle. */
static inline void
zip_seed_add (GPtrArray *seeds, gconstpointer pickle, gsize n_pickle, gint32 method)
{
  WeightsFixture fixture;
  g_autoptr (GBytes) bytes = NULL;

  weights_fixture_set_up (&fixture, NULL);
  pth_write (&fixture, pickle, n_pickle, method);
  bytes = weights_fixture_read (&fixture);
  fuzz_add_bytes (seeds, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  weights_fixture_tear_down (&fixture, NULL);
}
