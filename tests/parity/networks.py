# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks for the tests of TorchScript files: torchvision's classification families, made smaller
where only width or depth goes, and networks of our own that do what people do."""

from collections import namedtuple
from functools import lru_cache, partial
from typing import Dict, NamedTuple, Tuple

import torch
import torch.nn.functional as F
import torchvision.models as models
from torch import Tensor, nn
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig
from torchvision.models.resnet import BasicBlock, Bottleneck

CLASSES = 10
# A layer's output: [N, C, h, w], [N, h, w, C] or [N, 1 + h·w, C] with the class token first.
CHANNELS_FIRST, CHANNELS_LAST, TOKENS = "channels first", "channels last", "tokens"
Network = namedtuple("Network", "name make side layers layout")


def small_head(model):
    """VGG's and AlexNet's classifiers hold nearly all their parameters."""
    features = next(m.in_features for m in model.classifier if isinstance(m, nn.Linear))
    model.classifier = nn.Sequential(nn.Linear(features, 64), nn.ReLU(True), nn.Dropout(),
                                     nn.Linear(64, 64), nn.ReLU(True), nn.Dropout(),
                                     nn.Linear(64, CLASSES))
    return model


def resnet(block, depths, **options):
    return models.ResNet(block, depths, num_classes=CLASSES, **options)


def efficientnet_v2():
    stages = [FusedMBConvConfig(1, 3, 1, 16, 16, 1), FusedMBConvConfig(4, 3, 2, 16, 24, 2),
              MBConvConfig(4, 3, 2, 24, 32, 2), MBConvConfig(6, 3, 2, 32, 48, 2)]
    return models.EfficientNet(stages, dropout=0.2, norm_layer=partial(nn.BatchNorm2d, eps=1e-3),
                               num_classes=CLASSES, last_channel=128)


def convnext():
    blocks = [CNBlockConfig(24, 48, 2), CNBlockConfig(48, 96, 2), CNBlockConfig(96, 128, 2),
              CNBlockConfig(128, None, 1)]
    return models.ConvNeXt(blocks, stochastic_depth_prob=0.1, num_classes=CLASSES)


def vit():
    model = models.VisionTransformer(image_size=64, patch_size=16, num_layers=3, num_heads=4,
                                     hidden_dim=64, mlp_dim=128, num_classes=CLASSES)
    nn.init.normal_(model.heads.head.weight, std=0.1)  # torchvision begins with zeros
    return model


def swin(**options):
    return models.SwinTransformer(patch_size=[4, 4], embed_dim=24, depths=[2, 2, 2, 2],
                                  num_heads=[1, 2, 4, 8], window_size=[4, 4],
                                  stochastic_depth_prob=0.1, num_classes=CLASSES, **options)


def swin_v2():
    from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformerBlockV2
    return swin(block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2)


def of(name, **options):
    return partial(getattr(models, name), weights=None, num_classes=CLASSES, **options)


def network(name, make, side, layers, layout=CHANNELS_FIRST):
    return Network(name, make, side, layers, layout)


# Name, constructor, side of the pictures, the last layer with space (looked at in the scripted file)
# and an earlier one (in the traced file).
TORCHVISION = [
    network("alexnet", lambda: small_head(models.AlexNet()), 128, ("features.12", "features.5")),
    network("vgg11_bn", lambda: small_head(models.vgg11_bn()), 64, ("features.27", "features.14")),
    network("resnet18", of("resnet18"), 96, ("layer4", "layer2.1")),
    network("resnet_bottleneck", lambda: resnet(Bottleneck, [1, 2, 1, 1]), 64, ("layer4", "layer2")),
    network("resnext", lambda: resnet(Bottleneck, [1, 1, 1, 1], groups=32, width_per_group=4), 64,
            ("layer4", "layer3.0")),
    network("wide_resnet", lambda: resnet(Bottleneck, [1, 1, 1, 1], width_per_group=128), 64,
            ("layer4", "layer1")),
    network("densenet121", of("densenet121"), 64, ("features", "features.denseblock2")),
    network("googlenet", of("googlenet", aux_logits=True, init_weights=False), 64,
            ("inception5b", "inception4a")),
    network("inception_v3", of("inception_v3", aux_logits=False, init_weights=False), 128, ("Mixed_7c", "Mixed_6a")),
    network("mobilenet_v2", of("mobilenet_v2", width_mult=0.5), 64, ("features.18", "features.13")),
    network("mobilenet_v3_small", of("mobilenet_v3_small"), 64, ("features.12", "features.4")),
    network("mobilenet_v3_large", of("mobilenet_v3_large"), 64, ("features.16", "features.7")),
    network("efficientnet_b0", of("efficientnet_b0"), 64, ("features.8", "features.4")),
    network("efficientnet_v2", efficientnet_v2, 64, ("features.5", "features.3")),
    network("shufflenet_v2_x0_5", of("shufflenet_v2_x0_5"), 64, ("conv5", "stage3")),
    network("squeezenet1_0", of("squeezenet1_0"), 96, ("features.12", "features.7")),
    network("squeezenet1_1", of("squeezenet1_1"), 96, ("features.12", "features.6")),
    network("regnet_y_400mf", of("regnet_y_400mf"), 64, ("trunk_output", "trunk_output.block2")),
    network("regnet_x_400mf", of("regnet_x_400mf"), 64, ("trunk_output", "trunk_output.block3")),
    network("mnasnet0_5", of("mnasnet0_5"), 64, ("layers.16", "layers.10")),
    network("convnext", convnext, 64, ("features.7", "features.3")),
    network("vit", vit, 64, ("encoder.layers.encoder_layer_2.ln_1",
                             "encoder.layers.encoder_layer_1.ln_1"), TOKENS),
    network("swin", swin, 128, ("features.7", "features.3"), CHANNELS_LAST),
    network("swin_v2", swin_v2, 128, ("features.7", "features.3"), CHANNELS_LAST),
]


def randomise(model, side):
    """Norms get scales and shifts worth getting wrong, and batch norms the statistics of a few
    pictures, so that activations neither die nor explode, and those are shifted in turn. The rest
    stays as drawn."""
    norms = [m for m in model.eval().modules() if isinstance(m, (nn.BatchNorm2d, nn.LayerNorm))]
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.normal_(0, 0.2)
    batch_norms = [norm for norm in norms if isinstance(norm, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in batch_norms]
    for norm in batch_norms:
        norm.momentum = 1.0
        norm.train()
    if batch_norms:
        with torch.no_grad():
            model(images_for(side, 8, seed=1))
    for norm, momentum in zip(batch_norms, momenta):
        norm.momentum = momentum
        norm.running_mean += 0.1 * norm.running_var.sqrt() * torch.randn(norm.num_features)
        norm.running_var *= torch.empty(norm.num_features).uniform_(0.8, 1.25)
    return model.eval()


@lru_cache(maxsize=4)
def build(make, side):
    """The same network again for the same arguments."""
    torch.manual_seed(11)
    return randomise(make(), side)


def images_for(side, n=2, seed=5):
    return torch.randn(n, 3, side, side, generator=torch.Generator().manual_seed(seed))


def gradcam(model, layer, images, target, layout=CHANNELS_FIRST):
    """Logits, and Grad-CAM with its sign: Σ_k mean over the cells (∂ logit / ∂ A_k) · A_k. What the
    network does to the activation in place is kept from the copy."""
    kept = {}

    def keep(_module, _inputs, output):
        kept["activation"] = output.clone()
        kept["activation"].retain_grad()
        return kept["activation"].clone()

    handle = model.get_submodule(layer).register_forward_hook(keep)
    logits = model(images)
    handle.remove()
    logits[:, target].sum().backward()
    activation, gradient = kept["activation"].detach(), kept["activation"].grad
    if layout == TOKENS:
        side = int((activation.shape[1] - 1) ** 0.5)
        activation, gradient = (t[:, 1:].unflatten(1, (side, side)) for t in (activation, gradient))
    if layout != CHANNELS_FIRST:
        activation, gradient = (t.permute(0, 3, 1, 2) for t in (activation, gradient))
    alpha = gradient.mean((2, 3), keepdim=True)
    return logits.detach(), (alpha * activation).sum(1)


def relevance(model, images, target, class_token=True):
    """Transformer attribution as its equation says: one matrix R for each picture, from the first
    block to the last. Matrices are what softmax returns, [N, H, T, T] or [N·H, T, T]."""
    kept, softmax = [], F.softmax

    def keep(*arguments, **options):
        kept.append(softmax(*arguments, **options))
        kept[-1].retain_grad()
        return kept[-1]

    F.softmax = keep
    try:
        logits = model(images)
    finally:
        F.softmax = softmax
    logits[:, target].sum().backward()
    tokens = kept[0].shape[-1]
    weighed = [F.relu(matrix.grad * matrix.detach()).reshape(len(images), -1, tokens, tokens).mean(1)
               for matrix in kept]
    maps = []
    for n in range(len(images)):
        relevances = torch.eye(tokens)
        for block in weighed:
            relevances = relevances + block[n] @ relevances
        row = relevances[0] if class_token else (relevances - torch.eye(tokens)).mean(0)
        side = int(tokens ** 0.5)
        maps.append(row[tokens - side * side:].reshape(side, side))
    return torch.stack(maps)


# -- networks of our own ---------------------------------------------------------------------------

class Reused(nn.Module):
    """One rectifier, in place, used again and again, and one without a module."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 12, 3, stride=2)
        self.third = nn.Conv2d(12, 12, 3)
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(12, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(self.first(x)))
        x = self.relu(self.second(x))
        x = self.third(x)
        x += 0.1
        x = F.relu_(x)
        return self.head(x.mean((2, 3)))


class Painted(nn.Module):
    """Assigns to slices of an activation, and of a tensor of zeros."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x[:, :, 0] = 0.25
        x[:, 2:4, 1:3, ::2] *= 2.0
        both = torch.zeros([x.shape[0], 16], device=x.device)
        both[:, :8] = x.amax((2, 3))
        both[:, 8:] = x.mean((2, 3))
        return self.head(both)


class Body(nn.Module):
    """What the networks with several results share."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2)
        self.head = nn.Linear(8, CLASSES)
        self.other = nn.Linear(8, 4)

    def look(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(x))


class Pair(Body):
    """Activations and logits: only one of the two can be logits."""

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        features = self.look(x)
        return features, self.head(features.mean((2, 3)))


class TwoHeads(Body):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        pooled = self.look(x).mean((2, 3))
        return self.head(pooled), self.other(pooled)


class TwoNamedHeads(Body):
    def forward(self, x: Tensor) -> Dict[str, Tensor]:
        pooled = self.look(x).mean((2, 3))
        return {"species": self.head(pooled), "colour": self.other(pooled)}


class Answer(NamedTuple):
    species: Tensor
    colour: Tensor


class NamedTupleHeads(Body):
    def forward(self, x: Tensor) -> Answer:
        pooled = self.look(x).mean((2, 3))
        return Answer(self.head(pooled), self.other(pooled))


class Undecided(nn.Module):
    """Goes one way for bright pictures and another for dark ones."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if bool(x.mean() > 0.0):
            x = F.relu(x)
        return self.head(x.mean((2, 3)))


class Sized(nn.Module):
    """Goes one way for large pictures and another for small ones, and checks what it is given."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        assert x.dim() == 4, "needs a batch"
        x = self.conv(x)
        if x.shape[-1] > 100:
            x = F.max_pool2d(x, 2)
        for _ in range(3):
            x = F.relu(x - 0.1)
        return self.head(x.flatten(2).mean(2))


class Flat(nn.Module):
    """No layer has space."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(3 * 16 * 16, 12)
        self.head = nn.Linear(12, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.hidden(x.flatten(1))))


class Attention(nn.Module):
    """With a matrix of its own for each head, a module for dropout on them, and no names that
    torchvision has."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        n, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(n, tokens, 3, self.heads, width // self.heads).permute(
            2, 0, 3, 1, 4).unbind(0)
        scores = (q * (width // self.heads) ** -0.5) @ k.transpose(-2, -1)
        x = self.drop(F.softmax(scores, -1)) @ v
        return self.out(x.transpose(1, 2).reshape(n, tokens, width))


class TokenBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = Attention(width, heads)
        self.after = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(),
                                   nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.mix(self.norm(x))
        return x + self.after(x)


class Tokens(nn.Module):
    """A transformer whose logits are read from the first of its prefix tokens, or from the mean of
    its cells."""

    def __init__(self, prefix=1, mean=False, heads=3, width=24, depth=3):
        super().__init__()
        self.mean, self.n_prefix = mean, prefix
        self.patches = nn.Conv2d(3, width, 8, stride=8)
        self.prefix = nn.Parameter(torch.randn(1, prefix, width))
        self.blocks = nn.ModuleList(TokenBlock(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.prefix.expand(x.shape[0], -1, -1), x], 1)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x[:, self.n_prefix:].mean(1) if self.mean else x[:, 0])


class HeadsFirst(Attention):
    """The heads of different pictures beside each other: [H·N, T, T]."""

    def forward(self, x: Tensor) -> Tensor:
        n, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(n, tokens, 3, self.heads, width // self.heads).permute(
            2, 3, 0, 1, 4).flatten(1, 2).unbind(0)
        x = F.softmax(q @ k.transpose(-2, -1), -1) @ v
        return self.out(x.unflatten(0, (self.heads, n)).permute(1, 2, 0, 3).flatten(2))


def heads_first():
    model = Tokens()
    for block in model.blocks:
        block.mix = HeadsFirst(24, 3)
    return model


# Networks that attend over all tokens: name, constructor, side, whether the logits are read from a
# class token.
TRANSFORMERS = [
    ("vit", vit, 64, True),
    ("own transformer", Tokens, 64, True),
    ("transformer with registers", partial(Tokens, prefix=5), 64, True),
    ("transformer without class token", partial(Tokens, prefix=0, mean=True), 64, False),
    ("transformer with one head", partial(Tokens, heads=1), 64, True),
]
