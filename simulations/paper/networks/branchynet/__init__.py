"""A network of B-AlexNet's shape whose exits answer what an image says they shall."""
