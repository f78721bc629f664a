import subprocess
import sys

from simulations.links.promptness import Scheduling

AS_NOBODY = """
import os, resource
from simulations.links.promptness import be_prompt
for limit in (resource.RLIMIT_RTPRIO, resource.RLIMIT_NICE):
    resource.setrlimit(limit, (0, 0))
if os.getuid() == 0:
    os.setuid(65534)
print(be_prompt())
"""


def test_who_may_not_go_before_others_goes_on_and_says_so() -> None:
    said = subprocess.run([sys.executable, "-c", AS_NOBODY], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == Scheduling.USUAL
