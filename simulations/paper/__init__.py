"""The experiments of the paper: its networks, scenarios and figures."""
