"""AlexNet against what is published of it: sizes, names, and the order of its layers."""

import pytest
import torch
import torch.nn.functional as F

from scripts.models.alexnet import DEVIATION, HEAD, MEAN, AlexNet, enlarge, feature_count, multiply_adds, shapes

# The names and shapes in torchvision's file of weights.
PUBLISHED = {
    "features.0.weight": (64, 3, 11, 11),
    "features.0.bias": (64,),
    "features.3.weight": (192, 64, 5, 5),
    "features.3.bias": (192,),
    "features.6.weight": (384, 192, 3, 3),
    "features.6.bias": (384,),
    "features.8.weight": (256, 384, 3, 3),
    "features.8.bias": (256,),
    "features.10.weight": (256, 256, 3, 3),
    "features.10.bias": (256,),
    "classifier.1.weight": (4096, 9216),
    "classifier.1.bias": (4096,),
    "classifier.4.weight": (4096, 4096),
    "classifier.4.bias": (4096,),
    "classifier.6.weight": (1000, 4096),
    "classifier.6.bias": (1000,),
}


def test_the_published_network_has_the_published_weights():
    assert list(shapes(64).items()) == list(PUBLISHED.items())
    assert sum(torch.Size(shape).numel() for shape in shapes(64).values()) == 61_100_840


def test_a_network_for_ten_classes_differs_in_the_last_layer_alone():
    wide, narrow = shapes(64), shapes(64, classes=10)
    assert {name for name in wide if wide[name] != narrow[name]} == {f"{HEAD}.weight", f"{HEAD}.bias"}
    assert sum(torch.Size(shape).numel() for shape in narrow.values()) == 57_044_810


def test_a_forward_pass_costs_what_the_layers_cost():
    convolutions = 55**2 * 64 * 363 + 27**2 * 192 * 1600 + 13**2 * (384 * 1728 + 256 * 3456 + 256 * 2304)
    assert multiply_adds(64, 1000, 224) == convolutions + 9216 * 4096 + 4096 * 4096 + 4096 * 1000


def test_logits_are_the_last_layer_of_the_features():
    network = AlexNet(2, 10).eval()
    images = enlarge(torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8), 96)
    found = network.penultimate(images)
    assert found.shape == (3, feature_count(2)) == (3, 128)
    assert torch.equal(network.get_submodule(HEAD)(found), network(images))


def test_the_network_is_its_layers_in_torchvisions_order():
    network = AlexNet(2, 7).eval()
    weights = network.state_dict()
    images = torch.randn(2, 3, 128, 128)

    def layer(number, hidden, stride=1, padding=1):
        name = f"features.{number}"
        return F.relu(F.conv2d(hidden, weights[f"{name}.weight"], weights[f"{name}.bias"], stride, padding))

    hidden = F.max_pool2d(layer(0, images, 4, 2), 3, 2)
    hidden = F.max_pool2d(layer(3, hidden, 1, 2), 3, 2)
    hidden = F.max_pool2d(layer(10, layer(8, layer(6, hidden))), 3, 2)
    hidden = F.adaptive_avg_pool2d(hidden, (6, 6)).flatten(1)
    for number in (1, 4):
        name = f"classifier.{number}"
        hidden = F.relu(F.linear(hidden, weights[f"{name}.weight"], weights[f"{name}.bias"]))
    expected = F.linear(hidden, weights["classifier.6.weight"], weights["classifier.6.bias"])
    assert torch.allclose(network(images), expected, atol=1e-6)


def test_an_enlarged_image_is_normalized_after_or_before_alike():
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    mean, deviation = torch.tensor(MEAN)[:, None, None], torch.tensor(DEVIATION)[:, None, None]
    larger = F.interpolate(images / 255, size=(224, 224), mode="bilinear", align_corners=False)
    assert torch.allclose(enlarge(images, 224), (larger - mean) / deviation, atol=1e-5)


def test_an_even_colour_stays_even():
    images = torch.full((1, 3, 32, 32), 255, dtype=torch.uint8)
    expected = (1 - torch.tensor(MEAN)) / torch.tensor(DEVIATION)
    assert torch.allclose(enlarge(images, 65), expected[None, :, None, None].expand(1, 3, 65, 65), atol=1e-5)


@pytest.mark.parametrize(("size", "enough"), [(62, False), (63, True)])
def test_the_smallest_image_is_the_one_that_is_stated(size, enough):
    network = AlexNet(1, 10).eval()
    if enough:
        assert network(torch.zeros(1, 3, size, size)).shape == (1, 10)
    else:
        with pytest.raises(RuntimeError, match="too small"):
            network(torch.zeros(1, 3, size, size))
