"""The rating model of RecCoT: biases, what past reviews say, and the change of a prediction without each of them."""
