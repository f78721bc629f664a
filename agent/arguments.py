"""The command line of `fogline-agent`."""

import argparse
from collections.abc import Sequence
from typing import Any

from agent.settings_sources import parse_labels

EXAMPLES = """\
examples:
  fogline-agent --control-plane https://fogline.example:8443 --token-file token --label tier=edge
  fogline-agent --settings /etc/fogline/agent.toml
  FOGLINE_AGENT_TOKEN=... fogline-agent --control-plane http://localhost:8080 --label tier=fog --name fog-1

Each setting is also a variable, FOGLINE_AGENT_<SETTING>, and a key of the --settings file; flags win over variables,
variables over the file. A token is needed once: after that, the node's own credential lies in its state directory.
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="fogline-agent",
        description="Runs what the control plane assigns to this node, and goes on when the control plane is away.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("--settings", metavar="FILE", help="settings file (TOML)")
    add("--control-plane", metavar="URL", help="where the control plane answers")
    add("--ca-file", metavar="FILE", help="certificate authority that signed the control plane's certificate (PEM)")
    add("--token-file", metavar="FILE", help="file that holds the enrolment token")
    add("--token", help="the enrolment token itself; it shows in `ps`, so prefer --token-file")
    add("--name", help="this node's name (default: the host's)")
    add("--label", metavar="NAME=VALUE", action="append", dest="labels", help="a label; may be given several times")
    add("--state-dir", metavar="DIR", help="where this node keeps its state; one agent each")
    add("--federation-policy", metavar="FILE", help="which federations this site takes part in (default: none)")
    add("--metrics-port", metavar="PORT", help="serve Prometheus metrics on this port (0: any free one)")
    add("--metrics-host", metavar="HOST", help="address of the metrics port (default: 127.0.0.1)")
    add("--log-format", choices=("logfmt", "json"), help="(default: logfmt)")
    add("--log-level", choices=("debug", "info", "warning", "error"), help="(default: info)")
    add("--otel-endpoint", metavar="URL", help="send spans to this OTLP/HTTP collector; needs the extra `otel`")
    add("--report-interval-s", metavar="SECONDS", help="how often counters are reported (default: 15)")
    add("--silence-deadline-s", metavar="SECONDS", help="reconnect after this long without a heartbeat (default: 45)")
    add("--drain-deadline-s", metavar="SECONDS", help="a drain that takes longer is cut short (default: 30)")
    add("--version", action="store_true", help="print the version and exit")
    return made


def flags(arguments: Sequence[str]) -> dict[str, Any]:
    """The settings given as flags, by name. Raises SettingsError; ends the process for --help and what is no flag."""
    given = vars(parser().parse_args(arguments))
    return {**given, "labels": parse_labels(given["labels"])} if "labels" in given else given
