"""What a run leaves behind, as tables, and the figures that follow from them."""
