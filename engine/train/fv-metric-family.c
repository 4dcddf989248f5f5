/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One row for each family. */

#include "fv-metric-family.h"

#include <math.h>

/* Of a family that has no chance levels. */
#define NOWHERE (-1)

typedef struct {
  const char *name;
  guint n;
  const FvMetricInfo *(*get_info) (guint metric);
  gsize chosen;   /* offset of its set in FvMetricSelection */
  gsize values;   /* offset of its numbers in FvImageResult */
  gssize chances; /* offset of its chance levels there */
} Family;

static const FvMetricInfo *
get_alignment (guint metric)
{
  return fv_alignment_metric_info ((FvAlignmentMetric) metric);
}

static const FvMetricInfo *
get_faithfulness (guint metric)
{
  return fv_faithfulness_metric_info ((FvFaithfulnessMetric) metric);
}

static const FvMetricInfo *
get_localisation (guint metric)
{
  return fv_localisation_metric_info ((FvLocalisationMetric) metric);
}

static const FvMetricInfo *
get_sanity (guint metric)
{
  return fv_sanity_metric_info ((FvSanityMetric) metric);
}

static const FvMetricInfo *
get_consistency (guint metric)
{
  return fv_consistency_metric_info ((FvConsistencyMetric) metric);
}

#define CHOSEN(member) G_STRUCT_OFFSET (FvMetricSelection, member)
#define VALUES(member) G_STRUCT_OFFSET (FvImageResult, member.values)
#define CHANCES(member) G_STRUCT_OFFSET (FvImageResult, member.chance)

static const Family families[FV_N_FAMILIES] = {
  [FV_FAMILY_ALIGNMENT] = { "alignment", FV_ALIGNMENT_N, get_alignment, CHOSEN (alignment),
                            VALUES (alignment), CHANCES (alignment) },
  [FV_FAMILY_FAITHFULNESS] = { "faithfulness", FV_FAITHFULNESS_N, get_faithfulness,
                               CHOSEN (faithfulness), VALUES (faithfulness), NOWHERE },
  [FV_FAMILY_LOCALISATION] = { "localisation", FV_LOCALISATION_N, get_localisation,
                               CHOSEN (localisation), VALUES (localisation), NOWHERE },
  [FV_FAMILY_SANITY]
  = { "sanity", FV_SANITY_N, get_sanity, CHOSEN (sanity), VALUES (sanity), NOWHERE },
  [FV_FAMILY_CONSISTENCY] = { "consistency", FV_CONSISTENCY_N, get_consistency,
                              CHOSEN (consistency), VALUES (consistency), NOWHERE },
};

static const Family *
get_family (FvMetricFamily family)
{
  g_assert (family < FV_N_FAMILIES);
  return &families[family];
}

const char *
fv_metric_family_get_name (FvMetricFamily family)
{
  return get_family (family)->name;
}

guint
fv_metric_family_get_n (FvMetricFamily family)
{
  return get_family (family)->n;
}

guint
fv_metric_family_get_first (FvMetricFamily family)
{
  guint first = 0;

  for (FvMetricFamily before = 0; before < family; before++)
    first += get_family (before)->n;
  return first;
}

const FvMetricInfo *
fv_metric_family_get_info (FvMetricFamily family, guint metric)
{
  return get_family (family)->get_info (metric);
}

/* -- what is chosen ------------------------------------------------------------------------- */

guint32
fv_metric_selection_get (const FvMetricSelection *self, FvMetricFamily family)
{
  return G_STRUCT_MEMBER (guint32, self, get_family (family)->chosen);
}

gboolean
fv_metric_selection_has (const FvMetricSelection *self, FvMetricFamily family, guint metric)
{
  return (fv_metric_selection_get (self, family) >> metric & 1) != 0;
}

void
fv_metric_selection_add (FvMetricSelection *self, FvMetricFamily family, guint metric)
{
  g_return_if_fail (metric < fv_metric_family_get_n (family));

  G_STRUCT_MEMBER (guint32, self, get_family (family)->chosen) |= (guint32) 1 << metric;
}

void
fv_metric_selection_add_family (FvMetricSelection *self, FvMetricFamily family)
{
  for (guint i = 0; i < fv_metric_family_get_n (family); i++)
    fv_metric_selection_add (self, family, i);
}

gboolean
fv_metric_selection_is_optional (const FvMetricSelection *self, FvMetricFamily family)
{
  return (self->optional >> family & 1) != 0;
}

/* -- a picture's numbers -------------------------------------------------------------------- */

const double *
fv_image_result_get_values (const FvImageResult *self, FvMetricFamily family)
{
  return G_STRUCT_MEMBER_P (self, get_family (family)->values);
}

const double *
fv_image_result_get_chances (const FvImageResult *self, FvMetricFamily family)
{
  gssize offset = get_family (family)->chances;

  return offset != NOWHERE ? G_STRUCT_MEMBER_P (self, offset) : NULL;
}

FvImageResult
fv_image_result_new (gsize sample, int label)
{
  FvImageResult self = { .sample = sample, .label = label, .alignment = fv_alignment_undefined () };

  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++) {
    double *values = G_STRUCT_MEMBER_P (&self, get_family (family)->values);

    for (guint i = 0; i < fv_metric_family_get_n (family); i++)
      values[i] = NAN;
  }
  return self;
}
