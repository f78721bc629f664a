"""One record on the wire: its headers, its tensor, its trail, and the prediction it becomes."""
