"""`fogline federations follow NAME --json | python -m examples.federation.reached ROUND`: ends with that model."""

import json
import sys


def main() -> None:
    wanted = int(sys.argv[1])
    for line in sys.stdin:
        if json.loads(line)["progress"]["round"] >= wanted:
            return
    sys.exit(1)


if __name__ == "__main__":
    main()
