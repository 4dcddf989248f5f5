/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list itself, sorted by bytes. From the operators that all classification networks of
 * torchvision 0.14 name when scripted and traced, and the near relatives of those. Not on it, on
 * purpose: what touches files (from_file, save), devices, other processes, the autograd engine or
 * the random seed; what draws random numbers, except in the layers that do so only while training;
 * quantised and sparse tensors; and what does not check where it reads (_reshape_alias, set_). */

#include "fv-script-operators.h"

#include <string.h>

/* A space after each name; a test sees that they are in order. */
static const char aten_names[]
    = "Bool Complex ComplexImplicit Delete Float FloatImplicit H Int IntImplicit ScalarImplicit "
      "Size T "
      "__and__ __contains__ __derive_index __getitem__ __iand__ __interpolate __ior__ __is__ "
      "__isnot__ __ixor__ __lshift__ __not__ __or__ __range_length __round_to_zero_floordiv "
      "__rshift__ __upsample __upsample_bilinear __upsample_nearest __xor__ _adaptive_avg_pool2d "
      "_adaptive_avg_pool3d _batch_norm_impl_index _cast_Byte _cast_Char _cast_Double _cast_Float "
      "_cast_Half _cast_Int _cast_Long _cast_Short _convolution _convolution_mode _infer_size "
      "_list_to_tensor _log_softmax _masked_softmax _native_multi_head_attention "
      "_nested_tensor_from_mask _nested_tensor_from_mask_left_aligned _pad_circular _pad_enum "
      "_scaled_dot_product_attention _set_item _shape_as_tensor _size_if_not_equal _softmax _stack "
      "_tensor_to_list _to_copy _transform_bias_rescale_qkv _transformer_encoder_layer_fwd "
      "_trilinear _unique _unique2 _unwrap_optional _upsample_bicubic2d_aa _upsample_bilinear2d_aa "
      "_upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d _weight_norm "
      "_weight_norm_interface abs abs_ absolute absolute_ acos acos_ acosh acosh_ "
      "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
      "adaptive_max_pool2d adaptive_max_pool3d add add_ addbmm addcdiv addcdiv_ addcmul addcmul_ "
      "addmm addmv addr adjoint affine_grid_generator alias all allclose alpha_dropout "
      "alpha_dropout_ amax amin aminmax angle any append arange arccos arccosh arcsin arcsinh "
      "arctan arctan2 arctanh argmax argmin argsort as_strided as_tensor asin asin_ asinh asinh_ "
      "atan atan2 atan_ atanh atanh_ atleast_1d atleast_2d atleast_3d avg_pool1d avg_pool2d "
      "avg_pool3d baddbmm baddbmm_ batch_norm bernoulli bernoulli_ bilinear bin "
      "binary_cross_entropy binary_cross_entropy_with_logits bincount bitwise_and bitwise_and_ "
      "bitwise_left_shift bitwise_not bitwise_not_ bitwise_or bitwise_or_ bitwise_right_shift "
      "bitwise_xor bitwise_xor_ block_diag bmm broadcast_tensors broadcast_to bucketize can_cast "
      "capitalize cartesian_prod cat cdist ceil ceil_ celu celu_ center chain_matmul "
      "channel_shuffle chr chunk clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clear clip "
      "clip_ clone col2im column_stack complex concat concatenate conj conj_physical "
      "constant_pad_nd contiguous conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d "
      "conv_transpose3d convolution copy copy_ copysign corrcoef cos cos_ cosh cosh_ "
      "cosine_embedding_loss cosine_similarity count count_nonzero cov cpu cross "
      "cross_entropy_loss "
      "ctc_loss cummax cummin cumprod cumprod_ cumsum cumsum_ data deg2rad degrees det detach "
      "detach_ device diag diag_embed diagflat diagonal dict diff dim dist div div_ divide divide_ "
      "divmod dot dropout dropout_ dsplit dstack einsum element_size elu elu_ embedding empty "
      "empty_like endswith eq eq_ equal erf erf_ erfc erfc_ erfinv exp exp2 exp2_ exp_ expand "
      "expand_as expandtabs expm1 expm1_ extend eye fabs factorial feature_alpha_dropout "
      "feature_alpha_dropout_ feature_dropout feature_dropout_ fft_fft fft_fft2 fft_fftfreq "
      "fft_fftn fft_fftshift fft_hfft fft_ifft fft_ifft2 fft_ifftn fft_ifftshift fft_ihfft "
      "fft_irfft fft_irfft2 fft_irfftn fft_rfft fft_rfft2 fft_rfftfreq fft_rfftn fill fill_ "
      "fill_diagonal_ find fix flatten flip fliplr flipud float_power floor floor_ floor_divide "
      "floor_divide_ floordiv fmax fmin fmod fmod_ format frac frac_ frobenius_norm full full_like "
      "gamma gather gcd ge ge_ gelu gelu_ ger get glu greater greater_ greater_equal "
      "greater_equal_ "
      "grid_sampler grid_sampler_2d grid_sampler_3d group_norm gru gru_cell gt gt_ hann_window "
      "hardshrink hardsigmoid hardsigmoid_ hardswish hardswish_ hardtanh hardtanh_ "
      "has_torch_function hash heaviside hex hinge_embedding_loss histc hsplit hstack huber_loss "
      "hypot im2col imag index index_add index_add_ index_copy index_copy_ index_fill index_fill_ "
      "index_put index_put_ index_reduce index_select inner insert instance_norm inverse "
      "is_autocast_cpu_enabled is_autocast_enabled is_complex is_conj is_contiguous "
      "is_floating_point is_grad_enabled is_inference is_leaf is_neg is_nonzero is_pinned "
      "is_same_size is_scripting is_signed isalnum isalpha isclose isdecimal isdigit isfinite "
      "isidentifier isin isinf islower isnan isneginf isnumeric isposinf isprintable isreal "
      "isspace "
      "istitle isupper item items join keys kl_div kron kthvalue l1_loss layer_norm lcm ldexp le "
      "le_ leaky_relu leaky_relu_ len lerp lerp_ less less_ less_equal less_equal_ lgamma lift "
      "lift_fresh linalg_cross linalg_det linalg_diagonal linalg_inv linalg_matmul "
      "linalg_matrix_norm linalg_matrix_power linalg_multi_dot linalg_norm linalg_vecdot "
      "linalg_vector_norm linear linspace list ljust log log10 log10_ log1p log1p_ log2 log2_ log_ "
      "log_sigmoid log_softmax logaddexp logaddexp2 logcumsumexp logical_and logical_and_ "
      "logical_not logical_not_ logical_or logical_or_ logical_xor logical_xor_ logit logit_ "
      "logspace logsumexp lower lstm lstm_cell lstrip lt lt_ mH mT margin_ranking_loss masked_fill "
      "masked_fill_ masked_scatter masked_scatter_ masked_select mathremainder matmul matrix_H "
      "matrix_exp matrix_power max max_pool1d max_pool1d_with_indices max_pool2d "
      "max_pool2d_with_indices max_pool3d max_pool3d_with_indices max_unpool2d max_unpool3d "
      "maximum "
      "mean median meshgrid min minimum mish mish_ mm mode modf moveaxis movedim mse_loss msort "
      "mul "
      "mul_ multi_margin_loss multilabel_margin_loss multiply multiply_ mv nan_to_num nan_to_num_ "
      "nanmean nanmedian nanquantile nansum narrow narrow_copy native_batch_norm "
      "native_channel_shuffle native_dropout native_group_norm native_layer_norm native_norm ne "
      "ne_ "
      "neg neg_ negative negative_ new_empty new_full new_ones new_zeros nll_loss nll_loss2d "
      "nll_loss_nd nonzero nonzero_numpy norm norm_except_dim not_equal not_equal_ nuclear_norm "
      "numel numpy_T oct one_hot ones ones_like ord outer pad pad_sequence pairwise_distance "
      "partition pdist percentFormat permute pinverse pixel_shuffle pixel_unshuffle "
      "poisson_nll_loss polar pop popitem positive pow pow_ prelu prod promote_types quantile "
      "rad2deg radians range ravel real reciprocal reciprocal_ reflection_pad1d reflection_pad2d "
      "reflection_pad3d relu relu6 relu6_ relu_ remainder remainder_ remove renorm repeat "
      "repeat_interleave replace replication_pad1d replication_pad2d replication_pad3d reshape "
      "reshape_as resolve_conj resolve_neg result_type reverse rfind rindex rjust rnn_relu "
      "rnn_relu_cell rnn_tanh rnn_tanh_cell roll rot90 round round_ row_stack rpartition rrelu "
      "rrelu_ rsplit rsqrt rsqrt_ rstrip rsub scalar_tensor scatter scatter_ scatter_add "
      "scatter_add_ scatter_reduce scatter_reduce_ searchsorted select select_scatter selu selu_ "
      "setdefault sgn sigmoid sigmoid_ sign sign_ signbit silu silu_ sin sin_ sinc sinh sinh_ size "
      "slice slice_scatter smooth_l1_loss soft_margin_loss softmax softplus softshrink sort sorted "
      "special_entr special_erf special_erfc special_erfinv special_exp2 special_expit "
      "special_expm1 special_gammaln special_i0 special_log1p special_log_softmax special_logit "
      "special_logsumexp special_ndtr special_round special_sinc special_softmax special_xlog1py "
      "special_xlogy split split_with_sizes splitlines sqrt sqrt_ square square_ squeeze squeeze_ "
      "stack startswith std std_mean storage_offset str stride strip sub sub_ subtract subtract_ "
      "sum sum_to_size swapaxes swapaxes_ swapcase swapdims swapdims_ sym_numel sym_size t t_ take "
      "take_along_dim tan tan_ tanh tanh_ tensor tensor_split tensordot thnn_conv2d threshold "
      "threshold_ tile title to to_padded_tensor topk trace transpose transpose_ trapezoid trapz "
      "tril tril_ tril_indices triplet_margin_loss triu triu_ triu_indices true_divide "
      "true_divide_ "
      "trunc trunc_ type_as unbind unflatten unfold unique_consecutive unique_dim unsafe_chunk "
      "unsafe_split unsafe_split_with_sizes unsqueeze unsqueeze_ update upper upsample_bicubic2d "
      "upsample_bilinear2d upsample_linear1d upsample_nearest1d upsample_nearest2d "
      "upsample_nearest3d upsample_trilinear3d values vander var var_mean vdot view view_as "
      "view_as_complex view_as_real vsplit vstack warn where xlogy zero zero_ zeros zeros_like "
      "zfill ";

/* Of TorchScript itself: constants, control flow, containers, properties of a tensor. */
static const char prim_names[]
    = "BroadcastSizes CallFunction CallMethod ChunkSizes Constant ConstantChunk CreateObject "
      "DictConstruct EnumName EnumValue GetAttr If IfThenElse ListConstruct ListUnpack Loop "
      "ModuleContainerIndex NumToTensor Param Print RaiseException Return SetAttr StringIndex "
      "TupleConstruct TupleIndex TupleSlice TupleUnpack Uninitialized abs add_optional annotate "
      "data device dtype id index is_cpu is_cuda is_ipu is_meta is_mkldnn is_mps is_nested is_ort "
      "is_quantized is_sparse is_sparse_csr is_vulkan is_xpu isinstance layout max min name "
      "rangelist requires_grad tolist type unchecked_cast unchecked_unwrap_optional ";

/* A binary search in @names. */
static gboolean
has_name (const char *names, const char *name)
{
  const char *low = names;
  const char *high = names + strlen (names);
  gsize n_name = strlen (name);

  while (low < high) {
    const char *start = low + (high - low) / 2;
    gsize n_start;
    int order;

    while (start > low && start[-1] != ' ')
      start--;
    n_start = strcspn (start, " ");
    order = strncmp (name, start, MIN (n_name, n_start));
    if (order == 0 && n_name == n_start)
      return TRUE;
    if (order < 0 || (order == 0 && n_name < n_start))
      high = start;
    else
      low = start + n_start + 1;
  }
  return FALSE;
}

gboolean
fv_script_operator_is_allowed (const char *name)
{
  if (g_str_has_prefix (name, "aten::"))
    return has_name (aten_names, name + strlen ("aten::"));
  if (g_str_has_prefix (name, "prim::"))
    return has_name (prim_names, name + strlen ("prim::"));
  return FALSE;
}
