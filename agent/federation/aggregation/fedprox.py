"""FedAvg whose participants are held near the model they were given, so that unlike data pulls them less far apart.

Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith, Federated Optimization in Heterogeneous Networks, MLSys 2020 (arXiv
1812.06127), equation 2.
"""

from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.bounds import NotNegative
from agent.federation.aggregation.strategy import Local


class FedProx(Averaging, frozen=True, kw_only=True, tag="fedprox"):
    """`proximal`: the paper's mu."""

    proximal: NotNegative = 0.01

    @property
    def local(self) -> Local:
        return Local(proximal=self.proximal)
