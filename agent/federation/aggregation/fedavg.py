"""The mean of all participants' models, each by its records.

McMahan, Moore, Ramage, Hampson and Agueera y Arcas, Communication-Efficient Learning of Deep Networks from
Decentralized Data, AISTATS 2017 (arXiv 1602.05629), algorithm 1.
"""

from agent.federation.aggregation.averaging import Averaging


class FedAvg(Averaging, frozen=True, kw_only=True, tag="fedavg"):
    """Nothing to set."""
