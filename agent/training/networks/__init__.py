"""Networks as users write them: one Python file, loaded in a process of its own, and what is to be known of them."""
