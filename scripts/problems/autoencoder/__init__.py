"""How well do autoencoders with one hidden layer rebuild handwritten digits? (document 002, A2)

Model: F1(x) = W_d W_e x and F2(x) = relu(W_d relu(W_e x)), both with biases; beside them the principal component
analysis (PCA) with as many components, which is the best F1 there can be (Baldi and Hornik, 1989).
Source: problem A2 of document 002, questions (a) to (d).
Data: MNIST, grey values divided by 255, an image as a row of 784 pixels.
Metric: error, the squared error of a pixel, mean over pixels and images (lower is better).
Departures: none in the networks, whose initial weights are PyTorch's. The learning rate is tuned on a validation part
for each network and size; it rises in the first epochs and falls to 0 along a cosine.
"""
