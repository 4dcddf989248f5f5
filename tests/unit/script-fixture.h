/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A small TorchScript archive as PyTorch writes it, any part of which a test may replace, and the
 * question whether the guard lets it pass. */

#pragma once

#include "fv-script-guard.h"
#include "pth-fixture.h"

#define CLASS GLOBAL ("__torch__.net", "Net")
#define OBJECT_OF(state) CLASS ")\x81" state "b"
#define NET PROTO OBJECT_OF ("}q\0(" TEXT ("\1", "w") ROW "u") "."
#define EMPTY PROTO ")."

/* The parts of the archive that differ from test to test; NULL leaves one as PyTorch writes it. */
typedef struct {
  const char *members; /* of the class, one to a line */
  const char *body;    /* of its forward () */
  const char *version;
  const char *data;
  gsize n_data;
  const char *debug;
  gsize n_debug;
  const char *left_out; /* an entry */
} ScriptParts;

static inline void
script_add_part (zip_t *zip, const ScriptParts *parts, const char *name, gconstpointer bytes,
                 gsize n_bytes)
{
  if (g_strcmp0 (parts->left_out, name) != 0)
    pth_add_entry (zip, name, bytes, n_bytes, ZIP_CM_STORE);
}

/* (transfer full) */
static inline char *
script_write_source (const ScriptParts *parts)
{
  return g_strdup_printf ("class Net(Module):\n"
                          "  __parameters__ = [\"w\", ]\n"
                          "  w : Tensor\n"
                          "%s"
                          "  def forward(self: __torch__.net.Net,\n"
                          "    x: Tensor) -> Tensor:\n"
                          "    w = self.w # torch.save\n"
                          "    %s\n"
                          "    return torch.mul(x, w)\n",
                          parts->members != NULL ? parts->members : "",
                          parts->body != NULL ? parts->body : "x0 = torch.relu(x)");
}

/* An archive with these parts, not yet closed. @source: what script_write_source () made; it must
 * stay until then. */
static inline zip_t *
script_begin (const WeightsFixture *fixture, const ScriptParts *parts, const char *source)
{
  const char *version = parts->version != NULL ? parts->version : "3\n";
  zip_t *zip = pth_open_zip (fixture);

  if (parts->data != NULL)
    script_add_part (zip, parts, "top/data.pkl", parts->data, parts->n_data);
  else
    script_add_part (zip, parts, "top/data.pkl", BYTES (NET));
  script_add_part (zip, parts, "top/data/0", pth_floats, sizeof pth_floats);
  script_add_part (zip, parts, "top/constants.pkl", BYTES (EMPTY));
  script_add_part (zip, parts, "top/version", version, strlen (version));
  script_add_part (zip, parts, "top/code/__torch__/net.py", source, strlen (source));
  if (parts->debug != NULL)
    script_add_part (zip, parts, "top/code/__torch__/net.py.debug_pkl", parts->debug,
                     parts->n_debug);
  return zip;
}

static inline void
script_write (const WeightsFixture *fixture, const ScriptParts *parts)
{
  g_autofree char *source = script_write_source (parts);
  zip_t *zip = script_begin (fixture, parts, source);

  g_assert_cmpint (zip_close (zip), ==, 0);
}

/* The guard in the shape of a reader of weights, which the fixture knows how to test. */
static inline FvStateDict *
script_guard (const char *path, GError **error)
{
  return fv_script_guard_check (path, error) ? fv_state_dict_new () : NULL;
}

static inline void
script_assert_passes (const WeightsFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fv_script_is_archive (fixture->path));
  fv_script_guard_check (fixture->path, &error);
  g_assert_no_error (error);
}

/* @phrase: of the refusal, or NULL where the archive must pass. */
static inline void
script_assert_parts (const WeightsFixture *fixture, const ScriptParts *parts, const char *phrase)
{
  script_write (fixture, parts);
  if (phrase == NULL)
    script_assert_passes (fixture);
  else
    weights_fixture_assert_refused (fixture, script_guard, phrase);
}
