#!/bin/sh
# Fashion-MNIST from a stream to answers: every command as a user would type it, shown before it is run.
#
#     examples/fashion_mnist/from_stream.sh [FOLDER [EPOCHS [IMAGES]]]
#
# FOLDER is for data, pictures and what the run leaves behind; everything it starts ends with it.
set -eu

folder=${1:-runs/fashion-mnist}
epochs=${2:-3}
images=${3:-60000}
# The test split has 10,000.
answers=$((images < 10000 ? images : 10000))
here=examples/fashion_mnist
PATH="$PWD/.venv/bin:$PATH"
mkdir -p "$folder"
# A stack of its own, beside whatever `fogline up` keeps elsewhere.
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
  fogline down --delete || status=$?
  rm -rf "$XDG_STATE_HOME"
  exit $status
}
trap end EXIT
trap 'exit 130' INT TERM

# 1. Kafka, a control plane and an agent for each tier.
show python -m examples.fashion_mnist.data "$folder" --limit "$images"
show fogline up --port 0
# 2. What is to be trained, and on which stream.
show fogline models check "$here/network.py"
show fogline networks put clothes "$here/network.py"
show fogline configurations put clothes clothes
show fogline requests put "$here/request.toml" --epochs "$epochs"
# 3. The stream starts the run.
show fogline streams send "$folder/train.npz" --topic clothes --partitions 4 --request clothes --validation 0.1 --test 0.05
show fogline runs list --request clothes --follow
# 4. How good it became.
show fogline runs show 1 --plot "$folder/pictures"
show fogline runs download 1 --to "$folder/run"
show fogline models lineage clothes
# 5. How sure each exit must be, so that at most one of a hundred records loses a right answer by leaving early.
show fogline models exits "$folder/run/validation.npz" --risk 0.01 --plot "$folder/pictures/trade.svg"
fogline models exits "$folder/run/validation.npz" --risk 0.01 --json > "$folder/exits.json"
# 6. Where to cut, by the times of each tier's own node; links as of a box behind 10 Mbit/s and a fog behind 100.
show fogline models profile clothes --run 1 --tier edge=tier:edge --tier fog=tier:fog --tier cloud=tier:cloud \
  --link 1250000:0.02 --link 12500000:0.005 --wait
show fogline models cut --profile clothes --exits "$folder/exits.json"
# 7. Deployed, it answers images that no training has seen.
show fogline deployments put "$here/clothes.json" --wait
show fogline deployments exits clothes "$folder/exits.json" --wait
show fogline send clothes "$folder/test.npz" --rate 1000
show fogline watch clothes --summary --from-start --limit "$answers" --seconds 120 --labels "$folder/test.npz"
printf '\nfrom nothing to answers in %d s; pictures in %s\n' "$(($(date +%s) - began))" "$folder/pictures"
