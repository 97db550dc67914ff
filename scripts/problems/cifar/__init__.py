"""Image classification on CIFAR-10 with four small networks: document 002, A4 (a) to (d).

Model: logistic regression; one hidden layer; convolution, max-pooling and a linear layer; the network of PyTorch's
tutorial "Training a classifier" with tuned widths and filter sizes, and no layer added.
Source: Homework 4 of CSE 446/546, University of Washington, December 2020, A4.
Data: colour images of 32 x 32 pixels with values from 0 to 255, in ten classes. A part of the training images is held
out for validation.
Metric: accuracy, a share from 0 to 1, higher is better. Training images are measured as they are, without augmentation.
Departures: a search on fewer images and epochs chooses the hyperparameters, and the winner trains on all; pixels are
standardized; training images are mirrored and shifted at random; ReLU follows max-pooling, which is the same function.
"""
