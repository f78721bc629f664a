#!/bin/sh
# Three sites train one network together: a Kafka and an agent each, and a platform that sees no record.
#
#     examples/federation/three_sites.sh [FOLDER [ROUNDS [IMAGES]]]
#
# One site joins late, one leaves before the end. FOLDER is for data, pictures and what every site keeps; everything
# that is started here ends with it.
set -eu

folder=${1:-runs/federation}
rounds=${2:-24}
images=${3:-12000}
here=examples/federation
PATH="$PWD/.venv/bin:$PATH"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# A platform of its own, beside whatever `fogline up` keeps elsewhere.
XDG_STATE_HOME=$(mktemp -d)
export PATH XDG_STATE_HOME
began=$(date +%s)

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

end() {
  status=$?
  trap - EXIT INT TERM
  for pid in "$folder"/site-*/agent.pid; do
    [ -e "$pid" ] && kill "$(cat "$pid")" 2>/dev/null && rm -f "$pid"
  done
  wait
  for site in site-a site-b site-c; do
    fogline kafka stop --dir "$folder/$site/kafka" || status=$?
  done
  fogline down --delete || status=$?
  rm -rf "$XDG_STATE_HOME"
  exit $status
}
trap end EXIT
trap 'exit 130' INT TERM

# What `fogline ... --json` says under one name.
field() {
  python -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# What the people of a site do once: a Kafka that nobody else reaches, and what they let a platform do with it.
set_up() {
  site=$1
  mkdir -p "$folder/$site"
  fogline kafka start --dir "$folder/$site/kafka" --ephemeral
  servers=$(fogline kafka status --dir "$folder/$site/kafka" --json | field bootstrap_servers)
  cat > "$folder/$site/policy.toml" << END
federations = ["clothes"]
sources = "any"
bytes_a_day = 100000000
END
  cat > "$folder/$site/agent.toml" << END
control_plane = "$url"
name = "$site"
federation_policy = "policy.toml"
state_dir = "$XDG_STATE_HOME/$site"

[labels]
role = "site"

[clusters.site]
bootstrap_servers = ["$servers"]
END
  # The bytes of Kafka-ML's federated sink, which would do as well.
  fogline streams send "$folder/$site.npz" --topic clothes --bootstrap-servers "$servers" --request 1 \
    --control-topic FEDERATED_DATA_CONTROL_TOPIC --validation 0.1
}

# `$!` in a subshell is nobody else's child: its agent is ended by the number in its file.
join() {
  site=$1
  printf '\n%s joins\n' "$site"
  token=$(fogline tokens create --json | field token)
  FOGLINE_AGENT_TOKEN=$token fogline-agent --settings "$folder/$site/agent.toml" 2> "$folder/$site/agent.log" &
  echo $! > "$folder/$site/agent.pid"
}

leave() {
  site=$1
  printf '\n%s leaves\n' "$site"
  kill "$(cat "$folder/$site/agent.pid")" && rm -f "$folder/$site/agent.pid"
}

reached() {
  fogline federations follow clothes --json | python -m examples.federation.reached "$1"
}

# 1. The platform: Kafka, a control plane, a node that coordinates, and what judges the models.
show python -m examples.federation.sites "$folder" --images "$images"
show fogline up --tier coordinator --port 0
url=$(fogline status --json | field url)
show fogline streams send "$folder/evaluation.npz" --topic evaluation --request 700 --cluster coordinator \
  --validation 0.2 --test 0.7
# 2. Three sites, each with data of its own on a Kafka of its own; two of them take part from the beginning.
for site in site-a site-b site-c; do
  set_up "$site"
done
join site-a
join site-b
# 3. What is to be trained, how, and by whom.
show fogline networks put clothes "$here/network.py"
show fogline federations put "$here/federation.toml" --rounds "$rounds"
# 4. Versions as they come; the third site joins late, the second leaves in mid-run.
(reached $((rounds / 3)) && join site-c && reached $((rounds * 2 / 3)) && leave site-b) &
show fogline federations follow clothes
# 5. What became of it.
show fogline federations show clothes
show fogline federations picture clothes --out "$folder/federation.png"
show fogline models lineage clothes
printf '\nfrom nothing to a network of three sites in %d s; its picture: %s\n' \
  "$(($(date +%s) - began))" "$folder/federation.png"
