"""What predicted ratings are compared with: constants, biases, and models of kept libraries, one file each."""
