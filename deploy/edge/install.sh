#!/bin/sh
# Installs the Fogline agent on this box into an environment of its own, as a systemd service.
#
#   sudo ./install.sh --control-plane https://control.example:8443 --token-file token.txt --label tier=edge
#
# Run it again to upgrade or to change what the agent is told; what it has stored stays. `--no-service` installs the
# program only. Needs Python 3.11 or newer with venv.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/fogline
settings=/etc/fogline
state=/var/lib/fogline
package="fogline[litert]"
control_plane="" token_file="" name=$(hostname | tr '[:upper:]' '[:lower:]') labels="" service=yes python=python3

usage() {
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    echo "options: --control-plane URL --token-file FILE [--name NAME] [--label KEY=VALUE]... [--package SPEC] [--python PROGRAM] [--no-service]"
}

fail() {
    echo "install.sh: $1" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --control-plane) control_plane=${2:?--control-plane needs a URL}; shift 2 ;;
    --token-file) token_file=${2:?--token-file needs a file}; shift 2 ;;
    --name) name=${2:?--name needs a name}; shift 2 ;;
    --label) labels="$labels ${2:?--label needs KEY=VALUE}"; shift 2 ;;
    --package) package=${2:?--package needs a requirement or a path}; shift 2 ;;
    --python) python=${2:?--python needs a program}; shift 2 ;;
    --no-service) service=no; shift ;;
    -h | --help) usage; exit 0 ;;
    *) fail "unknown option $1; see --help" ;;
    esac
done

[ "$(id -u)" = 0 ] || fail "run it as root, for example with sudo"
[ -n "$control_plane" ] || fail "--control-plane is missing: the URL the agent calls"
[ -f "$settings/token" ] || [ -n "$token_file" ] || fail "--token-file is missing: a file with the enrolment token"
[ -z "$token_file" ] || [ -r "$token_file" ] || fail "cannot read $token_file"
"$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "$python is not Python 3.11 or newer with venv; name another with --python"

id fogline >/dev/null 2>&1 || useradd --system --home-dir "$state" --shell /usr/sbin/nologin fogline
"$python" -m venv "$prefix"
"$prefix/bin/pip" install --quiet --disable-pip-version-check --upgrade "$package"

install -d -m 0750 -g fogline "$settings"
install -d -m 0700 -o fogline -g fogline "$state"
[ -z "$token_file" ] || install -m 0640 -g fogline "$token_file" "$settings/token"
if [ ! -e "$settings/agent.toml" ]; then
    {
        echo "control_plane = \"$control_plane\""
        echo "name = \"$name\""
        echo "token_file = \"$settings/token\""
        echo "state_dir = \"$state\""
        echo
        echo "[labels]"
        for label in $labels; do echo "${label%%=*} = \"${label#*=}\""; done
    } >"$settings/agent.toml"
    chmod 0640 "$settings/agent.toml"
    chgrp fogline "$settings/agent.toml"
else
    echo "$settings/agent.toml is there already and stays as it is"
fi

if [ "$service" = yes ]; then
    install -m 0644 "$here/fogline-agent.service" /etc/systemd/system/fogline-agent.service
    systemctl daemon-reload
    systemctl enable fogline-agent
    systemctl restart fogline-agent
    systemctl --no-pager status fogline-agent
else
    echo "installed; start it with: $prefix/bin/fogline-agent --settings $settings/agent.toml"
fi
