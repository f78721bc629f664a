"""The networks that the paper's experiments run, as committed artifacts, and the program that makes them."""
