"""Fashion-MNIST, 28x28 grey images of ten kinds of clothes, by one network over edge, fog and cloud."""
