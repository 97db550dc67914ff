"""Adversarial examples for the tuned tutorial network: document 002, A4 (e).

Model: the winner of A4 (d), one network for each of its seeds; nothing is trained here.
Attack: the fast gradient sign method, x' = x + epsilon sign(grad_x L), L the cross-entropy of the true class
(Goodfellow and others, 2015).
Data: images of CIFAR-10; epsilon is counted in grey levels, of which a pixel has 256.
Metric: how many images are fooled, that is classified rightly before the attack and wrongly after it; accuracy on
attacked images, 0 to 1.
Departures: x' is cut to the range 0 to 255, so that it is an image.
"""
