/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The source of a TorchScript archive, read as text to know beforehand what it could do once
 * libtorch compiles it. Any value may call any operator as a method ("x".from_file (…)), names may
 * stand for modules (t = torch), and getattr () turns texts into names; so what is allowed is said
 * word by word:
 *  - `torch`, `ops` and `CONSTANTS` are followed by the name of an allowed operator or a constant;
 *  - `__torch__` is followed by the path of something that the archive defines;
 *  - any other name behind a dot, or in getattr (), is an allowed operator, or is defined in the
 *    archive and not the name of any operator of this libtorch;
 *  - `fork` and the methods that libtorch runs while it loads a file are nowhere.
 * Threads: the engine thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FvScriptCode FvScriptCode;

FvScriptCode *fv_script_code_new (void);
void fv_script_code_free (FvScriptCode *self);

/* Adds the source of one module and notes what it defines.
 * @path: the module, as "__torch__/torchvision/models/resnet".
 * Errors here and below: FV_TENSOR_ERROR_FILE; the message continues a sentence that begins with
 * the file's name. */
gboolean fv_script_code_add (FvScriptCode *self, const char *path, GBytes *source, GError **error);

/* Checks the sources of all modules, which may refer to one another. Operators that are not
 * allowed are named together. */
gboolean fv_script_code_check (FvScriptCode *self, GError **error);

/* Full names ("__torch__.torchvision.models.resnet.ResNet") of what the sources define. */
GHashTable *fv_script_code_get_definitions (const FvScriptCode *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvScriptCode, fv_script_code_free)

G_END_DECLS
