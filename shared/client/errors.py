"""What can go wrong between a client and the control plane."""

from shared.errors import ControlPlaneError


class ControlPlaneUnreachableError(ControlPlaneError):
    """Nothing answered, the answer broke off, or something on the way said to try again later."""

    retriable = True


class DeadlineExceededError(ControlPlaneError):
    """What was waited for had not happened in time. The message says what was missing last."""

    retriable = True
