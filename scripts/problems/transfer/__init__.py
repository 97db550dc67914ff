"""Transfer learning: AlexNet, trained on ImageNet, made to name the ten classes of CIFAR-10.

Model: AlexNet in torchvision's layout (Krizhevsky, 2014) with a new last layer, logits = W h + b for the features h.
Source: document 002, A3 (a) and (b).
Data: CIFAR-10; for (a) the features of its images, for (b) images (bytes, red, green and blue) and ImageNet's weights.
Metric: accuracy (share of images, higher is better) and mean cross-entropy (nats, lower is better).
Departures: in (a) the features are computed once, in evaluation mode, so nothing is dropped out while the new layer
trains; the weights of the epoch with the highest validation accuracy are kept; the learning rate falls linearly to 0.
"""
