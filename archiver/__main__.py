"""`python -m archiver`: the command line."""

from archiver.cli.root import main

if __name__ == "__main__":
    main()
