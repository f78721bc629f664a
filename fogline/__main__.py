"""`python -m fogline`: the command line."""

from fogline.cli import main

if __name__ == "__main__":
    main()
